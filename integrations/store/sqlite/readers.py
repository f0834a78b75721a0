"""Reads, in a few threads of their own, so that a slow one holds up neither the writer nor the event loop. Each thread
has its own connection, and each job one snapshot: what it counts is what it returns.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from integrations.errors import Unavailable
from integrations.store.sqlite.connection import Connection, Job, open_reader, translate

T = TypeVar("T")
THREADS = 4


class Readers:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="store-reader")
        self._own = threading.local()
        self._all: list[Connection] = []
        self._closed = False

    async def read(self, run: Job[T]) -> T:
        """Return the job's value. Raises Unavailable where the database cannot be read, or is closed."""
        if self._closed:
            raise Unavailable("the store is closed", backend="store")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, run)

    def _run(self, run: Job[T]) -> T:
        try:
            connection: Connection | None = getattr(self._own, "connection", None)
            if connection is None:
                connection = self._own.connection = open_reader(self._path)
                self._all.append(connection)
            connection.execute("BEGIN")
            try:
                return run(connection)
            finally:
                connection.execute("ROLLBACK")
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            translated = translate(error)
            if translated is None or translated is error:
                raise
            raise translated from error

    async def close(self) -> None:
        """Let running reads finish, then close every connection."""
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        self._pool.shutdown(wait=True)
        for connection in self._all:
            connection.close()
