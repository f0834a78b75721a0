"""APScheduler as the clock of what the process does on its own: refreshes and sweeps.

These jobs belong to this process alone, so nothing is stored; late ones run once, and none overlaps itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from integrations.errors import BackendError

log = structlog.get_logger(__name__)


class Schedule:
    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._running = False

    def every(self, interval: timedelta, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Run the work again and again; a backend that is away makes it wait for its next time."""

        async def run() -> None:
            try:
                await work()
            except BackendError as error:
                log.warning("scheduled work failed", work=name, error=str(error))

        self._scheduler.add_job(run, IntervalTrigger(seconds=int(interval.total_seconds()), timezone=UTC), id=name)

    def start(self) -> None:
        self._scheduler.start()
        self._running = True

    def stop(self) -> None:
        """Start no work any more; may be called again."""
        if self._running:
            self._running = False
            self._scheduler.shutdown(wait=False)
