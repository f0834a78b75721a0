from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest

from integrations.errors import Conflict, Unavailable
from integrations.store import AuditRecord
from integrations.store.sqlite.client import SqliteStore
from integrations.store.sqlite.connection import Connection
from tests.integrations.store.conftest import SqliteBackend
from tests.integrations.store.samples import entry, intent, offer, operation


class Busy:
    """Keeps the writer busy until released, so that what is queued meanwhile becomes one batch."""

    def __init__(self, store: SqliteStore) -> None:
        self._entered, self._free = threading.Event(), threading.Event()
        self._future = store._writer.submit(self._wait)

    @classmethod
    async def make(cls, store: SqliteStore) -> Busy:
        busy = cls(store)
        await asyncio.to_thread(busy._entered.wait, 30)
        return busy

    def _wait(self, connection: Connection) -> None:
        del connection
        self._entered.set()
        assert self._free.wait(30)

    async def release(self) -> None:
        self._free.set()
        await self._future


async def pragma(store: SqliteStore, sql: str) -> None:
    await store._writer.write(lambda connection: connection.execute(f"PRAGMA {sql}").close())


async def queued(store: SqliteStore, count: int) -> None:
    """Let every task that was made come to where it has queued its write."""
    await asyncio.sleep(0)
    assert store.queued == count


async def test_what_is_queued_shares_a_commit(sqlite: SqliteBackend) -> None:
    """Many appends at once are one transaction, with one head to anchor."""
    store = await sqlite.open()
    busy = await Busy.make(store)
    tasks = [asyncio.create_task(store.audit.append(entry())) for _ in range(200)]
    await queued(store, 200)
    await busy.release()
    await asyncio.gather(*tasks)
    await store.close()
    # One for the empty chain, one for all that was queued.
    assert len(sqlite.settings.anchor_file.read_text().splitlines()) == 2


async def test_one_failing_job_does_not_fail_the_others(sqlite: SqliteBackend) -> None:
    """In one transaction, each job has its own end."""
    store = await sqlite.open()
    await store.offers.make(offer())
    busy = await Busy.make(store)
    tasks = [
        asyncio.create_task(store.audit.append(entry())),
        asyncio.create_task(store.offers.make(offer("new"), offer())),
        asyncio.create_task(store.operations.start(operation(), intent(), offer_id="nope")),
        asyncio.create_task(store.audit.append(entry())),
    ]
    await queued(store, 4)
    await busy.release()
    first, second, third, fourth = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(second, Conflict)
    assert isinstance(third, Conflict)
    assert isinstance(first, tuple)
    assert isinstance(fourth, tuple)
    records = [record for record in (*first, *fourth) if isinstance(record, AuditRecord)]
    assert [record.seq for record in records] == [1, 2]
    assert await store.offers.look("new") is None
    assert (await store.audit.verify()).ok


