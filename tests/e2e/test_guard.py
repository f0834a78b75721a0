"""What stands in front of everything: only genuine, recent, well-formed deliveries get in, and each acts once."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations.slack.simulator import payloads
from tests._harness.organisation import Organisation, said

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
TEN_MINUTES = 600


def command_body(org: Organisation, text: str = "whoami") -> str:
    user, channel = org.world.users["U0ALICE"], org.world.channels["C0GENERAL"]
    return urlencode(payloads.slash_command(org.world, user, channel, text, f"{org.slack.url}/response/none"))


def assert_says_little(answer: dict[str, Any]) -> None:
    """Fail where an answer tells an outsider anything about the inside."""
    shown = json.dumps(answer["body"])
    assert len(shown) < 60
    assert not any(word in shown for word in ("Traceback", "File", ".py", "Error(", "line "))


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"X-Slack-Signature": "v0=" + "0" * 64}, "wrong signature"),
        ({"X-Slack-Signature": ""}, "wrong signature"),
        ({"X-Slack-Signature": "v0=é"}, "wrong signature"),
        ({"X-Slack-Request-Timestamp": "soon"}, "malformed timestamp"),
        ({"X-Slack-Request-Timestamp": "-1"}, "malformed timestamp"),
        ({"X-Slack-Request-Timestamp": "٣٤٥"}, "malformed timestamp"),
        ({"X-Slack-Request-Timestamp": "9" * 400}, "malformed timestamp"),
        ({"X-Slack-Request-Timestamp": ""}, "malformed timestamp"),
    ],
)
async def test_a_forged_delivery_is_refused(org: Organisation, headers: dict[str, str], word: str) -> None:
    """A wrong signature or a timestamp that is no number gets 401 and a word, and does nothing."""
    answer = await org.control("raw", body=command_body(org), headers={**FORM, **headers}, signed=True)
    assert (answer["status"], answer["body"]) == (401, word)
    assert_says_little(answer)


async def test_an_unsigned_delivery_is_refused(org: Organisation) -> None:
    """Without signature there is no way in."""
    answer = await org.control("raw", body=command_body(org), headers=FORM)
    assert answer["status"] == 401


@pytest.mark.parametrize("off", [-TEN_MINUTES, TEN_MINUTES])
async def test_a_delivery_from_another_time_is_refused(org: Organisation, off: int) -> None:
    """A well signed delivery that is ten minutes off, either way, gets 401."""
    stamp = str(int(time.time()) + off)
    answer = await org.control("raw", body=command_body(org), headers=FORM, signed=True, timestamp=stamp)
    assert (answer["status"], answer["body"]) == (401, "stale timestamp")


@pytest.mark.parametrize("off", [-TEN_MINUTES, TEN_MINUTES])
async def test_a_clock_that_is_wrong_stops_clicks(org: Organisation, off: int) -> None:
    """A click that comes with the clock ten minutes off is refused and changes nothing."""
    plan = await org.say("alice", "use checkout", "payments")
    await org.control("clock", offset=off)
    assert (await org.click("alice", plan, "confirm"))["status"] == 401
    assert not await org.outcomes("use")


async def test_ssl_check_is_no_way_around(org: Organisation) -> None:
    """`ssl_check=1` opens nothing to whoever cannot sign."""
    answer = await org.control("raw", body="ssl_check=1&token=x", headers=FORM)
    assert answer["status"] == 401


async def test_a_large_body_is_refused(org: Organisation) -> None:
    """A body of one byte over a mebibyte gets 413; one of a mebibyte is read."""
    mebibyte = 1 << 20
    over = await org.control("raw", body="x" * (mebibyte + 1), headers=FORM, signed=True)
    within = await org.control("raw", body="x=" + "x" * (mebibyte - 2), headers=FORM, signed=True)
    assert over["status"] == 413
    assert within["status"] != 413
    assert_says_little(over)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (FORM, "payload=" + "{not json"),
        (FORM, "payload="),
        (FORM, "payload=[1,2]"),
        (JSON, "{"),
        (JSON, "null"),
        (JSON, "[" * 10_000),
        ({"Content-Type": "text/plain"}, "hello"),
        ({}, "hello"),
    ],
)
async def test_signed_nonsense_is_refused(org: Organisation, headers: dict[str, str], body: str) -> None:
    """Malformed bodies get 400 and a word, even where they are well signed."""
    answer = await org.control("raw", body=body, headers=headers, signed=True)
    assert answer["status"] == 400
    assert_says_little(answer)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "block_actions"},
        {"type": "block_actions", "user": "x", "actions": 7},
        {"type": "block_actions", "team": {"id": 5}, "user": {"id": None}, "actions": [None, {"action_id": 3}]},
        {"type": "view_submission", "view": None},
        {"type": "view_submission", "view": {"id": "V1", "state": 3, "private_metadata": "{"}},
        {"type": "view_closed", "view": {"private_metadata": "nonsense"}},
        {"type": "block_suggestion", "view": {"private_metadata": "[]"}},
        {"type": "message_action", "callback_id": "command_on_message", "channel": "x", "message": []},
        {"type": "made_up"},
    ],
)
async def test_signed_payloads_of_wrong_shape_show_nothing(org: Organisation, payload: dict[str, Any]) -> None:
    """Whatever JSON is signed and sent, nothing of the inside is shown, and the bot goes on."""
    answer = await org.control("raw", body=urlencode({"payload": json.dumps(payload)}), headers=FORM, signed=True)
    assert answer["status"] in {200, 400, 404, 500}
    shown = json.dumps(answer["body"])
    assert not any(word in shown for word in ("Traceback", 'File "', ".py", "Error("))
    assert "You are " in said(await org.say("alice", "whoami"))


@pytest.mark.parametrize("event", [{}, {"type": "message"}, {"type": "message", "user": 5, "channel_type": "im"}])
async def test_events_of_wrong_shape_do_nothing(org: Organisation, event: dict[str, Any]) -> None:
    """An event without what it should have is acknowledged or refused, and the bot goes on."""
    body = json.dumps({"type": "event_callback", "team_id": "T0ACME", "event": event, "event_id": "Ev1"})
    answer = await org.control("raw", body=body, headers=JSON, signed=True)
    assert "Traceback" not in json.dumps(answer["body"])
    assert "You are " in said(await org.say("alice", "whoami"))


async def test_a_replayed_delivery_acts_once(org: Organisation) -> None:
    """The same bytes with the same signature get the same response, and act once."""
    await org.control("command", user="alice", channel="general", text="feedback")
    form = await org.view("alice", "form")
    values = {"rating": "4", "text": "once"}
    first = await org.control("submit", user="alice", view_id=form.id, values=values)
    again = await org.control("replay")
    assert again["status"] == first["status"] == 200
    assert again["body"] == first["body"]
    plan = await org.view("alice", "consent")
    first = await org.control("submit", user="alice", view_id=plan.id)
    again = await org.control("replay")
    assert again["body"] == first["body"]
    assert len(await org.outcomes("feedback")) == 1


async def test_a_replayed_command_answers_once(org: Organisation) -> None:
    """A command that is delivered twice is answered once."""
    await org.say("alice", "whoami")
    before = len(org.calls("response_url"))
    assert (await org.control("replay"))["status"] == 200
    await org.settled()
    assert len(org.calls("response_url")) == before


async def test_a_restart_does_not_forget_what_was_delivered(org: Organisation) -> None:
    """A replay of what an earlier process acted on gets 200 and does nothing."""
    plan = await org.say("alice", "use checkout", "payments")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")
    await org.restart_bot()
    before = len(org.calls("response_url", "chat.postMessage", "chat.postEphemeral"))
    assert (await org.control("replay"))["status"] == 200
    await org.settled()
    assert len(org.calls("response_url", "chat.postMessage", "chat.postEphemeral")) == before
    assert len(await org.outcomes("use")) == 1


async def test_an_event_is_acted_on_once(either: Organisation) -> None:
    """The same event in another envelope, as Slack sends it when no answer came, is answered once."""
    channel = either.world.open_direct("U0ALICE")
    event = {
        "type": "message",
        "user": "U0ALICE",
        "team": "T0ACME",
        "channel": channel.id,
        "channel_type": "im",
        "text": "whoami",
        "ts": either.world.new_ts(),
    }
    payload = either.slack.events.wrapped(event)
    for _ in range(2):
        assert (await either.control("deliver", kind="events_api", payload=payload))["status"] == 200
    await either.told("alice", "Who you are")
    await either.settled()
    assert len(either.posted(channel.id)) == 1


async def test_an_event_is_acted_on_once_over_a_restart(org: Organisation) -> None:
    """An event that Slack repeats after a restart is not acted on again."""
    await org.control("message", user="alice", channel="dm", text="whoami")
    await org.told("alice", "Who you are")
    payload = org.world.state.deliveries[-1].payload
    await org.settled()
    await org.restart_bot()
    assert (await org.control("deliver", kind="events_api", payload=payload))["status"] == 200
    await org.settled()
    direct = org.world.direct("U0ALICE")
    assert direct is not None
    assert len(org.posted(direct.id)) == 1


async def test_slacks_handshake_is_answered(org: Organisation) -> None:
    """The request URL gives Slack's challenge back."""
    assert (await org.control("verify"))["verified"]
