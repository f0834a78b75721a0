"""Socket Mode: everything works over it, disconnects lose nothing, and an envelope acts once."""

from __future__ import annotations

import pytest

from tests._harness.organisation import Organisation, said

PROJECTS = "/api/v4/projects"


async def slow(org: Organisation, seconds: float) -> None:
    await org.control("faults", backend="gitlab", kind="delay", path=PROJECTS, seconds=seconds)


async def connected(org: Organisation) -> None:
    """Return when the bot is connected."""
    await org.until(lambda: org.slack.socket_mode.connections, "a connection")


async def test_a_form_its_options_and_its_plan_work(socket: Organisation) -> None:
    """A form opens, asks for options, shows its plan and is carried out."""
    await socket.control("command", user="alice", channel="payments", text="use")
    form = await socket.view("alice", "form")
    found = await socket.control("suggest", user="alice", view_id=form.id, action_id="service", value="check")
    assert "checkout" in [o["value"] for o in found["options"]]
    await socket.control("submit", user="alice", view_id=form.id, values={"service": "checkout"})
    plan = await socket.view("alice", "consent")
    await socket.control("submit", user="alice", view_id=plan.id)
    await socket.view("alice", "done")
    assert len(await socket.outcomes("use")) == 1


async def test_errors_come_back_on_their_fields(socket: Organisation) -> None:
    """What is wrong in a submission stands on its field."""
    await socket.control("command", user="alice", channel="payments", text="use")
    form = await socket.view("alice", "form")
    answer = await socket.control("submit", user="alice", view_id=form.id, values={})
    assert answer["http"] == 400
    answer = await socket.control("submit", user="alice", view_id=form.id, values={"service": "checkout"})
    assert answer["body"]["response_action"] == "update"


@pytest.mark.parametrize("drop", [False, True], ids=["told", "cut"])
async def test_a_disconnect_while_work_runs_loses_nothing(socket: Organisation, *, drop: bool) -> None:
    """Work that runs when the connection goes is finished and answered, and the bot connects again."""
    await slow(socket, 0.6)
    asked = await socket.control("command", user="alice", channel="general", text="service checkout")
    assert asked["status"] == 200
    assert (await socket.control("disconnect", drop=drop))["connections"] == 1
    await socket.told("alice", "production", "checkout")
    await connected(socket)
    assert "You are " in said(await socket.say("bob", "whoami"))


async def test_a_change_survives_a_disconnect(socket: Organisation) -> None:
    """A change that was confirmed before a disconnect is done once."""
    plan = await socket.say("alice", "use checkout", "payments")
    await socket.click("alice", plan, "confirm")
    await socket.control("disconnect", drop=True)
    await socket.told("alice", "Default service set")
    await socket.settled()
    assert len(await socket.outcomes("use")) == 1


async def test_the_same_envelope_twice_acts_once(socket: Organisation) -> None:
    """An envelope that Slack delivers again is acknowledged again and does nothing more."""
    plan = await socket.say("alice", "use checkout", "payments")
    await socket.click("alice", plan, "confirm")
    assert (await socket.control("replay"))["status"] == 200
    await socket.told("alice", "Default service set")
    await socket.settled()
    assert len(await socket.outcomes("use")) == 1


async def test_the_same_envelope_after_a_restart_acts_once(socket: Organisation) -> None:
    """An envelope that comes again after a restart is acknowledged and does nothing."""
    await socket.say("alice", "whoami")
    await socket.settled()
    await socket.restart_bot()
    await connected(socket)
    before = len(socket.calls("response_url"))
    assert (await socket.control("replay"))["status"] == 200
    await socket.settled()
    assert len(socket.calls("response_url")) == before


async def test_a_repeated_submission_gets_the_same_answer(socket: Organisation) -> None:
    """A submission that is delivered again gets the same acknowledgement."""
    await socket.control("command", user="alice", channel="general", text="feedback")
    form = await socket.view("alice", "form")
    first = await socket.control("submit", user="alice", view_id=form.id, values={"rating": "5"})
    again = await socket.control("replay")
    assert again["body"] == first["body"]
