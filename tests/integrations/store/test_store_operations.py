from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from integrations.errors import Conflict, Invalid, NotFound
from integrations.store import AuditQuery, OperationState, Phase, Store
from tests.integrations.store.conftest import Open
from tests.integrations.store.samples import NOW, Clock, entry, intent, message, offer, operation, outcome, step


async def recorded(store: Store) -> int:
    return (await store.audit.query(AuditQuery())).total


async def test_an_operation_starts_with_its_intent(store: Store) -> None:
    """Operation and intent are there together, and know each other."""
    started = await store.operations.start(operation(), intent(operation_id="op1"))
    (record,) = await store.audit.open_intents()
    assert (started.intent_seq, started.epoch, started.state) == (record.seq, 0, OperationState.RUNNING)
    assert record.entry.operation_id == "op1"
    assert await store.operations.operation("op1") == started
    assert await store.operations.unfinished() == (started,)


async def test_an_unknown_operation_is_none(store: Store) -> None:
    """Looking for what is not there raises nothing; driving it does."""
    assert await store.operations.operation("nope") is None
    with pytest.raises(NotFound):
        await store.operations.drive("nope")


async def test_a_start_uses_its_offer_up(store: Store) -> None:
    """One offer starts one operation, however often it is clicked."""
    await store.offers.make(offer())
    tries = await asyncio.gather(
        *(store.operations.start(operation(f"op{n}"), intent(), offer_id="offer1") for n in range(10)),
        return_exceptions=True,
    )
    assert sum(isinstance(t, Conflict) for t in tries) == 9
    assert await recorded(store) == 1
    assert len(await store.operations.unfinished()) == 1


@pytest.mark.parametrize("kind", ["unknown", "expired", "another plan"])
async def test_a_start_without_a_good_offer_writes_nothing(store: Store, clock: Clock, kind: str) -> None:
    """An offer that is unknown, has expired or was for another plan starts nothing."""
    if kind != "unknown":
        await store.offers.make(offer(plan_hash="other" if kind == "another plan" else "hash1"))
    if kind == "expired":
        clock.move(minutes=15)
    with pytest.raises(Conflict):
        await store.operations.start(operation(), intent(), offer_id="offer1", unique_key="k")
    assert await recorded(store) == 0
    assert await store.operations.unfinished() == ()
    assert "k" not in await store.keys.remembered()


async def test_a_key_starts_one_operation(store: Store) -> None:
    """The same delivery starts nothing a second time, and leaves the second offer unused."""
    await store.offers.make(offer())
    await store.operations.start(operation("op1"), intent(), unique_key="event-1")
    with pytest.raises(Conflict):
        await store.operations.start(operation("op2"), intent(), offer_id="offer1", unique_key="event-1")
    found = await store.offers.look("offer1")
    assert found is not None
    assert not found.used
    assert await recorded(store) == 1


async def test_an_operation_starts_once(store: Store) -> None:
    """The same id again is refused and leaves no second intent."""
    await store.operations.start(operation(), intent())
    with pytest.raises(Conflict):
        await store.operations.start(operation(), intent())
    assert await recorded(store) == 1


async def test_only_an_intent_starts_an_operation(store: Store) -> None:
    """No effect without an intent."""
    with pytest.raises(Invalid):
        await store.operations.start(operation(), entry(Phase.EVENT))


async def test_each_drive_has_a_higher_epoch(store: Store) -> None:
    """Whoever drives last is the only one who can write."""
    await store.operations.start(operation(), intent())
    first, second = await store.operations.drive("op1"), await store.operations.drive("op1")
    assert (first.epoch, second.epoch) == (1, 2)
    assert not await store.operations.record_step("op1", first.epoch, step(), [entry()], [message()])
    assert not await store.operations.finish("op1", first.epoch, OperationState.DONE, outcome(), outgoing=[message()])
    assert await recorded(store) == 1
    assert await store.outbox.waiting() == 0
    assert await store.operations.record_step("op1", second.epoch, step(), [entry()], [message()])


async def test_a_step_is_recorded_with_its_audit_and_messages(store: Store, reopen: Open) -> None:
    """Result, audit entries and messages are there together, after a restart too."""
    await store.operations.start(operation(), intent())
    driven = await store.operations.drive("op1")
    assert await store.operations.record_step("op1", driven.epoch, step(0), [entry(), entry()], [message()])
    again = await reopen()
    (unfinished,) = await again.operations.unfinished()
    assert unfinished.steps == (step(0),)
    assert await recorded(again) == 3
    (delivery,) = await again.outbox.due(NOW)
    assert delivery.message == message()


async def test_a_step_is_recorded_once(store: Store) -> None:
    """A driver that repeats a write whose answer it lost is told yes, and nothing is written twice."""
    await store.operations.start(operation(), intent())
    epoch = (await store.operations.drive("op1")).epoch
    for _ in range(2):
        assert await store.operations.record_step("op1", epoch, step(0), [entry()], [message()])
    assert await recorded(store) == 2


async def test_an_end_answers_the_intent(store: Store, clock: Clock) -> None:
    """A finished operation has its outcome in the chain, keeps its failure, and is not driven again."""
    started = await store.operations.start(operation(), intent())
    epoch = (await store.operations.drive("op1")).epoch
    clock.move(minutes=3)
    for _ in range(2):
        assert await store.operations.finish(
            "op1", epoch, OperationState.FAILED, outcome(result="failed"), failure={"code": "x"}, outgoing=[message()]
        )
    (record,) = (await store.audit.query(AuditQuery(phase=Phase.OUTCOME))).items
    assert record.entry.of == started.intent_seq
    assert await store.audit.open_intents() == ()
    assert await store.operations.unfinished() == ()
    ended = await store.operations.operation("op1")
    assert ended is not None
    assert (ended.state, ended.failure, ended.finished_at) == (OperationState.FAILED, {"code": "x"}, clock.now)
    with pytest.raises(Conflict):
        await store.operations.drive("op1")
    assert not await store.operations.finish("op1", epoch, OperationState.DONE, outcome())


async def test_an_end_is_final_and_has_an_outcome(store: Store) -> None:
    """`running` is no end, and an event is no outcome."""
    await store.operations.start(operation(), intent())
    epoch = (await store.operations.drive("op1")).epoch
    with pytest.raises(Invalid):
        await store.operations.finish("op1", epoch, OperationState.RUNNING, outcome())
    with pytest.raises(Invalid):
        await store.operations.finish("op1", epoch, OperationState.DONE, entry())


async def test_unfinished_operations_come_oldest_first(store: Store) -> None:
    """After a crash the oldest is driven first."""
    for n in (2, 1, 3):
        await store.operations.start(operation(f"op{n}", created_at=NOW + timedelta(seconds=n)), intent())
    assert [o.id for o in await store.operations.unfinished()] == ["op1", "op2", "op3"]
