"""The embedded engine: steps in order, taken up where they stopped, doubled by nobody, and nothing told before it is
written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.failures import Failures
from bot.operations import ATTEMPTS, Engine, Superseded
from commands._kit.context import StepContext
from commands._kit.errors import Code, Failure, UserError
from commands._kit.plan import Action, Change, Plan, Results, Step, StepCall
from integrations.errors import Conflict, Denied, Unavailable
from integrations.store import AuditEntry, AuditQuery, Operation, OperationState, Phase, StepResult
from integrations.store.sqlite.client import SqliteStore
from tests.bot.dispatching import outgoings
from tests.bot.rig import NOW, Clock, Sleeps, UnsureOperations, in_jumping_time
from tests.bot.sample_commands import Board, Done, Put, put, sample_set

AWAY = Unavailable("no answer", backend="gitlab")
FULL = Unavailable("the disk is full", backend="store")


class Rig:
    """An engine over the real store, and operations of some steps to be driven."""

    def __init__(self, store: SqliteStore, clock: Clock, sleeps: Sleeps) -> None:
        self.store, self.clock, self.sleeps = store, clock, sleeps
        self.board = Board()
        self.failures = Failures(clock)
        self.operations = UnsureOperations(store.operations)
        self.engine = self.another()
        self.made = 0

    def another(self, steps: Mapping[str, Step[Any, Any]] | None = None) -> Engine:
        known = sample_set().steps if steps is None else steps
        return Engine(
            self.operations, known, {Board: self.board}, self.clock, outgoings, self.failures.describe, self.sleeps
        )

    async def begin(self, *steps: str, calls: tuple[StepCall, ...] = ()) -> Operation:
        """Commit the intent of an operation with these steps; the last one notifies Ann."""
        self.made += 1
        wanted = calls or tuple(put.with_(what=what, last=what == steps[-1]) for what in steps)
        plan = Plan("Paint", tuple(Change(Action.CREATE, c.step) for c in wanted), wanted)
        operation = Operation(
            id=f"op{self.made}",
            command="paint",
            actor_id="slack:T1/U0ANN",
            actor={"name": "Ann"},
            request_id="request-1",
            plan=plan.canonical(),
            plan_hash=plan.hash,
            place={"front_end": "slack", "target": "checkout"},
            created_at=NOW,
        )
        intent = AuditEntry(NOW, Phase.INTENT, operation.actor_id, "Ann", "paint", operation_id=operation.id)
        return await self.store.operations.start(operation, intent)

    async def ended(self, operation: Operation) -> Operation:
        found = await self.store.operations.operation(operation.id)
        assert found is not None
        return found

    async def trail(self) -> list[AuditEntry]:
        found = await self.store.audit.query(AuditQuery(limit=100))
        return [record.entry for record in reversed(found.items)]


@pytest.fixture
def rig(store: SqliteStore, clock: Clock, sleeps: Sleeps) -> Rig:
    return Rig(store, clock, sleeps)


def results(found: Results | Failure) -> list[str]:
    assert isinstance(found, Results), found
    return [str(value["what"]) for value in found.values]


def failure(found: Results | Failure) -> Failure:
    assert isinstance(found, Failure), found
    return found


# -- to the end


async def test_steps_run_in_order_to_the_end(rig: Rig) -> None:
    """All steps run once, in order, and their results are the operation's."""
    operation = await rig.begin("one", "two", "three")
    _, found = await rig.engine.drive(operation, None)
    assert results(found) == ["one", "two", "three"] == rig.board.effects
    assert (await rig.ended(operation)).state is OperationState.DONE


async def test_an_operation_without_steps_is_done(rig: Rig) -> None:
    """Nothing to do is done at once, with its outcome on record."""
    operation = await rig.begin(calls=(put.with_(what="x"),))
    _, found = await rig.engine.drive(operation, None)
    assert results(found) == ["x"]
    assert [entry.phase for entry in await rig.trail()][-1] is Phase.OUTCOME


async def test_each_step_has_a_key_of_its_own(rig: Rig) -> None:
    """A step is given a key that is the same whenever it is tried again, and no other step's."""
    rig.board.script = [AWAY]
    operation = await rig.begin("one", "two")
    await rig.engine.drive(operation, None)
    assert rig.board.keys == [f"{operation.id}:0", f"{operation.id}:0", f"{operation.id}:1"]


async def test_every_step_is_recorded_and_the_outcome_answers_the_intent(rig: Rig) -> None:
    """The trail has one entry for each step, then the outcome, which names the intent that it answers."""
    operation = await rig.begin("one", "two")
    await rig.engine.drive(operation, None)
    trail = await rig.trail()
    assert [(e.phase, e.result) for e in trail[1:]] == [
        (Phase.EVENT, "ok"),
        (Phase.EVENT, "ok"),
        (Phase.OUTCOME, "ok"),
    ]
    assert trail[-1].of == operation.intent_seq
    assert (trail[-1].target, trail[-1].front_end) == ("checkout", "slack")
    assert await rig.store.audit.open_intents() == ()


