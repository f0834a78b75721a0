"""Acknowledgements go first: work that follows one waits until no request has come for five milliseconds, or a second.

Slack gives three seconds to acknowledge, and in a rush the answers of the first requests must not delay the
acknowledgements of the last. Work begins one piece at a time, so that requests that come meanwhile are not held up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

QUIET = 0.005
PATIENCE = 1.0
ROUNDS = 3


class Courtesy:
    """`arrived` is told of each request; `turn` is awaited by the work that follows it."""

    def __init__(self) -> None:
        self._last = 0.0
        self._queue: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._wake = asyncio.Event()

    def arrived(self) -> None:
        """Take note of a request."""
        self._last = asyncio.get_running_loop().time()

    async def turn(self) -> None:
        """Wait until it is time to work."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._queue.append((loop.time(), future))
        self._wake.set()
        await future

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Give turns for as long as the context lasts; afterwards nobody waits any more."""
        usher = asyncio.create_task(self._usher(), name="courtesy")
        try:
            yield
        finally:
            usher.cancel()
            await asyncio.gather(usher, return_exceptions=True)
            while self._queue:
                self._let_in()

    async def _usher(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            while self._queue:
                due = min(self._last + QUIET, self._queue[0][0] + PATIENCE)
                if (early := due - loop.time()) > 0:
                    await asyncio.sleep(early)
                # Requests that came while the loop was busy are still in the sockets: these rounds let them in first.
                for _ in range(ROUNDS):
                    await asyncio.sleep(0)
                now = loop.time()
                if self._queue and (now >= self._last + QUIET or now >= self._queue[0][0] + PATIENCE):
                    self._let_in()
            self._wake.clear()

    def _let_in(self) -> None:
        _, future = self._queue.popleft()
        if not future.done():
            future.set_result(None)
