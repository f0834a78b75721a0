"""What a person may do with a request: role, link, ownership, and whether the names in it exist.

Reads the matrix and the catalogue; decides nothing by role names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from commands._kit.command import Command, Effect, marker
from commands._kit.context import Actor
from commands._kit.discover import CommandSet
from commands._kit.errors import Code, Failure, UserError
from commands._kit.fields import Options
from commands._kit.match import listed
from commands._kit.roles import Matrix, Role, allows, who_may
from commands._kit.usage import allowed_words
from integrations.store import Catalogue, ServiceQuery


class Rights:
    def __init__(
        self, matrix: Matrix, catalogue: Catalogue, grantors: Mapping[Role, str], commands: CommandSet
    ) -> None:
        self._commands = commands
        self._matrix = matrix
        self._catalogue = catalogue
        self._grantors = grantors

    def allowed(self, command: Command, actor: Actor) -> bool:
        """Return whether one of the person's roles opens the command, ownership apart."""
        return allows(self._matrix, actor.roles, command.may) and (actor.linked or command.effect is Effect.READ)

    async def check(self, command: Command, actor: Actor, values: Mapping[str, Any]) -> None:
        """Raise UserError, saying why and who can grant it, where the person may not do this."""
        if not allows(self._matrix, actor.roles, command.may):
            who = who_may(self._matrix, command.may)
            needed = allowed_words(who) if who else "nobody, as the settings stand"
            have = listed(sorted(r.words for r in actor.roles), last="and")
            mine = f"Your role{'s are' if len(actor.roles) > 1 else ' is'} {have}." if have else "You have no role."
            grant = (
                "; ".join(self._grantors[r] for r in who if r in self._grantors) or "A platform engineer can grant it"
            )
            raise UserError(Failure(Code.DENIED, f"`{command.name}` is for {needed}. {mine}", f"{grant}."))
        if command.effect is Effect.CHANGE and not actor.linked:
            raise UserError(
                Failure(
                    Code.UNLINKED,
                    "You read only, because your Slack account is not linked to a GitLab user.",
                    "A platform engineer can link it under `people` in the platform's settings.",
                )
            )
        if command.may.owns and values.get(command.may.owns):
            await self._check_owner(command, actor, str(values[command.may.owns]))

    async def _check_owner(self, command: Command, actor: Actor, name: str) -> None:
        service = await self._catalogue.service(name)
        if service is not None and not actor.owns(service.team):
            raise UserError(
                Failure(
                    Code.DENIED,
                    f"`{command.name}` needs ownership of {name}, which belongs to {service.team}.",
                    f"A maintainer of the GitLab group {service.team} can add you to it.",
                )
            )

    async def unknown_names(self, command: Command, request: BaseModel) -> dict[str, str]:
        """Return, by field, what is wrong with names of services and teams that are not in the catalogue."""
        problems: dict[str, str] = {}
        for name, info in command.request.model_fields.items():
            options = marker(info, Options)
            value = getattr(request, name)
            if options is None or options.free or not value:
                continue
            if options.source != "services":
                names = await self._names(options.source)
                if value not in names:
                    similar = tuple(n for n in names if value.lower() in n.lower())[:3]
                    problems[name] = _unknown(options.source.removesuffix("s"), value, similar)
            elif await self._catalogue.service(value) is None:
                problems[name] = _unknown("service", value, await self._catalogue.similar(value))
        return problems

    def required_services(self, command: Command) -> list[str]:
        """Return the required fields that name a service: those that a channel's default fills."""
        fields = command.request.model_fields.items()
        return [name for name, info in fields if info.is_required() and marker(info, Options) == Options("services")]

    async def options(self, source: str, text: str, *, limit: int) -> tuple[tuple[str, str], ...]:
        """Return (value, label) pairs of a named source that match what was typed."""
        if source != "services":
            names = await self._names(source)
            return tuple((name, name) for name in names if text.lower() in name.lower())[:limit]
        page = await self._catalogue.search(ServiceQuery(text=text, limit=limit))
        return tuple((s.name, f"{s.name} · {s.team}") for s in page.items)

    async def _names(self, source: str) -> tuple[str, ...]:
        match source:
            case "teams":
                return await self._catalogue.teams()
            case "lifecycles":
                return await self._catalogue.lifecycles()
            case "commands":
                return tuple(command.name for command in self._commands.commands())
        raise LookupError(f"no source of options is called {source!r}")


def _unknown(what: str, value: str, similar: tuple[str, ...]) -> str:
    guess = f" Did you mean {' or '.join(similar)}?" if similar else ""
    return f"There is no {what} {value[:80]}.{guess}"