async def test_notices_are_stored_with_the_result(rig: Rig) -> None:
    """What a step wants told is in the outbox exactly when its result is, under the step's key."""
    operation = await rig.begin("one", "two")
    await rig.engine.drive(operation, None)
    (delivery,) = await rig.store.outbox.due(rig.clock())
    assert delivery.message.key == f"{operation.id}:1:0"
    assert delivery.message.to == "slack:T1/U0ANN"


async def test_a_failing_step_leaves_no_notice(rig: Rig) -> None:
    """What a step wanted told before it failed is not told."""
    rig.board.script = [Denied("403", backend="gitlab")]
    await rig.engine.drive(await rig.begin("one"), None)
    assert await rig.store.outbox.waiting() == 0


async def test_a_step_that_is_tried_again_notifies_once(rig: Rig) -> None:
    """The notices of attempts that failed are dropped."""
    rig.board.script = [AWAY, AWAY]
    await rig.engine.drive(await rig.begin("one"), None)
    assert await rig.store.outbox.waiting() == 1


# -- after a crash


async def test_driving_resumes_from_the_first_unfinished_step(rig: Rig) -> None:
    """Steps that are on record are not run again; their results are still the operation's."""
    operation = await rig.begin("one", "two", "three")
    driven = await rig.store.operations.drive(operation.id)
    await rig.store.operations.record_step(
        operation.id, driven.epoch, StepResult(0, {"what": "one, earlier"}, NOW), (), ()
    )
    _, found = await rig.engine.drive(operation, None)
    assert rig.board.effects == ["two", "three"]
    assert results(found) == ["one, earlier", "two", "three"]


async def test_only_the_step_in_flight_may_repeat(rig: Rig) -> None:
    """A step whose effect was there and whose result was not is run again, with the same key; the others are not."""

    async def crash() -> None:
        rig.operations.broken["record_step"] = [UserWarning("power cut")]  # type: ignore[list-item]  # any exception will do

    operation = await rig.begin("one", "two")
    rig.board.wait = crash
    with pytest.raises(UserWarning):
        await rig.engine.drive(operation, None)
    rig.board.wait = None
    await rig.another().drive(operation, None)
    assert rig.board.effects == ["one", "one", "two"]
    assert rig.board.keys == [f"{operation.id}:0", f"{operation.id}:0", f"{operation.id}:1"]
    assert [e.detail for e in await rig.trail() if e.phase is Phase.EVENT] == ["sample_commands.put"] * 2


async def test_all_steps_done_and_no_outcome_is_only_finished(rig: Rig) -> None:
    """Where the process died before the outcome, no step runs again and the outcome is written."""
    operation = await rig.begin("one")
    driven = await rig.store.operations.drive(operation.id)
    await rig.store.operations.record_step(operation.id, driven.epoch, StepResult(0, {"what": "one"}, NOW), (), ())
    await rig.engine.drive(operation, None)
    assert rig.board.effects == []
    assert (await rig.ended(operation)).state is OperationState.DONE


async def test_an_operation_that_has_ended_is_not_driven_again(rig: Rig) -> None:
    """Driving what is done raises and does nothing."""
    operation = await rig.begin("one")
    await rig.engine.drive(operation, None)
    with pytest.raises(Conflict):
        await rig.engine.drive(operation, None)
    assert rig.board.effects == ["one"]


# -- two drivers


async def test_a_superseded_driver_stops(rig: Rig) -> None:
    """Where another driver took over while a step ran, the first one writes nothing and stops."""
    operation = await rig.begin("one", "two")

    async def taken_over() -> None:
        rig.board.wait = None
        await rig.another().drive(operation, None)

    rig.board.wait = taken_over
    with pytest.raises(Superseded):
        await rig.engine.drive(operation, None)
    # The step that was in flight repeats, the next does not, and each is on record once.
    assert rig.board.effects == ["one", "two", "one"]
    assert [e.phase for e in await rig.trail()] == [Phase.INTENT, Phase.EVENT, Phase.EVENT, Phase.OUTCOME]
    assert await rig.store.outbox.waiting() == 1


async def test_a_superseded_driver_does_not_end_the_operation(rig: Rig) -> None:
    """Where another driver took over while the last step failed, the failure is not the operation's end."""
    operation = await rig.begin("one")

    async def taken_over() -> None:
        rig.board.wait = None
        await rig.store.operations.drive(operation.id)
        rig.board.script = [Denied("403", backend="gitlab")]

    rig.board.wait = taken_over
    with pytest.raises(Superseded):
        await rig.engine.drive(operation, None)
    assert (await rig.ended(operation)).state is OperationState.RUNNING


# -- what fails


async def test_the_transient_is_tried_again_after_the_told_wait(rig: Rig) -> None:
    """A backend that asks to wait is given that wait, and then the step goes through."""
    rig.board.script = [Unavailable("slow down", backend="gitlab", retry_after=7.5)]
    _, found = await rig.engine.drive(await rig.begin("one"), None)
    assert results(found) == ["one"]
    assert rig.sleeps.seconds == [7.5]


