"""Answers that take their time: a sign of work, then one direct message that goes on, linked from where one asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.frontends.slack.live import LiveMessage
from bot.frontends.slack.present import plain
from integrations.errors import NotFound, Unavailable
from integrations.slack import MessageRef
from integrations.slack.simulator.state import Message
from tests._harness.organisation import Organisation, said

PROJECTS = "/api/v4/projects"
GROUPS = "/api/v4/groups"
LATE, LATER = 0.35, 1.2


async def slow(org: Organisation, path: str, seconds: float) -> None:
    """Have GitLab take that long."""
    await org.control("faults", backend="gitlab", kind="delay", path=path, seconds=seconds)


def direct(org: Organisation, user: str) -> list[Message]:
    """Return what the bot wrote into this person's direct messages."""
    return [m for m in org.answers(user) if m.channel.startswith("D")]


async def test_a_late_answer_comes_as_a_new_message(quick: Organisation) -> None:
    """An answer that takes over a second is announced, and comes as a message of its own that only the asker sees."""
    await slow(quick, PROJECTS, LATE)
    await quick.control("command", user="alice", channel="general", text="service checkout")
    await quick.told("alice", "Working on service")
    answer = await quick.told("alice", "production")
    assert answer.ephemeral
    assert not direct(quick, "alice")


async def test_a_long_answer_goes_on_in_one_direct_message(quick: Organisation) -> None:
    """After ten seconds the answer goes on in one direct message, which ends as the answer and is linked."""
    await slow(quick, PROJECTS, LATER)
    await quick.control("command", user="alice", channel="general", text="service checkout")
    linked = await quick.told("alice", "goes on in your direct messages")
    (message,) = direct(quick, "alice")
    assert linked.ephemeral
    assert message.ts.replace(".", "") in said(linked)
    await quick.told("alice", "production", "Keep in DM")
    assert [m.ts for m in direct(quick, "alice")] == [message.ts]


async def test_a_long_answer_to_a_message_stays_in_its_thread(quick: Organisation) -> None:
    """A command in a thread of the direct messages goes on in that thread."""
    first = await quick.control("message", user="alice", channel="dm", text="whoami")
    await quick.told("alice", "Who you are")
    await slow(quick, PROJECTS, LATER)
    await quick.control("message", user="alice", channel="dm", text="checkout", thread_ts=first["ts"])
    answer = await quick.told("alice", "production", "checkout")
    assert answer.thread_ts == first["ts"]


async def test_a_long_change_goes_on_in_a_direct_message(quick: Organisation) -> None:
    """A consent that takes long is done once, and its outcome stands in the direct message."""
    plan = await quick.say("alice", "use checkout", "payments")
    await slow(quick, GROUPS, LATER)
    await quick.click("alice", plan, "confirm")
    await quick.told("alice", "goes on in your direct messages")
    outcome = await quick.told("alice", "Default service set")
    assert outcome in direct(quick, "alice")
    await quick.settled()
    assert len(await quick.outcomes("use")) == 1


async def test_a_live_message_that_was_deleted_is_sent_anew(quick: Organisation) -> None:
    """Where the direct message cannot be edited any more, the answer comes as another message."""
    await slow(quick, PROJECTS, LATER)
    await quick.control("command", user="alice", channel="general", text="service checkout")
    await quick.told("alice", "goes on in your direct messages")
    (message,) = direct(quick, "alice")
    quick.world.drop_message(message.channel, message.ts)
    await quick.told("alice", "production")


async def test_a_long_answer_without_a_direct_message_still_comes(quick: Organisation) -> None:
    """Where no direct message can be posted to go on in, the answer comes where it was asked for."""
    await slow(quick, PROJECTS, LATER)
    await quick.control("faults", backend="slack", kind="500", method="chat.postMessage")
    await quick.control("command", user="alice", channel="general", text="service checkout")
    assert (await quick.told("alice", "production")).ephemeral


async def consenting(org: Organisation) -> Any:
    """Return alice's open plan in a modal."""
    await org.control("command", user="alice", channel="payments", text="use")
    form = await org.view("alice", "form")
    await org.control("submit", user="alice", view_id=form.id, values={"service": "checkout"})
    return await org.view("alice", "consent")


async def test_a_late_submission_shows_that_it_is_checked(quick: Organisation) -> None:
    """A submission that is not answered in time shows *One moment*, and then its result."""
    plan = await consenting(quick)
    await slow(quick, GROUPS, LATE)
    answer = await quick.control("submit", user="alice", view_id=plan.id)
    assert "One moment" in str(answer["body"])
    done = await quick.until(
        lambda: (v := quick.world.top_view("U0ALICE")) and "Default service set" in str(v.body) and v, "the result"
    )
    assert done.id == plan.id


