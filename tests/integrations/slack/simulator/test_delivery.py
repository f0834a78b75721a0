"""Deliveries over HTTP: signatures, the 3-second acknowledgement, and the events' retries."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client, RecordedApp, settle

Json = dict[str, Any]


async def never(_: Json) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def test_deliveries_are_signed(slack: SlackSimulator, bot: RecordedApp) -> None:
    """The official verifier accepts every kind of delivery."""
    verifier = SignatureVerifier(slack.world.app.secret)
    await slack.acting.command("ada", "general", "ünï <!channel> & more")
    await slack.acting.message("ada", "general", "hello")
    assert len(bot.received) == 2
    for one in bot.received:
        assert verifier.is_valid_request(one.raw, one.headers)


async def test_a_shifted_clock_shows_in_the_signature(client: Client, bot: RecordedApp) -> None:
    """With the clock ten minutes off, the timestamp is, and a verifier refuses."""
    await client.sim("clock", offset=-600)
    await client.sim("command", user="ada", channel="general", text="x")
    one = bot.received[0]
    assert not SignatureVerifier(client.simulator.world.app.secret).is_valid_request(one.raw, one.headers)


async def test_a_late_acknowledgement_is_a_timeout(slack: SlackSimulator, bot: RecordedApp) -> None:
    """Who waits too long is shown `operation_timeout`, alone."""
    bot.answer = never
    slack.delivery.ack_timeout = 0.1
    result = await slack.acting.command("ada", "general", "slow")
    assert (result.status, result.error) == (0, "operation_timeout")
    (shown,) = slack.world.channels["C0GENERAL"].ephemerals.values()
    assert shown.for_user == "U0ADA"
    assert "operation_timeout" in shown.text


async def test_a_failed_acknowledgement_is_shown(slack: SlackSimulator, bot: RecordedApp) -> None:
    """A 500 to a command is shown as `dispatch_failed`."""
    bot.says("oops", status=500)
    result = await slack.acting.command("ada", "general", "x")
    assert (result.status, result.error, result.body) == (500, "dispatch_failed", "oops")


async def test_an_unreachable_app_is_a_failed_dispatch(slack: SlackSimulator) -> None:
    """Nothing listening is a failed dispatch as well."""
    slack.app_url = "http://127.0.0.1:1/slack/events"
    assert (await slack.acting.command("ada", "general", "x")).error == "dispatch_failed"


async def test_events_are_retried_three_times(slack: SlackSimulator, bot: RecordedApp, clock: ManualClock) -> None:
    """An event that fails comes again at once, after a minute and after five more, numbered and with the reason."""
    bot.says("oops", status=500)
    await slack.acting.message("ada", "general", "hello")
    await settle(lambda: len(bot.received) == 2 and clock.sleepers == 1)
    clock.shift(59)
    await asyncio.sleep(0)
    assert len(bot.received) == 2
    clock.shift(1)
    await settle(lambda: len(bot.received) == 3 and clock.sleepers == 1)
    clock.shift(300)
    await settle(lambda: len(bot.received) == 4 and not slack.delivery.retrying)
    numbers = [one.headers.get("X-Slack-Retry-Num") for one in bot.received]
    assert numbers == [None, "1", "2", "3"]
    assert bot.received[1].headers["X-Slack-Retry-Reason"] == "http_error"
    assert len({one.payload["event_id"] for one in bot.received}) == 1


async def test_a_timeout_is_the_reason_of_a_retry(slack: SlackSimulator, bot: RecordedApp) -> None:
    """An event that was not acknowledged in time is retried with `http_timeout`, until it is."""
    bot.answer = never
    slack.delivery.ack_timeout = 0.1
    result = await slack.acting.message("ada", "general", "hello")
    assert result.error == "operation_timeout"
    bot.answer = None
    slack.delivery.ack_timeout = 3.0
    await settle(lambda: not slack.delivery.retrying)
    assert [one.headers.get("X-Slack-Retry-Reason") for one in bot.received] == [None, "http_timeout"]


async def test_an_app_can_decline_retries(slack: SlackSimulator, bot: RecordedApp) -> None:
    """`X-Slack-No-Retry: 1` with a failure ends it."""

    async def answer(_: Json) -> web.Response:
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    bot.answer = answer
    await slack.acting.message("ada", "general", "hello")
    assert not slack.delivery.retrying
    assert len(bot.received) == 1


async def test_commands_are_not_retried(slack: SlackSimulator, bot: RecordedApp) -> None:
    """A command that fails is not sent again."""
    bot.says("oops", status=503)
    await slack.acting.command("ada", "general", "x")
    assert not slack.delivery.retrying
    assert len(bot.received) == 1


async def test_the_request_url_is_verified(client: Client, bot: RecordedApp) -> None:
    """An app that gives the challenge back passes, in text or JSON; one that does not fails."""

    async def echo(payload: Json) -> web.Response:
        return web.json_response({"challenge": payload["challenge"]})

    bot.answer = echo
    assert (await client.sim("verify"))["verified"]
    bot.says("something else")
    assert not (await client.sim("verify"))["verified"]


async def test_raw_requests_go_out_as_they_are(client: Client, bot: RecordedApp) -> None:
    """A raw request carries any body and headers, signed only where asked, for any timestamp."""
    bare = await client.sim("raw", body="not json", headers={"Content-Type": "text/plain"})
    signed = await client.sim(
        "raw", body="{}", signed=True, timestamp="x", headers={"Content-Type": "application/json"}
    )
    assert (bare["status"], signed["status"]) == (200, 200)
    assert "X-Slack-Signature" not in bot.received[0].headers
    assert bot.received[1].headers["X-Slack-Request-Timestamp"] == "x"


async def test_a_replay_is_the_same_to_the_byte(client: Client, bot: RecordedApp) -> None:
    """A replayed delivery has the body, timestamp and signature of the first."""
    await client.sim("command", user="ada", channel="general", text="once")
    await client.sim("replay")
    first, second = bot.received
    assert first.raw == second.raw
    assert first.headers["X-Slack-Signature"] == second.headers["X-Slack-Signature"]


async def test_the_delivery_log_tells_what_was_delivered(client: Client, bot: RecordedApp) -> None:
    """State lists each attempt with type, transport, status and time."""
    bot.says({"text": "hello"})
    await client.sim("command", user="ada", channel="general", text="x")
    (record,) = (await client.state())["deliveries"]
    assert (record["type"], record["transport"], record["status"]) == ("slash_command", "http", 200)
    assert record["payload"]["text"] == "x"
    assert record["seconds"] < 3


async def test_unsubscribed_events_are_not_delivered(slack: SlackSimulator, bot: RecordedApp) -> None:
    """Without the subscription nothing comes."""
    slack.world.app.events = ("app_mention",)
    result = await slack.acting.message("ada", "general", "hello")
    assert result.detail["delivered"] == 0
    assert not bot.received


async def test_events_need_their_scope(slack: SlackSimulator, bot: RecordedApp) -> None:
    """A withheld scope withholds its events."""
    slack.world.app.scopes = tuple(s for s in slack.world.app.scopes if s != "channels:history")
    await slack.acting.message("ada", "general", "hello")
    assert not bot.received


async def test_events_of_channels_without_the_bot_are_not_delivered(slack: SlackSimulator, bot: RecordedApp) -> None:
    """What is said where the bot is no member stays there."""
    await slack.acting.message("ada", "random", "<@U0SIMBOT> hello")
    assert not bot.received


async def test_a_mention_is_two_events(slack: SlackSimulator, bot: RecordedApp) -> None:
    """A mention in a channel comes as message and as app_mention."""
    await slack.acting.message("ada", "general", "<@U0SIMBOT> services")
    assert (len(bot.of("message")), len(bot.of("app_mention"))) == (1, 1)


async def test_the_bots_own_messages_come_back(slack: SlackSimulator, bot: RecordedApp, client: Client) -> None:
    """What the bot posts comes back as a message with its bot_id, without a subtype."""
    await client.ok("chat.postMessage", channel="C0GENERAL", text="mine")
    await slack.events.idle()
    (event,) = bot.of("message")
    assert event["bot_id"] == slack.world.app.bot_id
    assert "subtype" not in event


async def test_an_edit_is_a_hidden_message_changed(slack: SlackSimulator, bot: RecordedApp) -> None:
    """Editing a message tells of old and new text."""
    said = await slack.acting.message("ada", "general", "old")
    await slack.acting.edit_message("ada", "general", said.detail["ts"], "new")
    event = bot.of("message")[1]
    assert event["subtype"] == "message_changed"
    assert (event["previous_message"]["text"], event["message"]["text"]) == ("old", "new")


async def test_people_and_groups_that_change_are_told_of(client: Client, bot: RecordedApp) -> None:
    """user_change, subteam_members_changed and subteam_updated arrive with what changed."""
    await client.sim("user", user="ben", deleted=True)
    await client.sim("group", group="platform", users=["ada", "ben"])
    assert bot.of("user_change")[0]["user"]["deleted"] is True
    assert bot.of("subteam_members_changed")[0]["added_users"] == ["U0BEN"]
    assert bot.of("subteam_updated")[0]["subteam"]["users"] == ["U0ADA", "U0BEN"]


async def test_revoking_and_uninstalling_are_told_and_take_the_token(client: Client, bot: RecordedApp) -> None:
    """After tokens_revoked the token is refused; after app_uninstalled the account is inactive."""
    await client.sim("revoke")
    assert await client.error("auth.test") == "token_revoked"
    await client.sim("revoke", uninstall=True)
    assert await client.error("auth.test") == "account_inactive"
    assert len(bot.of("tokens_revoked")) == 2
    assert len(bot.of("app_uninstalled")) == 1


async def test_opening_the_home_is_told(client: Client, bot: RecordedApp) -> None:
    """app_home_opened names person and tab."""
    await client.sim("home", user="ada")
    (event,) = bot.of("app_home_opened")
    assert (event["user"], event["tab"]) == ("U0ADA", "home")
    assert event["channel"].startswith("D")


async def test_joining_is_told(slack: SlackSimulator, bot: RecordedApp) -> None:
    """member_joined_channel names person, channel and inviter."""
    await slack.acting.invite("ada", "general", "gus")
    (event,) = bot.of("member_joined_channel")
    assert (event["user"], event["inviter"], event["channel_type"]) == ("U0GUS", "U0ADA", "C")
