"""Commands made for the kit's tests: one of every kind of field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from enum import StrEnum
from types import ModuleType
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from commands._kit.command import Command, Effect, Section, command
from commands._kit.context import Context
from commands._kit.discover import CommandSet, collect
from commands._kit.doc import Doc
from commands._kit.fields import (
    After,
    ChannelId,
    Duration,
    FromPlace,
    LongText,
    Moment,
    Named,
    PersonId,
    ServiceName,
    TeamName,
    Words,
)
from commands._kit.roles import Component, Permission, Verb, on


class Level(StrEnum):
    LOW = "low"
    VERY_HIGH = "very-high"


class Deploy(BaseModel):
    service: ServiceName = Field(description="What to deploy")
    ref: str | None = Field(default=None, description="Which release")
    env: Annotated[str, After(("to",)), StringConstraints(min_length=1)] = Field(description="Where to")


class Say(BaseModel):
    rating: int = Field(ge=1, le=5, description="How good it is")
    text: LongText = Field(default="", description="What you think")
    anonymous: bool = Field(default=False, description="Leave your name out")


class Find(BaseModel):
    text: Annotated[str, StringConstraints(max_length=200), Words()] | None = Field(default=None, description="Words")
    team: Annotated[TeamName, Named("t")] | None = Field(default=None, description="Whose")


class Set(BaseModel):
    service: ServiceName = Field(description="Which")
    channel: Annotated[ChannelId, FromPlace()] = Field(description="Where")


class Everything(BaseModel):
    level: Level = Field(default=Level.LOW, description="How urgent", title="Urgency")
    count: int = Field(default=25, ge=1, le=100, description="How many")
    share: Annotated[float, Named()] | None = Field(default=None, gt=0, lt=1, description="Which part")
    owner: Annotated[PersonId, Named("o")] | None = Field(default=None, description="Whose")
    channel: Annotated[ChannelId, Named()] | None = Field(default=None, description="Where")
    day: Annotated[date, Named()] | None = Field(default=None, description="Which day")
    since: Annotated[Duration, Named()] = Field(default=timedelta(hours=1), description="How far back")
    until: Annotated[Moment, Named()] | None = Field(default=None, description="Until when")
    title: Annotated[str, StringConstraints(min_length=3, max_length=20), Named()] | None = Field(
        default=None, description="What to call it"
    )
    loud: bool = Field(default=True, description="Tell everybody")
    body: Annotated[str, Named()] | None = Field(default=None, description="Anything")

    @field_validator("body")
    @classmethod
    def _no_secret(cls, value: str | None, _info: ValidationInfo) -> str | None:
        if value == "secret":
            raise ValueError("must not be the secret")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Everything:
        if self.count == 99 and self.level is Level.VERY_HIGH:
            raise ValueError("99 is too many for something urgent")
        return self


class Nothing(BaseModel):
    """Nothing to fill in."""


def show(_result: object) -> Doc:
    return Doc("Shown")


def define(
    name: str,
    request: type[BaseModel],
    *,
    may: Permission | None = None,
    ports: dict[str, type[Any]] | None = None,
    aliases: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    section: Section = Section.LOOK,
) -> Command:
    """Return a READ that does nothing, with this request."""
    names = list(ports or {})
    code: dict[str, Any] = {}
    # The kit reads the handler's signature; a port is a parameter of its own.
    exec(f"async def made(req, ctx{''.join(f', {n}' for n in names)}):\n    'Do something harmless.'", code)  # noqa: S102 - test data
    made: Callable[..., Awaitable[Doc]] = code["made"]
    made.__annotations__ = {"req": request, "ctx": Context, **(ports or {}), "return": Doc}
    permission = may or on(Component.PLATFORM, Verb.USE)
    return command(
        name, may=permission, effect=Effect.READ, view=show, section=section, aliases=aliases, examples=examples
    )(made)


def module(**things: object) -> ModuleType:
    made = ModuleType("sample")
    vars(made).update(things)
    return made


def command_set() -> CommandSet:
    """Return the sample commands."""
    return collect(
        [
            module(
                deploy=define("deploy", Deploy, aliases=("ship",)),
                say=define("say", Say, section=Section.ME),
                find=define("find", Find),
                assign=define("set", Set),
                everything=define("everything", Everything),
                help=define("help", Find, section=Section.ME),
                ci=define("ci lint", Nothing, section=Section.PLATFORM),
            )
        ],
        (),
    )
