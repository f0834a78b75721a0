"""Keeping and sharing an answer: only where nobody from outside reads along, and always in the asker's name."""

from __future__ import annotations

from pathlib import Path

from integrations.slack.simulator.state import Message
from integrations.slack.simulator.world import World
from tests._harness.organisation import Organisation, buttons_of, organisation, said


async def shared(org: Organisation, user: str, channel: str) -> Message:
    """Ask in the channel, press *Share*, and return what was shared."""
    answer = await org.say(user, "service checkout", channel)
    await org.click(user, answer, "share")
    found: Message = await org.until(lambda: next(iter(org.posted(channel)), None), "shared message")
    return found


async def refusal(org: Organisation, user: str, channel: str) -> str:
    """Ask in the channel, press *Share*, and return what the person was told instead."""
    answer = await org.say(user, "service checkout", channel)
    seen = org.shown(user)
    await org.click(user, answer, "share")
    shown = said(await org.next_answer(user, seen))
    await org.settled()
    assert not org.posted(channel) or channel.startswith("D")
    return shown


async def test_sharing_names_the_asker(either: Organisation) -> None:
    """A shared answer says who asked for what, and everybody in the channel sees it."""
    message = await shared(either, "alice", "payments")
    assert "<@U0ALICE>" in said(message)
    assert "`service`" in said(message)
    assert "production" in said(message)


async def test_a_shared_answer_cannot_be_kept_or_shared_by_others(org: Organisation) -> None:
    """Under a shared answer there is no *Keep* and no *Share*: it was one person's to give."""
    message = await shared(org, "alice", "payments")
    assert not buttons_of(message.blocks, "share")
    assert not buttons_of(message.blocks, "keep")


async def test_the_buttons_of_a_shared_answer_ask_as_the_clicker(org: Organisation) -> None:
    """A button that reads works for everybody by their own rights; one that changes is the asker's."""
    message = await shared(org, "alice", "payments")
    seen = org.shown("petra")
    for kind in ("open", "run"):
        for button in buttons_of(message.blocks, kind):
            await org.control(
                "action",
                user="petra",
                channel=message.channel,
                message_ts=message.ts,
                action_id=button["action_id"],
            )
            answer = await org.next_answer("petra", seen)
            seen = org.shown("petra")
            assert "somebody else" in said(answer) or kind == "run"


async def test_nothing_is_shared_where_outsiders_read(org: Organisation) -> None:
    """In a channel that is shared with another organisation the answer stays with the asker."""
    assert "another organisation" in await refusal(org, "alice", "acme-partner")


async def test_nothing_is_shared_where_guests_read(org: Organisation) -> None:
    """In a channel with a guest the answer stays with the asker."""
    assert "Guests read" in await refusal(org, "alice", "contractors")


async def test_where_the_bot_is_no_member_it_says_how_to_invite_it(org: Organisation) -> None:
    """In a channel without the bot people are told how to invite it, and after that sharing works."""
    answer = await org.say("bob", "service checkout", "storefront")
    seen = org.shown("bob")
    await org.click("bob", answer, "share")
    assert "/invite @idp" in said(await org.next_answer("bob", seen))
    await org.control("membership", user="bob", channel="storefront", who="idp")
    await org.click("bob", answer, "share")
    await org.until(lambda: [m for m in org.posted("storefront") if "<@U0BOB>" in said(m)], "shared message")


async def test_in_a_group_conversation_without_the_bot_it_says_so(org: Organisation) -> None:
    """Among people who talk without the bot, nothing is posted."""
    answer = await org.say("alice", "service checkout", "C0GROUPDM")
    seen = org.shown("alice")
    await org.click("alice", answer, "share")
    assert "/invite @idp" in said(await org.next_answer("alice", seen))


async def test_what_cannot_be_checked_is_not_shared(org: Organisation) -> None:
    """Where Slack does not say who reads a channel nothing is shared into it."""
    await org.control("faults", backend="slack", kind="500", method="conversations.members")
    assert "could not check" in await refusal(org, "alice", "payments")


async def test_a_post_that_slack_refuses_is_told(org: Organisation) -> None:
    """Where Slack does not take the shared message the asker is told."""
    answer = await org.say("alice", "service checkout", "payments")
    await org.control("faults", backend="slack", kind="500", method="chat.postMessage")
    seen = org.shown("alice")
    await org.click("alice", answer, "share")
    assert "not" in said(await org.next_answer("alice", seen))
    assert not org.posted("payments")


def _without_looking(world: World) -> None:
    lacking = {"channels:read", "groups:read", "mpim:read", "im:read"}
    world.app.scopes = tuple(s for s in world.app.scopes if s not in lacking)


async def test_withheld_scopes_disable_sharing_alone(tmp_path: Path) -> None:
    """Without the scopes for it sharing says that it is off and why, `platform` shows it, and all else works."""
    async with organisation(tmp_path, prepare=_without_looking) as org:
        assert "channels:read" in await refusal(org, "alice", "payments")
        answer = await org.say("alice", "service checkout", "payments")
        await org.click("alice", answer, "keep")
        await org.told("alice", "Kept in your direct messages")
        assert "channels:read" in said(await org.say("petra", "platform"))


async def test_an_answer_is_kept_in_direct_messages(either: Organisation) -> None:
    """*Keep in DM* posts the answer where it lasts, and says so."""
    answer = await either.say("alice", "service checkout", "payments")
    await either.click("alice", answer, "keep")
    await either.told("alice", "Kept in your direct messages")
    kept = [m for m in either.answers("alice") if m.channel.startswith("D")]
    assert len(kept) == 1
    assert "production" in said(kept[0])


async def test_an_answer_in_a_modal_can_be_kept(org: Organisation) -> None:
    """An answer that stands in a modal has *Keep in DM* too."""
    await org.control("command", user="alice", channel="general", text="services --page 0")
    form = await org.view("alice", "form")
    await org.control("submit", user="alice", view_id=form.id, values={"page": "1"})
    done = await org.view("alice", "done")
    pressed = await org.control("action", user="alice", view_id=done.id, action_id="keep")
    assert pressed["status"] == 200
    await org.until(lambda: [m for m in org.answers("alice") if m.channel.startswith("D")], "the kept answer")


async def test_an_answer_may_be_shared_from_a_thread(org: Organisation) -> None:
    """What was asked for in a thread is shared into that thread."""
    first = await org.control("message", user="petra", channel="payments", text="how is checkout?")
    await org.control("message", user="alice", channel="payments", text="@idp service checkout", thread_ts=first["ts"])
    answer = await org.told("alice", "production")
    await org.click("alice", answer, "share")
    message = await org.until(lambda: next(iter(org.posted("payments")), None), "shared message")
    assert message.thread_ts == first["ts"]


async def test_a_plan_cannot_be_shared(org: Organisation) -> None:
    """A plan and an outcome are one person's: there is nothing to share under them."""
    plan = await org.say("alice", "use checkout", "payments")
    assert not buttons_of(plan.blocks, "share")
    await org.click("alice", plan, "confirm")
    done = await org.told("alice", "Default service set")
    assert not buttons_of(done.blocks, "share")


async def test_sharing_is_on_record(org: Organisation) -> None:
    """Who shared an answer of which command into which channel is in the audit trail."""
    await shared(org, "alice", "payments")
    records = [r.entry for r in await org.records() if "shared into" in r.entry.detail]
    assert [(e.actor, e.command, e.detail) for e in records] == [
        ("slack:T0ACME/U0ALICE", "service", "an answer is shared into C0PAYMENTS")
    ]
