"""What Slack delivers twice acts once: answers are remembered by the delivery's own key, in memory at once and in the
store soon after, so that a restart does not forget.

The store is asked only while this process is younger than the time Slack may repeat something; after that, memory
knows everything that counts. A change has a second lock: its offer is used up in the transaction that records it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from integrations.errors import Unavailable
from integrations.store import UniqueKeys

REPEATS_FOR = timedelta(minutes=30)
MOST = 200_000
FLUSH_EVERY = 0.05
log = structlog.get_logger(__name__)


class Once:
    """`run` answers a delivery; the same key gets the same answer without acting again."""

    def __init__(self, keys: UniqueKeys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock
        self._started = clock()
        self._answers: OrderedDict[str, asyncio.Future[bytes | None]] = OrderedDict()
        self._unsaved: list[tuple[str, datetime, bytes]] = []
        self._wake = asyncio.Event()

    async def run(self, key: str, answer: Callable[[], Awaitable[bytes]], *, repeated: bytes) -> bytes:
        """Return the answer for this key, made now or remembered; `repeated` where it was seen before a restart.

        The store keeps keys only: an answer may hold what a person wrote, and that is nobody's to find there.
        """
        while (known := self._answers.get(key)) is not None:
            remembered = await asyncio.shield(known)
            if remembered is not None:
                return remembered
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._answers[key] = future
        while len(self._answers) > MOST:
            self._answers.popitem(last=False)
        try:
            if self._clock() - self._started < REPEATS_FOR:
                earlier = await self._recall(key)
                if earlier is not None:
                    future.set_result(repeated)
                    return repeated
            made = await answer()
        except BaseException:
            self._answers.pop(key, None)
            future.set_result(None)
            raise
        future.set_result(made)
        self._unsaved.append((key, self._clock() + REPEATS_FOR, b""))
        self._wake.set()
        return made

    async def _recall(self, key: str) -> bytes | None:
        """Return what is remembered for a key that an earlier process saw; None for a new key."""
        try:
            return await self._keys.recall(key)
        except Unavailable as error:
            log.warning("repeats before the restart cannot be told", error=str(error))
            return None

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
        """Write what was answered since the last flush."""
        self._wake.clear()
        batch, self._unsaved = self._unsaved, []
        if not batch:
            return
        try:
            await self._keys.remember_all(batch)
        except Unavailable as error:
            log.warning("answers could not be remembered", count=len(batch), error=str(error))
