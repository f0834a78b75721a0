"""Delivers stored messages: a message that must arrive is tried until it does, and after an attempt that may have
arrived it is looked for before it is posted again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from integrations.errors import BackendError, Unauthenticated, Unavailable
from integrations.slack import MessageRef, Slack
from integrations.store import Delivery, Outbox

MOST_ATTEMPTS = 50
LONGEST_WAIT = 300.0
log = structlog.get_logger(__name__)


class Courier:
    """`run` delivers for as long as it is not cancelled, looking every so many seconds; after a failed attempt it waits
    as Slack says, else `every` seconds, and twice as long each time.
    """

    def __init__(
        self,
        outbox: Outbox,
        slack: Slack,
        clock: Callable[[], datetime],
        every: float = 2.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._slack = slack
        self._clock = clock
        self._every = every
        self._sleep = sleep
        self.stopped = False

    async def run(self) -> None:
        """Deliver what is due, again and again."""
        while not self.stopped:
            try:
                await self.deliver_due()
            except Unavailable as error:
                log.warning("the outbox cannot be read", error=str(error))
            await self._sleep(self._every)

    async def deliver_due(self) -> int:
        """Attempt everything that is due; return how many messages arrived."""
        due = await self._outbox.due(self._clock())
        arrived = await asyncio.gather(*(self._attempt(delivery) for delivery in due), return_exceptions=True)
        for outcome in arrived:
            if isinstance(outcome, BaseException):
                # What became of the attempt could not be written: the row comes back as one that may have arrived.
                log.warning("an attempt could not be recorded", error=str(outcome))
        return sum(outcome is True for outcome in arrived)

    async def _attempt(self, delivery: Delivery) -> bool:
        message = delivery.message
        channel = message.to.rpartition("/")[2]
        try:
            ref = await self._already_there(delivery, channel)
            if ref is None:
                ref = await self._slack.post(channel, message.body, thread=message.thread, key=message.key)
        except (Unavailable, Unauthenticated) as error:
            told = error.retry_after if isinstance(error, Unavailable) else None
            wait = told or min(self._every * 2.0**delivery.attempts, LONGEST_WAIT)
            if delivery.attempts + 1 >= MOST_ATTEMPTS:
                await self._outbox.give_up(message.key, str(error))
            else:
                at = self._clock() + timedelta(seconds=wait)
                # Whether an earlier attempt arrived is not told by Slack's being too busy to be asked.
                unclear = delivery.ambiguous or told is None
                await self._outbox.retry(message.key, at, str(error), ambiguous=unclear)
            return False
        except BackendError as error:
            log.error("a message cannot be delivered", key=message.key, to=message.to, error=str(error))
            await self._outbox.give_up(message.key, str(error))
            return False
        await self._outbox.sent(message.key, ref.ts)
        return True

    async def _already_there(self, delivery: Delivery, channel: str) -> MessageRef | None:
        """Look for a message whose last attempt may have arrived; where nothing can be looked up, it is not found."""
        if not delivery.ambiguous:
            return None
        since = f"{delivery.created_at.timestamp() - 60:.6f}"
        try:
            return await self._slack.find(channel, delivery.message.key, since=since)
        except Unavailable:
            raise
        except BackendError as error:
            log.info("a message cannot be looked for", key=delivery.message.key, error=str(error))
            return None
