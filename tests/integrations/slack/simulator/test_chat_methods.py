"""chat.*: posting, updating, deleting, and ephemeral messages."""

from __future__ import annotations

import pytest

from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client
from tests.integrations.slack.simulator.surfaces import section


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"text": "x"}, "channel_not_found"),
        ({"channel": "C0SECRET", "text": "x"}, "channel_not_found"),
        ({"channel": "C0RANDOM", "text": "x"}, "not_in_channel"),
        ({"channel": "C0OLD", "text": "x"}, "is_archived"),
        ({"channel": "C0GENERAL"}, "no_text"),
        ({"channel": "C0GENERAL", "text": "  "}, "no_text"),
        ({"channel": "C0GENERAL", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0GENERAL", "text": "x", "blocks": {"a": 1}}, "invalid_blocks_format"),
        ({"channel": "C0GENERAL", "text": "x", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"channel": "C0GENERAL", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0GENERAL", "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"channel": "U0SIMBOT", "text": "x"}, "cannot_dm_bot"),
    ],
)
async def test_posting_is_refused_in_slacks_words(client: Client, arguments: dict[str, object], error: str) -> None:
    """Each reason for which Slack refuses a message has Slack's error."""
    assert await client.error("chat.postMessage", **arguments) == error


async def test_posting_where_the_bot_is_not_needs_a_scope(client: Client) -> None:
    """With chat:write.public the bot posts into public channels that it is not in, and into no private one."""
    world = client.simulator.world
    world.app.scopes = (*world.app.scopes, "chat:write.public")
    await client.ok("chat.postMessage", channel="C0RANDOM", text="x")
    assert await client.error("chat.postMessage", channel="C0SECRET", text="x") == "channel_not_found"


async def test_invalid_blocks_say_where(client: Client) -> None:
    """invalid_blocks carries the path of the fault, in `errors` and in the metadata."""
    body = await client.call("chat.postMessage", channel="C0GENERAL", text="x", blocks=[{"type": "section"}])
    assert "[json-pointer:/blocks/0" in body["errors"][0]
    assert body["response_metadata"]["messages"] == [f"[ERROR] {e}" for e in body["errors"]]


TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"blocks": [TABLE, TABLE]}, "invalid_attachments"),
        ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
        ({"blocks": [{"type": "section"}, *[section("x" * 3000)] * 5]}, "invalid_blocks"),
    ],
)
async def test_some_faults_of_blocks_have_their_own_error(
    client: Client, content: dict[str, object], error: str
) -> None:
    """Where Slack has an error of its own for a fault it is that one, unless something is malformed before it."""
    assert await client.error("chat.postMessage", channel="C0GENERAL", text="x", **content) == error


async def test_a_person_as_channel_is_their_direct_messages(client: Client) -> None:
    """Posting to a user id opens the direct messages, once."""
    first = await client.ok("chat.postMessage", channel="U0BEN", text="x")
    second = await client.ok("chat.postMessage", channel="U0BEN", text="y")
    assert first["channel"] == second["channel"]
    assert first["channel"].startswith("D")


async def test_timestamps_are_unique_while_time_stands_still(client: Client) -> None:
    """Two messages at the same moment have different timestamps, in order."""
    first = await client.ok("chat.postMessage", channel="C0GENERAL", text="x")
    second = await client.ok("chat.postMessage", channel="C0GENERAL", text="y")
    assert first["ts"] < second["ts"]


async def test_slack_makes_up_missing_ids(client: Client) -> None:
    """Blocks without a block_id get one."""
    body = await client.ok("chat.postMessage", channel="C0GENERAL", text="x", blocks=[section("hello")])
    assert body["message"]["blocks"][0]["block_id"]


async def test_text_is_kept_but_for_what_cannot_be_meant(client: Client) -> None:
    """Tokens and emoji pass unharmed; a bare ampersand and stray brackets are escaped, escaped ones stay."""
    said = "<!channel> <@U0ADA> <https://a.b|c> & &amp; 1 < 2 🎉 שלום"
    body = await client.ok("chat.postMessage", channel="C0GENERAL", text=said)
    assert body["message"]["text"] == "<!channel> <@U0ADA> <https://a.b|c> &amp; &amp; 1 &lt; 2 🎉 שלום"


async def test_only_the_bots_own_messages_can_be_updated(slack: SlackSimulator, client: Client) -> None:
    """Another's message cannot be updated or deleted, a missing one is not found, nor is an ephemeral one."""
    said = await slack.acting.message("ada", "general", "hello")
    whispered = await client.ok("chat.postEphemeral", channel="C0GENERAL", user="U0ADA", text="psst")
    ts = said.detail["ts"]
    assert await client.error("chat.update", channel="C0GENERAL", ts=ts, text="x") == "cant_update_message"
    assert await client.error("chat.delete", channel="C0GENERAL", ts=ts) == "cant_delete_message"
    assert await client.error("chat.update", channel="C0GENERAL", ts="1.1", text="x") == "message_not_found"
    ephemeral = await client.error("chat.update", channel="C0GENERAL", ts=whispered["message_ts"], text="x")
    assert ephemeral == "message_not_found"


