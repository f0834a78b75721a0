"""`service`: the catalogue's services as a list, or one service's card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from commands._kit.command import Effect, Section, command
from commands._kit.context import Context
from commands._kit.doc import Doc
from commands._kit.errors import not_found
from commands._kit.fields import Named, Options, Words
from commands._kit.match import nearest
from commands._kit.paging import pages_of
from commands._kit.roles import Component, Role, Verb, on
from commands._kit.write import format_command, values_of
from commands._service_card import Card, look
from commands._service_view import PAGE, Listed, show_card, show_list
from integrations.gitlab import GitLab
from integrations.store import Catalogue, CatalogueProblem, Page, Preferences, Service, ServiceQuery


class LookAt(BaseModel):
    name: (
        Annotated[
            str, StringConstraints(strip_whitespace=True, max_length=200), Options("services", free=True), Words()
        ]
        | None
    ) = Field(default=None, description="Service to open, or words to look for; without one, all services")
    team: (
        Annotated[
            str, StringConstraints(strip_whitespace=True, max_length=255), Options("teams", free=True), Named("t")
        ]
        | None
    ) = Field(default=None, description="Only services of this team and its subgroups")
    lifecycle: (
        Annotated[
            str, StringConstraints(strip_whitespace=True, max_length=64), Options("lifecycles", free=True), Named("l")
        ]
        | None
    ) = Field(default=None, description="Only services in this lifecycle, such as production")
    query: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Named("q")] | None = Field(
        default=None, description="Words in name, title, description or tags"
    )
    page: Annotated[int, Named("p")] | None = Field(default=None, ge=1, le=100_000, description="Page of the list")

    @property
    def lists(self) -> bool:
        """Whether a list is asked for, whatever the name."""
        return any(value is not None for value in (self.team, self.lifecycle, self.query, self.page))


def show(answer: Card | Listed) -> Doc:
    return show_card(answer) if isinstance(answer, Card) else show_list(answer)


@command(
    "service",
    may=on(Component.PLATFORM, Verb.USE),
    effect=Effect.READ,
    view=show,
    section=Section.LOOK,
    aliases=("get", "describe"),
    examples=("service payments-api", "services --team payments", "service --lifecycle production"),
)
async def service(
    req: LookAt, ctx: Context, catalogue: Catalogue, gitlab: GitLab, preferences: Preferences
) -> Card | Listed:
    """Find services, or open one's card.

    The card has owner, repository, last release and pipeline, what runs where, and open merge requests. In a channel
    with a default service (`use`), no name means that one. Filters always give the list.
    """
    default = await preferences.default_service(ctx.place.workspace, ctx.place.channel) if ctx.place.channel else None
    wanted = req.name or (None if req.lists else default)
    if wanted and not req.lists:
        found = await catalogue.service(wanted) or await catalogue.service(wanted.lower())
        if found is not None:
            return await look(
                found,
                gitlab,
                mine=ctx.actor.owns(found.team),
                default=found.name == default,
                usable_here=bool(ctx.place.channel) and not ctx.place.private and found.name != default,
            )
    return await _list(req, ctx, catalogue)


async def _list(req: LookAt, ctx: Context, catalogue: Catalogue) -> Listed:
    team = await _team(req, req.team, catalogue) if req.team else ""
    lifecycle = await _lifecycle(req, req.lifecycle, catalogue) if req.lifecycle else ""
    text = " ".join(filter(None, (req.name, req.query)))
    arguments = values_of(req.model_copy(update={"name": None, "query": text or None, "team": team or None}))
    page, number = await _page(ServiceQuery(text, team, lifecycle), req.page or 1, catalogue)
    instead = req.name if req.name and not req.lists else ""
    if instead and not page.items:
        raise not_found(
            f"There is no service {instead}.",
            field_name="name",
            hint="`service` lists them all; `service --query` looks into titles and descriptions.",
            suggestions=_instead(req, "name", await catalogue.similar(instead)),
        )
    return Listed(
        page=page,
        number=number,
        arguments=arguments,
        instead=instead,
        mine=frozenset(s.name for s in page.items if ctx.actor.owns(s.team)),
        problems=() if text or lifecycle or number > 1 else await _problems(team, ctx, catalogue),
    )


async def _page(query: ServiceQuery, number: int, catalogue: Catalogue) -> tuple[Page[Service], int]:
    """Return the page and its number; past the end, the last page: the catalogue may have shrunk since."""
    page = await catalogue.search(_at(query, number))
    last = pages_of(page.total, PAGE)
    if number <= last:
        return page, number
    return await catalogue.search(_at(query, last)), last


def _at(query: ServiceQuery, number: int) -> ServiceQuery:
    return ServiceQuery(query.text, query.team, query.lifecycle, offset=(number - 1) * PAGE, limit=PAGE)


def _instead(req: LookAt, field: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that ask the same with another value of a field."""
    return tuple(format_command(service, req.model_copy(update={field: value})) for value in values)


async def _team(req: LookAt, typed: str, catalogue: Catalogue) -> str:
    """Return the team of that path, or the only one whose path ends so: `payments` is `acme/payments`."""
    teams = await catalogue.teams()
    # A group above the owning ones owns nothing itself, and is still asked for.
    groups = {"/".join(t.split("/")[: depth + 1]) for t in teams for depth in range(t.count("/") + 1)}
    path = typed.strip("/").lower()
    exact = next((g for g in groups if g.lower() == path), None)
    if exact:
        return exact
    ending = sorted(g for g in groups if g.lower().endswith(f"/{path}"))
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise not_found(
            f"More than one team is called {typed}.",
            field_name="team",
            hint="Give its path.",
            suggestions=_instead(req, "team", ending),
        )
    short = {g.rpartition("/")[2]: g for g in sorted(groups)}
    near = tuple(short[name] for name in nearest(path, short)) or nearest(path, groups)
    raise not_found(f"No team {typed} owns a service.", field_name="team", suggestions=_instead(req, "team", near))


async def _lifecycle(req: LookAt, typed: str, catalogue: Catalogue) -> str:
    known = await catalogue.lifecycles()
    found = next((name for name in known if name.casefold() == typed.casefold()), None)
    if found is None:
        raise not_found(
            f"No service is in the lifecycle {typed}.",
            field_name="lifecycle",
            hint=f"In use: {', '.join(known)}." if known else "",
            suggestions=_instead(req, "lifecycle", nearest(typed, known)),
        )
    return found


async def _problems(team: str, ctx: Context, catalogue: Catalogue) -> tuple[CatalogueProblem, ...]:
    """Return what is wrong with catalogue files that the reader can put right."""
    everything = Role.PLATFORM_ENGINEER in ctx.actor.roles
    teams = None if everything else ctx.actor.teams
    if teams is not None and not teams:
        return ()
    found = await catalogue.problems(teams=teams)
    return tuple(p for p in found if not team or p.team == team or p.team.startswith(f"{team}/"))
