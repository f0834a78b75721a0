"""The audit chain in its table. The head is read inside the transaction that writes the next link, always: a head kept
in memory broke the chain once a full disk had undone a write.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Sequence
from typing import Any

import orjson

from integrations.errors import Invalid
from integrations.store.chain import ACCEPTANCE, COLUMNS, EMPTY, mac_of, record_of, row_of
from integrations.store.moments import to_micros
from integrations.store.port.audit import AuditEntry, AuditQuery, AuditRecord, Head, Phase, Verification
from integrations.store.port.page import Page
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.gate import Gate
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.verification import verify
from integrations.store.sqlite.writer import Writer

_NAMES = ", ".join((*COLUMNS, "mac"))
_INSERT = f"INSERT INTO audit ({_NAMES}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"  # noqa: S608 - constants


def head_of(connection: Connection) -> Head:
    """Return the newest link."""
    row = connection.execute("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else EMPTY


def link(connection: Connection, key: bytes, entries: Sequence[AuditEntry]) -> tuple[AuditRecord, ...]:
    """Write the entries at the end of the chain, in the transaction that is open; return them with their places."""
    head = head_of(connection)
    records = []
    for entry in entries:
        seq = head.seq + 1
        row = row_of(seq, entry)
        head = Head(seq, mac_of(key, head.mac, row))
        connection.execute(_INSERT, (*row, head.mac))
        if entry.phase is Phase.INTENT:
            connection.execute("INSERT INTO open_intents (seq) VALUES (?)", (seq,))
        elif entry.phase is Phase.OUTCOME:
            connection.execute("DELETE FROM open_intents WHERE seq = ?", (entry.of,))
        records.append(AuditRecord(seq, entry, head.mac))
    return tuple(records)


def refuse_reserved(entries: Sequence[AuditEntry]) -> None:
    """Raise Invalid for the command under which the store itself writes."""
    if any(entry.command == ACCEPTANCE for entry in entries):
        raise Invalid(f"only the store writes audit records of {ACCEPTANCE}", backend="store")


class SqliteAuditLog:
    def __init__(self, writer: Writer, readers: Readers, gate: Gate, settings: StoreSettings, key: bytes) -> None:
        self._writer = writer
        self._readers = readers
        self._gate = gate
        self._settings = settings
        self._key = key

    async def append(self, *entries: AuditEntry) -> tuple[AuditRecord, ...]:
        refuse_reserved(entries)

        def job(connection: Connection) -> tuple[AuditRecord, ...]:
            self._gate.entries(entries)
            return link(connection, self._key, entries)

        return await self._writer.write(job)

    async def query(self, query: AuditQuery) -> Page[AuditRecord]:
        where, values = _where(query)

        def job(connection: Connection) -> Page[AuditRecord]:
            # The chain has no gaps, so its newest number counts it.
            number = "count(*)" if where else "coalesce(max(seq), 0)"
            counted = f"SELECT {number} FROM audit {where}"  # noqa: S608 - constants
            (total,) = connection.execute(counted, values).fetchone()
            rows = connection.execute(
                f"SELECT {_NAMES} FROM audit {where} ORDER BY seq DESC LIMIT ? OFFSET ?",  # noqa: S608 - constants
                (*values, max(0, query.limit), max(0, query.offset)),
            )
            return Page(tuple(_record(row) for row in rows), total, query.offset)

        return await self._readers.read(job)

    async def sample(self, count: int, *, seed: int, query: AuditQuery) -> tuple[AuditRecord, ...]:
        where, values = _where(query)

        def job(connection: Connection) -> tuple[AuditRecord, ...]:
            listed = f"SELECT json_group_array(seq) FROM audit {where}"  # noqa: S608 - conditions are constants
            numbers = orjson.loads(connection.execute(listed, values).fetchone()[0])
            drawn = sorted(heapq.nsmallest(max(0, count), numbers, key=lambda seq: _lot(seed, seq)), reverse=True)
            return tuple(_by_seq(connection, seq) for seq in drawn)

        return await self._readers.read(job)

    async def head(self) -> Head:
        return await self._readers.read(head_of)

    async def open_intents(self) -> tuple[AuditRecord, ...]:
        def job(connection: Connection) -> tuple[AuditRecord, ...]:
            sql = f"SELECT {_NAMES} FROM open_intents JOIN audit USING (seq) ORDER BY seq"  # noqa: S608 - constants
            return tuple(map(_record, connection.execute(sql)))

        return await self._readers.read(job)

    async def verify(self) -> Verification:
        return await self._readers.read(lambda connection: verify(connection, self._settings.anchor_file, self._key))


def _record(row: Sequence[Any]) -> AuditRecord:
    return record_of(row[:-1], row[-1])


def _by_seq(connection: Connection, seq: int) -> AuditRecord:
    row = connection.execute(f"SELECT {_NAMES} FROM audit WHERE seq = ?", (seq,)).fetchone()  # noqa: S608 - constants
    return _record(row)


def _lot(seed: int, seq: int) -> bytes:
    """Return the record's lot. It depends on nothing but seed and seq, so a longer chain keeps most of a sample."""
    return hashlib.sha256(f"{seed}:{seq}".encode()).digest()


def _where(query: AuditQuery) -> tuple[str, tuple[Any, ...]]:
    """Return the condition (constant text with placeholders) and its values."""
    conditions: list[str] = []
    values: list[Any] = []
    for column, value in (
        ("actor", query.actor),
        ("command", query.command),
        ("target", query.target),
        ("result", query.result),
        ("phase", query.phase.value if query.phase else ""),
    ):
        if value:
            # The index of targets leaves empty ones out, and is used only where the query says so too.
            conditions.append("target = ? AND target <> ''" if column == "target" else f"{column} = ?")
            values.append(value)
    if query.except_reads_of:
        conditions.append("NOT (command = ? AND phase = 'event' AND result = 'ok')")
        values.append(query.except_reads_of)
    if query.since:
        conditions.append("at >= ?")
        values.append(to_micros(query.since))
    if query.until:
        conditions.append("at < ?")
        values.append(to_micros(query.until))
    if query.except_reads_of:
        conditions.append("NOT (command = ? AND phase = 'event' AND result = 'ok')")
        values.append(query.except_reads_of)
    return (f"WHERE {' AND '.join(conditions)}" if conditions else "", tuple(values))
