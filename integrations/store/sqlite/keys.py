"""Keys of what has been delivered, with what was answered. Kept in a read-only store too: they change nothing but
whether the same delivery acts again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from integrations.store.moments import to_micros
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.writer import Writer

_REMEMBER = """
INSERT INTO unique_keys (key, expires_at, answer) VALUES (?1, ?2, ?3)
ON CONFLICT (key) DO UPDATE SET expires_at = ?2, answer = ?3 WHERE expires_at <= ?4
"""


def claim(connection: Connection, key: str, expires_at: datetime, now: datetime, answer: bytes = b"") -> bool:
    """Keep the key until that time; False, with nothing written, where it is there and has not expired."""
    return connection.execute(_REMEMBER, (key, to_micros(expires_at), answer, to_micros(now))).rowcount == 1


class SqliteUniqueKeys:
    def __init__(self, writer: Writer, readers: Readers, clock: Callable[[], datetime]) -> None:
        self._writer = writer
        self._readers = readers
        self._clock = clock

    async def recall(self, key: str) -> bytes | None:
        now = to_micros(self._clock())

        def job(connection: Connection) -> bytes | None:
            sql = "SELECT answer FROM unique_keys WHERE key = ? AND expires_at > ?"
            row = connection.execute(sql, (key, now)).fetchone()
            return bytes(row[0]) if row else None

        return await self._readers.read(job)

    async def remember_all(self, answers: Sequence[tuple[str, datetime, bytes]]) -> None:
        now = self._clock()

        def job(connection: Connection) -> None:
            for key, expires_at, answer in answers:
                claim(connection, key, expires_at, now, answer)

        if answers:
            await self._writer.write(job)
