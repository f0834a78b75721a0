"""What is delivered twice acts once, also after a restart and also where the first attempt failed."""

from __future__ import annotations

import asyncio

import pytest
from structlog.typing import EventDict

from bot.frontends.slack.once import REPEATS_FOR, Once
from integrations.store.sqlite.client import SqliteStore
from tests.bot.rig import Clock, make_read_only


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    async def __call__(self) -> str:
        self.done += 1
        return f"answer {self.done}"


@pytest.fixture
def once(store: SqliteStore, clock: Clock) -> Once:
    return Once(store.keys, clock)


async def test_the_same_delivery_gets_the_same_answer(once: Once) -> None:
    """A repeated key is answered as before, without acting; another key acts."""
    work = Work()
    assert await once.run("a", work, repeated="seen") == "answer 1"
    assert await once.run("a", work, repeated="seen") == "answer 1"
    assert await once.run("b", work, repeated="seen") == "answer 2"


async def test_two_at_once_act_once(once: Once) -> None:
    """A delivery that comes while its twin is being answered waits for that answer."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    acts = 0

    async def work() -> str:
        nonlocal acts
        acts += 1
        begun.set()
        await go_on.wait()
        return "done"

    first = asyncio.create_task(once.run("a", work, repeated=""))
    await begun.wait()
    second = asyncio.create_task(once.run("a", work, repeated=""))
    await asyncio.sleep(0)
    go_on.set()
    assert tuple(await asyncio.gather(first, second)) == ("done", "done")
    assert acts == 1


async def test_a_failed_delivery_may_be_repeated(once: Once) -> None:
    """An attempt that failed is not remembered: Slack's next one acts."""

    async def fail() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        await once.run("a", fail, repeated="seen")
    assert await once.run("a", Work(), repeated="seen") == "answer 1"


async def test_who_waits_for_a_failing_twin_makes_another_attempt(once: Once) -> None:
    """A twin that waited for an attempt which failed acts itself."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def fail() -> str:
        begun.set()
        await go_on.wait()
        raise LookupError

    first = asyncio.create_task(once.run("a", fail, repeated="seen"))
    await begun.wait()
    second = asyncio.create_task(once.run("a", Work(), repeated="seen"))
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(LookupError):
        await first
    assert await second == "answer 1"


async def test_a_twin_that_hangs_up_does_not_take_the_answer_along(once: Once) -> None:
    """Where the waiting twin is cancelled the first attempt goes on."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        begun.set()
        await go_on.wait()
        return "done"

    first = asyncio.create_task(once.run("a", work, repeated=""))
    await begun.wait()
    second = asyncio.create_task(once.run("a", work, repeated=""))
    await asyncio.sleep(0)
    second.cancel()
    go_on.set()
    assert await first == "done"


async def test_a_restart_does_not_forget(store: SqliteStore, clock: Clock, once: Once) -> None:
    """A key that an earlier process was given is answered as seen, without acting."""
    await once.run("a", Work(), repeated="")
    await once.flush()
    again, work = Once(store.keys, clock), Work()
    await again.load()
    assert await again.run("a", work, repeated="seen") == "seen"
    assert work.done == 0


async def test_only_keys_are_stored(store: SqliteStore, once: Once) -> None:
    """What was answered is not in the store: it may hold what a person wrote."""

    async def answer() -> str:
        return "my secret"

    await once.run("a", answer, repeated="")
    await once.flush()
    rows = await store._readers.read(lambda c: c.execute("SELECT key, answer FROM unique_keys").fetchall())
    assert rows == [("a", b"")]


async def test_keys_have_their_time(store: SqliteStore, clock: Clock, once: Once) -> None:
    """After half an hour, in which Slack repeats nothing any more, a key is forgotten, in memory and in the store."""
    await once.run("a", Work(), repeated="seen")
    await once.flush()
    later = Once(store.keys, clock)
    await later.load()
    clock.move(seconds=REPEATS_FOR.total_seconds())
    assert await once.run("a", Work(), repeated="seen") == "answer 1"
    assert await later.run("a", Work(), repeated="seen") == "answer 1"
    assert "a" not in await store.keys.remembered()


async def test_what_is_left_is_written_at_the_end(store: SqliteStore, once: Once) -> None:
    """A process that stops writes what it answered last."""
    writer = asyncio.create_task(once.flush_forever())
    await asyncio.sleep(0)
    await once.run("a", Work(), repeated="")
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    assert await store.keys.remembered() == {"a"}


async def test_what_cannot_be_written_is_kept_for_the_next_time(
    store: SqliteStore, once: Once, logs: list[EventDict]
) -> None:
    """While the store is in trouble deliveries are answered all the same, and their keys written when it is well."""
    await once.run("a", Work(), repeated="")
    await make_read_only(store)
    await once.flush()
    assert [entry["count"] for entry in logs if entry["event"] == "answers could not be remembered"] == [1]
    await once.run("b", Work(), repeated="")
    assert [key for key, _ in once._unsaved] == ["a", "b"]
