"""Commands made for the tests of dispatch and engine: reads and changes of a board that is kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Annotated

from pydantic import BaseModel, Field

from commands._kit.command import Command, Effect, Section, command
from commands._kit.context import Context, StepContext
from commands._kit.discover import CommandSet, collect
from commands._kit.doc import Attachment, Doc, Text
from commands._kit.errors import invalid
from commands._kit.fields import ChannelId, Duration, FromPlace, LongText, Named, Options, ServiceName, TeamName
from commands._kit.plan import Action, Change, Plan, Results, step
from commands._kit.roles import Component, Verb, on

EVERYBODY = on(Component.PLATFORM, Verb.USE)


@dataclass
class Board:
    """What the commands look at and change. `script` is what the next attempts of a step do: raise, or go through."""

    labels: dict[str, str] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    script: list[BaseException | None] = field(default_factory=list)
    wait: Callable[[], Awaitable[None]] | None = None
    asked: list[Context] = field(default_factory=list)

    async def act(self, what: str, key: str) -> None:
        self.keys.append(key)
        if self.wait is not None:
            await self.wait()
        wrong = self.script.pop(0) if self.script else None
        if wrong is not None:
            raise wrong
        self.effects.append(what)


class Nothing(BaseModel):
    """Nothing to fill in."""


class Seen(BaseModel):
    text: str


class Look(BaseModel):
    service: ServiceName = Field(description="Service to look at")
    since: Annotated[Duration, Named()] = Field(default=timedelta(hours=1), description="How far back")
    team: Annotated[TeamName, Named()] | None = Field(default=None, description="Whose")


class Label(BaseModel):
    service: ServiceName = Field(description="Service to label")
    text: LongText = Field(default="new", description="What it says")


class Paint(BaseModel):
    steps: int = Field(default=3, ge=0, le=9, description="How many steps it takes")


class Murmur(BaseModel):
    text: LongText = Field(description="What nobody must know who said it")


class Pin(BaseModel):
    text: Annotated[str, Named()] = Field(description="What to pin")
    channel: Annotated[ChannelId, FromPlace()] = Field(description="Where to")


class OpenCard(BaseModel):
    name: Annotated[str, Options("services", free=True)] = Field(default="", description="Which")


class AskHelp(BaseModel):
    command: str = Field(default="", description="About which command")


class Put(BaseModel):
    what: str
    last: bool = False


class Done(BaseModel):
    what: str


def show(seen: Seen) -> Doc:
    return Doc("Seen", (Text(seen.text),))


def show_done(results: Results) -> Doc:
    return Doc("Done", tuple(Text(str(value["what"])) for value in results.values))


def show_export(seen: Seen) -> Doc:
    return Doc("Export", (Text(seen.text),), files=(Attachment("export.csv", b"a,b\n"),))


@step
async def put(args: Put, ctx: StepContext, board: Board) -> Done:
    """Put something on the board."""
    await ctx.progress(f"putting {args.what}")
    if args.last:
        ctx.notify("slack:T1/U0ANN", Doc(f"{args.what} is there"))
    await board.act(args.what, ctx.key)
    return Done(what=args.what)


@command("look", may=EVERYBODY, effect=Effect.READ, view=show, section=Section.LOOK)
async def look(req: Look, ctx: Context, board: Board) -> Seen:
    """Look at a service."""
    board.asked.append(ctx)
    await ctx.progress("looking")
    return Seen(text=f"{req.service} says {board.labels.get(req.service, 'nothing')}")


@command("peek", may=EVERYBODY, effect=Effect.READ, view=show, section=Section.LOOK, audited=True)
async def peek(_req: Nothing, ctx: Context) -> Seen:
    """Look at something whose reading is recorded."""
    return Seen(text=f"for {ctx.actor.name}")


@command("export", may=EVERYBODY, effect=Effect.READ, view=show_export, section=Section.REPORT, audited=True)
async def export(_req: Nothing, _ctx: Context) -> Seen:
    """Take something away as a file."""
    return Seen(text="exported")


@command("crash", may=EVERYBODY, effect=Effect.READ, view=show, section=Section.LOOK)
async def crash(_req: Nothing, _ctx: Context) -> Seen:
    """Fail in a way that nobody foresaw."""
    raise RuntimeError("xoxb-secret is wrong")


@command("wait", may=EVERYBODY, effect=Effect.READ, view=show, section=Section.LOOK)
async def wait(_req: Nothing, _ctx: Context) -> Seen:
    """Wait for something that never comes."""
    await asyncio.Event().wait()
    return Seen(text="came")


@command("tune", may=on(Component.PLATFORM, Verb.MAINTAIN), effect=Effect.READ, view=show, section=Section.PLATFORM)
async def tune(_req: Nothing, _ctx: Context) -> Seen:
    """Look after the platform."""
    return Seen(text="tuned")


@command(
    "logs", may=on(Component.PLATFORM, Verb.USE, owns="service"), effect=Effect.READ, view=show, section=Section.LOOK
)
async def logs(req: Look, _ctx: Context) -> Seen:
    """Read what only owners may read."""
    return Seen(text=f"the logs of {req.service}")


@command(
    "label",
    may=on(Component.CICD, Verb.CUSTOMISE, owns="service"),
    effect=Effect.CHANGE,
    view=show_done,
    section=Section.SHIP,
)
async def label(req: Label, _ctx: Context, board: Board) -> Plan:
    """Label a service of one's own."""
    if req.text == "rude":
        raise invalid("must be polite", field_name="text", hint="Find another word.")
    now = board.labels.get(req.service, "")
    if now == req.text:
        return Plan("Label", (), ())
    change = Change(Action.CHANGE, req.service, now, req.text)
    return Plan("Label", (change,), (put.with_(what=f"{req.service}={req.text}", last=True),))


