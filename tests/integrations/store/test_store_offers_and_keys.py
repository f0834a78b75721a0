from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from integrations.errors import Conflict
from integrations.store import Store, Swept
from tests.integrations.store.conftest import Open
from tests.integrations.store.samples import NOW, Clock, message, offer


async def test_an_offer_is_kept(store: Store, reopen: Open) -> None:
    """An offer survives a restart with all it carries."""
    await store.offers.make(offer(), offer("offer2", kind="draft", payload={"values": {"text": "Grüße"}}))
    again = await reopen()
    assert await again.offers.look("offer1") == offer()
    assert (await again.offers.look("offer2")) == offer("offer2", kind="draft", payload={"values": {"text": "Grüße"}})
    assert await again.offers.look("offer3") is None


async def test_an_offer_is_used_once(store: Store) -> None:
    """Of many clicks at once one is the first."""
    await store.offers.make(offer())
    assert sorted(await asyncio.gather(*(store.offers.use("offer1") for _ in range(20)))) == [False] * 19 + [True]
    found = await store.offers.look("offer1")
    assert found is not None
    assert found.used


async def test_an_expired_or_unknown_offer_cannot_be_used(store: Store, clock: Clock) -> None:
    """Too late is too late, and a made-up id is nothing."""
    await store.offers.make(offer())
    assert not await store.offers.use("made-up")
    clock.move(minutes=15)
    assert not await store.offers.use("offer1")


async def test_open_consents_are_listed_for_their_person(store: Store, clock: Clock) -> None:
    """What waits for a person's consent is listed newest first, and nothing used, expired, or of another kind."""
    later = NOW + timedelta(hours=1)
    await store.offers.make(
        offer("old"),
        offer("new", expires_at=later),
        offer("used", expires_at=later),
        offer("draft", kind="draft", expires_at=later),
        offer("hers", person="slack:T1/U2", expires_at=later),
    )
    await store.offers.use("used")
    assert [o.id for o in await store.offers.open_for("slack:T1/U1", clock())] == ["new", "old"]
    assert [o.id for o in await store.offers.open_for("slack:T1/U1", clock.move(minutes=15))] == ["new"]


async def test_an_offers_id_is_its_own(store: Store) -> None:
    """An id that is there already keeps all offers of the call out."""
    await store.offers.make(offer())
    with pytest.raises(Conflict):
        await store.offers.make(offer("offer2"), offer("offer1"))
    assert await store.offers.look("offer2") is None


async def test_a_key_is_remembered_until_it_expires(store: Store, clock: Clock, reopen: Open) -> None:
    """A key is known after a restart too, until its time."""
    assert await store.keys.remembered() == frozenset()
    await store.keys.remember_all([("k", NOW + timedelta(minutes=30)), ("e", NOW + timedelta(hours=1))])
    again = await reopen()
    assert await again.keys.remembered() == {"k", "e"}
    clock.move(minutes=30)
    assert await again.keys.remembered() == {"e"}


async def test_a_keys_first_time_stays(store: Store, clock: Clock) -> None:
    """A second time for a key changes nothing while the first one counts, and counts once that has expired."""
    await store.keys.remember_all([("k", NOW + timedelta(minutes=30))])
    await store.keys.remember_all([("k", NOW + timedelta(hours=2))])
    clock.move(minutes=30)
    assert await store.keys.remembered() == frozenset()
    await store.keys.remember_all([("k", NOW + timedelta(hours=2))])
    assert await store.keys.remembered() == {"k"}


async def test_a_sweep_removes_what_has_had_its_time(store: Store, clock: Clock) -> None:
    """Keys go when they expire, offers a week later, messages a month after they were finished."""
    await store.keys.remember_all([(f"k{n}", NOW + timedelta(minutes=n)) for n in range(1, 4)])
    await store.offers.make(offer("a", expires_at=NOW), offer("b", expires_at=NOW + timedelta(hours=1)))
    await store.outbox.put(message("sent"), message("failed"), message("waiting"))
    await store.outbox.sent("sent", "123.4")
    await store.outbox.give_up("failed", "no such channel")
    assert await store.sweep(clock.move(minutes=2)) == Swept(2, 0, 0)
    assert await store.sweep(NOW + timedelta(days=7)) == Swept(1, 1, 0)
    assert await store.offers.look("a") is None
    assert await store.offers.look("b") is not None
    assert await store.sweep(NOW + timedelta(days=30)) == Swept(0, 1, 2)
    assert await store.outbox.waiting() == 1
