"""One message that is updated in place while work goes on: at most once a second, and the last state always arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from integrations.errors import BackendError, Unavailable
from integrations.slack import MessageRef, Slack

EVERY = 1.0
log = structlog.get_logger(__name__)


class LiveMessage:
    """`show` keeps the newest body; `run` sends it; `finish` sends the last one and ends."""

    def __init__(
        self, slack: Slack, ref: MessageRef, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self.ref = ref
        self._slack = slack
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
        any more.
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
            await self._sleep(EVERY)

    async def _send(self, body: dict[str, Any]) -> None:
        while True:
            try:
                await self._slack.update(self.ref, body)
            except Unavailable as error:
                log.warning("an update is late", error=str(error))
                await self._sleep(error.retry_after or 5.0)
                if self._next is not None:
                    return
            except BackendError:
                raise
            else:
                return
