"""Messages on their way. A message that was being attempted when the process died may have arrived: it comes back
marked as ambiguous, for the front end to look before it posts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from integrations.store.documents import from_json, to_json
from integrations.store.moments import from_micros, to_micros
from integrations.store.port.outbox import Delivery, Outgoing
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.gate import Gate
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.writer import Writer

_INSERT = """
INSERT INTO outbox (key, workspace, receiver, thread, body, important, state, attempts, ambiguous, created_at, due_at,
                    receipt, error)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 0, ?8, ?7, ?7, '', '')
ON CONFLICT (key) DO NOTHING
"""
_DUE = """
SELECT id, key, workspace, receiver, thread, body, important, attempts, ambiguous OR state = 'attempting', created_at
FROM outbox WHERE finished_at IS NULL AND due_at <= ? ORDER BY due_at, id LIMIT ?
"""
# After this long nobody knows any more what became of an attempt: its outcome could not be written.
_LEASE = timedelta(minutes=10)


def enqueue(connection: Connection, messages: Iterable[Outgoing], now: datetime, *, ambiguous: bool = False) -> None:
    """Keep the messages for delivery, in the transaction that is open."""
    for message in messages:
        row = (
            message.key,
            message.workspace,
            message.to,
            message.thread,
            to_json(dict(message.body)),
            int(message.important),
            to_micros(now),
            int(ambiguous),
        )
        connection.execute(_INSERT, row)


def recover(connection: Connection) -> None:
    """Have what an earlier process was attempting attempted again, marked as ambiguous."""
    connection.execute(
        "UPDATE outbox SET state = 'pending', ambiguous = 1, due_at = created_at "
        "WHERE finished_at IS NULL AND state = 'attempting'"
    )


class SqliteOutbox:
    def __init__(self, writer: Writer, readers: Readers, gate: Gate, clock: Callable[[], datetime]) -> None:
        self._writer = writer
        self._readers = readers
        self._gate = gate
        self._clock = clock

    async def put(self, *messages: Outgoing, ambiguous: bool = False) -> None:
        if messages:
            await self._change(lambda connection: enqueue(connection, messages, self._clock(), ambiguous=ambiguous))

    async def due(self, now: datetime, *, limit: int = 50) -> tuple[Delivery, ...]:
        asked = (to_micros(now), max(0, limit))

        def job(connection: Connection) -> tuple[Delivery, ...]:
            rows = connection.execute(_DUE, asked).fetchall()
            connection.executemany(
                "UPDATE outbox SET state = 'attempting', attempts = attempts + 1, due_at = ? WHERE id = ?",
                ((to_micros(now + _LEASE), row[0]) for row in rows),
            )
            return tuple(_delivery(row) for row in rows)

        # Messages of a store whose place in time is in doubt may have been sent long ago.
        if self._gate.read_only or not await self._readers.read(lambda c: c.execute(_DUE, asked).fetchone()):
            return ()
        return await self._writer.write(job)

    async def sent(self, key: str, receipt: str) -> None:
        sql = "UPDATE outbox SET state = 'sent', receipt = ?, finished_at = ? WHERE key = ? AND finished_at IS NULL"
        await self._update(sql, receipt, to_micros(self._clock()), key)

    async def retry(self, key: str, at: datetime, error: str, *, ambiguous: bool) -> None:
        sql = (
            "UPDATE outbox SET state = 'pending', due_at = ?, error = ?, ambiguous = ? "
            "WHERE key = ? AND finished_at IS NULL"
        )
        await self._update(sql, to_micros(at), error, int(ambiguous), key)

    async def give_up(self, key: str, error: str) -> None:
        sql = "UPDATE outbox SET state = 'failed', error = ?, finished_at = ? WHERE key = ? AND finished_at IS NULL"
        await self._update(sql, error, to_micros(self._clock()), key)

    async def waiting(self) -> int:
        sql = "SELECT count(*) FROM outbox WHERE finished_at IS NULL"
        row = await self._readers.read(lambda connection: connection.execute(sql).fetchone())
        return int(row[0])

    async def _update(self, sql: str, *values: Any) -> None:
        await self._change(lambda connection: connection.execute(sql, values).close())

    async def _change(self, job: Callable[[Connection], None]) -> None:
        def guarded(connection: Connection) -> None:
            self._gate.change()
            job(connection)

        await self._writer.write(guarded)


def _delivery(row: tuple[Any, ...]) -> Delivery:
    _, key, workspace, receiver, thread, body, important, attempts, ambiguous, created_at = row
    message = Outgoing(key, workspace, receiver, from_json(body), thread, bool(important))
    return Delivery(message, attempts, bool(ambiguous), from_micros(created_at))
