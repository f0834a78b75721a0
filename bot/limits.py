"""How many commands one person may give: a token bucket each, in memory, because it protects this process only."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable

from commands._kit.errors import Code, Failure, UserError

KEPT = 10_000


class RateLimit:
    """`burst` at once, `per_minute` in the long run, by person."""

    def __init__(self, per_minute: int, burst: int, monotonic: Callable[[], float]) -> None:
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, person: str) -> None:
        """Take one token. Raises UserError with the seconds to wait where there is none."""
        now = self._monotonic()
        tokens, at = self._buckets.pop(person, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        if tokens < 1:
            self._buckets[person] = (tokens, now)
            wait = (1 - tokens) / self._rate
            raise UserError(
                Failure(
                    Code.LIMITED,
                    "That was a lot at once, so this one was not run.",
                    f"Try again in {math.ceil(wait)} seconds.",
                    retry_after=wait,
                )
            )
        self._buckets[person] = (tokens - 1, now)
        if len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
