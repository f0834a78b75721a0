"""Direct messages and mentions as commands; and the messages that never are."""

from __future__ import annotations

from typing import Any

import pytest

from tests._harness.organisation import Organisation


async def test_a_direct_message_is_a_command(either: Organisation) -> None:
    """What somebody writes to the bot is answered there, as an ordinary message."""
    await either.control("message", user="alice", channel="dm", text="service checkout")
    answer = await either.told("alice", "checkout", "production")
    assert not answer.ephemeral


async def test_a_direct_message_in_a_thread_is_answered_there(org: Organisation) -> None:
    """A command in a thread of the direct messages is answered in that thread."""
    first = await org.control("message", user="alice", channel="dm", text="whoami")
    await org.told("alice", "Who you are")
    await org.control("message", user="alice", channel="dm", text="service checkout", thread_ts=first["ts"])
    answer = await org.told("alice", "production")
    assert answer.thread_ts == first["ts"]


async def test_a_mention_is_a_command(either: Organisation) -> None:
    """A mention in a channel is answered in its thread, to the asker alone."""
    asked = await either.control("message", user="alice", channel="payments", text="@idp service checkout")
    answer = await either.told("alice", "checkout", "production")
    assert answer.for_user == "U0ALICE"
    assert answer.thread_ts == asked["ts"]


async def test_a_mention_in_a_thread_is_answered_there(org: Organisation) -> None:
    """Slash commands do not work in threads; mentions do."""
    first = await org.control("message", user="petra", channel="payments", text="who owns this?")
    await org.control("message", user="alice", channel="payments", text="@idp whoami", thread_ts=first["ts"])
    answer = await org.told("alice", "Who you are")
    assert (answer.thread_ts, answer.for_user) == (first["ts"], "U0ALICE")


async def test_a_change_by_message_waits_for_a_click(org: Organisation) -> None:
    """A message alone changes nothing: it shows a plan, and the click consents."""
    await org.control("message", user="alice", channel="dm", text="feedback 4 by message")
    plan = await org.told("alice", "Nothing has happened yet")
    assert not await org.outcomes("feedback")
    await org.control("message", user="alice", channel="dm", text="confirm")
    await org.settled()
    assert not await org.outcomes("feedback")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Thank you")
    assert len(await org.outcomes("feedback")) == 1


@pytest.mark.parametrize(("channel", "text"), [("dm", "feedback 4"), ("payments", "@idp use")])
async def test_missing_fields_offer_fill_in(org: Organisation, channel: str, text: str) -> None:
    """Where no form can be opened by itself, *Fill in* opens it with what was given."""
    text = text.replace("feedback 4", "feedback text=hello")
    await org.control("message", user="alice", channel=channel, text=text)
    offered = await org.told("alice", "Fill in")
    await org.click("alice", offered, "fill")
    form = await org.view("alice", "form")
    assert form.body["submit"]["text"] == "Show the plan"


async def test_fill_in_keeps_what_was_given(org: Organisation) -> None:
    """The form behind *Fill in* holds the values of the message."""
    await org.control("message", user="alice", channel="dm", text="services --page 0 --team acme/payments")
    offered = await org.told("alice", "Fill in")
    await org.click("alice", offered, "fill")
    form = await org.view("alice", "form")
    assert "acme/payments" in str(form.body["blocks"])


async def unanswered(org: Organisation, event: dict[str, Any]) -> bool:
    """Deliver a message event and return whether the bot kept silent."""
    before = len(org.world.state.calls)
    delivered = await org.control("deliver", kind="events_api", payload=event)
    assert delivered["status"] == 200
    await org.settled()
    posts = {"chat.postMessage", "chat.postEphemeral", "response_url", "views.open"}
    return not [c for c in org.world.state.calls[before:] if c.method in posts]


NEVER: tuple[dict[str, Any], ...] = (
    {"bot_id": "B0OTHER"},
    {"app_id": "A0OTHER"},
    {"bot_profile": {"id": "B0OTHER"}},
    {"subtype": "bot_message"},
    {"subtype": "file_share"},
    {"subtype": "me_message"},
    {"subtype": "thread_broadcast"},
    {"subtype": "message_changed", "hidden": True},
    {"edited": {"user": "U0ALICE", "ts": "1.0"}},
    {"user_team": "T0OTHER"},
    {"source_team": "T0OTHER"},
    {"team": "T0OTHER"},
    {"user": "U0SIMBOT"},
    {"user": ""},
)


@pytest.mark.parametrize("kind", ["message", "app_mention"])
async def test_some_messages_are_never_commands(org: Organisation, kind: str) -> None:
    """Messages of apps, with a subtype, edited, or of another workspace are no commands."""
    direct = org.world.open_direct("U0ALICE")
    event = {
        "type": kind,
        "user": "U0ALICE",
        "team": "T0ACME",
        "channel": direct.id if kind == "message" else "C0PAYMENTS",
        "channel_type": "im" if kind == "message" else "channel",
        "text": "whoami" if kind == "message" else "<@U0SIMBOT> whoami",
        "ts": org.world.new_ts(),
    }
    assert not await unanswered(org, org.slack.events.wrapped(dict(event)))
    for changed in NEVER:
        assert await unanswered(org, org.slack.events.wrapped(event | changed)), changed


async def test_a_message_edited_into_a_command_is_none(org: Organisation) -> None:
    """Editing a message into a command runs nothing."""
    first = await org.control("message", user="alice", channel="dm", text="--help")
    await org.told("alice", "help")
    await org.settled()
    before = org.shown("alice")
    await org.control("edit", user="alice", channel="dm", ts=first["ts"], text="whoami")
    await org.settled()
    assert org.shown("alice") == before


async def test_a_message_that_mentions_nobody_is_none(org: Organisation) -> None:
    """What people say to each other in a channel is theirs."""
    await org.control("message", user="alice", channel="payments", text="services")
    await org.settled()
    assert not org.answers("alice")


async def test_the_bots_own_messages_are_no_commands(org: Organisation) -> None:
    """The bot does not talk to itself: what it posts into direct messages is followed by nothing."""
    await org.control("message", user="alice", channel="dm", text="help")
    await org.told("alice", "Your commands")
    await org.slack.events.idle()
    await org.settled()
    assert len(org.answers("alice")) == 1


async def test_a_guest_in_direct_messages_is_refused(org: Organisation) -> None:
    """A guest who writes to the bot is told that guests are not served."""
    await org.control("message", user="gus", channel="dm", text="services")
    await org.told("gus", "Guests cannot use")
