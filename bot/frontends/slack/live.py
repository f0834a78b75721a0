"""One message that is updated in place while work goes on: at most once a second, and the last state always arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from integrations.errors import Unavailable
from integrations.slack import MessageRef, Slack

PAUSE = 5.0
TRIES = 3
log = structlog.get_logger(__name__)


class LiveMessage:
    """`show` keeps the newest body; `run` sends it; `finish` sends the last one and ends."""

    def __init__(
        self,
        slack: Slack,
        ref: MessageRef,
        every: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.ref = ref
        self._slack = slack
        self._every = every
        self._sleep = sleep
        self._next: dict[str, Any] | None = None
        self._changed = asyncio.Event()
        self._ended = False

    def show(self, body: dict[str, Any]) -> None:
        """Have this body shown; one that has not been sent yet is replaced."""
        self._next = body
        self._changed.set()

    def finish(self, body: dict[str, Any]) -> None:
        """Have this body shown as the last."""
        self.show(body)
        self._ended = True

    async def run(self) -> None:
        """Send what is shown until `finish`'s body has arrived. Raises BackendError where the message cannot be edited
        any more, or where Slack stays away while the last body is to be shown.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            body, self._next = self._next, None
            ended = self._ended
            if body is not None:
                await self._send(body)
            if ended and self._next is None:
                return
            await self._sleep(self._every)

    async def _send(self, body: dict[str, Any]) -> None:
        """Send one state, waiting where Slack is away; a newer state takes the place of one that has not arrived."""
        for attempt in range(1, TRIES + 1):
            try:
                await self._slack.update(self.ref, body)
            except Unavailable as error:
                log.warning("an update is late", error=str(error))
                if attempt == TRIES:
                    if self._ended:
                        raise
                    return
                await self._sleep(error.retry_after or PAUSE * self._every)
                if self._next is not None:
                    return
            else:
                return
