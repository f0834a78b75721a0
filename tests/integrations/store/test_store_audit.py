from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from integrations.errors import Invalid
from integrations.store import AuditEntry, AuditQuery, Head, Phase, Store
from tests.integrations.store.conftest import Open
from tests.integrations.store.samples import NOW, entry, intent, outcome


async def seqs(store: Store, query: AuditQuery) -> list[int]:
    return [r.seq for r in (await store.audit.query(query)).items]


async def test_records_are_numbered_without_gaps(store: Store) -> None:
    """Entries get the next numbers in their order, and the last one is the head."""
    first = await store.audit.append(entry(), entry())
    second = await store.audit.append(entry())
    assert [r.seq for r in (*first, *second)] == [1, 2, 3]
    assert await store.audit.head() == Head(3, second[0].mac)


async def test_an_empty_chain_has_a_head(store: Store) -> None:
    """The head of an empty chain has number 0, and the chain verifies."""
    assert (await store.audit.head()).seq == 0
    assert (await store.audit.verify()).ok


async def test_a_record_comes_back_as_it_was_written(store: Store) -> None:
    """Every field of an entry survives, and so does its MAC."""
    full = AuditEntry(
        at=NOW + timedelta(microseconds=7),
        phase=Phase.EVENT,
        actor="slack:T1/U1",
        actor_name="Ann Ünïcode 💶",
        command="deploy",
        request_id="r9",
        front_end="slack",
        target="pay",
        arguments={"ref": "main", "n": 3, "deep": {"a": [1, 2.5, None, True]}},
        result="denied",
        detail="line one\nline two",
        operation_id="op1",
        plan_hash="abc",
        of=None,
    )
    (written,) = await store.audit.append(full)
    page = await store.audit.query(AuditQuery())
    assert page.items == (written,)
    assert page.items[0].entry == full
    assert (await store.audit.verify()).ok


async def test_equal_entries_have_different_macs(store: Store) -> None:
    """A link's MAC depends on what came before it."""
    one, two = await store.audit.append(entry(), entry())
    assert one.mac != two.mac


async def test_the_newest_records_come_first(store: Store) -> None:
    """Pages go back in time and tell how many match in all."""
    await store.audit.append(*(entry(request_id=str(n)) for n in range(25)))
    page = await store.audit.query(AuditQuery(limit=10, offset=10))
    assert (page.total, page.offset) == (25, 10)
    assert [r.seq for r in page.items] == list(range(15, 5, -1))


async def test_filters_combine(store: Store) -> None:
    """Actor, command, target, result, phase and time must all hold."""
    await store.audit.append(
        entry(actor="a", command="deploy", target="pay", result="ok"),
        entry(actor="a", command="deploy", target="ledger", result="denied"),
        entry(actor="b", command="service", target="pay", at=NOW + timedelta(hours=1)),
        intent(actor="a"),
    )
    assert await seqs(store, AuditQuery(actor="a")) == [4, 2, 1]
    assert await seqs(store, AuditQuery(actor="a", command="deploy", result="denied")) == [2]
    assert await seqs(store, AuditQuery(target="pay", phase=Phase.EVENT)) == [3, 1]
    assert await seqs(store, AuditQuery(phase=Phase.INTENT)) == [4]
    assert await seqs(store, AuditQuery(since=NOW + timedelta(hours=1))) == [3]
    assert await seqs(store, AuditQuery(until=NOW + timedelta(hours=1))) == [4, 2, 1]
    assert (await store.audit.query(AuditQuery(actor="a", limit=1))).total == 3


async def test_reads_of_a_command_can_be_left_out(store: Store) -> None:
    """Looks that were let through are left out; denials, and what other commands did, are not."""
    await store.audit.append(
        entry(command="audit", result="ok"),
        entry(command="audit", result="denied"),
        entry(command="service", result="ok"),
        intent(command="audit", result="ok"),
    )
    assert await seqs(store, AuditQuery(except_reads_of="audit")) == [4, 3, 2]
    assert (await store.audit.query(AuditQuery(except_reads_of="audit", limit=1))).total == 3


