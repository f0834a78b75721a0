"""What an answer survives: ephemeral ones live on one device until it reloads, and a response URL has an end."""

from __future__ import annotations

from bot.frontends.slack.deliver import MOST_RESPONSES, Delivery, Origin
from bot.frontends.slack.present import plain
from bot.identity import SlackPrincipal
from bot.pace import Pace
from tests._harness.organisation import Organisation, said


async def test_a_quick_answer_is_on_the_device_that_asked_and_gone_on_reload(org: Organisation) -> None:
    """An ephemeral answer is shown on the device that gave the command, not on the other one, until that reloads."""
    phone = "U0ALICE-phone"
    await org.control("device", user="alice", device=phone)
    answer = await org.say("alice", "whoami")
    assert [m.ts for m in org.world.visible("C0GENERAL", "U0ALICE", phone)] == [answer.ts]
    assert not org.world.visible("C0GENERAL", "U0ALICE", "U0ALICE-desktop")
    org.world.reload(phone)
    assert not org.world.visible("C0GENERAL", "U0ALICE", phone)


async def test_what_was_kept_is_on_every_device(org: Organisation) -> None:
    """*Keep in DM* makes an answer a message that a reload and another device still show."""
    answer = await org.say("alice", "whoami")
    await org.click("alice", answer, "keep")
    kept = await org.until(lambda: next((m for m in org.answers("alice") if not m.ephemeral), None), "the kept answer")
    for device in ("U0ALICE-phone", "U0ALICE-desktop"):
        org.world.reload(device)
        assert kept.ts in [m.ts for m in org.world.visible(kept.channel, "U0ALICE", device)]


async def test_a_response_url_is_used_four_times_at_most(org: Organisation) -> None:
    """The fifth answer to one request goes another way, because Slack takes five posts and one may be repeated."""
    await org.say("alice", "whoami")
    assert org.process is not None
    core = org.process.core
    delivery = Delivery(core.slack, core.store, core.presenter, Pace())
    url = next(u for u in org.world.state.response_urls.values() if u.user == "U0ALICE")
    origin = Origin(
        SlackPrincipal("T0ACME", "U0ALICE"), "C0GENERAL", response_url=f"{org.slack.url}/response/{url.key}"
    )
    uses = url.uses
    for number in range(MOST_RESPONSES + 1):
        await delivery.quick(origin, plain(f"part {number}"))
    assert url.uses - uses == MOST_RESPONSES
    assert len([m for m in org.answers("alice") if "part" in said(m)]) == MOST_RESPONSES + 1
