from __future__ import annotations

import asyncio

import pytest

from integrations.errors import Conflict, Invalid, Unavailable
from integrations.store import AuditQuery, Store
from tests.integrations.store.conftest import Open, SqliteBackend
from tests.integrations.store.samples import NOW, entry


async def test_a_probe_says_where_the_store_is(store: Store) -> None:
    """A store that can be written to says its schema version and place."""
    assert (await store.probe()).startswith("schema ")


async def test_a_closed_store_is_unavailable(store: Store) -> None:
    """After close() every call raises Unavailable, and closing again is harmless."""
    await store.close()
    await store.close()
    with pytest.raises(Unavailable):
        await store.audit.append(entry())
    with pytest.raises(Unavailable):
        await store.audit.head()
    with pytest.raises(Unavailable):
        await store.probe()


async def test_closing_commits_what_is_queued(store: Store, reopen: Open) -> None:
    """Writes that were begun before close() are there afterwards."""
    tasks = [asyncio.create_task(store.audit.append(entry())) for _ in range(100)]
    await asyncio.sleep(0)
    again = await reopen()
    assert len(await asyncio.gather(*tasks)) == 100
    assert (await again.audit.query(AuditQuery())).total == 100


async def test_a_second_store_on_the_same_data_is_refused(store: Store, backend: SqliteBackend) -> None:
    """Two processes never write one store; the second one is told who has it."""
    with pytest.raises(Conflict, match=r"another idp process uses this data directory: pid \d+"):
        await backend.open()
    assert (await store.audit.head()).seq == 0


async def test_a_short_key_is_refused(backend: SqliteBackend) -> None:
    """A key that could be guessed protects nothing."""
    with pytest.raises(Invalid):
        await backend.open(key=b"short")


async def test_there_is_nothing_to_accept_in_a_sound_store(store: Store) -> None:
    """An acceptance is for a store that is read-only, and needs a reason and a person."""
    with pytest.raises(Conflict):
        await store.accept(reason="because", by="slack:T1/U9")
    with pytest.raises(Invalid):
        await store.accept(reason=" ", by="slack:T1/U9")
    assert (await store.audit.head()).seq == 0


async def test_reads_go_on_while_writes_do(store: Store) -> None:
    """A read sees every write that had returned before it began."""
    for n in range(50):
        await store.audit.append(entry(at=NOW))
        heads = await asyncio.gather(*(store.audit.head() for _ in range(4)))
        assert {h.seq for h in heads} == {n + 1}
