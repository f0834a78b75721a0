"""Dispatch of changes: plan, consent, run, audit; and every click that must change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from structlog.typing import EventDict

from bot.replies import Consent, Failed, Reply
from commands._kit.context import Place
from commands._kit.errors import Code
from integrations.errors import Invalid, Unavailable
from integrations.store import Operation, OperationState, Outgoing, Phase
from tests.bot.dispatching import FRONT_ENDS, Desk, answered, asked_for_form, failed
from tests.bot.rig import make_read_only, slack_person


def phases(records: list[Any]) -> list[tuple[Phase, str]]:
    return [(r.entry.phase, r.entry.result) for r in records]


def refused(reply: Reply, code: Code) -> Failed:
    found = failed(reply)
    assert found.failure.code is code
    return found


# -- the road


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_change_shows_its_plan_and_does_nothing(desk: Desk, front_end: str) -> None:
    """A complete line for a change is answered with its plan; nothing has been done or recorded."""
    plan = await desk.plan("label checkout hello", front_end=front_end)
    assert "hello" in str(plan.doc)
    assert not plan.changed
    assert desk.board.effects == []
    assert await desk.records() == []


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_consent_carries_the_plan_out(desk: Desk, front_end: str) -> None:
    """Who consents gets the result, and the effect is there once."""
    plan = await desk.plan("label checkout hello", front_end=front_end)
    reply = answered(await desk.consent(plan, front_end=front_end))
    assert reply.command == "label"
    assert not reply.shareable
    assert "checkout=hello" in str(reply.doc)
    assert desk.board.effects == ["checkout=hello"]


async def test_intent_comes_before_the_effect_and_the_outcome_after_it(desk: Desk) -> None:
    """When the step runs the intent is committed, and the outcome is not yet; then step and outcome follow."""
    seen: list[list[tuple[Phase, str]]] = []

    async def look() -> None:
        seen.append(phases(await desk.records()))

    desk.board.wait = look
    await desk.consent(await desk.plan("label checkout hello"))
    assert seen == [[(Phase.INTENT, "")]]
    assert phases(await desk.records()) == [(Phase.INTENT, ""), (Phase.EVENT, "ok"), (Phase.OUTCOME, "ok")]


async def test_the_intent_says_who_what_and_which_plan(desk: Desk) -> None:
    """The intent carries person, arguments, service, front end, request id and the plan's hash."""
    plan = await desk.plan("label checkout hello")
    await desk.consent(plan)
    entry = (await desk.records())[0].entry
    assert (entry.actor, entry.actor_name, entry.command) == ("slack:T1/U0ANN", "u0ann", "label")
    assert (entry.target, entry.front_end, entry.request_id) == ("checkout", "slack", "request-2")
    assert entry.arguments == {"service": "checkout", "text": "hello"}
    assert entry.plan_hash == plan.plan_hash


async def test_secrets_in_arguments_are_redacted_and_long_ones_clipped(desk: Desk) -> None:
    """What looks like a token does not get into the audit trail, and a long text is cut."""
    await desk.consent(await desk.plan("label checkout token glpat-abcdefghijklmnopqrst " + "x" * 500))
    text = str((await desk.records())[0].entry.arguments)
    assert "abcdefghijklmnopqrst" not in text
    assert len(text) < 300


async def test_a_plan_without_changes_needs_no_consent(desk: Desk) -> None:
    """Where nothing would change the answer says so, without a button."""
    desk.board.labels["checkout"] = "hello"
    assert "Nothing to do" in str(answered(await desk.text("label checkout hello")))


async def test_a_plans_objection_to_a_field_gives_the_form_back(desk: Desk) -> None:
    """A rule that only the plan can check is a fault of its field, with what was typed kept."""
    form = asked_for_form(await desk.text("label checkout rude"))
    assert form.errors == {"text": "must be polite"}
    assert form.message == "Find another word."
    assert form.values == {"service": "checkout", "text": "rude"}


async def test_another_teams_service_is_not_changed(desk: Desk) -> None:
    """A change of a service that others own is refused before there is a plan."""
    refused(await desk.text("label search hello"), Code.DENIED)


async def test_blanks_around_a_name_are_no_way_past_the_owner_of_a_change(desk: Desk) -> None:
    """A change is judged by the service that it will act on."""
    refused(await desk.run("label", service=" search ", text="hello"), Code.DENIED)


# -- clicks that change nothing