async def test_the_transient_without_a_wait_backs_off_and_ends(rig: Rig) -> None:
    """A backend that stays away is tried five times, each pause twice the last, and then the change has failed."""
    rig.board.script = [AWAY] * 9
    operation = await rig.begin("one", "two")
    _, found = await rig.engine.drive(operation, None)
    assert failure(found).code is Code.UNAVAILABLE
    assert rig.sleeps.seconds == [2, 4, 8, 16]
    assert len(rig.board.keys) == ATTEMPTS
    assert (await rig.ended(operation)).state is OperationState.FAILED


@pytest.mark.parametrize(
    "error",
    [
        Denied("403", backend="gitlab"),
        Conflict("taken", backend="gitlab"),
        UserError(Failure(Code.INVALID, "not like this")),
    ],
)
async def test_the_permanent_stops_at_once(rig: Rig, error: Exception) -> None:
    """What trying again cannot help is tried once, and no later step runs."""
    rig.board.script = [None, error]
    operation = await rig.begin("one", "two", "three")
    _, found = await rig.engine.drive(operation, None)
    told = failure(found)
    assert rig.board.effects == ["one"]
    assert rig.sleeps.seconds == []
    ended = await rig.ended(operation)
    assert ended.state is OperationState.FAILED
    assert ended.failure is not None
    assert ended.failure["message"] == told.message
    assert [step.result["what"] for step in ended.steps] == ["one"]


async def test_a_bug_ends_the_operation_with_an_incident(rig: Rig) -> None:
    """An unforeseen exception of a step is an outcome, told by an incident id, and not in the trail by its message."""
    rig.board.script = [ZeroDivisionError("xoxb-secret")]
    _, found = await rig.engine.drive(await rig.begin("one"), None)
    assert failure(found).incident
    assert "xoxb-secret" not in str(await rig.trail())
    assert await rig.store.audit.open_intents() == ()


async def test_a_step_that_is_not_known_any_more_ends_the_operation(rig: Rig) -> None:
    """A step of an earlier version that there is no longer ends its operation with words for operators."""
    operation = await rig.begin("one")
    _, found = await rig.another(steps={}).drive(operation, None)
    assert "does not know the step sample_commands.put" in failure(found).message
    assert (await rig.ended(operation)).state is OperationState.FAILED


async def test_arguments_that_do_not_fit_any_more_end_the_operation(rig: Rig) -> None:
    """Arguments of an earlier version that the step does not take end the operation, and hold up no other."""
    operation = await rig.begin(calls=(StepCall(put.name, {"colour": "red"}),))
    _, found = await rig.engine.drive(operation, None)
    assert failure(found).code is Code.INTERNAL
    assert (await rig.ended(operation)).state is OperationState.FAILED


def test_a_step_that_never_ends_is_stopped_at_its_deadline() -> None:
    """A step that hangs is given up after a minute, each time that it is tried."""

    async def hang(_args: Put, _ctx: StepContext, board: Board) -> Done:
        await asyncio.Event().wait()
        return Done(what=str(board))

    stuck = replace(put, run=hang)

    async def drive() -> tuple[Results | Failure, float]:
        engine = Engine(
            UnsureOperations(None),  # type: ignore[arg-type]  # an anonymous plan asks no store
            {put.name: stuck},
            {Board: Board()},
            Clock(),
            outgoings,
            Failures(Clock()).describe,
            Sleeps(),
        )
        plan = Plan("Wait", (Change(Action.CREATE, "x"),), (put.with_(what="x"),), anonymous=True)
        found = await engine.run_unrecorded(plan, NOW)
        return found, asyncio.get_running_loop().time()

    found, passed = in_jumping_time(drive())
    assert "took too long" in failure(found).message
    assert passed == pytest.approx(ATTEMPTS * 60, abs=1)


# -- what cannot be written


@pytest.mark.parametrize("method", ["drive", "record_step", "finish"])
async def test_what_cannot_be_written_is_written_when_it_can(rig: Rig, method: str) -> None:
    """While the store is full the engine waits, longer each time, and is blocked; no effect is doubled by it."""
    blocked: list[bool] = []

    async def watch(seconds: float) -> None:
        blocked.append(rig.engine.blocked)
        rig.sleeps.seconds.append(seconds)

    rig.engine._sleep = watch
    rig.operations.broken[method] = [FULL] * 6
    _, found = await rig.engine.drive(await rig.begin("one"), None)
    assert results(found) == ["one"] == rig.board.effects
    assert blocked == [True] * 6
    assert rig.sleeps.seconds == [0.5, 1, 2, 4, 8, 10]
    assert not rig.engine.blocked


async def test_one_operations_outcome_does_not_free_anothers(rig: Rig) -> None:
    """While one outcome is unwritten the engine stays blocked, whatever other operation goes through."""
    first, second = await rig.begin("one"), await rig.begin("two")
    seen: list[bool] = []

    async def meanwhile(_seconds: float) -> None:
        if not seen:
            seen.append(rig.engine.blocked)
            await rig.engine.drive(second, None)
            seen.append(rig.engine.blocked)

    rig.engine._sleep = meanwhile
    rig.operations.broken["finish"] = [FULL]
    await rig.engine.drive(first, None)
    assert seen == [True, True]
    assert not rig.engine.blocked
