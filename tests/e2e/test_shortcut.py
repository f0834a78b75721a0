"""The shortcut on a message: a command's form with the message as its context."""

from __future__ import annotations

from integrations.slack.simulator.state import View
from tests._harness.organisation import Organisation, said, text_of

CALLBACK = "command_on_message"


async def chosen(org: Organisation, user: str, text: str) -> View:
    """Write a message as petra, use the shortcut on it, and return the choice of commands."""
    written = await org.control("message", user="petra", channel="payments", text=text)
    used = await org.control("shortcut", user=user, channel="payments", ts=written["ts"], callback_id=CALLBACK)
    assert used["status"] == 200
    found: View = await org.view(user, "choose")
    return found


async def test_a_form_has_the_message_as_its_context(either: Organisation) -> None:
    """The chosen command's form opens with the message's text in its long field, and goes on to its plan."""
    view = await chosen(either, "alice", "The <!channel> deploy took an hour")
    values = {"command": "feedback"}
    answer = await either.control("submit", user="alice", view_id=view.id, values=values)
    assert answer["body"]["response_action"] == "update"
    form = await either.view("alice", "form")
    assert "deploy took an hour" in text_of(form.body["blocks"])
    await either.control("submit", user="alice", view_id=form.id, values={"rating": "2"})
    plan = await either.view("alice", "consent")
    assert "deploy took an hour" in text_of(plan.body["blocks"])


async def test_only_commands_that_i_may_use_are_offered(org: Organisation) -> None:
    """A developer is not offered what only platform engineers may do."""
    view = await chosen(org, "alice", "hello")
    text = text_of(view.body["blocks"])
    assert "feedback" in text
    assert "platform –" not in text


async def test_a_guest_is_refused(org: Organisation) -> None:
    """A guest who uses the shortcut is told that guests are not served."""
    written = await org.control("message", user="petra", channel="contractors", text="hello")
    await org.control("shortcut", user="gus", channel="contractors", ts=written["ts"], callback_id=CALLBACK)
    view = await org.view("gus", "done")
    assert "Guests cannot use" in text_of(view.body["blocks"])


async def test_a_late_shortcut_is_told(org: Organisation) -> None:
    """Where the choice cannot be opened any more people are told to try again."""
    written = await org.control("message", user="petra", channel="payments", text="hello")
    await org.control("faults", backend="slack", kind="500", method="views.open")
    await org.control("shortcut", user="alice", channel="payments", ts=written["ts"], callback_id=CALLBACK)
    assert "again" in said(await org.told("alice", "again"))


async def test_a_slow_identity_does_not_cost_the_trigger(quick: Organisation) -> None:
    """Where it takes long to learn who asks, a loading view opens in time and becomes the choice."""
    written = await quick.control("message", user="petra", channel="payments", text="hello")
    await quick.control("faults", backend="slack", kind="delay", method="users.info", seconds=0.5)
    await quick.control("shortcut", user="alice", channel="payments", ts=written["ts"], callback_id=CALLBACK)
    await quick.view("alice", "choose")
    assert [c.method for c in quick.calls("views.open", "views.update")] == ["views.open", "views.update"]
