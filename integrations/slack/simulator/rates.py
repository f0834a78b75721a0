"""Slack's rate limits: a bucket per method, and per channel for posting.

https://docs.slack.dev/apis/web-api/rate-limits: tiers are calls per minute that are allowed at least; short bursts
above are tolerated, how long Slack does not say. Here a bucket holds one minute's worth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from integrations.slack.simulator.clock import Clock

TIER_1, TIER_2, TIER_3, TIER_4 = 1.0, 20.0, 50.0, 100.0
SPECIAL = 600.0
SMALLEST_BURST = 5.0
POSTING_PER_SECOND = 1.0
POSTING_BURST = 5.0


@dataclass(slots=True)
class _Bucket:
    level: float
    at: datetime


class Rates:
    """`strict=False` lets everything pass, for demos and tests that are about something else."""

    def __init__(self, clock: Clock, *, strict: bool = True) -> None:
        self.strict = strict
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str, *, per_second: float, burst: float) -> int | None:
        """Count a call; return the whole seconds to wait where there were too many."""
        if not self.strict:
            return None
        now = self._clock.now()
        bucket = self._buckets.setdefault(key, _Bucket(burst, now))
        passed = max(0.0, (now - bucket.at).total_seconds())
        bucket.level = min(burst, bucket.level + passed * per_second)
        bucket.at = now
        if bucket.level < 1:
            return max(1, math.ceil((1 - bucket.level) / per_second))
        bucket.level -= 1
        return None

    def method(self, name: str, per_minute: float) -> int | None:
        return self.take(name, per_second=per_minute / 60, burst=max(per_minute, SMALLEST_BURST))

    def posting(self, channel: str) -> int | None:
        """Count a message: about one a second in each channel, with a small burst."""
        return self.take(f"post:{channel}", per_second=POSTING_PER_SECOND, burst=POSTING_BURST)