async def test_a_bug_in_a_job_reaches_its_caller(sqlite: SqliteBackend) -> None:
    """The writer survives any exception, and whoever asked gets it."""
    store = await sqlite.open()
    with pytest.raises(ZeroDivisionError):
        await store._writer.write(lambda _: 1 // 0)
    await store.audit.append(entry())


async def test_a_full_database_refuses_and_recovers(sqlite: SqliteBackend) -> None:
    """When there is no room the caller is told so; when there is, writing goes on with a valid chain."""
    store = await sqlite.open()
    await store.audit.append(entry())
    await pragma(store, "max_page_count = 120")
    large = entry(detail="x" * 20_000)
    results = [await asyncio.gather(store.audit.append(large), return_exceptions=True) for _ in range(60)]
    refused = [result for (result,) in results if not isinstance(result, tuple)]
    assert refused
    assert all(isinstance(error, Unavailable) and "disk is full" in str(error) for error in refused)
    with pytest.raises(Unavailable, match="disk is full"):
        await store.audit.append(large, large, large, large)
    written = (await store.audit.head()).seq
    await pragma(store, "max_page_count = 100000")
    (record,) = await store.audit.append(large)
    assert record.seq == written + 1
    assert (await store.audit.verify()).ok


async def test_jobs_that_share_a_full_database_are_told_one_by_one(sqlite: SqliteBackend) -> None:
    """Where a batch does not fit, what fits is written and acknowledged, and nothing else is."""
    store = await sqlite.open()
    await pragma(store, "max_page_count = 120")
    busy = await Busy.make(store)
    tasks = [asyncio.create_task(store.audit.append(entry(detail="x" * 20_000))) for _ in range(50)]
    await queued(store, 50)
    await busy.release()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    written = sum(1 for result in results if isinstance(result, tuple))
    assert 0 < written < 50
    assert all(isinstance(result, tuple | Unavailable) for result in results)
    await pragma(store, "max_page_count = 100000")
    found = await store.audit.verify()
    assert (found.ok, found.records) == (True, written)


async def test_a_read_only_database_refuses_changes(sqlite: SqliteBackend) -> None:
    """When the database cannot be written, the caller is told so, reads go on, and a restart finds all in order."""
    store = await sqlite.open()
    await store.audit.append(entry())
    await pragma(store, "query_only = ON")
    with pytest.raises(Unavailable, match="read-only"):
        await store.audit.append(entry())
    with pytest.raises(Unavailable, match="read-only"):
        await store.probe()
    assert (await store.audit.head()).seq == 1
    await store.close()
    again = await sqlite.open()
    await again.audit.append(entry())
    assert (await again.audit.verify()).ok


async def test_a_database_that_another_program_holds_is_unavailable(sqlite: SqliteBackend) -> None:
    """Somebody's open transaction is waited for, then said."""
    store = await sqlite.open()
    await pragma(store, "busy_timeout = 20")
    with sqlite.file() as file:
        file.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="another program holds the database"):
            await store.audit.append(entry())
        file.execute("ROLLBACK")
    await store.audit.append(entry())


async def test_a_file_that_is_no_database_is_refused(sqlite: SqliteBackend) -> None:
    """A damaged file is named as such when the store is opened, and its lock is let go."""
    sqlite.settings.data_dir.mkdir()
    sqlite.settings.database.write_bytes(b"not a database" * 1000)
    for _ in range(2):
        with pytest.raises(Unavailable, match="no database"):
            await sqlite.open()


async def test_a_data_directory_that_cannot_be_made_is_refused(sqlite: SqliteBackend) -> None:
    """A file where the directory should be is said."""
    sqlite.settings.data_dir.write_text("a file")
    with pytest.raises(Unavailable, match=r"store\.data_dir"):
        await sqlite.open()


async def test_readers_cannot_write(sqlite: SqliteBackend) -> None:
    """A read that would write is refused by the database itself."""
    store = await sqlite.open()
    with pytest.raises(Unavailable, match="read-only"):
        await store._readers.read(lambda connection: connection.execute("DELETE FROM offers").close())


async def test_below_the_reserve_no_change_begins(sqlite: SqliteBackend) -> None:
    """With too little free space intents are refused, and outcomes are still written."""
    sqlite.settings.reserve_mib = 2**40
    store = await sqlite.open()
    for write in (store.operations.start(operation(), intent()), store.audit.append(intent())):
        with pytest.raises(Unavailable, match="kept in reserve"):
            await write
    await store.audit.append(entry())
    assert (await store.audit.head()).seq == 1


async def test_the_database_keeps_what_it_promises(sqlite: SqliteBackend) -> None:
    """Every commit reaches the disk, deleted rows are overwritten, every table checks its types."""
    store = await sqlite.open()

    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "recursive_triggers")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await store._writer.write(settings) == ["wal", 2, 1, 1]
    with sqlite.file() as file:
        tables = file.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        loose = {name for name, strict in tables if not strict and not name.startswith("sqlite_")}
    assert loose == {"_sqlite_migrations"}
    assert sqlite3.sqlite_version_info >= (3, 37)