async def test_a_closed_view_answers_as_a_direct_message(quick: Organisation) -> None:
    """Where the modal was closed before its answer came, the answer is a direct message."""
    plan = await consenting(quick)
    await slow(quick, GROUPS, LATE)
    await quick.control("submit", user="alice", view_id=plan.id)
    await quick.control("close", user="alice")
    outcome = await quick.told("alice", "Default service set")
    assert outcome in direct(quick, "alice")
    assert len(await quick.outcomes("use")) == 1


async def test_a_long_submission_goes_on_in_a_direct_message(quick: Organisation) -> None:
    """A submission that takes over ten seconds says so in the modal and goes on in one direct message."""
    plan = await consenting(quick)
    await slow(quick, GROUPS, LATER)
    await quick.control("submit", user="alice", view_id=plan.id)
    await quick.until(lambda: "takes a while" in str(quick.world.top_view("U0ALICE").body), "the notice")  # type: ignore[union-attr]  # it is open
    await quick.told("alice", "Default service set")
    assert len(direct(quick, "alice")) == 1


async def test_a_long_submission_of_a_closed_view_goes_on_too(quick: Organisation) -> None:
    """Closing the modal stops nothing: the change is done and its outcome is a direct message."""
    plan = await consenting(quick)
    await slow(quick, GROUPS, LATER)
    await quick.control("submit", user="alice", view_id=plan.id)
    await quick.control("close", user="alice")
    await quick.told("alice", "Default service set")
    await quick.settled()
    assert len(direct(quick, "alice")) == 1
    assert len(await quick.outcomes("use")) == 1


async def test_a_double_submission_acts_once(quick: Organisation) -> None:
    """The same view submitted twice at once acts once; both are answered alike."""
    plan = await consenting(quick)
    await slow(quick, GROUPS, LATE)
    first, second = await asyncio.gather(
        quick.control("submit", user="alice", view_id=plan.id), quick.control("submit", user="alice", view_id=plan.id)
    )
    assert first["body"] == second["body"]
    await quick.settled()
    assert len(await quick.outcomes("use")) == 1


async def test_cancelling_a_plan_in_a_modal_uses_it_up(quick: Organisation) -> None:
    """Closing the plan is its end."""
    plan = await consenting(quick)
    await quick.control("close", user="alice", view_id=plan.id)
    await quick.settled()
    assert quick.process is not None
    store = quick.process.core.store
    assert not await store.offers.open_for("slack:T0ACME/U0ALICE", quick.clock())


class Turns:
    """A sleep that a test ends by hand."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._gates: list[asyncio.Event] = []

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        gate = asyncio.Event()
        self._gates.append(gate)
        await gate.wait()

    def wake(self) -> None:
        for gate in self._gates:
            gate.set()
        self._gates.clear()


async def posted(org: Organisation) -> MessageRef:
    assert org.process is not None
    return await org.process.core.slack.post("U0ALICE", plain("Begun"))


async def test_a_live_message_is_updated_once_a_second(org: Organisation) -> None:
    """However often the state changes, one update goes out per pause, and the last state arrives."""
    assert org.process is not None
    turns = Turns()
    live = LiveMessage(org.process.core.slack, await posted(org), 1.0, turns.sleep)
    running = asyncio.create_task(live.run())
    for number in range(50):
        live.show(plain(f"{number} of 50"))
        await asyncio.sleep(0)
    await org.until(lambda: turns.asked, "the pause")
    live.finish(plain("All of 50"))
    assert len(org.calls("chat.update")) == 1
    turns.wake()
    await running
    assert len(org.calls("chat.update")) == 2
    assert turns.asked == [1.0]
    await org.told("alice", "All of 50")


async def test_the_last_state_waits_for_slack(org: Organisation) -> None:
    """Where Slack asks to wait while the last state is shown, it is shown after the wait."""
    assert org.process is not None
    turns = Turns()
    ref = await posted(org)
    live = LiveMessage(org.process.core.slack, ref, 1.0, turns.sleep)
    await org.control("faults", backend="slack", kind="500", method="chat.update", count=1)
    running = asyncio.create_task(live.run())
    live.finish(plain("The end"))
    await org.until(lambda: turns.asked, "the pause")
    turns.wake()
    await running
    await org.told("alice", "The end")


async def test_a_last_state_that_never_arrives_is_told(org: Organisation) -> None:
    """Where Slack stays away, or the message is gone, whoever waits for the last state learns it."""
    assert org.process is not None
    ref = await posted(org)

    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    live = LiveMessage(org.process.core.slack, ref, 1.0, at_once)
    await org.control("faults", backend="slack", kind="500", method="chat.update")
    live.finish(plain("The end"))
    with pytest.raises(Unavailable):
        await live.run()
    await org.control("faults", backend="slack", kind="clear")
    org.world.drop_message(ref.channel, ref.ts)
    gone = LiveMessage(org.process.core.slack, ref, 1.0, at_once)
    gone.finish(plain("The end"))
    with pytest.raises(NotFound):
        await gone.run()
