"""The clock of what the process does on its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from bot.schedule import Schedule
from integrations.errors import Unavailable


async def test_work_is_done_when_it_is_due_and_not_before_the_start() -> None:
    """Work is scheduled before the start, and its first time is one interval after it."""
    schedule, done = Schedule(), asyncio.Event()

    async def work() -> None:
        done.set()

    schedule.every(timedelta(seconds=1), "work", work)
    assert not done.is_set()
    schedule.start()
    async with asyncio.timeout(10):
        await done.wait()
    schedule.stop()


async def test_a_backend_that_is_away_makes_work_wait_for_its_next_time() -> None:
    """A failing backend is logged with the work's name, and the work is tried again at its next time."""
    schedule, again, runs = Schedule(), asyncio.Event(), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise Unavailable("no answer", backend="gitlab")
        again.set()

    schedule.every(timedelta(seconds=1), "catalogue", work)
    with capture_logs() as logs:
        schedule.start()
        async with asyncio.timeout(10):
            await again.wait()
        schedule.stop()
    assert [(entry["work"], entry["error"]) for entry in logs] == [("catalogue", "no answer")]


async def test_stopping_twice_is_no_fault() -> None:
    """A schedule may be stopped again, or without having been started."""
    Schedule().stop()
    schedule = Schedule()
    schedule.start()
    schedule.stop()
    schedule.stop()


async def test_late_work_runs_once_and_never_beside_itself() -> None:
    """Jobs have no grace time after which they are dropped, run once however late, and do not overlap."""
    schedule = Schedule()

    async def work() -> None:
        """Do nothing."""

    schedule.every(timedelta(hours=1), "sweep", work)
    schedule.start()
    (job,) = schedule._scheduler.get_jobs()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    schedule.stop()