async def test_a_used_consent_changes_nothing(desk: Desk) -> None:
    """A second click is told that it was used already."""
    plan = await desk.plan("label checkout hello")
    await desk.consent(plan)
    refused(await desk.consent(plan), Code.STALE)
    assert desk.board.effects == ["checkout=hello"]


async def test_two_clicks_at_once_act_once(desk: Desk) -> None:
    """Of two clicks at the same moment one acts."""
    plan = await desk.plan("label checkout hello")
    replies = await asyncio.gather(desk.consent(plan), desk.consent(plan))
    assert sorted(type(r).__name__ for r in replies) == ["Answer", "Failed"]
    assert desk.board.effects == ["checkout=hello"]


async def test_an_expired_consent_changes_nothing(desk: Desk) -> None:
    """After a quarter of an hour the button is too old."""
    plan = await desk.plan("label checkout hello")
    desk.clock.move(minutes=15)
    refused(await desk.consent(plan), Code.STALE)
    assert desk.board.effects == []


async def test_somebody_elses_consent_is_refused_and_recorded(desk: Desk) -> None:
    """Another person's click changes nothing, is a denial on record, and leaves the button to its owner."""
    plan = await desk.plan("label checkout hello")
    refused(await desk.consent(plan, "pia"), Code.DENIED)
    (record,) = await desk.records()
    assert (record.entry.actor, record.entry.result, record.entry.command) == ("slack:T1/U0PIA", "denied", "label")
    answered(await desk.consent(plan))


@pytest.mark.parametrize("offer", ["", "nonsense", "x" * 5000])
async def test_an_offer_that_was_never_made_changes_nothing(desk: Desk, offer: str) -> None:
    """A button that somebody made up is told to be stale."""
    refused(await desk.dispatch.consent(desk.call(), offer), Code.STALE)


async def test_an_offer_of_another_kind_is_no_consent(desk: Desk) -> None:
    """The id of a kept answer or a draft is no consent to anything."""
    plan = await desk.plan("label checkout hello")
    stored = await desk.store.offers.look(plan.offer)
    assert stored is not None
    await desk.store.offers.make(replace(stored, id="draft-1", kind="draft"))
    refused(await desk.dispatch.consent(desk.call(), "draft-1"), Code.STALE)


async def test_a_plan_that_changed_voids_the_consent(desk: Desk) -> None:
    """Where the world moved between plan and click nothing is done; the new plan is offered, and the old is used up."""
    plan = await desk.plan("label checkout hello")
    desk.board.labels["checkout"] = "something else"
    again = await desk.consent(plan)
    assert isinstance(again, Consent)
    assert again.changed
    assert again.plan_hash != plan.plan_hash
    assert desk.board.effects == []
    refused(await desk.consent(plan), Code.STALE)
    answered(await desk.consent(again))


async def test_a_plan_with_nothing_left_to_do_voids_the_consent(desk: Desk) -> None:
    """Where somebody else has done it meanwhile the answer says that there is nothing to do."""
    plan = await desk.plan("label checkout hello")
    desk.board.labels["checkout"] = "hello"
    assert "Nothing to do" in str(answered(await desk.consent(plan)))
    refused(await desk.consent(plan), Code.STALE)
    assert await desk.records() == []


async def test_a_person_deactivated_since_the_plan_is_refused(desk: Desk) -> None:
    """Who was deactivated between plan and click changes nothing, although they were known a moment ago."""
    plan = await desk.plan("label checkout hello")
    desk.slack.people["U0ANN"] = slack_person("U0ANN", "deactivated")
    refused(await desk.consent(plan), Code.DENIED)
    assert desk.board.effects == []


async def test_a_person_who_left_the_team_since_the_plan_is_refused(desk: Desk) -> None:
    """Who lost the team between plan and click changes nothing, and the denial is on record."""
    plan = await desk.plan("label checkout hello")
    desk.gitlab.people["acme/payments"] = {}
    refused(await desk.consent(plan), Code.DENIED)
    assert phases(await desk.records()) == [(Phase.EVENT, "denied")]


async def test_a_click_acts_where_the_command_was_given(desk: Desk) -> None:
    """A plan made in one channel is about that channel, wherever it is confirmed."""
    plan = await desk.plan("pin --text hello")
    elsewhere = Place("T1", "D9", "1.2", private=True)
    answered(await desk.consent(plan, place=elsewhere))
    assert desk.board.effects == ["hello"]
    assert isinstance(plan, Consent)


