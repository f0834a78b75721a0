"""One message that is updated in place: not more than once a second, and its last state always arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.frontends.slack.live import PAUSE, TRIES, LiveMessage
from integrations.errors import NotFound, Unavailable
from integrations.slack import MessageRef
from tests.bot.rig import InMemorySlack, Sleeps, until

REF = MessageRef("D1", "1.0")
AWAY = Unavailable("no answer", backend="slack")


def body(text: str) -> dict[str, Any]:
    return {"text": text}


@pytest.fixture
def slack() -> InMemorySlack:
    return InMemorySlack()


@pytest.fixture
def live(slack: InMemorySlack, sleeps: Sleeps) -> LiveMessage:
    return LiveMessage(slack, REF, 1.0, sleeps)


async def test_the_last_state_arrives_and_ends_it(live: LiveMessage, slack: InMemorySlack) -> None:
    """`run` ends when the body of `finish` was sent."""
    live.finish(body("done"))
    await live.run()
    assert slack.updated == [body("done")]


async def test_states_between_two_updates_are_left_out(live: LiveMessage, slack: InMemorySlack, sleeps: Sleeps) -> None:
    """Of many states within a second the newest is sent, once a second has passed."""
    live.show(body("1"))
    sender = asyncio.create_task(live.run())
    await until(lambda: slack.updated)
    for text in ("2", "3", "4"):
        live.show(body(text))
    await until(lambda: len(slack.updated) == 2)
    live.finish(body("done"))
    await sender
    assert slack.updated == [body("1"), body("4"), body("done")]
    assert sleeps.seconds == [1, 1]


async def test_a_last_state_that_comes_while_one_is_sent_is_not_lost(sleeps: Sleeps) -> None:
    """`finish` during an update has its body sent after it."""

    class Busy(InMemorySlack):
        async def update(self, ref: MessageRef, body: Mapping[str, Any]) -> None:
            if not self.updated:
                message.finish({"text": "done"})
            await super().update(ref, body)

    slack = Busy()
    message = LiveMessage(slack, REF, 1.0, sleeps)
    message.show(body("1"))
    await message.run()
    assert slack.updated == [body("1"), body("done")]


async def test_a_late_update_is_tried_again_as_told(live: LiveMessage, slack: InMemorySlack, sleeps: Sleeps) -> None:
    """A 429 is waited out, and the state sent then."""
    slack.broken["update"] = [Unavailable("slow down", backend="slack", retry_after=7)]
    live.finish(body("done"))
    with capture_logs():
        await live.run()
    assert slack.updated == [body("done")]
    assert sleeps.seconds == [7]


async def test_a_newer_state_takes_the_place_of_a_late_one(live: LiveMessage, slack: InMemorySlack) -> None:
    """What has not arrived by the time that something newer is there is not sent any more."""
    slack.broken["update"] = [AWAY]

    async def meanwhile(_seconds: float) -> None:
        if not slack.updated:
            live.finish(body("done"))

    live._sleep = meanwhile
    live.show(body("1"))
    with capture_logs():
        await live.run()
    assert slack.updated == [body("done")]


async def test_a_last_state_that_does_not_arrive_is_told(
    live: LiveMessage, slack: InMemorySlack, sleeps: Sleeps
) -> None:
    """Where Slack stays away the sender gives up after three tries, so that the answer can go another way."""
    slack.broken["update"] = AWAY
    live.finish(body("done"))
    with capture_logs(), pytest.raises(Unavailable):
        await live.run()
    assert slack.asked == ["update"] * TRIES
    assert sleeps.seconds == [PAUSE] * (TRIES - 1)


async def test_a_message_that_is_gone_is_told_at_once(live: LiveMessage, slack: InMemorySlack) -> None:
    """Where the person deleted the message there is nothing to try again."""
    slack.broken["update"] = NotFound("message_not_found", backend="slack")
    live.show(body("1"))
    with pytest.raises(NotFound):
        await live.run()
    assert slack.asked == ["update"]


async def test_a_state_that_does_not_arrive_does_not_end_it(live: LiveMessage, slack: InMemorySlack) -> None:
    """Where one state could not be sent the next one is."""
    slack.broken["update"] = [AWAY] * TRIES
    live.show(body("1"))
    with capture_logs():
        sender = asyncio.create_task(live.run())
        await until(lambda: len(slack.asked) == TRIES)
        live.finish(body("done"))
        await sender
    assert slack.updated == [body("done")]
