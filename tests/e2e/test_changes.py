"""Changes: form, plan, consent, operation, audit; and every way in which a click could act wrongly."""

from __future__ import annotations

import asyncio

from bot.identity import SlackPrincipal
from bot.replies import Call, Failed
from commands._kit.context import Place
from integrations.store import Phase
from tests._harness.organisation import Organisation, text_of


async def test_use_shows_its_plan_and_acts_on_consent(either: Organisation) -> None:
    """`use checkout` shows what will change, does it when the person confirms, and records intent and outcome."""
    plan = await either.say("alice", "use checkout", "payments")
    assert "Nothing has happened yet" in text_of(plan.blocks)
    seen = either.shown("alice")
    await either.click("alice", plan, "confirm")
    done = await either.until(
        lambda: next((m for m in either.answers("alice") if "set" in m.text.lower() or m.ts not in seen), None),
        "the result",
    )
    assert "checkout" in text_of(done.blocks)
    phases = [r.entry.phase for r in await either.records() if r.entry.command == "use"]
    assert {Phase.INTENT, Phase.OUTCOME} <= set(phases)


async def test_a_channels_default_service_is_used(org: Organisation) -> None:
    """After `use`, the plan for the same service says that there is nothing to do."""
    plan = await org.say("alice", "use checkout", "payments")
    await org.click("alice", plan, "confirm")
    await org.until(
        lambda: "Default service set" in text_of([b for m in org.answers("alice") for b in m.blocks]), "result"
    )
    again = await org.say("alice", "use checkout", "payments")
    assert "already" in text_of(again.blocks)


async def test_a_double_click_acts_once(org: Organisation) -> None:
    """Two clicks on *Confirm* at once make one operation; the second is told that it was used already."""
    plan = await org.say("alice", "use checkout", "payments")
    await asyncio.gather(org.click("alice", plan, "confirm"), org.click("alice", plan, "confirm"))
    await org.until(
        lambda: "used already" in text_of([b for m in org.answers("alice") for b in m.blocks]),
        "the second click's answer",
    )
    intents = [r for r in await org.records() if r.entry.command == "use" and r.entry.phase is Phase.INTENT]
    assert len(intents) == 1


async def test_a_button_works_after_a_restart(org: Organisation) -> None:
    """A plan that was shown before a restart can be confirmed after it, once."""
    plan = await org.say("alice", "use checkout", "payments")
    await org.restart_bot()
    await org.click("alice", plan, "confirm")
    await org.until(
        lambda: "Default service set" in text_of([b for m in org.answers("alice") for b in m.blocks]), "result"
    )
    await org.restart_bot()
    seen = org.shown("alice")
    replayed = await org.control(
        "action",
        user="alice",
        channel=plan.channel,
        message_ts=plan.ts,
        action_id="confirm",
    )
    assert replayed["http"] in {200, 400, 404}
    if replayed["http"] == 200:
        answer = await org.next_answer("alice", seen)
        assert "used already" in text_of(answer.blocks)


async def test_feedback_opens_a_form_then_a_plan_then_is_kept(either: Organisation) -> None:
    """`feedback` alone opens the form; submitting it shows the plan; confirming keeps the answer."""
    await either.control("command", user="alice", channel="general", text="feedback")
    form = await either.view("alice", "form")
    good = await either.control("submit", user="alice", view_id=form.id, values={"rating": "4", "text": "quick"})
    assert good["body"]["response_action"] == "update"
    plan = await either.view("alice", "consent")
    assert "quick" in text_of(plan.body["blocks"])
    await either.control("submit", user="alice", view_id=plan.id, values={})
    await either.view("alice", "done")
    assert either.process is not None
    summary = await either.process.core.store.feedback.summary()
    assert [(a.rating, a.text) for a in summary.named] == [(4, "quick")]


async def test_an_unlinked_person_reads_only(org: Organisation) -> None:
    """Somebody whose Slack account is linked to nobody may look, and is told why nothing can be changed."""
    assert "acme/" in text_of((await org.say("nina", "services")).blocks)
    assert "not linked" in text_of((await org.say("nina", "feedback 5 hello")).blocks)


async def test_somebody_elses_button_changes_nothing(org: Organisation) -> None:
    """A plan can be confirmed by the person to whom it was shown and by nobody else."""
    plan = await org.say("alice", "use checkout", "payments")
    offer = next(e["value"] for b in plan.blocks for e in b.get("elements", []) if e.get("action_id") == "confirm")
    assert org.process is not None

    thief = Call(SlackPrincipal("T0ACME", "U0BOB"), "slack", Place("T0ACME", "C0PAYMENTS"), "r1")
    reply = await org.process.core.dispatch.consent(thief, offer)
    assert isinstance(reply, Failed)
    assert "somebody else" in reply.failure.message


async def test_a_person_deactivated_before_consent_is_refused(org: Organisation) -> None:
    """Whoever is deactivated between plan and consent changes nothing."""
    plan = await org.say("alice", "use checkout", "payments")
    seen = org.shown("alice")
    user = org.world.user("alice")
    assert user is not None
    user.deleted = True
    await org.click("alice", plan, "confirm")
    answer = await org.next_answer("alice", seen)
    assert "deactivated" in text_of(answer.blocks)
    assert not [r for r in await org.records() if r.entry.phase is Phase.INTENT]