async def test_an_update_keeps_what_it_does_not_name(client: Client) -> None:
    """Updating the text keeps the blocks; empty blocks remove them."""
    posted = await client.ok("chat.postMessage", channel="C0GENERAL", text="x", blocks=[section("hello")])
    kept = await client.ok("chat.update", channel="C0GENERAL", ts=posted["ts"], text="y")
    assert kept["message"]["blocks"]
    gone = await client.ok("chat.update", channel="C0GENERAL", ts=posted["ts"], text="y", blocks=[])
    assert "blocks" not in gone["message"]
    assert gone["message"]["edited"]["user"] == client.simulator.world.app.bot_user


async def test_an_update_is_shorter_than_a_post(client: Client) -> None:
    """chat.update takes 4,000 characters of text."""
    posted = await client.ok("chat.postMessage", channel="C0GENERAL", text="x" * 5000)
    error = await client.error("chat.update", channel="C0GENERAL", ts=posted["ts"], text="x" * 4001)
    assert error == "msg_too_long"


async def test_an_ephemeral_message_is_on_one_device_only(slack: SlackSimulator, client: Client) -> None:
    """It shows on the device that the person used last, not in the history, and is gone when that device reloads."""
    slack.acting.person("ada", "phone")
    await client.ok("chat.postEphemeral", channel="C0GENERAL", user="U0ADA", text="psst")
    world = slack.world
    assert [m.text for m in world.visible("C0GENERAL", "U0ADA", "U0ADA-phone")] == ["psst"]
    assert world.visible("C0GENERAL", "U0ADA", "U0ADA-desktop") == []
    assert world.visible("C0GENERAL", "U0BEN") == []
    assert (await client.ok("conversations.history", channel="C0GENERAL"))["messages"] == []
    world.reload("U0ADA-phone")
    assert world.visible("C0GENERAL", "U0ADA", "U0ADA-phone") == []


async def test_an_ephemeral_message_needs_a_member(client: Client) -> None:
    """Whoever is not in the channel cannot be shown anything there."""
    error = await client.error("chat.postEphemeral", channel="C0GENERAL", user="U0GUS", text="x")
    assert error == "user_not_in_channel"


async def test_replies_belong_to_their_thread(client: Client) -> None:
    """A reply is in the thread, not in the channel's history; the first message counts it."""
    first = await client.ok("chat.postMessage", channel="C0GENERAL", text="one")
    reply = await client.ok("chat.postMessage", channel="C0GENERAL", text="two", thread_ts=first["ts"])
    (parent,) = (await client.ok("conversations.history", channel="C0GENERAL"))["messages"]
    assert (parent["ts"], parent["reply_count"]) == (first["ts"], 1)
    thread = (await client.ok("conversations.replies", channel="C0GENERAL", ts=first["ts"]))["messages"]
    assert [m["ts"] for m in thread] == [first["ts"], reply["ts"]]


async def test_a_message_with_replies_leaves_a_tombstone(client: Client) -> None:
    """Deleting the first message of a thread keeps its place; deleting another takes it away."""
    first = await client.ok("chat.postMessage", channel="C0GENERAL", text="one")
    reply = await client.ok("chat.postMessage", channel="C0GENERAL", text="two", thread_ts=first["ts"])
    await client.ok("chat.delete", channel="C0GENERAL", ts=first["ts"])
    (left,) = (await client.ok("conversations.history", channel="C0GENERAL"))["messages"]
    assert left["subtype"] == "tombstone"
    await client.ok("chat.delete", channel="C0GENERAL", ts=reply["ts"])
    thread = (await client.ok("conversations.replies", channel="C0GENERAL", ts=first["ts"]))["messages"]
    assert len(thread) == 1


async def test_metadata_shows_only_where_asked_for(client: Client) -> None:
    """History carries metadata with include_all_metadata only."""
    metadata = {"event_type": "idp", "event_payload": {"key": "k1"}}
    await client.ok("chat.postMessage", channel="C0GENERAL", text="x", metadata=metadata)
    (plain,) = (await client.ok("conversations.history", channel="C0GENERAL"))["messages"]
    (full,) = (await client.ok("conversations.history", channel="C0GENERAL", include_all_metadata=True))["messages"]
    assert "metadata" not in plain
    assert full["metadata"] == metadata


async def test_a_permalink_leads_to_the_message(client: Client) -> None:
    """chat.getPermalink returns the workspace's address of a message."""
    posted = await client.ok("chat.postMessage", channel="C0GENERAL", text="x")
    body = await client.ok("chat.getPermalink", channel="C0GENERAL", message_ts=posted["ts"])
    assert body["permalink"] == f"https://acme.slack.com/archives/C0GENERAL/p{posted['ts'].replace('.', '')}"
    error = await client.error("chat.getPermalink", channel="C0GENERAL", message_ts="1.1")
    assert error == "message_not_found"
