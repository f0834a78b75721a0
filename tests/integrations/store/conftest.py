"""A store of each backend, fresh for every test. A backend joins the conformance suite by joining BACKENDS; the one on
PostgreSQL will take its server from IDP_TEST_POSTGRES_URL.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from integrations.store import Store
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import SqliteStore, open_store
from tests.integrations.store.samples import KEY, Clock

Open = Callable[[], Awaitable[Store]]


class SqliteBackend:
    """Opens stores on one data directory; closes what a test leaves open."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.settings = StoreSettings(data_dir=folder / "data", reserve_mib=0)
        self._clock = clock
        self._opened: list[SqliteStore] = []

    async def open(self, *, key: bytes = KEY) -> SqliteStore:
        store = await open_store(self.settings, key=key, clock=self._clock)
        self._opened.append(store)
        return store

    def now(self) -> datetime:
        return self._clock()

    def move_to(self, name: str) -> None:
        """Open on another, fresh data directory from now on."""
        self.settings = self.settings.model_copy(update={"data_dir": self.settings.data_dir.parent / name})

    @contextlib.contextmanager
    def file(self) -> Iterator[sqlite3.Connection]:
        """The database file as anybody with a shell could open it."""
        with contextlib.closing(sqlite3.connect(self.settings.database, isolation_level=None)) as connection:
            yield connection

    async def close(self) -> None:
        for store in self._opened:
            await store.close()


BACKENDS = {"sqlite": SqliteBackend}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=BACKENDS)
async def backend(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[SqliteBackend]:
    made = BACKENDS[request.param](tmp_path, clock)
    yield made
    await made.close()


@pytest.fixture
async def sqlite(tmp_path: Path, clock: Clock) -> AsyncIterator[SqliteBackend]:
    """For tests of what is SQLite's own."""
    made = SqliteBackend(tmp_path, clock)
    yield made
    await made.close()


@pytest.fixture
async def store(backend: SqliteBackend) -> Store:
    return await backend.open()


@pytest.fixture
def reopen(backend: SqliteBackend, store: Store) -> Open:
    """Closes the store and opens it again, as a restart of the process does."""

    async def again() -> Store:
        await store.close()
        return await backend.open()

    return again
