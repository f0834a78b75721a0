"""A store of each backend, fresh for every test. A backend joins the conformance suite by joining BACKENDS; the one on
PostgreSQL will take its server from IDP_TEST_POSTGRES_URL.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from integrations.store import Store
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests.integrations.store.samples import KEY, Clock

Open = Callable[[], Awaitable[Store]]


class SqliteBackend:
    """Opens stores on one data directory; closes what a test leaves open."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.settings = StoreSettings(data_dir=folder / "data", reserve_mib=0)
        self._clock = clock
        self._opened: list[Store] = []

    async def open(self, *, key: bytes = KEY) -> Store:
        store: Store = await open_store(self.settings, key=key, clock=self._clock)
        self._opened.append(store)
        return store

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
async def store(backend: SqliteBackend) -> Store:
    return await backend.open()


@pytest.fixture
def reopen(backend: SqliteBackend, store: Store) -> Open:
    """Closes the store and opens it again, as a restart of the process does."""

    async def again() -> Store:
        await store.close()
        return await backend.open()

    return again