# -- what cannot be recorded is not done


async def test_no_intent_no_effect(desk: Desk) -> None:
    """Where the intent cannot be written nothing happens; when it can again, the same button works."""
    plan = await desk.plan("label checkout hello")
    desk.store._gate.unanchored = "the anchor's disk is full"
    assert "anchor" in refused(await desk.consent(plan), Code.READ_ONLY).failure.message
    assert desk.board.effects == []
    desk.store._gate.unanchored = ""
    answered(await desk.consent(plan))
    assert (await desk.store.audit.verify()).ok


async def test_a_plan_that_cannot_be_kept_is_not_offered(desk: Desk) -> None:
    """Where no offer can be stored the plan is not shown with a button that could not work."""
    await make_read_only(desk.store)
    refused(await desk.text("label checkout hello"), Code.UNAVAILABLE)


async def test_a_read_only_store_refuses_changes_with_the_reason(desk: Desk) -> None:
    """A store that waits for an operator refuses plans and consents, and says why; reads go on."""
    plan = await desk.plan("label checkout hello")
    desk.store._gate.read_only = "its audit chain is behind its anchor"
    for reply in (await desk.text("label checkout bye"), await desk.consent(plan)):
        assert "behind its anchor" in refused(reply, Code.READ_ONLY).failure.message
    answered(await desk.text("look checkout"))


async def test_while_an_outcome_is_unwritten_no_change_is_accepted(desk: Desk) -> None:
    """Until the outcome of one change is on record every other is refused, plans included; then they go on."""
    first, second = await desk.plan("label checkout one"), await desk.plan("paint 1")
    refusals: list[Reply] = []
    desk.operations.broken["finish"] = [Unavailable("the disk is full", backend="store")]

    async def meanwhile(_seconds: float) -> None:
        refusals.append(await desk.consent(second))
        refusals.append(await desk.text("label checkout two"))

    desk.engine._sleep = meanwhile
    answered(await desk.consent(first))
    assert len(refusals) == 2
    for reply in refusals:
        refused(reply, Code.READ_ONLY)
    answered(await desk.consent(second))
    assert desk.board.effects == ["checkout=one", "coat 1"]


# -- a change that fails


async def test_a_failing_step_is_told_with_its_outcome_on_record(desk: Desk) -> None:
    """A step that cannot be done ends the change with words for people and an outcome in the trail."""
    desk.board.script = [Invalid("no such colour", backend="gitlab")]
    reply = failed(await desk.consent(await desk.plan("paint 2")))
    assert "no such colour" in reply.failure.message
    assert reply.command == "paint"
    last = (await desk.records())[-1].entry
    assert (last.phase, last.result) == (Phase.OUTCOME, "failed")
    assert await desk.store.operations.unfinished() == ()


async def test_a_crashing_step_is_an_incident_with_an_outcome(desk: Desk) -> None:
    """A bug in a step is told by an incident id, and ends the change on record."""
    desk.board.script = [RuntimeError("xoxb-secret")]
    reply = refused(await desk.consent(await desk.plan("paint 1")), Code.INTERNAL)
    assert reply.failure.incident
    assert "xoxb-secret" not in f"{reply} {await desk.records()}"
    assert phases(await desk.records())[-1] == (Phase.OUTCOME, "failed")


async def test_progress_is_reported_to_who_asked(desk: Desk) -> None:
    """What a step says while it works reaches the caller's progress."""
    said: list[str] = []

    async def hear(text: str) -> None:
        said.append(text)

    plan = await desk.plan("paint 2")
    await desk.dispatch.consent(replace(desk.call(), progress=hear), plan.offer)
    assert said == ["putting coat 1", "putting coat 2"]


# -- anonymous plans


async def test_an_anonymous_plan_is_stored_nowhere(desk: Desk, logs: list[EventDict]) -> None:
    """Neither plan nor consent of an anonymous change leaves an offer, a record, an operation or a line in the log."""
    plan = await desk.plan("murmur my secret")
    assert await desk.store.offers.look(plan.offer) is None
    answered(await desk.consent(plan))
    assert desk.board.effects == ["my secret"]
    assert await desk.records() == []
    assert await desk.store.operations.unfinished() == ()
    assert [entry for entry in logs if entry["event"] == "command"] == []


