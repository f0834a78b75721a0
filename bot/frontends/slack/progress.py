"""What a long answer says while it is made: nothing at first, *working* after a second, and after ten seconds a direct
message that is updated in place, because an ephemeral one cannot be.
"""

from __future__ import annotations

import asyncio

from bot.frontends.slack.live import LiveMessage
from bot.frontends.slack.present import plain


class Progress:
    """Given to dispatch as the call's `progress`; shows the newest line once there is a message to show it in."""

    def __init__(self, what: str) -> None:
        self.line = f"Working on {what} …"
        self._live: LiveMessage | None = None
        self._sender: asyncio.Task[None] | None = None

    async def __call__(self, text: str) -> None:
        """Take the newest line."""
        self.line = text
        if self._live is not None:
            self._live.show(plain(text))

    def attach(self, live: LiveMessage) -> None:
        """Show the lines in this message from now on."""
        self._live = live
        self._sender = asyncio.create_task(live.run(), name="live message")

    async def finish(self, body: dict[str, object]) -> None:
        """Show the last state, and wait until it has arrived. Raises BackendError where the message is gone."""
        assert self._live is not None
        assert self._sender is not None
        self._live.finish(body)
        await self._sender
