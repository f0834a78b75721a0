"""What was set for a channel."""

from __future__ import annotations

from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.gate import Gate
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.writer import Writer


class SqlitePreferences:
    def __init__(self, writer: Writer, readers: Readers, gate: Gate) -> None:
        self._writer = writer
        self._readers = readers
        self._gate = gate

    async def default_service(self, workspace: str, channel: str) -> str | None:
        sql = "SELECT service FROM preferences WHERE workspace = ? AND channel = ?"
        row = await self._readers.read(lambda connection: connection.execute(sql, (workspace, channel)).fetchone())
        return str(row[0]) if row else None

    async def set_default_service(self, workspace: str, channel: str, service: str | None) -> None:
        def job(connection: Connection) -> None:
            self._gate.change()
            if service is None:
                sql = "DELETE FROM preferences WHERE workspace = ? AND channel = ?"
                connection.execute(sql, (workspace, channel))
            else:
                sql = "INSERT OR REPLACE INTO preferences (workspace, channel, service) VALUES (?, ?, ?)"
                connection.execute(sql, (workspace, channel, service))

        await self._writer.write(job)
