"""Offers: what one person may do once. Used up by the row itself, in the transaction that does it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

from integrations.errors import Conflict
from integrations.store.documents import from_json, to_json
from integrations.store.moments import from_micros, to_micros
from integrations.store.port.offers import Offer
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.gate import Gate
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.writer import Writer

_SELECT = "SELECT id, kind, person, payload, expires_at, plan_hash, used FROM offers"
_OPEN = f"{_SELECT} WHERE person = ? AND kind = 'consent' AND used = 0 AND expires_at > ? ORDER BY expires_at DESC, id"


def offer_of(connection: Connection, offer_id: str) -> Offer | None:
    """Return the offer."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (offer_id,)).fetchone()
    return _offer(row) if row else None


def take(connection: Connection, offer_id: str, now: datetime) -> bool:
    """Use the offer up; False where it was used already, has expired, or is not there."""
    sql = "UPDATE offers SET used = 1 WHERE id = ? AND used = 0 AND expires_at > ?"
    return connection.execute(sql, (offer_id, to_micros(now))).rowcount == 1


class SqliteOffers:
    def __init__(self, writer: Writer, readers: Readers, gate: Gate, clock: Callable[[], datetime]) -> None:
        self._writer = writer
        self._readers = readers
        self._gate = gate
        self._clock = clock

    async def make(self, *offers: Offer) -> None:
        def job(connection: Connection) -> None:
            self._gate.change()
            try:
                connection.executemany("INSERT INTO offers VALUES (?, ?, ?, ?, ?, ?, ?)", map(_row, offers))
            except sqlite3.IntegrityError as error:
                raise Conflict("an offer with this id is there already", backend="store") from error

        if offers:
            await self._writer.write(job)

    async def look(self, offer_id: str) -> Offer | None:
        return await self._readers.read(lambda connection: offer_of(connection, offer_id))

    async def open_for(self, person: str, now: datetime) -> tuple[Offer, ...]:
        values = (person, to_micros(now))
        return await self._readers.read(lambda connection: tuple(map(_offer, connection.execute(_OPEN, values))))

    async def use(self, offer_id: str) -> bool:
        def job(connection: Connection) -> bool:
            self._gate.change()
            return take(connection, offer_id, self._clock())

        return await self._writer.write(job)


def _offer(row: tuple[Any, ...]) -> Offer:
    found, kind, person, payload, expires_at, plan_hash, used = row
    return Offer(found, kind, person, from_json(payload), from_micros(expires_at), plan_hash, bool(used))


def _row(offer: Offer) -> tuple[str | int, ...]:
    return (
        offer.id,
        offer.kind,
        offer.person,
        to_json(dict(offer.payload)),
        to_micros(offer.expires_at),
        offer.plan_hash,
        int(offer.used),
    )
