"""How fast the platform may ask GitLab: a bucket of requests, and a pause for everybody when GitLab asks for one.

It refuses to wait past a call's deadline: then it fails at once and says how long the pause still is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from integrations.gitlab.failures import unavailable

LONGEST_PAUSE = 300.0


class Pace:
    """`turn()` returns when a request may be sent. `rate` is requests a second, 0 for no limit; two seconds' worth may
    go at once. Used on one event loop only.
    """

    def __init__(
        self,
        rate: float,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._burst = max(1.0, rate * 2)
        self._monotonic = monotonic
        self._sleep = sleep
        self._left = self._burst
        self._filled_at = monotonic()
        self._paused_until = 0.0

    def pause(self, seconds: float) -> None:
        """Have nobody send anything for so long, but for at most five minutes: then one request finds out again."""
        self._paused_until = max(self._paused_until, self._monotonic() + min(seconds, LONGEST_PAUSE))

    def _take(self) -> float:
        """Take a place and return the seconds until it may be used."""
        now = self._monotonic()
        wait = max(0.0, self._paused_until - now)
        if self._rate:
            self._left = min(self._burst, self._left + (now - self._filled_at) * self._rate)
            self._filled_at = now
            self._left -= 1
            wait = max(wait, -self._left / self._rate)
        return wait

    async def turn(self, ends: float, what: str) -> None:
        """Wait for a place. Raises Unavailable, with the wait, where it would come after `ends`."""
        wait = self._take()
        if self._monotonic() + wait > ends:
            if self._rate:
                self._left += 1
            raise unavailable(f"GitLab asks to slow down ({what})", retry_after=wait)
        if wait > 0:
            await self._sleep(wait)
