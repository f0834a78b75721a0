"""Slack down, slow, or asking to wait while work goes on: the change is done once, and its message arrives once."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from integrations.errors import Unauthenticated
from integrations.slack.simulator.state import Message
from integrations.store import Phase
from tests._harness.organisation import QUICK, Organisation, organisation, said

ROADS = ("response_url", "chat.postEphemeral", "chat.postMessage")
DONE = "Default service set"


async def fail(org: Organisation, kind: str, *methods: str, **options: Any) -> None:
    """Have these methods of Slack's fail."""
    for method in methods or ("",):
        done = await org.control("faults", backend="slack", kind=kind, method=method, **options)
        assert done["http"] == 200, done


async def recover(org: Organisation) -> None:
    await org.control("faults", backend="slack", kind="clear")


def all_of(org: Organisation, user: str, words: str) -> list[Message]:
    """Return every message to this person in which these words stand."""
    return [m for m in org.answers(user) if words in said(m)]


async def confirmed(org: Organisation) -> None:
    """Return when alice's change has its outcome on record and nothing more is tried."""
    await org.until(lambda: org.outcomes("use", Phase.OUTCOME), "an outcome")
    await org.settled()


@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_a_change_goes_on_while_slack_is_away(quick: Organisation, kind: str) -> None:
    """A change that was confirmed is done once although Slack takes no message, and its outcome arrives later, once."""
    plan = await quick.say("alice", "use checkout", "payments")
    await fail(quick, kind, *ROADS)
    await quick.click("alice", plan, "confirm")
    await confirmed(quick)
    assert not all_of(quick, "alice", DONE)
    await recover(quick)
    arrived = await quick.told("alice", DONE)
    await quick.delivered()
    assert not arrived.ephemeral
    assert len(all_of(quick, "alice", DONE)) == 1
    assert len(await quick.outcomes("use")) == 1


async def test_a_message_whose_receipt_was_lost_is_not_repeated(quick: Organisation) -> None:
    """Where Slack posts a message and then drops the connection, it is looked for and not posted again."""
    plan = await quick.say("alice", "use checkout", "payments")
    await fail(quick, "500", "response_url", "chat.postEphemeral")
    await fail(quick, "drop", "chat.postMessage", after=True, count=1)
    await quick.click("alice", plan, "confirm")
    await quick.told("alice", DONE)
    await quick.delivered()
    assert len(all_of(quick, "alice", DONE)) == 1


async def test_an_answer_in_direct_messages_is_not_repeated(quick: Organisation) -> None:
    """What must arrive in the direct messages arrives once, also where Slack's receipt of it was lost."""
    await fail(quick, "drop", "chat.postMessage", after=True, count=1)
    await quick.control("message", user="alice", channel="dm", text="use none")
    await quick.told("alice", "no default service")
    await quick.delivered()
    assert len(all_of(quick, "alice", "no default service")) == 1


async def test_an_outcome_whose_receipt_was_lost_stands_in_its_place(quick: Organisation) -> None:
    """Where Slack replaces the plan and then drops the connection, the outcome is there once, in the plan's place."""
    plan = await quick.say("alice", "use checkout", "payments")
    await fail(quick, "drop", "response_url", after=True, count=1)
    await quick.click("alice", plan, "confirm")
    await quick.told("alice", DONE)
    await quick.delivered()
    assert [m.ts for m in all_of(quick, "alice", DONE)] == [plan.ts]


async def test_a_waiting_message_survives_a_restart(quick: Organisation) -> None:
    """A message that could not be delivered before a restart arrives after it, once."""
    plan = await quick.say("alice", "use checkout", "payments")
    await fail(quick, "500", *ROADS)
    await quick.click("alice", plan, "confirm")
    await confirmed(quick)
    await quick.restart_bot()
    await recover(quick)
    await quick.told("alice", DONE)
    await quick.delivered()
    assert len(all_of(quick, "alice", DONE)) == 1
    assert len(await quick.outcomes("use")) == 1


async def test_retry_after_is_kept(quick: Organisation) -> None:
    """Where Slack asks to wait a second, the next attempt comes no earlier, and the message arrives."""
    await fail(quick, "429", "chat.postMessage", retry_after=1, count=1)
    await quick.control("message", user="alice", channel="dm", text="whoami")
    await quick.told("alice", "Who you are")
    refused, taken = quick.calls("chat.postMessage")
    assert (refused.status, taken.status) == (429, 200)
    assert (taken.at - refused.at).total_seconds() >= 1
    assert re.search(r"^idp_slack_rate_limited\S* 1\.0$", await quick.metrics(), re.MULTILINE)


async def test_a_response_url_that_asks_to_wait_is_left_for_another_road(org: Organisation) -> None:
    """A 429 of the response URL does not hold the answer up: it comes as an ephemeral message."""
    await fail(org, "429", "response_url", retry_after=30, count=1)
    message = await org.say("alice", "whoami")
    assert message.ephemeral
    assert len(org.calls("chat.postEphemeral")) == 1


async def test_an_answer_finds_its_way_where_the_bot_is_no_member(org: Organisation) -> None:
    """Where response URL and ephemeral message are closed the answer comes as a direct message."""
    await fail(org, "500", "response_url")
    message = await org.say("bob", "whoami", "storefront")
    assert not message.ephemeral
    assert message.channel.startswith("D")