async def test_an_anonymous_step_is_told_no_person(desk: Desk) -> None:
    """The key that an anonymous step is given is random, and tells neither operation nor request."""
    await desk.consent(await desk.plan("murmur one"))
    await desk.consent(await desk.plan("murmur two"))
    first, second = desk.board.keys
    assert first != second
    assert "request" not in first
    assert len(first) == 32


async def test_an_anonymous_consent_acts_once(desk: Desk) -> None:
    """A second click on an anonymous plan, later or at once, does nothing."""
    plan = await desk.plan("murmur my secret")
    replies = await asyncio.gather(desk.consent(plan), desk.consent(plan))
    assert sorted(type(r).__name__ for r in replies) == ["Answer", "Failed"]
    refused(await desk.consent(plan), Code.STALE)
    assert desk.board.effects == ["my secret"]


async def test_an_anonymous_consent_is_nobody_elses(desk: Desk) -> None:
    """Somebody else's click on an anonymous plan does nothing, and leaves no record that it exists."""
    plan = await desk.plan("murmur my secret")
    refused(await desk.consent(plan, "pia"), Code.DENIED)
    assert desk.board.effects == []
    assert await desk.records() == []
    answered(await desk.consent(plan))


async def test_an_anonymous_consent_expires(desk: Desk) -> None:
    """An anonymous plan is gone after a quarter of an hour, and forgotten when the next one is made."""
    plan = await desk.plan("murmur my secret")
    desk.clock.move(minutes=15)
    refused(await desk.consent(plan), Code.STALE)
    assert desk.board.effects == []


async def test_an_anonymous_failure_is_not_logged_with_a_person(desk: Desk, logs: list[EventDict]) -> None:
    """Where an anonymous change fails, no line says whose it was."""
    desk.board.script = [Unavailable("no answer", backend="store")] * 5
    failed(await desk.consent(await desk.plan("murmur my secret")))
    assert "U0ANN" not in str(logs)
    assert "my secret" not in str(logs)


# -- after a crash


async def operation_left_behind(desk: Desk, text: str = "paint 3") -> Operation:
    """Return an operation whose intent is committed and that nobody drives."""
    plan = await desk.plan(text)
    stop = asyncio.CancelledError()
    desk.board.script = [stop]
    with pytest.raises(asyncio.CancelledError):
        await desk.consent(plan)
    (operation,) = await desk.store.operations.unfinished()
    return operation


async def test_what_was_left_unfinished_is_finished_and_told(desk: Desk) -> None:
    """At the next start an interrupted change is driven to its end, and its outcome told to who asked."""
    left = await operation_left_behind(desk)
    told: list[tuple[str, str]] = []

    async def tell(operation: Operation, outcome: Any) -> Sequence[Outgoing]:
        told.append((operation.id, str(outcome)))
        return [Outgoing(f"{operation.id}:outcome", "T1", operation.actor_id, {"text": str(outcome)})]

    assert await desk.dispatch.resume(tell) == 1
    assert [operation for operation, _ in told] == [left.id]
    assert f"{left.id}:outcome" in {d.message.key for d in await desk.store.outbox.due(desk.clock())}
    assert "coat 3" in told[0][1]
    assert desk.board.effects == ["coat 1", "coat 2", "coat 3"]
    ended = await desk.store.operations.operation(left.id)
    assert ended is not None
    assert ended.state is OperationState.DONE


async def test_a_failure_after_a_crash_is_told(desk: Desk) -> None:
    """An interrupted change that cannot be finished is told as failed."""
    await operation_left_behind(desk)
    desk.board.script = [Invalid("no such colour", backend="gitlab")]
    told: list[str] = []

    async def tell(_operation: Operation, outcome: Any) -> Sequence[Outgoing]:
        told.append(str(outcome))
        return ()

    await desk.dispatch.resume(tell)
    assert "no such colour" in told[0]


async def test_one_that_cannot_be_told_holds_up_no_other(desk: Desk) -> None:
    """Of two interrupted changes the second is finished although telling the first fails."""
    await operation_left_behind(desk, "paint 1")
    plan = await desk.plan("paint 2")
    desk.board.script = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await desk.consent(plan)

    async def tell(_operation: Operation, _outcome: Any) -> Sequence[Outgoing]:
        raise LookupError("this outcome has no words")

    assert await desk.dispatch.resume(tell) == 2
    assert await desk.store.operations.unfinished() == ()
