"""What Slack delivers twice acts once: answers are remembered by the delivery's own key, in memory at once and (the key
alone) in the store soon after, so that a restart does not forget.

The store is asked once, at the start: from then on memory knows everything that counts. A change has a second lock: its
offer is used up in the transaction that records it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from integrations.errors import Unavailable
from integrations.store import UniqueKeys

REPEATS_FOR = timedelta(minutes=30)
MOST = 200_000
FLUSH_EVERY = 1.0
T = TypeVar("T")
log = structlog.get_logger(__name__)


class Nothing:
    """Stands for the answer of a delivery that failed: whoever comes next with its key makes another attempt."""


class Once:
    """`run` answers a delivery; the same key gets the same answer without acting again."""

    def __init__(self, keys: UniqueKeys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock
        self._earlier: frozenset[str] = frozenset()
        self._earlier_until = clock()
        self._answers: OrderedDict[str, tuple[datetime, Any]] = OrderedDict()
        self._coming: dict[str, asyncio.Future[Any]] = {}
        self._unsaved: list[tuple[str, datetime]] = []
        self._wake = asyncio.Event()

    async def load(self) -> None:
        """Learn what an earlier process was given. Raises Unavailable where the store cannot be read."""
        self._earlier = await self._keys.remembered()
        self._earlier_until = self._clock() + REPEATS_FOR

    async def run(
        self,
        key: str,
        answer: Callable[[], Awaitable[T]],
        *,
        repeated: T,
        acted: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Return the answer for this key, made now or remembered; `repeated` where it was seen before a restart. An
        answer for which nothing was `acted` upon is not remembered: the same key may come again and mean more.

        The store keeps keys only: an answer may hold what a person wrote, and that is nobody's to find there.
        """
        now = self._clock()
        self._forget(now)
        while (coming := self._coming.get(key)) is not None:
            found: T | Nothing = await asyncio.shield(coming)
            if not isinstance(found, Nothing):
                return found
        if key in self._answers:
            remembered: T = self._answers[key][1]
            return remembered
        if key in self._earlier:
            return repeated
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._coming[key] = future
        try:
            made = await answer()
        except BaseException:
            # Cancelled or failed, whoever waits for this answer must hear that none will come.
            future.set_result(Nothing())
            raise
        finally:
            del self._coming[key]
        if acted(made):
            self._answers[key] = (now, made)
            self._unsaved.append((key, now + REPEATS_FOR))
            self._wake.set()
        future.set_result(made)
        return made

    def _forget(self, now: datetime) -> None:
        """Let go of what has had its time, the oldest first: answers hold whole views, and nobody waits for them."""
        while self._answers:
            at, _ = next(iter(self._answers.values()))
            if len(self._answers) < MOST and now - at < REPEATS_FOR:
                break
            self._answers.popitem(last=False)
        if self._earlier and now >= self._earlier_until:
            self._earlier = frozenset()

    async def flush_forever(self) -> None:
        """Write what was answered to the store, batch by batch, until cancelled; then write the rest."""
        try:
            while True:
                await self._wake.wait()
                await asyncio.sleep(FLUSH_EVERY)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Write what was answered since the last flush; what cannot be written now is kept for the next one."""
        self._wake.clear()
        batch, self._unsaved = self._unsaved, []
        if not batch:
            return
        try:
            await self._keys.remember_all(batch)
        except Unavailable as error:
            self._unsaved = [*batch, *self._unsaved][-MOST:]
            log.warning("answers could not be remembered", count=len(batch), error=str(error))