@command("paint", may=EVERYBODY, effect=Effect.CHANGE, view=show_done, section=Section.MAKE)
async def paint(req: Paint, _ctx: Context) -> Plan:
    """Do something in several steps."""
    calls = tuple(put.with_(what=f"coat {n}", last=n == req.steps) for n in range(1, req.steps + 1))
    return Plan("Paint", tuple(Change(Action.CREATE, f"coat {n}") for n in range(1, req.steps + 1)), calls)


@command("murmur", may=EVERYBODY, effect=Effect.CHANGE, view=show_done, section=Section.ME, confidential=True)
async def murmur(req: Murmur, _ctx: Context) -> Plan:
    """Say something without a trace."""
    change = Change(Action.CREATE, "something anonymous", after=req.text)
    return Plan("Murmur", (change,), (put.with_(what=req.text),), anonymous=True)


@command("pin", may=EVERYBODY, effect=Effect.CHANGE, view=show_done, section=Section.MAKE)
async def pin(req: Pin, _ctx: Context) -> Plan:
    """Pin something where one is."""
    return Plan("Pin", (Change(Action.CREATE, req.channel, after=req.text),), (put.with_(what=req.text),))


@command("service", may=EVERYBODY, effect=Effect.READ, view=show, section=Section.LOOK)
async def service(req: OpenCard, _ctx: Context) -> Seen:
    """Open a service's card."""
    return Seen(text=f"the card of {req.name}")


@command("help", may=EVERYBODY, effect=Effect.READ, view=show, section=Section.ME)
async def help_(req: AskHelp, _ctx: Context) -> Seen:
    """Help."""
    return Seen(text=f"how to use {req.command}")


COMMANDS: tuple[Command, ...] = (
    look,
    peek,
    export,
    crash,
    wait,
    tune,
    logs,
    label,
    paint,
    murmur,
    pin,
    service,
    help_,
)


def sample_set() -> CommandSet:
    """Return the commands above and their step."""
    module = ModuleType("sample_commands")
    vars(module).update({c.name: c for c in COMMANDS}, put=put)
    return collect([module], (Board,))
