"""How an answer reaches a person: ephemeral and once where it is quick, a lasting direct message where it is not.

An ephemeral message vanishes on reload, does not reach the phone and cannot be edited, so anything over ten seconds or
with files goes to the direct message, and the ephemeral one only links to it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.frontends.slack.live import LiveMessage
from bot.frontends.slack.present import Presenter, Shown, plain, without_offers
from bot.frontends.slack.progress import Progress
from bot.identity import SlackPrincipal
from bot.pace import Pace
from bot.replies import FormNeeded, Reply
from commands._kit.doc import Attachment
from integrations.errors import BackendError, Conflict, Denied, Invalid, NotFound, Unauthenticated, Unavailable
from integrations.slack import MessageRef, Slack
from integrations.store import Outgoing, Store

MOST_RESPONSES = 4
GOODBYE = 1.0
_RESTARTING = (
    "The platform is restarting, so this was cut off. A change that had begun is finished after the restart, and you "
    "are told; ask again for anything else."
)
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Origin:
    """Where a request came from, and so where its answer may go. `response_url` is empty for events; `direct` where the
    conversation is the bot's own direct message with this person, in which answers are ordinary messages.
    """

    principal: SlackPrincipal
    channel: str = ""
    thread: str = ""
    response_url: str = ""
    direct: bool = False
    responses: int = 0


class Delivery:
    """Sends answers; counts what each response_url has left."""

    def __init__(
        self,
        slack: Slack,
        store: Store,
        presenter: Presenter,
        pace: Pace,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pace = pace
        self._slack = slack
        self._store = store
        self._presenter = presenter
        self._sleep = sleep

    async def quick(self, origin: Origin, body: dict[str, Any], *, key: str = "") -> None:
        """Send one message that only the asker sees, by whichever road is open: response_url, ephemeral, direct. A
        direct message carries the key, so that it can be found again.

        Raises BackendError where none is.
        """
        if origin.direct:
            await self._slack.post(origin.channel, body, thread=origin.thread, key=key)
            return
        if origin.response_url and origin.responses < MOST_RESPONSES:
            origin.responses += 1
            ephemeral = {"response_type": "ephemeral", "replace_original": False, **body}
            try:
                await self._slack.respond(origin.response_url, ephemeral)
            except (Conflict, NotFound, Unavailable) as error:
                log.warning("a response_url could not be used", error=str(error))
            else:
                return
        if origin.channel:
            try:
                await self._slack.whisper(origin.channel, origin.principal.user, body, thread=origin.thread)
            except (Denied, NotFound) as error:
                log.info("an ephemeral message was not possible", error=str(error))
            else:
                return
        await self._slack.post(origin.principal.user, body, key=key)

    async def direct(self, user: str, shown: Shown, *, thread: str = "", key: str = "") -> MessageRef:
        """Post a lasting direct message with its files."""
        ref = await self._slack.post(user, shown.body, thread=thread, key=key)
        await self._upload(ref.channel, shown.files, thread)
        return ref

    async def _upload(self, channel: str, files: tuple[Attachment, ...], thread: str) -> None:
        for file in files:
            try:
                await self._slack.upload(channel, file.name, file.content, alt_text=file.alt_text, thread=thread)
            except Denied as error:
                text = f"The file {file.name} could not be uploaded: Slack withholds {', '.join(error.rights)}."
                await self._slack.post(channel, plain(text), thread=thread)
            except BackendError as error:
                text = f"The file {file.name} could not be uploaded: {error}. Give the command again in a minute."
                await self._slack.post(channel, plain(text), thread=thread)

    async def send(self, origin: Origin, shown: Shown, *, key: str = "") -> None:
        """Send what is ready: quick where it can be, lasting where it has files."""
        shown = await self.offered(shown)
        if not shown.files:
            await self.quick(origin, shown.body, key=key)
            return
        if origin.direct:
            await self.direct(origin.channel, shown, thread=origin.thread, key=key)
            return
        ref = await self.direct(origin.principal.user, shown, key=key)
        await self._link(origin, ref, "The answer has a file, so it is in your direct messages")

    async def offered(self, shown: Shown) -> Shown:
        """Return the message with its offers stored; without them where that is impossible now."""
        if not shown.offers:
            return shown
        try:
            await self._store.offers.make(*shown.offers)
        except Unavailable as error:
            log.warning("a message's offers could not be stored", error=str(error))
            return without_offers(shown)
        return replace(shown, offers=())

    async def _link(self, origin: Origin, ref: MessageRef, sentence: str) -> None:
        try:
            url = await self._slack.permalink(ref)
        except BackendError:
            await self.quick(origin, plain(f"{sentence}."))
            return
        text = {"type": "mrkdwn", "text": f"{sentence}: <{url}|open it>."}
        await self.quick(origin, {"text": f"{sentence}.", "blocks": [{"type": "section", "text": text}]})

    async def when_ready(self, origin: Origin, work: asyncio.Task[Reply], progress: Progress) -> Reply | None:
        """Wait for the work, saying that it is under way; send the reply where it took over ten seconds, else return
        it for the caller to send.
        """
        try:
            if await _done(work, self.pace.working):
                return work.result()
            if not origin.direct:
                await self._try_quick(origin, plain(progress.line))
            if await _done(work, self.pace.direct - self.pace.working):
                return work.result()
        except asyncio.CancelledError:
            await self._cut_off(origin)
            raise
        return await self.go_on(origin, work, progress, link=not origin.direct)

    async def go_on(self, origin: Origin, work: asyncio.Task[Reply], progress: Progress, *, link: bool) -> Reply | None:
        """Have the work go on in one direct message that is updated in place; with `link` say so where it was asked
        for. Return the reply for the caller to send where it needs a form, or where that message cannot be written.
        """
        to, thread = (origin.channel, origin.thread) if origin.direct else (origin.principal.user, "")
        try:
            ref = await self._slack.post(to, plain(progress.line), thread=thread)
        except BackendError as error:
            log.warning("a long answer has no direct message to go on in", error=str(error))
            return await asyncio.shield(work)
        progress.attach(LiveMessage(self._slack, ref, self.pace.update, self._sleep))
        if link:
            try:
                await self._link(origin, ref, "This takes a while; it goes on in your direct messages")
            except BackendError as error:
                log.warning("a long answer could not be linked", error=str(error))
        try:
            reply = await asyncio.shield(work)
        except asyncio.CancelledError:
            await self._cut_off(origin)
            raise
        needs_form = isinstance(reply, FormNeeded)
        shown = (
            Shown(plain("This needs a few more details."))
            if isinstance(reply, FormNeeded)
            else await self.offered(self._presenter.show(reply, origin.principal.id))
        )
        try:
            await progress.finish(shown.body)
            await self._upload(ref.channel, shown.files, thread)
        except BackendError as error:
            log.warning("the last state of a long answer is sent anew", error=str(error))
            return reply
        return reply if needs_form else None

    async def _cut_off(self, origin: Origin) -> None:
        """Tell that the process ends before the answer; it waits for this no longer than a second."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE):
                await self._try_quick(origin, plain(_RESTARTING))

    async def _try_quick(self, origin: Origin, body: dict[str, Any]) -> None:
        try:
            await self.quick(origin, body)
        except BackendError as error:
            log.warning("a sign could not be shown", error=str(error))

    async def important(self, origin: Origin, shown: Shown, key: str) -> None:
        """Send what must arrive: where Slack is away it goes to the outbox, as a direct message."""
        try:
            await self.send(origin, shown, key=key)
        except (Unavailable, Unauthenticated, Denied, NotFound, Invalid) as error:
            if shown.private:
                raise
            log.warning("an answer goes through the outbox", error=str(error), key=key)
            message = Outgoing(key, origin.principal.team, origin.principal.id, shown.body)
            # The attempt may have arrived without our hearing of it, so it is looked for before it is posted.
            await self._store.outbox.put(message, ambiguous=True)


async def _done(work: asyncio.Task[Reply], seconds: float) -> bool:
    done, _ = await asyncio.wait({work}, timeout=seconds)
    return bool(done)
