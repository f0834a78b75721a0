"""Keys of what has been delivered. Kept in a read-only store too: they change nothing but whether the same delivery
acts again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from integrations.store.moments import to_micros
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.writer import Writer

_REMEMBER = """
INSERT INTO unique_keys (key, expires_at, answer) VALUES (?1, ?2, x'')
ON CONFLICT (key) DO UPDATE SET expires_at = ?2 WHERE expires_at <= ?3
"""


def claim(connection: Connection, key: str, expires_at: datetime, now: datetime) -> bool:
    """Keep the key until that time; False, with nothing written, where it is there and has not expired."""
    return connection.execute(_REMEMBER, (key, to_micros(expires_at), to_micros(now))).rowcount == 1


class SqliteUniqueKeys:
    def __init__(self, writer: Writer, readers: Readers, clock: Callable[[], datetime]) -> None:
        self._writer = writer
        self._readers = readers
        self._clock = clock

    async def remembered(self) -> frozenset[str]:
        now = to_micros(self._clock())

        def job(connection: Connection) -> frozenset[str]:
            rows = connection.execute("SELECT key FROM unique_keys WHERE expires_at > ?", (now,))
            return frozenset(row[0] for row in rows)

        return await self._readers.read(job)

    async def remember_all(self, keys: Sequence[tuple[str, datetime]]) -> None:
        now = to_micros(self._clock())
        rows = [(key, to_micros(expires_at), now) for key, expires_at in keys]

        def job(connection: Connection) -> None:
            connection.executemany(_REMEMBER, rows)

        if rows:
            await self._writer.write(job)
