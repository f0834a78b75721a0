"""What is kept in memory for each delivery or person is let go of again: nobody fills the process by asking often."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime, timedelta

from bot.frontends.slack.once import REPEATS_FOR, Once
from tests.security.keys import Keys

START = datetime(2026, 3, 31, 12, tzinfo=UTC)


class Body:
    """An answer."""


async def test_answers_are_let_go_of_after_their_time() -> None:
    """An answer is held while its delivery may come again, and no longer."""
    now = START
    once = Once(Keys(), lambda: now)

    async def answer() -> Body:
        return Body()

    first = await once.run("http:1", answer, repeated=Body())
    assert await once.run("http:1", answer, repeated=Body()) is first
    held = weakref.ref(first)
    del first
    now += REPEATS_FOR
    await once.run("http:2", answer, repeated=Body())
    gc.collect()
    assert held() is None


async def test_keys_of_an_earlier_process_are_let_go_of_after_their_time() -> None:
    """What was delivered before a restart is known for as long as it may come again, and no longer."""
    now = START
    once = Once(Keys("event:1"), lambda: now)
    await once.load()

    async def answer() -> str:
        return "acted"

    assert await once.run("event:1", answer, repeated="seen") == "seen"
    now += REPEATS_FOR + timedelta(seconds=1)
    assert await once.run("event:1", answer, repeated="seen") == "acted"
