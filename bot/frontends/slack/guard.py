"""What stands in front of Bolt on HTTP: only genuine, recent, well-formed requests get through, each acting once.

Nothing is said to the outside but a status and a word. There is no way around the signature.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

from bot.frontends.slack.once import Once

LARGEST = 1024 * 1024
WINDOW = 300
# Slack itself gives up after three seconds; whoever sends slower wants to hold a connection.
BODY_WITHIN = 5.0
FORM = "application/x-www-form-urlencoded"
Respond = Callable[[str, Mapping[str, str]], Awaitable[tuple[int, str, str]]]


class Refused(Exception):
    """The request is refused with this status and word."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word


def verify(secret: str, body: bytes, headers: Mapping[str, str], now: datetime) -> str:
    """Return the request's key (its timestamp and signature). Raises Refused(401) unless the signature is Slack's and
    less than five minutes old (https://docs.slack.dev/authentication/verifying-requests-from-slack).
    """
    stamp = headers.get("X-Slack-Request-Timestamp", "")
    signature = headers.get("X-Slack-Signature", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Refused(401, "malformed timestamp")
    if abs(now.timestamp() - int(stamp)) > WINDOW:
        raise Refused(401, "stale timestamp")
    expected = "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        raise Refused(401, "wrong signature")
    return f"http:{stamp}:{signature}"


def check_form(text: str, content_type: str) -> None:
    """Raise Refused(400) for a body that is not what its content type says."""
    if content_type == "application/json":
        _object(text)
    elif content_type == FORM:
        if "payload=" not in text:
            return
        payload = urllib.parse.parse_qs(text, keep_blank_values=True).get("payload")
        if payload is not None:
            _object(payload[0])
    else:
        raise Refused(400, "unexpected content type")


def _object(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "malformed JSON") from error
    if not isinstance(found, dict):
        raise Refused(400, "not an object")
    return found


async def read(request: web.Request, within: float) -> bytes:
    """Return the body. Raises Refused(413) over a mebibyte, without reading on, and Refused(408) where it is not there
    within so many seconds.
    """
    if (request.content_length or 0) > LARGEST:
        raise Refused(413, "too large")
    if request.content.is_eof():
        # All of it came with the head, as Slack's deliveries do: there is nothing to wait for.
        return _bounded(request.content.read_nowait())
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.content.iter_chunked(65536):
                body += _bounded(chunk, len(body))
    except TimeoutError as error:
        raise Refused(408, "too slow") from error
    return bytes(body)


def _bounded(chunk: bytes, so_far: int = 0) -> bytes:
    if so_far + len(chunk) > LARGEST:
        raise Refused(413, "too large")
    return chunk


class Guard:
    def __init__(
        self,
        signing_secret: Callable[[], str],
        once: Once,
        respond: Respond,
        clock: Callable[[], datetime],
        *,
        reason: Callable[[], str],
        arrived: Callable[[], None],
        body_within: float = BODY_WITHIN,
    ) -> None:
        self._secret = signing_secret
        self._once = once
        self._respond = respond
        self._clock = clock
        self._reason = reason
        self._arrived = arrived
        self._body_within = body_within

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one delivery from Slack; while stopping or starting, 503, so that nothing is taken and dropped."""
        self._arrived()
        if self._reason():
            return web.Response(status=503, text=self._reason())
        try:
            body = await read(request, self._body_within)
            key = verify(self._secret(), body, request.headers, self._clock())
            try:
                text = body.decode()
            except UnicodeDecodeError as error:
                raise Refused(400, "not UTF-8") from error
            check_form(text, request.content_type)
        except Refused as refused:
            return web.Response(status=refused.status, text=refused.word)
        headers = {"content-type": request.headers.get("Content-Type", FORM)}
        for name in ("X-Slack-Retry-Num", "X-Slack-Retry-Reason"):
            if name in request.headers:
                headers[name.lower()] = request.headers[name]

        status, content_type, content = await self._once.run(
            key, lambda: self._respond(text, headers), repeated=(200, "", "")
        )
        if not content:
            return web.Response(status=status)
        return web.Response(status=status, body=content.encode(), content_type=content_type or "text/plain")
