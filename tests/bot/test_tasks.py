"""The owned group of tasks: one failure stays alone, and the end is in order."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.tasks import Stopping, Tasks
from tests.bot.rig import in_jumping_time


async def _fail() -> None:
    raise LookupError("broken")


async def test_a_task_that_fails_leaves_its_siblings_alone() -> None:
    """One task's exception is logged under its name, and the others finish."""
    tasks = Tasks()
    with capture_logs() as logs:
        tasks.spawn(_fail(), "broken one")
        other = tasks.spawn(asyncio.sleep(0, "done"), "good one")
        assert await other == "done"
        await tasks.drain(1)
    assert [(entry["event"], entry["task"]) for entry in logs] == [("task failed", "broken one")]


async def test_the_group_counts_what_runs() -> None:
    """A task counts until it is done."""
    tasks = Tasks()
    task = tasks.spawn(asyncio.sleep(0), "one")
    assert len(tasks) == 1
    await task
    await asyncio.sleep(0)
    assert len(tasks) == 0


async def test_nothing_starts_once_the_group_is_closed() -> None:
    """After `close` new work is refused and its coroutine closed, and what runs goes on."""
    tasks = Tasks()
    running = tasks.spawn(asyncio.sleep(0, "done"), "running")
    tasks.close()
    assert tasks.stopping
    with pytest.raises(Stopping):
        tasks.spawn(_fail(), "late")
    assert await running == "done"


def test_the_end_waits_for_what_finishes_in_time() -> None:
    """Work that ends before the deadline is not cut off."""

    async def check() -> tuple[tuple[str, ...], str]:
        tasks = Tasks()
        task = tasks.spawn(asyncio.sleep(5, "done"), "five seconds")
        return await tasks.drain(20), await task

    assert in_jumping_time(check()) == ((), "done")


def test_the_end_names_what_it_cuts_off() -> None:
    """Work that outlasts the deadline is cancelled, and named in the answer and in the log."""

    async def check() -> tuple[str, ...]:
        tasks = Tasks()
        for name in ("slow", "endless"):
            tasks.spawn(asyncio.sleep(3600), name)
        return await tasks.drain(20)

    with capture_logs() as logs:
        assert in_jumping_time(check()) == ("endless", "slow")
    assert logs[0]["tasks"] == ("endless", "slow")


async def test_the_end_of_nothing_is_quick() -> None:
    """A group without tasks drains at once."""
    assert await Tasks().drain(60) == ()
