"""Brings what happens in the workspace to the app, over HTTP or Socket Mode, as Slack does: signed, with 3 seconds to
answer, and for events with three more attempts.

It knows transports, not meanings: payloads are made elsewhere, and what an answer means is read elsewhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import time
from collections import deque
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urljoin

import aiohttp

from integrations.slack.simulator.socket_mode import SocketMode
from integrations.slack.simulator.state import DeliveryRecord, Json
from integrations.slack.simulator.world import World

RETRY_AFTER = (0.0, 60.0, 300.0)  # https://docs.slack.dev/apis/events-api/#retries
FORM = "application/x-www-form-urlencoded"
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"
MOST_BYTES = 1 << 20
REMEMBERED = 200


class Envelope(StrEnum):
    """What Slack calls the kinds of delivery in Socket Mode."""

    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True, slots=True)
class Answer:
    """How the app answered. `status` is 0 where no answer came in time; `error` is then Slack's word for it;
    `reason` is what a retry would say, `final` that the app asked for none.
    """

    status: int
    seconds: float
    body: str = ""
    error: str = ""
    is_json: bool = False
    reason: str = ""
    final: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def parsed(self) -> Any:
        """Return the body as JSON where it is that, otherwise as text."""
        try:
            return json.loads(self.body) if self.body else ""
        except ValueError:
            return self.body


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return Slack's v0 signature: https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Delivery:
    """`app_url` is the app's one request URL; it may be set after the simulator has started."""

    def __init__(self, world: World, socket_mode: SocketMode, *, app_url: str = "", ack_timeout: float = 3.0) -> None:
        self.world = world
        self.app_url = app_url
        self.ack_timeout = ack_timeout
        self._socket_mode = socket_mode
        self._session: aiohttp.ClientSession | None = None
        self._retries: set[asyncio.Task[None]] = set()
        self._sent: deque[tuple[bytes, dict[str, str]]] = deque(maxlen=REMEMBERED)

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100), auto_decompress=True)

    async def stop(self) -> None:
        """Stop retrying and let go of connections."""
        for task in self._retries:
            task.cancel()
        await asyncio.gather(*self._retries, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def retrying(self) -> int:
        """How many events wait for another attempt."""
        return len(self._retries)

    async def send(self, envelope: Envelope, payload: Json) -> Answer:
        """Deliver a command or an interaction, once: Slack does not retry those."""
        return await self._attempt(envelope, payload)

    async def event(self, payload: Json) -> Answer:
        """Deliver an event; return the answer to the first attempt, the others go on in the background."""
        answer = await self._attempt(Envelope.EVENT, payload)
        if not answer.ok and not answer.final:
            task = asyncio.create_task(self._retry(payload, answer))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
        return answer

    async def _retry(self, payload: Json, answer: Answer) -> None:
        for number, seconds in enumerate(RETRY_AFTER, 1):
            await self.world.clock.sleep(seconds)
            if self.world.app.uninstalled:
                return
            answer = await self._attempt(Envelope.EVENT, payload, number, answer.reason)
            if answer.ok or answer.final:
                return

    async def verify_url(self) -> bool:
        """Do the handshake with which Slack takes a request URL; return whether the app gave the challenge back."""
        challenge = hashlib.sha256(str(self.world.clock.now()).encode()).hexdigest()
        payload = {"token": self.world.app.token, "challenge": challenge, "type": "url_verification"}
        answer = await self._http(json.dumps(payload).encode(), "application/json", {})
        self._log("url_verification", payload, answer)
        said = answer.parsed()
        return answer.ok and (said.get("challenge") if isinstance(said, dict) else said) == challenge

    async def raw(
        self, body: bytes, headers: Mapping[str, str], *, signed: bool, timestamp: str = "", path: str = ""
    ) -> Answer:
        """Send anything at all to the request URL, for tests of what must not get in. It is signed for `timestamp` (now
        where none is given); headers that are given win over Slack's own.
        """
        answer = await self._http(body, "", dict(headers), signed=signed, timestamp=timestamp, path=path)
        self._log("raw", {"bytes": len(body)}, answer)
        return answer

    async def replay(self, back: int = 1) -> Answer:
        """Send once more, byte by byte and with the same signature or envelope_id, what was sent that many deliveries
        ago: what a network may do to any delivery. Raises LookupError where there was none.
        """
        if self.world.app.socket_mode:
            answer = await self._over_socket(self._socket_mode.resend(back))
        else:
            body, headers = self._sent[-back]
            answer = await self._post(body, headers, self.app_url)
        self._log("replay", {"back": back}, answer)
        return answer

    async def _attempt(self, envelope: Envelope, payload: Json, number: int = 0, reason: str = "") -> Answer:
        if self.world.app.socket_mode:
            sending = self._socket_mode.send(envelope.value, payload, attempt=number, reason=reason)
            answer = await self._over_socket(sending)
        else:
            headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
            if envelope is Envelope.EVENT:
                answer = await self._http(json.dumps(payload).encode(), "application/json", headers)
            else:
                fields = payload if envelope is Envelope.COMMAND else {"payload": json.dumps(payload)}
                answer = await self._http(urlencode(fields).encode(), FORM, headers)
        kind = payload["event"]["type"] if envelope is Envelope.EVENT else payload.get("type", "slash_command")
        self._log(kind, payload, answer, number, reason)
        return answer

    def _log(self, kind: str, payload: Json, answer: Answer, number: int = 0, reason: str = "") -> None:
        over_socket = self.world.app.socket_mode and kind not in ("raw", "url_verification")
        self.world.log_delivery(
            DeliveryRecord(
                self.world.clock.now(),
                kind,
                "socket" if over_socket else "http",
                number,
                answer.status,
                round(answer.seconds, 6),
                payload,
                answer.body[:4000],
                answer.error,
                reason,
            )
        )

    async def _over_socket(self, sending: Awaitable[Json | None]) -> Answer:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self.ack_timeout):
                said = await sending
        except TimeoutError:
            return Answer(0, time.perf_counter() - began, error="operation_timeout", reason="timeout")
        seconds = time.perf_counter() - began
        if said is None:
            return Answer(0, seconds, error="dispatch_failed", reason="connection_failed")
        body = json.dumps(said) if said else ""
        return Answer(200, seconds, body, is_json=bool(said))

    async def _http(
        self,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str],
        *,
        signed: bool = True,
        timestamp: str = "",
        path: str = "",
    ) -> Answer:
        if not self.app_url:
            return Answer(0, 0.0, error="dispatch_failed", reason="connection_failed")
        at = timestamp or str(self.world.seconds())
        sent = {"User-Agent": USER_AGENT, "Accept": "application/json,*/*", "Accept-Encoding": "gzip,deflate"}
        sent |= {"Content-Type": content_type} if content_type else {}
        if signed:
            signature = sign(self.world.app.secret, at, body)
            sent |= {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}
        sent |= headers
        self._sent.append((body, sent))
        return await self._post(body, sent, urljoin(self.app_url, path) if path else self.app_url)

    async def _post(self, body: bytes, headers: Mapping[str, str], url: str) -> Answer:
        assert self._session is not None, "the simulator has not been started"
        began = time.perf_counter()
        try:
            async with (
                asyncio.timeout(self.ack_timeout),
                self._session.post(url, data=io.BytesIO(body), headers=headers, allow_redirects=False) as response,
            ):
                said = await response.content.read(MOST_BYTES)
                text = said.decode("utf-8", "replace")
                is_json = response.content_type == "application/json"
                seconds = time.perf_counter() - began
                if 200 <= response.status < 300:
                    return Answer(response.status, seconds, text, is_json=is_json)
                final = response.headers.get("X-Slack-No-Retry") == "1"
                return Answer(response.status, seconds, text, "dispatch_failed", is_json, "http_error", final)
        except TimeoutError:
            return Answer(0, time.perf_counter() - began, error="operation_timeout", reason="http_timeout")
        except aiohttp.ClientError:
            return Answer(0, time.perf_counter() - began, error="dispatch_failed", reason="connection_failed")
