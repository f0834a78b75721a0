"""Whose time the simulator keeps: real time that can be shifted, or time that a test turns by hand.

Everything that Slack limits by time (triggers, response URLs, retries, rate limits, signatures) asks a `Clock`, so that
no test has to wait. Only the 3 seconds that an acknowledgement may take are real, because the app's own clock is.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the time, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return when this clock has advanced by that much."""

    def shift(self, seconds: float) -> None:
        """Move the clock: what it shows from now on is that far from what it showed before."""


class SystemClock:
    """Real time plus an offset. `sleep` waits in real time; a shift does not wake sleepers."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    def shift(self, seconds: float) -> None:
        self._offset += timedelta(seconds=seconds)


class ManualClock:
    """Time that stands still until `shift` moves it, which wakes whoever has slept long enough."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)
        self._sleepers: list[tuple[datetime, int, asyncio.Event]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake = asyncio.Event()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._order), awake))
        await awake.wait()

    def shift(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            heapq.heappop(self._sleepers)[2].set()

    @property
    def sleepers(self) -> int:
        """How many wait; a test that turns the clock waits for them to be there first."""
        return len(self._sleepers)
