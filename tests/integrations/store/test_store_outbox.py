from __future__ import annotations

from datetime import timedelta

from integrations.store import Store
from tests.integrations.store.conftest import Open
from tests.integrations.store.samples import NOW, message


async def due(store: Store, after: float = 0, limit: int = 50) -> list[str]:
    return [d.message.key for d in await store.outbox.due(NOW + timedelta(seconds=after), limit=limit)]


async def test_a_message_is_due_at_once_and_once(store: Store) -> None:
    """A message comes as it was put, and not again while it is being attempted."""
    sent = message(body={"text": "Grüße", "blocks": [{"type": "divider"}]}, thread="1.2", important=False)
    await store.outbox.put(sent)
    (delivery,) = await store.outbox.due(NOW)
    assert (delivery.message, delivery.attempts, delivery.ambiguous, delivery.created_at) == (sent, 0, False, NOW)
    assert await store.outbox.due(NOW) == ()


async def test_a_key_appears_once(store: Store) -> None:
    """A key that is there already is left as it is, delivered or not."""
    await store.outbox.put(message(body={"text": "first"}), message(body={"text": "second"}))
    (delivery,) = await store.outbox.due(NOW)
    assert delivery.message.body == {"text": "first"}
    await store.outbox.sent("op1:0", "1.2")
    await store.outbox.put(message())
    assert await store.outbox.waiting() == 0


async def test_messages_go_in_order(store: Store) -> None:
    """Who waits longest goes first, and no more than asked for."""
    await store.outbox.put(*(message(f"m{n}") for n in range(5)))
    assert await due(store, limit=2) == ["m0", "m1"]
    assert await due(store) == ["m2", "m3", "m4"]


async def test_a_failed_attempt_is_made_again_at_its_time(store: Store) -> None:
    """A retry waits until its time and knows whether the attempt before may have arrived."""
    await store.outbox.put(message())
    await store.outbox.due(NOW)
    await store.outbox.retry("op1:0", NOW + timedelta(seconds=30), "429", ambiguous=False)
    assert await due(store, 29) == []
    (delivery,) = await store.outbox.due(NOW + timedelta(seconds=30))
    assert (delivery.attempts, delivery.ambiguous) == (1, False)
    await store.outbox.retry("op1:0", NOW, "connection lost", ambiguous=True)
    (delivery,) = await store.outbox.due(NOW)
    assert (delivery.attempts, delivery.ambiguous) == (2, True)


async def test_what_a_crash_interrupted_is_ambiguous(store: Store, reopen: Open) -> None:
    """A message that was being attempted when the process ended comes again, marked."""
    await store.outbox.put(message("tried"), message("waiting"))
    await store.outbox.due(NOW, limit=1)
    again = await reopen()
    found = {d.message.key: d.ambiguous for d in await again.outbox.due(NOW)}
    assert found == {"tried": True, "waiting": False}


async def test_waiting_counts_what_is_not_finished(store: Store) -> None:
    """Delivered and undeliverable messages wait no more, and an end is final."""
    await store.outbox.put(*(message(f"m{n}") for n in range(4)))
    await store.outbox.due(NOW, limit=3)
    await store.outbox.sent("m0", "1.2")
    await store.outbox.give_up("m1", "no such channel")
    assert await store.outbox.waiting() == 2
    await store.outbox.retry("m0", NOW, "late", ambiguous=True)
    assert await due(store) == ["m3"]


async def test_an_attempt_that_nothing_was_heard_of_is_made_again(store: Store) -> None:
    """A message whose attempt has no outcome after ten minutes comes again, as one that may have arrived."""
    await store.outbox.put(message())
    await store.outbox.due(NOW)
    assert await due(store, after=599) == []
    (delivery,) = await store.outbox.due(NOW + timedelta(seconds=600))
    assert delivery.ambiguous
    assert delivery.attempts == 1
