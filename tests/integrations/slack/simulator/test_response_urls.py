"""Response URLs: how often, how long, and what they replace."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.slack.simulator.acting import Target
from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client, RecordedApp
from tests.integrations.slack.simulator.surfaces import actions, button


@pytest.fixture
async def commanded(slack: SlackSimulator, bot: RecordedApp) -> str:
    """The response URL of a slash command of Ada's in #general."""
    await slack.acting.command("ada", "general", "x")
    url: str = bot.of("slash_command")[0]["response_url"]
    return url


async def pressed(slack: SlackSimulator, bot: RecordedApp, client: Client, *, ephemeral: bool) -> tuple[str, str]:
    """Press a button; return the message's timestamp and the response URL."""
    content: dict[str, Any] = {"channel": "C0GENERAL", "text": "x", "blocks": [actions(button("go"))]}
    if ephemeral:
        ts = (await client.ok("chat.postEphemeral", user="U0ADA", **content))["message_ts"]
    else:
        ts = (await client.ok("chat.postMessage", **content))["ts"]
    await slack.acting.action("ada", Target("general", ts), "go")
    return ts, bot.of("block_actions")[0]["response_url"]


def general(slack: SlackSimulator) -> list[str]:
    """Return the texts that Ada sees in #general."""
    return [m.text for m in slack.world.visible("C0GENERAL", "U0ADA")]


async def test_an_answer_is_for_the_person_alone(slack: SlackSimulator, client: Client, commanded: str) -> None:
    """Without a response_type an answer is ephemeral, on the device that gave the command."""
    slack.acting.person("ada", "phone")
    assert await client.respond(commanded, text="psst") == (200, {"ok": True})
    (message,) = slack.world.channels["C0GENERAL"].ephemerals.values()
    assert (message.for_user, message.for_device) == ("U0ADA", "U0ADA-desktop")


async def test_an_answer_can_be_for_everybody(slack: SlackSimulator, client: Client, commanded: str) -> None:
    """`in_channel` posts, even where the bot is no member."""
    await client.respond(commanded, text="hear", response_type="in_channel")
    assert [m.text for m in slack.world.channels["C0GENERAL"].messages.values()] == ["hear"]


async def test_five_answers_and_no_more(client: Client, commanded: str) -> None:
    """The sixth answer is refused with used_url."""
    for _ in range(5):
        assert (await client.respond(commanded, text="x"))[0] == 200
    assert await client.respond(commanded, text="x") == (404, {"ok": False, "error": "used_url"})


async def test_half_an_hour_and_no_longer(client: Client, clock: ManualClock, commanded: str) -> None:
    """After thirty minutes the URL has expired; an invented one is taken for an expired one."""
    clock.shift(30 * 60 + 1)
    assert await client.respond(commanded, text="x") == (404, {"ok": False, "error": "expired_url"})
    assert (await client.respond(f"{client.simulator.url}/response/none", text="x"))[1]["error"] == "expired_url"


async def test_a_refused_answer_does_not_count(client: Client, commanded: str) -> None:
    """An answer with a fault is refused and may be tried again."""
    for _ in range(6):
        assert (await client.respond(commanded, text="", blocks=[]))[1]["error"] == "no_text"
    assert (await client.respond(commanded, text="x"))[0] == 200


@pytest.mark.parametrize("how", ["replace_original", "delete_original"])
async def test_a_commands_answer_replaces_nothing(
    slack: SlackSimulator, client: Client, commanded: str, how: str
) -> None:
    """For a slash command's URL, replacing or deleting is just another message."""
    await client.respond(commanded, text="first")
    await client.respond(commanded, text="second", **{how: True})
    assert general(slack) == ["first", "second"]


@pytest.mark.parametrize("ephemeral", [True, False])
async def test_a_buttons_answer_replaces_its_message(
    slack: SlackSimulator, client: Client, bot: RecordedApp, *, ephemeral: bool
) -> None:
    """For a button's URL the message is replaced wholly, an ephemeral one too."""
    _, url = await pressed(slack, bot, client, ephemeral=ephemeral)
    await client.respond(url, text="done", replace_original=True)
    (message,) = slack.world.visible("C0GENERAL", "U0ADA")
    assert (message.text, message.blocks) == ("done", [])


@pytest.mark.parametrize("ephemeral", [True, False])
async def test_a_buttons_answer_can_delete_its_message(
    slack: SlackSimulator, client: Client, bot: RecordedApp, *, ephemeral: bool
) -> None:
    """delete_original takes the message away."""
    _, url = await pressed(slack, bot, client, ephemeral=ephemeral)
    await client.respond(url, delete_original=True)
    assert general(slack) == []


async def test_an_ephemeral_message_is_not_in_the_payload(
    slack: SlackSimulator, client: Client, bot: RecordedApp
) -> None:
    """A press in an ephemeral message says so, and carries no message."""
    ts, _ = await pressed(slack, bot, client, ephemeral=True)
    (payload,) = bot.of("block_actions")
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0GENERAL",
        "is_ephemeral": True,
    }
    assert "message" not in payload


async def test_invalid_blocks_are_refused_with_their_path(client: Client, commanded: str) -> None:
    """Blocks with a fault are refused as in chat.postMessage."""
    status, body = await client.respond(commanded, blocks=[{"type": "section"}])
    assert (status, body["error"]) == (400, "invalid_blocks")
    assert "/blocks/0" in body["response_metadata"]["messages"][0]
