"""What belongs to a channel is for those who are in it."""

from __future__ import annotations

import pytest

from tests._harness.organisation import Organisation


@pytest.mark.parametrize("told", ["use checkout channel=C0PAYMENTS", "use none --channel C0PAYMENTS"])
async def test_the_default_of_another_channel_is_neither_set_nor_shown(org: Organisation, told: str) -> None:
    """`use` is about the channel where it is given, whatever channel is named."""
    plan = await org.say("alice", "use refunds", "payments")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")
    await org.control("command", user="bob", channel="general", text=told)
    form = await org.view("bob", "form")
    assert "is not where you are" in str(form.body)
    assert "refunds" not in str(form.body)
    assert org.process is not None
    assert await org.process.core.store.preferences.default_service("T0ACME", "C0PAYMENTS") == "refunds"


async def test_a_form_cannot_name_another_channel(org: Organisation) -> None:
    """The same holds for what is chosen in the form."""
    await org.control("command", user="bob", channel="general", text="use")
    form = await org.view("bob", "form")
    await org.control("suggest", user="bob", view_id=form.id, action_id="service", value="checkout")
    values = {"service": "checkout", "channel": "C0STOREFRONT"}
    answer = await org.control("submit", user="bob", view_id=form.id, values=values)
    assert "is not where you are" in str(answer), answer


async def test_denials_of_strangers_are_limited(org: Organisation) -> None:
    """Somebody who is not served cannot fill the audit trail by asking again and again."""
    for _ in range(60):
        await org.command_from("U0GUS", "whoami")
    await org.settled()
    denials = [r for r in await org.records() if r.entry.result == "denied"]
    assert 0 < len(denials) <= org.settings.limits.burst + 5


async def test_a_strangers_first_denial_says_why(org: Organisation) -> None:
    """Who is not served is told so, and that is on record."""
    key = await org.command_from("U0GUS", "whoami")
    await org.settled()
    assert key
    (denial,) = [r for r in await org.records() if r.entry.result == "denied"]
    assert denial.entry.actor == "slack:T0ACME/U0GUS"
    assert "Guests" in denial.entry.detail
