from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, Field
from structlog.testing import capture_logs

from bot.audit import Recorder
from bot.changes import Changes
from bot.failures import Failures
from bot.identity import SlackPrincipal
from bot.operations import Engine
from bot.replies import Answer, Call
from bot.telemetry.metrics import Metrics
from commands._kit.command import Effect, Section, command
from commands._kit.context import Actor, Context, Notice, Place, StepContext
from commands._kit.discover import collect
from commands._kit.doc import Doc, Text
from commands._kit.errors import Failure
from commands._kit.plan import Action, Change, Plan, Results, step
from commands._kit.roles import Component, Role, Verb, on
from integrations.store import Operation, Outgoing
from integrations.store.sqlite.client import SqliteStore
from tests.bot.rig import Clock, Sleeps

ANN = Actor("slack:T1/U0ANN", "Ann", frozenset({Role.DEVELOPER}), frozenset({"acme/payments"}), 1)


class Sign(BaseModel):
    text: str = Field(default="", description="What to write")


class Signed(BaseModel):
    text: str


class Wall:
    """What the step writes on. While `blocked` is there nobody gets on; `signers` are who its steps knew to ask."""

    def __init__(self) -> None:
        self.signers: list[Actor | None] = []
        self.blocked: asyncio.Event | None = None
        self.reached = asyncio.Event()


@step
async def sign(args: Sign, ctx: StepContext, wall: Wall) -> Signed:
    """Sign the wall."""
    wall.signers.append(ctx.actor)
    wall.reached.set()
    if wall.blocked is not None:
        await wall.blocked.wait()
    return Signed(text=args.text)


def show(results: Results) -> Doc:
    text = results.of(sign).text
    if text == "unreadable":
        raise RuntimeError(text)
    return Doc("Signed", (Text(text),))


@command("tag", may=on(Component.PLATFORM, Verb.USE), effect=Effect.CHANGE, view=show, section=Section.ME)
async def tag(req: Sign, _ctx: Context) -> Plan:
    """Sign the wall with a word."""
    return a_plan(req.text)


def a_plan(text: str) -> Plan:
    return Plan("Sign", (Change(Action.CREATE, text),), (sign.with_(text=text),))


async def _nobody(_key: str, _notices: Sequence[Notice]) -> tuple[Outgoing, ...]:
    """Tell nobody."""
    return ()


class Works:
    """Changes over a store, as one process after another has them."""

    def __init__(self, store: SqliteStore, clock: Clock, sleeps: Sleeps) -> None:
        self.wall = Wall()
        module = ModuleType("works")
        vars(module).update(sign=sign, tag=tag)
        commands = collect([module], (Wall,))
        self.failures, metrics = Failures(clock), Metrics(process=False)
        ports: dict[type[Any], Any] = {Wall: self.wall}
        engine = Engine(store.operations, commands.steps, ports, clock, _nobody, self.failures.describe, sleeps)
        recorder = Recorder(store.audit, clock, metrics)
        self.changes = Changes(commands, store, engine, recorder, self.failures, metrics, clock)
        self.told: list[tuple[str, Doc | Failure]] = []

    async def begin(self, text: str) -> asyncio.Task[Any]:
        """Offer and carry out; return the work, which the wall may hold up."""
        call = Call(SlackPrincipal("T1", "U0ANN"), "slack", Place("T1", "C1"), "request-1")
        consent = await self.changes.offer(call, tag, ANN, a_plan(text), {"text": text})
        return asyncio.create_task(self.changes.carry_out(call, tag, ANN, a_plan(text), {"text": text}, consent.offer))

    async def tell(self, operation: Operation, outcome: Doc | Failure) -> Sequence[Outgoing]:
        self.told.append((operation.command, outcome))
        return ()


async def cut_off(works: Works, text: str) -> None:
    """Begin a change, and have the process end while its step runs."""
    works.wall.blocked = asyncio.Event()
    works.wall.reached.clear()
    work = await works.begin(text)
    await works.wall.reached.wait()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@pytest.fixture
def earlier(store: SqliteStore, clock: Clock, sleeps: Sleeps) -> Works:
    return Works(store, clock, sleeps)


@pytest.fixture
def later(store: SqliteStore, clock: Clock, sleeps: Sleeps) -> Works:
    return Works(store, clock, sleeps)


async def test_what_was_consented_to_is_carried_out(earlier: Works) -> None:
    """A consented plan runs, and its command's view shows what came of it."""
    reply = await (await earlier.begin("hello"))
    assert isinstance(reply, Answer)
    assert reply.doc.blocks == (Text("hello"),)


async def test_steps_know_the_same_person_after_a_crash(earlier: Works, later: Works) -> None:
    """A resumed step acts for whoever asked, with the roles and teams that they had then."""
    await cut_off(earlier, "hello")
    assert await later.changes.resume(later.tell) == 1
    assert earlier.wall.signers == later.wall.signers == [ANN]


async def test_one_outcome_that_cannot_be_shown_holds_up_no_other(earlier: Works, later: Works) -> None:
    """Operations are resumed side by side; a fault in one is an incident, and the others are told."""
    for text in ("unreadable", "fine"):
        await cut_off(earlier, text)
    with capture_logs():
        assert await later.changes.resume(later.tell) == 2
    assert [(name, outcome.blocks) for name, outcome in later.told if isinstance(outcome, Doc)] == [
        ("tag", (Text("fine"),))
    ]
    assert [incident.kind for incident in later.failures.incidents] == ["RuntimeError"]
