"""Removes what has had its time. Never touches the audit chain and operations: they tell what was done."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.store.moments import to_micros
from integrations.store.port.store import Swept
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.writer import Writer, truncate_journal

# A stale button can say that it is stale for this long after it expired.
OFFERS_STAY = timedelta(days=7)
# A message's key keeps it from being sent again for this long after it was delivered or given up.
MESSAGES_STAY = timedelta(days=30)
# Rows removed in one transaction, so that a sweep after a long time holds nobody up.
AT_ONCE = 2000


async def sweep(writer: Writer, now: datetime) -> Swept:
    """Remove expired keys, offers a week after they expired, and messages a month after they were finished."""
    keys = await _remove(writer, "unique_keys", "key", "expires_at", now)
    offers = await _remove(writer, "offers", "id", "expires_at", now - OFFERS_STAY)
    messages = await _remove(writer, "outbox", "id", "finished_at", now - MESSAGES_STAY)
    # What was removed, and the order in which things were written, must not stay behind in the journal.
    await writer.write(lambda _: None, then=truncate_journal)
    return Swept(keys, offers, messages)


async def _remove(writer: Writer, table: str, key: str, column: str, before: datetime) -> int:
    sql = (
        f"DELETE FROM {table} WHERE {key} IN "  # noqa: S608 - names from this module
        f"(SELECT {key} FROM {table} WHERE {column} <= ? ORDER BY {column} LIMIT {AT_ONCE})"
    )
    values = (to_micros(before),)

    def job(connection: Connection) -> int:
        return connection.execute(sql, values).rowcount

    removed = 0
    while (some := await writer.write(job)) > 0:
        removed += some
    return removed
