"""Socket Mode: the bot calls Slack, which then delivers over websockets. Disconnects are routine and lose nothing:
what was not acknowledged comes again, and an envelope acts once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.frontends.slack.once import Once

# Seconds; also how long a connection that was cut without a word stays unnoticed, during which nobody is served.
PING_EVERY = 3.0
log = structlog.get_logger(__name__)


class Socket(AsyncSocketModeHandler):
    """Bolt's handler, with each envelope answered once and none taken up while stopping."""

    def __init__(
        self, app: AsyncApp, app_token: str, once: Once, stopping: Callable[[], bool], arrived: Callable[[], None]
    ) -> None:
        super().__init__(app, app_token, ping_interval=PING_EVERY)
        self._once = once
        self._stopping = stopping
        self._arrived = arrived

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Hold the connection for as long as the context lasts."""
        await self.client.connect()  # type: ignore[no-untyped-call]  # the SDK has no hints here
        try:
            yield
        finally:
            await self.client.close()  # type: ignore[no-untyped-call]  # as above

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Answer one envelope; one that comes while stopping is left for Slack to deliver to the next process."""
        if self._stopping():
            return

        self._arrived()

        async def answer() -> dict[str, Any] | None:
            made = await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=req.payload))
            if made.status != 200:
                return None
            return dict(orjson.loads(made.body)) if made.body else {}

        seen_before: dict[str, Any] | None = {}
        payload = await self._once.run(f"socket:{req.envelope_id}", answer, repeated=seen_before)
        if payload is None:
            log.error("an envelope could not be answered", kind=req.type)
            return
        await client.send_socket_mode_response(SocketModeResponse(req.envelope_id, payload or None))