async def test_a_sample_is_repeatable(store: Store) -> None:
    """The same chain, query and seed give the same records; another seed gives others."""
    await store.audit.append(*(entry(actor="ab"[n % 2]) for n in range(200)))
    query = AuditQuery(actor="a")
    drawn = await store.audit.sample(25, seed=7, query=query)
    assert len({r.seq for r in drawn}) == 25
    assert all(r.entry.actor == "a" for r in drawn)
    assert drawn == await store.audit.sample(25, seed=7, query=query)
    assert drawn != await store.audit.sample(25, seed=8, query=query)


async def test_a_sample_of_more_than_there_is_is_all(store: Store) -> None:
    """Nothing is drawn twice."""
    await store.audit.append(entry(), entry())
    assert [r.seq for r in await store.audit.sample(25, seed=1, query=AuditQuery())] == [2, 1]


async def test_a_sample_is_the_same_on_every_backend(store: Store) -> None:
    """Which records a seed draws is fixed, so that an auditor can repeat it anywhere."""
    await store.audit.append(*(entry() for _ in range(100)))
    assert [r.seq for r in await store.audit.sample(5, seed=42, query=AuditQuery())] == [88, 86, 53, 45, 1]


async def test_an_intent_is_open_until_its_outcome(store: Store, reopen: Open) -> None:
    """What has begun and not ended is listed, after a restart too."""
    (first, second) = await store.audit.append(intent(), intent())
    await store.audit.append(outcome(of=first.seq))
    assert await store.audit.open_intents() == (second,)
    again = await reopen()
    assert await again.audit.open_intents() == (second,)


async def test_the_chain_goes_on_after_a_restart(store: Store, reopen: Open) -> None:
    """A reopened store links to what was there and is not in doubt."""
    await store.audit.append(entry())
    again = await reopen()
    assert again.read_only == ""
    assert [r.seq for r in await again.audit.append(entry())] == [2]
    found = await again.audit.verify()
    assert (found.ok, found.records, found.broken_at) == (True, 2, None)
    assert found.anchors >= 2


async def test_concurrent_appends_make_one_chain(store: Store) -> None:
    """However many tasks append at once, every record has its place and every link holds."""

    async def some(who: int) -> list[int]:
        return [(await store.audit.append(entry(actor=str(who))))[0].seq for _ in range(20)]

    numbers = await asyncio.gather(*(some(who) for who in range(50)))
    assert sorted(n for mine in numbers for n in mine) == list(range(1, 1001))
    assert all(mine == sorted(mine) for mine in numbers)
    assert (await store.audit.verify()).ok


async def test_a_cancelled_append_is_written_all_the_same(store: Store) -> None:
    """What was begun is committed, whether or not anybody waits for it."""
    task = asyncio.create_task(store.audit.append(entry(actor="gone")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.audit.append(entry())
    assert await seqs(store, AuditQuery(actor="gone")) == [1]


async def test_an_entry_that_cannot_be_stored_changes_nothing(store: Store) -> None:
    """Of several entries none is written if one is invalid, and the chain goes on."""
    for bad in (
        entry(arguments={"x": b"bytes"}),
        entry(detail="half \ud800"),
        entry(at=datetime(2026, 1, 1)),  # noqa: DTZ001 - the missing zone is the fault that is tested
        entry(arguments={"x": 2**70}),
    ):
        with pytest.raises(Invalid):
            await store.audit.append(entry(), bad)
    assert [r.seq for r in await store.audit.append(entry())] == [1]
    assert (await store.audit.verify()).ok


async def test_the_stores_own_record_cannot_be_written_by_others(store: Store) -> None:
    """No caller can write what looks like an operator's acceptance."""
    with pytest.raises(Invalid):
        await store.audit.append(entry(command="store.accept"))
