"""Buttons: whose they are, how often they act, and what a thief of the bot's token can do with them (nothing)."""

from __future__ import annotations

import asyncio
import json

import pytest

from integrations.slack.simulator.state import Message
from integrations.store import Phase
from tests._harness.organisation import Organisation, buttons_of, said

TWENTY_MINUTES, DAY = 1200, 86_400


async def steal(org: Organisation, channel: str, *buttons: tuple[str, str]) -> Message:
    """Post buttons (action id and value) as the bot, as somebody who has its token can."""
    elements = [
        {"type": "button", "text": {"type": "plain_text", "text": "Free cake"}, "action_id": a, "value": v}
        for a, v in buttons
    ]
    body = {"channel": channel, "text": "cake", "blocks": [{"type": "actions", "elements": elements}]}
    headers = {"Authorization": f"Bearer {org.world.app.bot_token}"}
    async with org.http.post(f"{org.slack.api_url}chat.postMessage", json=body, headers=headers) as answer:
        found = await answer.json()
    assert found["ok"], found
    message = org.world.message(channel, found["ts"])
    assert message is not None
    return message


async def test_a_stolen_token_cannot_run_a_change(org: Organisation) -> None:
    """A button that names a change runs nothing, whoever posted it and whoever clicks."""
    value = json.dumps({"c": "use", "a": {"service": "checkout", "channel": "C0GENERAL"}})
    message = await steal(org, "C0GENERAL", ("run:0", value))
    seen = org.shown("petra")
    await org.click("petra", message, "run")
    assert "nothing was done" in said(await org.next_answer("petra", seen))
    assert not await org.outcomes("use")


async def test_a_stolen_token_cannot_make_up_a_consent(org: Organisation) -> None:
    """A consent to an id that nobody was offered changes nothing."""
    message = await steal(org, "C0GENERAL", ("confirm", "made-up"), ("open:0", "made-up"), ("fill", "made-up"))
    for action in ("confirm", "open", "fill"):
        seen = org.shown("petra")
        await org.click("petra", message, action)
        assert "expired" in said(await org.next_answer("petra", seen))
    assert not [r for r in await org.records() if r.entry.phase is Phase.INTENT]


@pytest.mark.parametrize("value", ["", "7", "[]", "{", '{"c": 5, "a": 7}', '{"a": {"x": []}}', "null"])
async def test_a_made_up_value_does_nothing(org: Organisation, value: str) -> None:
    """A value that is not of the bot's making is told to have expired, and is no incident."""
    message = await steal(org, "C0GENERAL", ("run:0", value or " "))
    seen = org.shown("bob")
    await org.click("bob", message, "run")
    assert "expired" in said(await org.next_answer("bob", seen))
    assert org.process is not None
    assert not org.process.core.failures.incidents


async def test_somebody_elses_consent_changes_nothing(org: Organisation) -> None:
    """A thief who reads an offer's id and has another person click it changes nothing, and the attempt is on record."""
    plan = await org.say("alice", "use checkout", "payments")
    (confirm,) = buttons_of(plan.blocks, "confirm")
    message = await steal(org, "C0PAYMENTS", ("confirm", confirm["value"]), ("cancel", confirm["value"]))
    for action in ("confirm", "cancel"):
        seen = org.shown("petra")
        await org.click("petra", message, action)
        assert "somebody else" in said(await org.next_answer("petra", seen))
    assert any(r.entry.result == "denied" and r.entry.actor.endswith("U0PETRA") for r in await org.records())
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")


@pytest.mark.parametrize("kind", ["keep", "share"])
async def test_somebody_elses_answer_is_not_given_away(org: Organisation, kind: str) -> None:
    """The id of a kept answer gives it to nobody but whom it was shown to."""
    answer = await org.say("petra", "platform", "payments")
    (button,) = buttons_of(answer.blocks, kind)
    message = await steal(org, "C0PAYMENTS", (kind, button["value"]))
    seen = org.shown("alice")
    await org.click("alice", message, kind)
    assert "somebody else" in said(await org.next_answer("alice", seen))


async def test_a_read_button_shows_only_what_the_clicker_may_see(org: Organisation) -> None:
    """A button posted by a thief answers each clicker as if they had asked themselves."""
    message = await steal(org, "C0GENERAL", ("run:0", '{"c": "platform", "a": {}}'))
    seen = org.shown("alice")
    await org.click("alice", message, "run")
    assert "is for" in said(await org.next_answer("alice", seen))


