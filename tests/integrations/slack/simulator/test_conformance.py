"""What the simulator and the real Slack must answer alike; run it against the real one to see whether it does.

With `IDP_TEST_SLACK_TOKEN` (a bot token) the same calls go to Slack: `IDP_TEST_SLACK_URL=https://slack.com/api/` lets
tests leave this machine, and `IDP_TEST_SLACK_CHANNEL` is the id of a public channel that the bot is in and may write
to. Everything posted is deleted again.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.surfaces import actions, button, home, modal, section

TOKEN = os.environ.get("IDP_TEST_SLACK_TOKEN", "")
URL = os.environ.get("IDP_TEST_SLACK_URL", "https://slack.com/api/")


@dataclass
class Server:
    """Slack or its stand-in, with a channel that the bot is in."""

    client: AsyncWebClient
    channel: str
    posted: list[tuple[str, str]]

    async def post(self, **content: Any) -> Any:
        answer = await self.client.chat_postMessage(channel=self.channel, **content)
        self.posted.append((str(answer["channel"]), str(answer["ts"])))
        return answer

    async def error(self, method: str, **arguments: Any) -> Any:
        """Return the body of a call that is to fail."""
        with pytest.raises(SlackApiError) as caught:
            await self.client.api_call(method, json=arguments)
        return caught.value.response.data


@pytest.fixture
async def server(slack: SlackSimulator) -> AsyncIterator[Server]:
    async with aiohttp.ClientSession() as session:
        token, url = (TOKEN, URL) if TOKEN else (slack.world.app.bot_token, slack.api_url)
        channel = os.environ["IDP_TEST_SLACK_CHANNEL"] if TOKEN else "C0GENERAL"
        made = Server(AsyncWebClient(token, base_url=url, session=session), channel, [])
        yield made
        for where, ts in made.posted:
            await made.client.chat_delete(channel=where, ts=ts)


async def test_the_token_has_an_owner(server: Server) -> None:
    """auth.test names workspace, user and bot, and its headers the scopes."""
    answer = await server.client.auth_test()
    assert {"url", "team", "user", "team_id", "user_id", "bot_id"} <= set(answer.data)
    assert "chat:write" in {key.lower(): value for key, value in answer.headers.items()}["x-oauth-scopes"]


async def test_a_message_is_the_bots(server: Server) -> None:
    """A posted message carries bot_id, app_id and its blocks with ids made up."""
    answer = await server.post(text="conformance", blocks=[section("hello")])
    message = answer["message"]
    assert {"type", "user", "ts", "bot_id", "app_id", "text", "team", "bot_profile", "blocks"} <= set(message)
    assert message["blocks"][0]["block_id"]


async def test_text_is_stored_alike(server: Server) -> None:
    """Escapes stay, a bare ampersand becomes one, tokens stay."""
    answer = await server.post(text="a & b &amp; c &lt;d&gt; <https://example.com|here>")
    assert answer["message"]["text"] == "a &amp; b &amp; c &lt;d&gt; <https://example.com|here>"


async def test_metadata_is_found_in_the_history(server: Server) -> None:
    """A message's metadata comes back with include_all_metadata."""
    metadata = {"event_type": "idp_conformance", "event_payload": {"key": "k1"}}
    posted = await server.post(text="conformance", metadata=metadata)
    history: Any = await server.client.conversations_history(
        channel=server.channel, oldest=str(posted["ts"]), inclusive=True, include_all_metadata=True
    )
    assert history["messages"][0]["metadata"] == metadata


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C00000000", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "", "text": "x"}, "channel_not_found"),
        ("chat.update", {"ts": "1000000000.000000", "text": "x"}, "message_not_found"),
        ("chat.delete", {"ts": "1000000000.000000"}, "message_not_found"),
        ("users.info", {"user": "U00000000"}, "user_not_found"),
        ("conversations.info", {"channel": "C00000000"}, "channel_not_found"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.replies", {"ts": "1000000000.000000"}, "thread_not_found"),
        ("reactions.add", {"timestamp": "1000000000.000000", "name": "eyes"}, "message_not_found"),
        ("files.completeUploadExternal", {"files": [{"id": "F00000000"}]}, "file_not_found"),
        ("views.open", {"trigger_id": "1.2.x", "view": modal()}, "invalid_trigger_id"),
        ("views.update", {"view_id": "V00000000", "view": modal()}, "not_found"),
        ("no.such.method", {}, "unknown_method"),
    ],
)
async def test_errors_have_slacks_names(server: Server, method: str, arguments: dict[str, Any], error: str) -> None:
    """A refusal has the same name on both."""
    in_channel = method.startswith(("chat.update", "chat.delete", "conversations.replies", "reactions"))
    where = {"channel": server.channel} if in_channel else {}
    assert (await server.error(method, **where, **arguments))["error"] == error


async def test_no_text_is_refused(server: Server) -> None:
    """A message without content has no text."""
    assert (await server.error("chat.postMessage", channel=server.channel))["error"] == "no_text"


async def test_invalid_blocks_carry_a_pointer(server: Server) -> None:
    """The fault's place is in the response's metadata."""
    body = await server.error("chat.postMessage", channel=server.channel, text="x", blocks=[section("")])
    assert body["error"] == "invalid_blocks"
    assert any("json-pointer:/blocks/0/text" in m for m in body["response_metadata"]["messages"])


async def test_duplicate_action_ids_are_refused(server: Server) -> None:
    """An action_id twice in one block is invalid on both."""
    blocks = [actions(button("same"), button("same"))]
    body = await server.error("chat.postMessage", channel=server.channel, text="x", blocks=blocks)
    assert body["error"] == "invalid_blocks"


async def test_an_ephemeral_message_cannot_be_updated(server: Server) -> None:
    """chat.update does not find an ephemeral message."""
    me = await server.client.conversations_members(channel=server.channel)
    members: Any = me["members"]
    bot = (await server.client.auth_test())["user_id"]
    person = next(m for m in members if m != bot)
    whispered = await server.client.chat_postEphemeral(channel=server.channel, user=person, text="conformance")
    body = await server.error("chat.update", channel=server.channel, ts=whispered["message_ts"], text="x")
    assert body["error"] == "message_not_found"


async def test_a_home_has_a_hash(server: Server) -> None:
    """A published home comes back with id and hash; an old hash conflicts."""
    members: Any = (await server.client.conversations_members(channel=server.channel))["members"]
    bot = (await server.client.auth_test())["user_id"]
    person = next(m for m in members if m != bot)
    first: Any = (await server.client.views_publish(user_id=person, view=home()))["view"]
    await server.client.views_publish(user_id=person, view=home(section("more")), hash=first["hash"])
    body = await server.error("views.publish", user_id=person, view=home(), hash=first["hash"])
    assert body["error"] == "hash_conflict"
