"""The baselines that acknowledging is held against: a bare Bolt app, and aiohttp that only checks the signature.

Started as a process: `python -m tests.bench._servers bolt|aiohttp PORT SECRET API_URL`.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient


def bare_bolt(secret: str, api_url: str) -> web.Application:
    """Return the fastest Bolt app there is: one command, acknowledged at once, signatures checked by Bolt."""

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0ACME", bot_token="xoxb-x", bot_id="B1", bot_user_id="U1")

    client = AsyncWebClient(base_url=api_url)
    app = AsyncApp(signing_secret=secret, client=client, authorize=authorize, process_before_response=True)

    @app.command("/idp")
    async def command(ack: AsyncAck) -> None:
        await ack()

    async def handle(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        answer = await app.async_dispatch(AsyncBoltRequest(body=body, headers=dict(request.headers)))
        return web.Response(status=answer.status, text=answer.body)

    site = web.Application()
    site.router.add_post("/slack/events", handle)
    return site


def bare_aiohttp(secret: str) -> web.Application:
    """Return a handler that checks the signature and says 200."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        stamp = request.headers["X-Slack-Request-Timestamp"].encode()
        made = "v0=" + hmac.new(secret.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(made, request.headers["X-Slack-Signature"])
        return web.Response(status=200 if good else 401)

    site = web.Application()
    site.router.add_post("/slack/events", handle)
    return site


if __name__ == "__main__":
    _, kind, port, secret, api_url = sys.argv
    made = bare_bolt(secret, api_url) if kind == "bolt" else bare_aiohttp(secret)
    web.run_app(made, host="127.0.0.1", port=int(port), access_log=None, print=None)
