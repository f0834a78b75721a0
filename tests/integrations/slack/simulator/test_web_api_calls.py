"""What every Web API call has to pass: token, method, rate, arguments, scopes; in Slack's words."""

from __future__ import annotations

import pytest

from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("", "not_authed"),
        ("Bearer ", "not_authed"),
        ("Bearer xoxb-other", "invalid_auth"),
        ("Bearer xapp-simulated", "not_allowed_token_type"),
    ],
)
async def test_tokens_are_checked(client: Client, header: str, error: str) -> None:
    """A missing, unknown or app-level token is refused with its own error."""
    _, _, body = await client.raw("users.info", json={"user": "U0ADA"}, headers={"Authorization": header})
    assert body == {"ok": False, "error": error}


async def test_a_form_may_carry_the_token(client: Client) -> None:
    """A form's `token` field counts where there is no header."""
    token = client.simulator.world.app.bot_token
    _, _, body = await client.raw("auth.test", data={"token": token}, headers={"Authorization": ""})
    assert body["ok"]


async def test_an_unknown_method_is_refused(client: Client) -> None:
    """What is not implemented is an unknown method, not a silent success."""
    assert await client.call("chat.scheduleMessage") == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.scheduleMessage",
    }


async def test_an_unimplemented_argument_is_refused(client: Client) -> None:
    """An argument that has no effect here is refused by name."""
    body = await client.call("chat.postMessage", channel="C0GENERAL", text="x", username="somebody")
    assert body["error"] == "invalid_arg_name"
    assert "username" in body["response_metadata"]["messages"][0]


async def test_a_missing_scope_says_which(client: Client) -> None:
    """A call without its scope names what is needed and what was granted."""
    client.simulator.world.app.scopes = ("chat:write", "im:write")
    status, headers, body = await client.raw("users.info", json={"user": "U0ADA"})
    assert (status, body["error"], body["needed"]) == (200, "missing_scope", "users:read")
    assert body["provided"] == "chat:write,im:write"
    assert headers["x-oauth-scopes"] == "chat:write,im:write"
    assert headers["x-accepted-oauth-scopes"] == "users:read"


async def test_a_conversations_scope_depends_on_its_kind(client: Client) -> None:
    """Reading about a private channel needs groups:read, about a public one channels:read."""
    client.simulator.world.app.scopes = ("channels:read",)
    await client.ok("conversations.info", channel="C0GENERAL")
    assert (await client.call("conversations.info", channel="C0TEAM"))["needed"] == "groups:read"


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json", "json_not_object"),
        (b"x", "text/plain", "invalid_post_type"),
    ],
)
async def test_malformed_bodies_are_refused(client: Client, body: bytes, content_type: str, error: str) -> None:
    """A body that is no JSON object and no form is refused."""
    _, _, answer = await client.raw("auth.test", data=body, headers={"Content-Type": content_type})
    assert answer["error"] == error


async def test_structures_may_come_as_strings_in_a_form(client: Client) -> None:
    """A form carries blocks as a JSON string; a string that is none is refused."""
    form = {"channel": "C0GENERAL", "blocks": '[{"type": "divider"}]', "text": "x"}
    assert (await client.raw("chat.postMessage", data=form))[2]["message"]["blocks"][0]["type"] == "divider"
    form["blocks"] = "[{"
    assert (await client.raw("chat.postMessage", data=form))[2]["error"] == "invalid_blocks_format"


async def test_who_the_token_is(client: Client) -> None:
    """auth.test names team, user and bot."""
    body = await client.ok("auth.test")
    world = client.simulator.world
    assert (body["team_id"], body["user_id"], body["bot_id"]) == (
        world.workspace.id,
        world.app.bot_user,
        world.app.bot_id,
    )
    assert (await client.ok("bots.info", bot=body["bot_id"]))["bot"]["app_id"] == world.app.id


async def test_posting_is_limited_by_channel(client: Client, clock: ManualClock) -> None:
    """Beyond a small burst, a channel takes about one message a second; other channels are not concerned."""
    for _ in range(5):
        await client.ok("chat.postMessage", channel="C0GENERAL", text="x")
    status, headers, body = await client.raw("chat.postMessage", json={"channel": "C0GENERAL", "text": "x"})
    assert (status, body, headers["Retry-After"]) == (429, {"ok": False, "error": "ratelimited"}, "1")
    await client.ok("chat.postMessage", channel="C0TEAM", text="x")
    clock.shift(1)
    await client.ok("chat.postMessage", channel="C0GENERAL", text="x")
    assert (await client.raw("chat.postMessage", json={"channel": "C0GENERAL", "text": "x"}))[0] == 429


async def test_a_method_is_limited_by_its_tier(client: Client, clock: ManualClock) -> None:
    """users.list is Tier 2: twenty calls a minute, then 429 with the seconds to wait."""
    for _ in range(20):
        await client.ok("users.list")
    status, headers, _ = await client.raw("users.list")
    assert (status, headers["Retry-After"]) == (429, "3")
    clock.shift(3)
    await client.ok("users.list")


async def test_limits_can_be_relaxed(slack: SlackSimulator, client: Client) -> None:
    """Without strict rates every call passes."""
    slack.rates.strict = False
    for _ in range(10):
        await client.ok("chat.postMessage", channel="C0GENERAL", text="x")


async def test_calls_are_logged_without_tokens(client: Client) -> None:
    """State lists calls with method, arguments and error, and never a token."""
    await client.error("users.info", user="U0NOBODY")
    state = await client.state()
    (call,) = state["calls"]
    assert (call["method"], call["arguments"], call["error"]) == ("users.info", {"user": "U0NOBODY"}, "user_not_found")
    assert "xoxb" not in str(state)