async def test_an_expired_plan_changes_nothing(org: Organisation) -> None:
    """A plan can be confirmed for a quarter of an hour; afterwards the click says that it has expired."""
    await org.on_slack_time()
    plan = await org.say("alice", "use checkout", "payments")
    await org.pass_time(TWENTY_MINUTES)
    seen = org.shown("alice")
    await org.click("alice", plan, "confirm")
    assert "expired" in said(await org.next_answer("alice", seen))
    assert not await org.outcomes("use")


async def test_an_expired_answer_says_so(org: Organisation) -> None:
    """*Keep* under an answer of two days ago says what to do."""
    await org.on_slack_time()
    answer = await org.say("alice", "services", "payments")
    await org.pass_time(2 * DAY)
    seen = org.shown("alice")
    await org.click("alice", answer, "keep")
    assert "expired" in said(await org.next_answer("alice", seen))


async def test_the_same_click_after_a_restart_acts_once(org: Organisation) -> None:
    """A click that was acted on before a restart is told so after it."""
    plan = await org.say("alice", "use checkout", "payments")
    (confirm,) = buttons_of(plan.blocks, "confirm")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")
    await org.restart_bot()
    message = await steal(org, "C0PAYMENTS", ("confirm", confirm["value"]))
    seen = org.shown("alice")
    await org.click("alice", message, "confirm")
    assert "used already" in said(await org.next_answer("alice", seen))
    assert len(await org.outcomes("use")) == 1


async def test_five_clicks_at_once_act_once(either: Organisation) -> None:
    """However often a button is pressed at once, the change is done once."""
    plan = await either.say("alice", "use checkout", "payments")
    await asyncio.gather(*(either.click("alice", plan, "confirm") for _ in range(5)))
    await either.told("alice", "Default service set")
    await either.settled()
    assert len(await either.outcomes("use")) == 1
    assert len(await either.outcomes("use", Phase.OUTCOME)) == 1


async def test_cancel_uses_the_plan_up(org: Organisation) -> None:
    """After *Cancel* the plan is gone from the message, and consenting to it changes nothing."""
    plan = await org.say("alice", "use checkout", "payments")
    (confirm,) = buttons_of(plan.blocks, "confirm")
    await org.click("alice", plan, "cancel")
    await org.told("alice", "Cancelled")
    assert not buttons_of(plan.blocks, "confirm")
    message = await steal(org, "C0PAYMENTS", ("confirm", confirm["value"]))
    seen = org.shown("alice")
    await org.click("alice", message, "confirm")
    assert "used already" in said(await org.next_answer("alice", seen))
    assert not await org.outcomes("use")


async def test_a_plan_that_changed_is_shown_again(org: Organisation) -> None:
    """Where the world changed between plan and consent nothing is done: the plan as it is now is shown instead."""
    plan = await org.say("alice", "use checkout", "payments")
    other = await org.say("petra", "use refunds", "payments")
    await org.click("petra", other, "confirm")
    await org.told("petra", "Default service set")
    seen = org.shown("alice") - {plan.ts}
    await org.click("alice", plan, "confirm")
    again = await org.told("alice", "Something changed", seen=seen)
    assert "refunds" in said(again)
    assert len(await org.outcomes("use")) == 1
    await org.click("alice", again, "confirm")
    await org.told("alice", "Default service set")
    assert len(await org.outcomes("use")) == 2


async def test_a_plan_that_became_void_says_so(org: Organisation) -> None:
    """Where somebody else did the same meanwhile there is nothing left to do, and nothing is done."""
    plan = await org.say("alice", "use checkout", "payments")
    other = await org.say("petra", "use checkout", "payments")
    await org.click("petra", other, "confirm")
    await org.told("petra", "Default service set")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "already")
    assert len(await org.outcomes("use")) == 1


async def test_undo_goes_by_plan_too(org: Organisation) -> None:
    """The *Undo* under a change shows its plan and acts on consent."""
    plan = await org.say("alice", "use checkout", "payments")
    await org.click("alice", plan, "confirm")
    done = await org.told("alice", "Default service set")
    seen = org.shown("alice")
    await org.click("alice", done, "open")
    undo = await org.next_answer("alice", seen)
    assert "Nothing has happened yet" in said(undo)
    await org.click("alice", undo, "confirm")
    await org.told("alice", "Default service cleared")


async def test_a_deleted_service_is_told_at_consent(org: Organisation) -> None:
    """A service that is gone when the plan is confirmed is named, and nothing is changed."""
    plan = await org.say("alice", "use checkout", "payments")
    assert org.process is not None
    catalogue = org.process.core.store.catalogue
    found = await catalogue.service("checkout")
    assert found is not None
    await catalogue.forget(frozenset({found.project_id}))
    await org.click("alice", plan, "confirm")
    await org.told("alice", "no service checkout")
    assert not await org.outcomes("use")
