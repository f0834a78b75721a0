"""Operations: each write says which drive it belongs to, and a drive that has been taken over writes nothing. A write
that is repeated, because its first answer was lost, finds itself and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from integrations.errors import Conflict, Invalid, NotFound
from integrations.store.documents import from_json, to_json
from integrations.store.moments import from_micros, to_micros
from integrations.store.port.audit import AuditEntry, Phase
from integrations.store.port.operations import Operation, OperationState, StepResult
from integrations.store.port.outbox import Outgoing
from integrations.store.port.page import Json
from integrations.store.sqlite.audit import link, refuse_reserved
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.gate import Gate
from integrations.store.sqlite.keys import claim
from integrations.store.sqlite.offers import offer_of, take
from integrations.store.sqlite.outbox import enqueue
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.writer import Writer

# Longer than anything repeats a delivery: Slack gives up after an hour, a person presses an old button within days.
KEY_LIFE = timedelta(days=30)

_SELECT = """
SELECT id, command, actor_id, actor, request_id, plan, plan_hash, place, created_at, state, epoch, intent_seq, failure,
       finished_at
FROM operations
"""
_RUNNING = OperationState.RUNNING.value


class SqliteOperations:
    def __init__(self, writer: Writer, readers: Readers, gate: Gate, clock: Callable[[], datetime], key: bytes) -> None:
        self._writer = writer
        self._readers = readers
        self._gate = gate
        self._clock = clock
        self._key = key

    async def start(
        self, operation: Operation, intent: AuditEntry, *, offer_id: str = "", unique_key: str = ""
    ) -> Operation:
        refuse_reserved((intent,))
        if intent.phase is not Phase.INTENT:
            raise Invalid("an operation starts with an intent", backend="store")

        def job(connection: Connection) -> Operation:
            self._gate.intent()
            now = self._clock()
            if offer_id:
                _consume(connection, operation, offer_id, now)
            if unique_key and not claim(connection, unique_key, now + KEY_LIFE, now):
                raise Conflict("this was delivered and acted on already", backend="store")
            if connection.execute("SELECT 1 FROM operations WHERE id = ?", (operation.id,)).fetchone():
                raise Conflict(f"operation {operation.id} was started already", backend="store")
            (record,) = link(connection, self._key, (intent,))
            started = replace(
                operation, state=OperationState.RUNNING, epoch=0, intent_seq=record.seq, steps=(), finished_at=None
            )
            _insert(connection, started)
            return started

        return await self._writer.write(job)

    async def drive(self, operation_id: str) -> Operation:
        def job(connection: Connection) -> Operation:
            self._gate.change()
            connection.execute(
                "UPDATE operations SET epoch = epoch + 1 WHERE id = ? AND state = ?", (operation_id, _RUNNING)
            )
            operation = _operation(connection, operation_id)
            if operation is None:
                raise NotFound(f"there is no operation {operation_id}", backend="store")
            if operation.state is not OperationState.RUNNING:
                raise Conflict(f"operation {operation_id} is {operation.state} already", backend="store")
            return operation

        return await self._writer.write(job)

    async def record_step(
        self, operation_id: str, epoch: int, step: StepResult, audit: Sequence[AuditEntry], outgoing: Sequence[Outgoing]
    ) -> bool:
        refuse_reserved(audit)

        def job(connection: Connection) -> bool:
            self._gate.entries(audit)
            if _place(connection, operation_id) != (epoch, _RUNNING):
                return False
            row = (operation_id, step.index, to_json(dict(step.result)), to_micros(step.finished_at))
            inserted = connection.execute("INSERT OR IGNORE INTO steps VALUES (?, ?, ?, ?)", row).rowcount
            if inserted:
                link(connection, self._key, audit)
                enqueue(connection, outgoing, self._clock())
            return True

        return await self._writer.write(job)

    async def finish(
        self,
        operation_id: str,
        epoch: int,
        state: OperationState,
        outcome: AuditEntry,
        *,
        failure: Json | None = None,
        outgoing: Sequence[Outgoing] = (),
    ) -> bool:
        refuse_reserved((outcome,))
        if state is OperationState.RUNNING or outcome.phase is not Phase.OUTCOME:
            raise Invalid("an operation ends in a final state and with an outcome", backend="store")

        def job(connection: Connection) -> bool:
            self._gate.change()
            place = _place(connection, operation_id)
            if place != (epoch, _RUNNING):
                return place == (epoch, state.value)
            now = self._clock()
            connection.execute(
                "UPDATE operations SET state = ?, failure = ?, finished_at = ? WHERE id = ?",
                (state.value, None if failure is None else to_json(dict(failure)), to_micros(now), operation_id),
            )
            sql = "SELECT intent_seq FROM operations WHERE id = ?"
            (intent_seq,) = connection.execute(sql, (operation_id,)).fetchone()
            link(connection, self._key, (replace(outcome, of=intent_seq),))
            enqueue(connection, outgoing, now)
            return True

        return await self._writer.write(job)

    async def unfinished(self) -> tuple[Operation, ...]:
        def job(connection: Connection) -> tuple[Operation, ...]:
            rows = connection.execute(f"{_SELECT} WHERE state = 'running' ORDER BY created_at, id").fetchall()
            return tuple(_restore(connection, row) for row in rows)

        return () if self._gate.read_only else await self._readers.read(job)

    async def operation(self, operation_id: str) -> Operation | None:
        return await self._readers.read(lambda connection: _operation(connection, operation_id))


def _consume(connection: Connection, operation: Operation, offer_id: str, now: datetime) -> None:
    offer = offer_of(connection, offer_id)
    if offer is None:
        raise Conflict("the offer is not there any more", backend="store")
    if offer.plan_hash and offer.plan_hash != operation.plan_hash:
        raise Conflict("the offer was made for another plan", backend="store")
    if not take(connection, offer_id, now):
        raise Conflict("the offer was used already" if offer.used else "the offer has expired", backend="store")


def _place(connection: Connection, operation_id: str) -> tuple[int, str] | None:
    """Return the operation's epoch and state."""
    sql = "SELECT epoch, state FROM operations WHERE id = ?"
    row: tuple[int, str] | None = connection.execute(sql, (operation_id,)).fetchone()
    return row


