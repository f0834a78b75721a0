"""What acts once is a form's submission, not a person's attempt to get it right."""

from __future__ import annotations

from typing import Any

from integrations.slack.simulator import payloads
from integrations.slack.simulator.state import View
from tests._harness.organisation import Organisation


def submission(org: Organisation, view: View, **values: str) -> dict[str, Any]:
    """Return the payload of the form with these values; Slack's hash changes when the app changes a view, not when a
    person types.
    """
    payload = payloads.view_submission(org.world, org.world.users["U0ALICE"], view, [])
    blocks = {b["element"]["action_id"]: b["block_id"] for b in view.body["blocks"] if b["type"] == "input"}
    payload["view"]["state"] = {"values": {blocks[n]: {n: {"type": "input", "value": v}} for n, v in values.items()}}
    return payload


async def test_a_corrected_form_is_taken(org: Organisation) -> None:
    """After errors on its fields the same form, corrected, is a submission of its own."""
    await org.control("command", user="alice", channel="general", text="feedback")
    form = await org.view("alice", "form")
    wrong = await org.control("deliver", kind="interactive", payload=submission(org, form, rating="9", text="good"))
    assert "errors" in str(wrong), wrong
    right = await org.control("deliver", kind="interactive", payload=submission(org, form, rating="4", text="good"))
    assert "Check the plan" in str(right), right


async def test_a_form_with_errors_is_answered_again_alike(org: Organisation) -> None:
    """What was wrong stays wrong, however often it is sent."""
    await org.control("command", user="alice", channel="general", text="feedback")
    form = await org.view("alice", "form")
    for _ in range(2):
        wrong = await org.control("deliver", kind="interactive", payload=submission(org, form, rating="9", text="x"))
        assert "errors" in str(wrong), wrong
