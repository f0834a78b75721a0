"""Forms: nothing that was typed is lost, errors stand on their fields, and a submission acts once."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests._harness.organisation import Organisation, said, text_of


async def form(org: Organisation, text: str, user: str = "alice", channel: str = "payments") -> Any:
    """Give a command that needs its form, and return the form."""
    await org.control("command", user=user, channel=channel, text=text)
    return await org.view(user, "form")


async def test_an_error_of_the_backend_stands_on_its_field(org: Organisation) -> None:
    """What only the catalogue can tell is answered on the field too; put right, the same form goes on to its plan."""
    view = await form(org, "feedback")
    answer = await org.control("submit", user="alice", view_id=view.id, values={"rating": "4", "text": "x" * 3000})
    assert answer["body"]["response_action"] == "update"
    org.world.drop_views("U0ALICE")
    view = await form(org, "use nosuchservice")
    assert "There is no service nosuchservice" in text_of(view.body["blocks"])
    await org.control("suggest", user="alice", view_id=view.id, action_id="service", value="check")
    answer = await org.control("submit", user="alice", view_id=view.id, values={"service": "checkout"})
    assert answer["body"]["response_action"] == "update"
    await org.view("alice", "consent")


async def test_errors_keep_what_was_typed(org: Organisation) -> None:
    """A submission with an error leaves the form open with everything in it."""
    view = await form(org, "services --page 0 --query card", channel="general")
    answer = await org.control("submit", user="alice", view_id=view.id, values={"team": "nobody"})
    assert answer["http"] == 400 or answer["body"]["response_action"] in {"errors", "update"}
    assert "card" in str(view.values)


async def test_a_submission_delivered_anew_acts_once(either: Organisation) -> None:
    """The same view with the same hash in a delivery of its own gets the same answer and acts once."""
    view = await form(either, "feedback")
    await either.control("submit", user="alice", view_id=view.id, values={"rating": "4"})
    plan = await either.view("alice", "consent")
    first = await either.control("submit", user="alice", view_id=plan.id)
    payload = {**copy.deepcopy(either.world.state.deliveries[-1].payload), "token": "of-another-delivery"}
    again = await either.control("deliver", kind="interactive", payload=payload)
    assert again["body"] == first["body"]
    await either.settled()
    assert len(await either.outcomes("feedback")) == 1


async def test_a_submission_delivered_after_a_restart_says_so(org: Organisation) -> None:
    """A view that an earlier process acted on is told to have been submitted before."""
    view = await form(org, "feedback")
    await org.control("submit", user="alice", view_id=view.id, values={"rating": "4"})
    plan = await org.view("alice", "consent")
    await org.control("submit", user="alice", view_id=plan.id)
    payload = {**copy.deepcopy(org.world.state.deliveries[-1].payload), "token": "of-another-delivery"}
    await org.settled()
    await org.restart_bot()
    again = await org.control("deliver", kind="interactive", payload=payload)
    assert "submitted before" in str(again["body"])
    assert len(await org.outcomes("feedback")) == 1


async def test_options_are_for_people_who_are_served(org: Organisation) -> None:
    """Somebody who is not served gets no options, whatever view they claim to have open."""
    view = await form(org, "use")
    await org.control("suggest", user="alice", view_id=view.id, action_id="service", value="check")
    payload = copy.deepcopy(org.world.state.deliveries[-1].payload)
    for person in ("U0GUS", "U0DORA", "U0NOBODY"):
        payload["user"] = {"id": person, "team_id": "T0ACME"}
        answer = await org.control("deliver", kind="interactive", payload=payload)
        assert answer["body"] == {"options": []}


@pytest.mark.parametrize("text", ["{0} --help", "help {0}", "{0} help"])
async def test_every_command_explains_itself(org: Organisation, text: str) -> None:
    """`--help` on any command that one may use explains it, and opens no form."""
    assert org.process is not None
    names = [c.name for c in org.process.core.dispatch.commands.commands()]
    assert "feedback" in names
    for name in names:
        assert f"How to use {name}" in said(await org.say("petra", text.format(name)))
        if org.process.core.dispatch._limit._buckets:
            org.process.core.dispatch._limit._buckets.clear()
    assert org.world.top_view("U0PETRA") is None


async def test_one_request_id_goes_from_the_click_to_gitlab(org: Organisation) -> None:
    """What GitLab is asked for carries the request's id, one for all calls of a card and another for the next."""
    ids = []
    for _ in range(2):
        org.gitlab.log.clear()
        await org.say("alice", "service checkout")
        found = {entry.request_id for entry in org.gitlab.log.entries}
        assert len(found) == 1
        ids += list(found)
    assert all(ids)
    assert ids[0] != ids[1]


async def test_a_read_by_form_is_answered_in_the_modal(org: Organisation) -> None:
    """A READ that needed its form shows its answer in the modal."""
    view = await form(org, "services --page 0", channel="general")
    await org.control("submit", user="alice", view_id=view.id, values={"page": "1"})
    done = await org.view("alice", "done")
    assert "acme/" in text_of(done.body["blocks"])
