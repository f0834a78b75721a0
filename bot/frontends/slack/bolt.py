"""The Bolt app: a handful of listeners that acknowledge and hand over, nothing else.

Each registered listener costs every request that it does not match, so there is one per kind, and dictionaries route.
With `process_before_response` what runs before `ack` delays Slack's answer: only submissions and options do work there,
because the acknowledgement is their answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.frontends.slack import actions, forms, shortcut, slash
from bot.frontends.slack.elements import Json
from bot.frontends.slack.events import Events
from bot.frontends.slack.front import Front
from integrations.slack import Install

ANY = re.compile(".*")
SHORTCUT = "command_on_message"


def build(front: Front, events: Events, install: Install, web: AsyncWebClient, token: str) -> AsyncApp:
    """Return the app with its listeners. The guard in front has verified signatures and repeats already."""

    async def authorize(**context: Any) -> AuthorizeResult:
        """Return the one installation; whose request this is, identity decides."""
        del context
        return AuthorizeResult(
            enterprise_id=install.enterprise or None,
            team_id=install.team,
            bot_token=token,
            bot_id=install.bot_id,
            bot_user_id=install.bot_user,
        )

    app = AsyncApp(
        client=web,
        # Without it Bolt's loggers take the root's level, and at `debug` write down every body: what people say.
        logger=logging.getLogger("slack_bolt"),
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        # Our own check of messages knows more: see `slash.is_a_command`.
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    @app.command("/idp")
    async def command(ack: AsyncAck, body: Json) -> None:
        await ack()
        slash.command(front, body)

    @app.action(ANY)
    async def action(ack: AsyncAck, body: Json) -> None:
        await ack()
        actions.clicked(front, body)

    @app.view(ANY)
    async def view(ack: AsyncAck, body: Json) -> None:
        await ack(**await forms.submitted(front, body))

    @app.view_closed(ANY)
    async def view_closed(ack: AsyncAck, body: Json) -> None:
        await ack()
        front.spawn(forms.closed(front, body), "view closed")

    @app.options(ANY)
    async def options(ack: AsyncAck, body: Json) -> None:
        await ack(**await forms.options(front, body))

    @app.shortcut(SHORTCUT)
    async def message_shortcut(ack: AsyncAck, body: Json) -> None:
        await ack()
        front.spawn(shortcut.called(front, body), "shortcut")

    async def event(ack: AsyncAck, body: Json) -> None:
        await ack()
        front.spawn(events.take(body), "event")

    for name in events.names:
        app.event(name)(event)
    return app


def responder(app: AsyncApp) -> Callable[[str, Mapping[str, str]], Awaitable[tuple[int, str, str]]]:
    """Return what the guard hands verified requests to: (status, content type, body)."""

    async def respond(text: str, headers: Mapping[str, str]) -> tuple[int, str, str]:
        answer = await app.async_dispatch(AsyncBoltRequest(body=text, headers=dict(headers)))
        return answer.status, answer.first_headers().get("content-type", "").partition(";")[0], answer.body or ""

    return respond
