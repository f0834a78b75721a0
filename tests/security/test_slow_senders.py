"""Whoever sends slowly, or nothing, holds no connection for long."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.app import site_runner
from bot.frontends.slack.guard import Guard
from bot.frontends.slack.once import Once
from tests.security.keys import Keys

SOON = 0.2


def now() -> datetime:
    return datetime.now(UTC)


async def nothing(_text: str, _headers: object) -> tuple[int, str, str]:
    return 200, "", ""


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"POST /sl", b""),
        (b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc", b"HTTP/1.1 408"),
        (b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"HTTP/1.1 408"),
    ],
    ids=["nothing", "half a line", "half a body", "a body without end"],
)
async def test_a_slow_sender_is_cut_off(sent: bytes, answered: bytes) -> None:
    """A connection whose request does not arrive is closed, whoever opened it."""
    guard = Guard(lambda: "x", Once(Keys(), now), nothing, now, reason=str, arrived=lambda: None, body_within=SOON)
    site = web.Application()
    site.router.add_post("/slack/events", guard.handle)
    runner = site_runner(site, idle=SOON)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(sent)
        async with asyncio.timeout(10):
            found = await reader.read()
        assert found[: len(answered)] == answered
        writer.close()
        await writer.wait_closed()
    finally:
        await runner.cleanup()
