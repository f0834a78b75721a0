"""Stored messages on their way: each arrives once where that can be told, and none is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.outbox import LONGEST_WAIT, MOST_ATTEMPTS, Courier
from integrations.errors import Denied, Invalid, NotFound, Unauthenticated, Unavailable
from integrations.store import Outgoing
from integrations.store.sqlite.client import SqliteStore
from tests.bot.rig import Clock, InMemorySlack, Sleeps, make_read_only

AWAY = Unavailable("no answer", backend="slack")
BUSY = Unavailable("slow down", backend="slack", retry_after=30)


@pytest.fixture
def slack() -> InMemorySlack:
    return InMemorySlack()


@pytest.fixture
def courier(store: SqliteStore, slack: InMemorySlack, clock: Clock, sleeps: Sleeps) -> Courier:
    return Courier(store.outbox, slack, clock, 2.0, sleeps)


def message(key: str = "op1:0:0", to: str = "slack:T1/U1", **more: Any) -> Outgoing:
    return Outgoing(key, "T1", to, {"text": "Done"}, **more)


async def test_a_message_arrives(courier: Courier, store: SqliteStore, slack: InMemorySlack) -> None:
    """What is due is posted to the person or channel, in its thread and with its key, and is then done."""
    await store.outbox.put(message(), message("two", "C1", thread="1.2"))
    assert await courier.deliver_due() == 2
    assert [(to, thread, key) for to, _, thread, key in slack.posted] == [("U1", "", "op1:0:0"), ("C1", "1.2", "two")]
    assert await store.outbox.waiting() == 0
    assert "find" not in slack.asked


async def test_nothing_due_asks_nobody(courier: Courier, slack: InMemorySlack) -> None:
    """An empty outbox costs no call."""
    assert await courier.deliver_due() == 0
    assert slack.asked == []


async def test_an_ambiguous_attempt_is_looked_for_first(
    courier: Courier, store: SqliteStore, slack: InMemorySlack, clock: Clock
) -> None:
    """A message that is there although nobody said so is found, and not posted again."""
    await store.outbox.put(message())
    slack.broken["post"] = [AWAY]
    assert await courier.deliver_due() == 0
    slack.posted.append(("U1", {}, "", "op1:0:0"))
    clock.move(seconds=2)
    assert await courier.deliver_due() == 1
    assert len(slack.posted) == 1
    assert slack.asked == ["post", "find"]


async def test_an_ambiguous_attempt_that_did_not_arrive_is_made_again(
    courier: Courier, store: SqliteStore, slack: InMemorySlack, clock: Clock
) -> None:
    """Where the message is not there it is posted."""
    await store.outbox.put(message(), ambiguous=True)
    clock.move(seconds=2)
    assert await courier.deliver_due() == 1
    assert slack.asked == ["find", "post"]


async def test_doubt_outlasts_a_lookup_that_had_to_wait(
    courier: Courier, store: SqliteStore, slack: InMemorySlack, clock: Clock
) -> None:
    """Where looking is refused for now, the message is looked for again before it is posted."""
    await store.outbox.put(message(), ambiguous=True)
    slack.posted.append(("U1", {}, "", "op1:0:0"))
    slack.broken["find"] = [BUSY]
    await courier.deliver_due()
    clock.move(seconds=30)
    assert await courier.deliver_due() == 1
    assert len(slack.posted) == 1


async def test_what_cannot_be_looked_up_is_posted(courier: Courier, store: SqliteStore, slack: InMemorySlack) -> None:
    """Where the bot may not look, it posts: rather twice than never."""
    await store.outbox.put(message(), ambiguous=True)
    slack.broken["find"] = Denied("missing_scope", backend="slack")
    assert await courier.deliver_due() == 1


async def test_the_told_wait_is_kept(courier: Courier, store: SqliteStore, slack: InMemorySlack, clock: Clock) -> None:
    """After a 429 nothing is tried before the told time, and then without looking: a refusal is no doubt."""
    await store.outbox.put(message())
    slack.broken["post"] = [BUSY]
    await courier.deliver_due()
    clock.move(seconds=29)
    assert await courier.deliver_due() == 0
    assert slack.asked == ["post"]
    clock.move(seconds=1)
    assert await courier.deliver_due() == 1
    assert "find" not in slack.asked


async def test_pauses_grow_to_five_minutes(
    courier: Courier, store: SqliteStore, slack: InMemorySlack, clock: Clock
) -> None:
    """While Slack is away the pause doubles from two seconds to five minutes, and stays there."""
    await store.outbox.put(message())
    slack.broken["post"] = AWAY
    pauses: list[float] = []
    for _ in range(10):
        await courier.deliver_due()
        asked = slack.asked.count("post")
        began = clock()
        while slack.asked.count("post") == asked:
            clock.move(seconds=1)
            await courier.deliver_due()
        pauses.append((clock() - began) / timedelta(seconds=1))
        if pauses[-1] == LONGEST_WAIT:
            break
    assert pauses[:3] == [2, 4, 8]
    assert pauses[-1] == LONGEST_WAIT


@pytest.mark.parametrize(
    "error",
    [NotFound("channel_not_found", backend="slack"), Invalid("invalid_blocks", backend="slack")],
)
async def test_what_can_never_arrive_is_given_up(
    courier: Courier, store: SqliteStore, slack: InMemorySlack, error: Exception
) -> None:
    """A message that Slack refuses for good is given up at once, and bars no other."""
    await store.outbox.put(message("bad"), message("good"))
    slack.broken["post"] = [error]  # type: ignore[list-item]  # both kinds are BackendError
    assert await courier.deliver_due() == 1
    assert await store.outbox.waiting() == 0


async def test_a_revoked_token_loses_no_message(
    courier: Courier, store: SqliteStore, slack: InMemorySlack, clock: Clock
) -> None:
    """Wrong credentials are put right by an operator; until then messages wait."""
    await store.outbox.put(message())
    slack.broken["post"] = [Unauthenticated("token_revoked", backend="slack")]
    await courier.deliver_due()
    assert await store.outbox.waiting() == 1
    clock.move(minutes=5)
    assert await courier.deliver_due() == 1


async def test_a_message_is_not_tried_for_ever(
    courier: Courier, store: SqliteStore, slack: InMemorySlack, clock: Clock
) -> None:
    """After fifty attempts a message is given up."""
    await store.outbox.put(message())
    slack.broken["post"] = AWAY
    for _ in range(MOST_ATTEMPTS):
        assert await store.outbox.waiting() == 1
        await courier.deliver_due()
        clock.move(seconds=LONGEST_WAIT)
    assert await store.outbox.waiting() == 0


async def test_running_looks_again_and_again(
    store: SqliteStore, slack: InMemorySlack, clock: Clock, sleeps: Sleeps
) -> None:
    """The courier looks every so many seconds, until it is stopped."""
    courier = Courier(store.outbox, slack, clock, 2.0, sleeps)

    async def next_look(seconds: float) -> None:
        await sleeps(seconds)
        await store.outbox.put(message(f"key {len(sleeps.seconds)}"))
        courier.stopped = len(sleeps.seconds) == 3

    courier._sleep = next_look
    await courier.run()
    assert sleeps.seconds == [2, 2, 2]
    assert [key for _, _, _, key in slack.posted] == ["key 1", "key 2"]


async def test_running_outlasts_a_store_in_trouble(
    store: SqliteStore, slack: InMemorySlack, clock: Clock, sleeps: Sleeps
) -> None:
    """While the outbox cannot be written the courier goes on looking, and posts nothing that it could not mark."""
    courier = Courier(store.outbox, slack, clock, 2.0, sleeps)
    await store.outbox.put(message())
    await make_read_only(store)

    async def next_look(seconds: float) -> None:
        await sleeps(seconds)
        courier.stopped = len(sleeps.seconds) == 3

    courier._sleep = next_look
    await courier.run()
    assert len(sleeps.seconds) == 3
    assert slack.posted == []
