"""Whatever stands between the bot and Slack may answer in Slack's place; it is told as Slack's being away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from integrations.errors import Conflict, Unavailable
from integrations.slack.client import WebSlack, connect
from integrations.slack.settings import SlackSettings

JSON, HTML = "application/json", "text/html"


@asynccontextmanager
async def slack_that_answers(status: int, kind: str, body: str, headers: dict[str, str]) -> AsyncIterator[WebSlack]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, content_type=kind, text=body, headers=headers)

    site = web.Application()
    site.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        made: dict[str, Any] = {"bot_token": "xoxb-1", "signing_secret": "s", "api_url": url}
        async with connect(SlackSettings.model_validate(made)) as slack:
            yield slack
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "kind", "body", "headers"),
    [
        (200, JSON, "{", {}),
        (200, JSON, "", {}),
        (200, JSON, "[]", {}),
        (200, JSON, "null", {}),
        (200, HTML, "<h1>Please sign in</h1>", {}),
        (200, "text/plain", "hello", {}),
        (404, HTML, "<h1>no such page</h1>", {}),
        (502, HTML, "<h1>bad gateway</h1>", {}),
        (503, JSON, "{", {}),
    ],
    ids=str,
)
async def test_nonsense_is_no_answer(status: int, kind: str, body: str, headers: dict[str, str]) -> None:
    """An answer that Slack would not give means that Slack is away for now, and never that a message is refused."""
    async with slack_that_answers(status, kind, body, headers) as slack:
        with pytest.raises(Unavailable):
            await slack.post("C1", {"text": "hello"}, key="k")


@pytest.mark.parametrize("wait", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", "-5", "inf", "nan"])
async def test_a_wait_that_is_no_number_is_none(wait: str) -> None:
    """A response URL that asks to wait in words is told as busy, with a wait of our own."""
    async with slack_that_answers(429, JSON, "{}", {"Retry-After": wait}) as slack:
        with pytest.raises(Unavailable) as told:
            await slack.respond(f"{slack.web.base_url}response", {"text": "hello"})
    assert told.value.retry_after is not None
    assert 0 < told.value.retry_after <= 3600


async def test_a_response_url_that_redirects_is_not_followed() -> None:
    """What an answer says goes to the address that Slack signed, and nowhere else."""
    reached: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    site = web.Application()
    site.router.add_route("*", "/{tail:.*}", redirect)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    made = {"bot_token": "xoxb-1", "signing_secret": "s", "api_url": f"{url}/api/"}
    async with connect(SlackSettings.model_validate(made)) as slack:
        with pytest.raises(Unavailable):
            await slack.respond(f"{url}/response", {"text": "secret"})
    await runner.cleanup()
    assert reached == ["/response"]


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:{port}/response",
        "https://127.0.0.1:{port}/response",
        "http://127.0.0.1:{port}@internal/response",
        "file:///etc/passwd",
        "",
    ],
)
async def test_a_response_url_of_another_host_is_not_called(address: str) -> None:
    """Answers go to Slack's hosts only, also for whoever has stolen the signing secret."""
    async with slack_that_answers(200, JSON, "{}", {}) as slack:
        port = urlsplit(slack.web.base_url).port
        with pytest.raises(Conflict):
            await slack.respond(address.format(port=port), {"text": "secret"})