async def test_reading_survives_an_outage(org: Organisation) -> None:
    """A read whose answer Slack does not take is lost without harm; the next one is answered."""
    await fail(org, "drop", *ROADS)
    await org.control("command", user="alice", channel="general", text="whoami")
    await org.settled()
    await recover(org)
    assert "You are " in said(await org.say("alice", "whoami"))


@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_nobody_is_served_unknown(org: Organisation, kind: str) -> None:
    """While Slack does not say who somebody is nothing is done for them, and they are told to try again."""
    await fail(org, kind, "users.info")
    shown = said(await org.say("bob", "services"))
    assert "could not check who you are" in shown
    assert "Try again" in shown
    await recover(org)
    assert "acme/" in said(await org.say("bob", "services"))


async def test_consent_needs_to_know_the_person(org: Organisation) -> None:
    """Identity is read afresh before a change: while Slack does not tell it nothing is changed, and the plan stays."""
    plan = await org.say("alice", "use checkout", "payments")
    await fail(org, "500", "users.info")
    seen = org.shown("alice")
    await org.click("alice", plan, "confirm")
    assert "could not check who you are" in said(await org.next_answer("alice", seen))
    assert not await org.outcomes("use")
    await recover(org)
    await org.click("alice", plan, "confirm")
    await org.told("alice", DONE)


@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_a_form_that_cannot_be_opened_is_offered(org: Organisation, kind: str) -> None:
    """Where Slack does not open the form, *Fill in* offers it."""
    await org.say("alice", "whoami")
    await fail(org, kind, "views.open")
    await org.control("command", user="alice", channel="general", text="feedback")
    offered = await org.told("alice", "Fill in")
    await recover(org)
    await org.click("alice", offered, "fill")
    await org.view("alice", "form")


async def test_an_expired_trigger_offers_the_form(org: Organisation) -> None:
    """A trigger that has expired opens nothing: *Fill in* offers the form, with what was given."""
    await org.command_from("U0ALICE", "feedback text=slowly", trigger_id=org.world.new_trigger("U0ALICE"))
    await org.view("alice", "form")
    org.world.drop_views("U0ALICE")
    old = org.world.new_trigger("U0ALICE")
    org.world.state.triggers[old].used = True
    await org.command_from("U0ALICE", "use", trigger_id=old)
    offered = await org.told("alice", "Fill in")
    await org.click("alice", offered, "fill")
    await org.view("alice", "form")


async def test_a_slow_identity_opens_a_loading_view_first(quick: Organisation) -> None:
    """Where it takes long to learn who asks, a loading view opens in time and becomes the form."""
    await fail(quick, "delay", "users.info", seconds=0.4)
    await quick.control("command", user="bob", channel="general", text="feedback")
    await quick.view("bob", "form")
    assert [c.method for c in quick.calls("views.open", "views.update")] == ["views.open", "views.update"]


async def test_readiness_tells_that_slack_is_away(org: Organisation) -> None:
    """Without Slack the process is not ready, and says so."""
    await fail(org, "drop", "auth.test")
    status, body = await org.ready()
    assert status == 503
    assert "slack" in body["reason"]


async def test_the_process_waits_for_slack_at_start(org: Organisation) -> None:
    """A start while Slack is away waits for it, and then serves."""
    await org.stop_bot()
    await fail(org, "500", "auth.test")
    starting = asyncio.create_task(org.start_bot())
    await org.until(lambda: len(org.calls("auth.test")) >= 2, "an attempt")
    assert not starting.done()
    await recover(org)
    await starting
    assert "You are " in said(await org.say("alice", "whoami"))


async def test_wrong_credentials_end_the_start(org: Organisation) -> None:
    """A token that Slack does not take ends the start with a message that names no token."""
    await org.stop_bot()
    org.world.app.bot_token = "xoxb-another"
    with pytest.raises(Unauthenticated) as refused:
        await org.start_bot()
    assert "xoxb" not in str(refused.value)


@pytest.mark.parametrize(("uninstall", "words"), [(False, "revoked"), (True, "this workspace")])
async def test_a_revoked_app_stops_cleanly(org: Organisation, *, uninstall: bool, words: str) -> None:
    """When the app is revoked or uninstalled the process takes no more work, says why, and goes on running."""
    plan = await org.say("alice", "use checkout", "payments")
    await org.control("revoke", uninstall=uninstall)
    await org.settled()
    status, body = await org.ready()
    assert status == 503
    assert words in body["reason"]
    assert (await org.click("alice", plan, "confirm"))["status"] == 503
    assert not await org.outcomes("use")
    async with org.http.get(f"{org.bot_url}/livez") as answer:
        assert answer.status == 200


async def test_a_revoked_app_answers_with_the_reason_over_socket_mode(tmp_path: Path) -> None:
    """Where deliveries still come after a revocation, they are answered with its reason and nothing is done."""
    async with organisation(tmp_path, socket_mode=True, pace=QUICK) as org:
        await org.say("alice", "whoami")
        await org.control("revoke")
        await org.settled()
        assert "revoked" in said(await org.say("alice", "use checkout", "payments"))
        assert (await org.ready())[0] == 503