def _insert(connection: Connection, operation: Operation) -> None:
    connection.execute(
        "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
        (
            operation.id,
            operation.command,
            operation.actor_id,
            to_json(dict(operation.actor)),
            operation.request_id,
            operation.plan,
            operation.plan_hash,
            to_json(dict(operation.place)),
            to_micros(operation.created_at),
            operation.state.value,
            operation.epoch,
            operation.intent_seq,
        ),
    )


def _operation(connection: Connection, operation_id: str) -> Operation | None:
    row = connection.execute(f"{_SELECT} WHERE id = ?", (operation_id,)).fetchone()
    return _restore(connection, row) if row else None


def _restore(connection: Connection, row: Sequence[Any]) -> Operation:
    found, command, actor_id, actor, request_id, plan, plan_hash, place, created_at, *rest = row
    state, epoch, intent_seq, failure, finished_at = rest
    steps = connection.execute(
        "SELECT position, result, finished_at FROM steps WHERE operation_id = ? ORDER BY position", (found,)
    )
    return Operation(
        id=found,
        command=command,
        actor_id=actor_id,
        actor=from_json(actor),
        request_id=request_id,
        plan=bytes(plan),
        plan_hash=plan_hash,
        place=from_json(place),
        created_at=from_micros(created_at),
        state=OperationState(state),
        epoch=epoch,
        intent_seq=intent_seq,
        steps=tuple(StepResult(position, from_json(result), from_micros(at)) for position, result, at in steps),
        failure=None if failure is None else from_json(failure),
        finished_at=None if finished_at is None else from_micros(finished_at),
    )
