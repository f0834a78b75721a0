"""The App Home: my services, what waits for me, and the commands that I may use.

Published when somebody opens it, and again when something changed for those who opened it in the last ten minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from bot.frontends.slack.buttons import REVIEW
from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.elements import Json, button, context, row, section
from bot.frontends.slack.front import Front
from bot.identity import SlackPrincipal
from bot.render.blocks import Surface
from bot.render.failure import show_failure
from bot.replies import Failed
from commands._kit.command import Command
from commands._kit.context import Actor
from commands._kit.doc import Block, Bold, Button, Buttons, Doc, Heading, Mono, Note, Span, Text
from commands._kit.match import listed
from integrations.store import Offer, Page, Service, ServiceQuery

RECENT = timedelta(minutes=10)
SHOWN = 15
REVIEWS = 5
USUAL = "production"
QUICK = (
    Button("All services", "service", {"page": "1"}),
    Button("Give feedback", "feedback"),
    Button("Who am I", "whoami"),
    Button("Help", "help"),
)


async def opened(front: Front, principal: SlackPrincipal) -> None:
    """Publish for somebody who has just opened it."""
    front.homes[principal] = front.clock()
    await publish(front, principal)


async def changed(front: Front, user: str = "") -> None:
    """Publish again for those (or the one) who opened it lately."""
    horizon = front.clock() - RECENT
    for principal in [p for p, at in front.homes.items() if at <= horizon]:
        del front.homes[principal]
    await asyncio.gather(*(publish(front, p) for p in list(front.homes) if user in ("", p.user)))


async def publish(front: Front, principal: SlackPrincipal) -> None:
    """Compose and publish one person's home."""
    who = await front.dispatch.actor(front.call(Origin(principal)))
    waiting: tuple[Offer, ...] = ()
    if isinstance(who, Failed):
        doc = show_failure(who.failure)
    else:
        teams = _outermost(who.teams)
        searches = [front.store.catalogue.search(ServiceQuery(team=t, limit=SHOWN)) for t in teams]
        pages, waiting = await asyncio.gather(
            asyncio.gather(*searches), front.store.offers.open_for(who.id, front.clock())
        )
        doc = home_doc(who, dict(zip(teams, pages, strict=True)), waiting, front.dispatch.usable(who))
    book = front.presenter.book(principal.id)
    reviews = _reviews(waiting)
    rendered = front.presenter.doc(doc, book, Surface.HOME, len(reviews))
    # What waits comes right after the greeting, which is a title and a sentence.
    blocks = [*rendered.blocks[:2], *reviews, *rendered.blocks[2:]]
    view = await front.with_offers({"type": "home", "blocks": blocks}, book)
    await front.slack.publish_home(principal.user, view)


def home_doc(
    actor: Actor, pages: Mapping[str, Page[Service]], waiting: tuple[Offer, ...], commands: Sequence[Command]
) -> Doc:
    """Return the home of a person as a document; `pages` have the services of each of the person's teams."""
    roles = listed(sorted(r.words for r in actor.roles), last="and")
    teams = f", in {listed(sorted(actor.teams), last='and')}" if actor.teams else ""
    blocks: list[Block] = [Text(("You are here as ", Bold(roles), f"{teams}."))]
    if not actor.linked:
        blocks.append(Note("You read only: your Slack account is not linked to a GitLab user yet."))
    usable = {c.name for c in commands}
    blocks.append(Buttons(tuple(b for b in QUICK if b.command in usable)))
    if not waiting:
        blocks.append(Note("Nothing waits for you."))
    blocks += [Heading("My services"), *_services(pages)]
    blocks += [Heading("What I can do"), Text(_lines(commands))]
    return Doc(f"Hello, {actor.name}", tuple(blocks))


def _reviews(waiting: Sequence[Offer]) -> list[Json]:
    """Return what waits for the person, each with a button that opens its plan."""
    blocks: list[Json] = []
    for number, offer in enumerate(waiting[:REVIEWS]):
        title = str(offer.payload.get("title") or offer.payload["command"])
        blocks.append(section(f"⏳ Waits for your confirmation: {title}"))
        blocks.append(row(button("See the plan", f"{REVIEW}:{number}", offer.id, "primary")))
    if len(waiting) > REVIEWS:
        blocks.append(context(f"{len(waiting) - REVIEWS} more plans wait for you."))
    return blocks


def _services(pages: Mapping[str, Page[Service]]) -> list[Block]:
    """Return a button for each service, by team; a page that does not hold all of its services leads to the list."""
    if not any(page.items for page in pages.values()):
        return [Text("None of your teams owns a service yet.")]
    blocks: list[Block] = []
    for asked, page in pages.items():
        for team in sorted({service.team for service in page.items}):
            here = tuple(_button(service) for service in page.items if service.team == team)
            blocks += [Text(team), Buttons(here)]
        if page.total > len(page.items):
            blocks.append(Buttons((Button(f"All {page.total:,} of {asked}", "service", {"team": asked}),)))
    return blocks


def _button(service: Service) -> Button:
    label = service.name if service.lifecycle == USUAL else f"{service.name} ({service.lifecycle})"
    return Button(label, "service", {"name": service.name})


def _outermost(teams: Iterable[str]) -> list[str]:
    """Return the teams that are in none of the others: a search for a team finds its subgroups' services too."""
    return sorted(t for t in teams if not any(t.startswith(f"{other}/") for other in teams))


def _lines(commands: Sequence[Command]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for command in commands:
        spans += ["\n"] if spans else []
        spans += [Mono(f"/idp {command.name}"), f"  {command.summary.splitlines()[0]}"]
    return tuple(spans)
