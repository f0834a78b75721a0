"""Who is served: known and active people of this organisation, with the rights that they have at that moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.slack.simulator.world import World
from integrations.store import Phase
from tests._harness.organisation import Organisation, organisation, said


async def answer_to(org: Organisation, key: str) -> str:
    """Return what was answered to the response URL of a delivered command."""
    await org.until(lambda: org.world.state.response_urls[key].uses, "an answer")
    await org.settled()
    return " ".join(str(call.arguments) for call in org.calls("response_url"))


async def denied(org: Organisation, person: str) -> bool:
    """Return whether the audit trail has a denial of this person."""
    return any(r.entry.result == "denied" and r.entry.actor.endswith(f"/{person}") for r in await org.records())


async def test_a_deactivated_person_is_refused(either: Organisation) -> None:
    """What a deactivated person sent is answered with a refusal, which is on record."""
    key = await either.command_from("U0DORA", "services")
    assert "deactivated" in await answer_to(either, key)
    assert await denied(either, "U0DORA")


async def test_a_person_of_another_workspace_is_refused(either: Organisation) -> None:
    """A command that comes from another workspace is refused, even under a known person's id."""
    key = await either.command_from("U0ALICE", "services", team_id="T0OTHER")
    assert "does not serve your workspace" in await answer_to(either, key)
    assert await denied(either, "U0ALICE")


async def test_an_unknown_person_is_refused(org: Organisation) -> None:
    """An id that Slack does not know gets no service."""
    key = await org.command_from("U0NOBODY", "services", team_id="T0ACME")
    assert "does not know you" in await answer_to(org, key)


async def test_an_external_person_is_refused(org: Organisation) -> None:
    """A person of another organisation in a shared channel gets no service."""
    message = await org.say("olaf", "service checkout", "acme-partner")
    assert "its own organisation only" in said(message)
    assert await denied(org, "U0OLAF")


async def test_an_app_is_refused(org: Organisation) -> None:
    """A command under a bot's id gets no service."""
    key = await org.command_from(org.world.app.bot_user, "services", team_id="T0ACME")
    assert "Apps cannot use" in await answer_to(org, key)


@pytest.mark.parametrize("change", [{"is_restricted": True}, {"is_ultra_restricted": True}, {"deleted": True}])
async def test_a_change_of_a_person_counts_at_once(org: Organisation, change: dict[str, bool]) -> None:
    """Whoever becomes a guest or is deactivated is refused from then on, whatever was known of them."""
    assert "acme/" in said(await org.say("alice", "services"))
    await org.control("user", user="alice", **change)
    await org.settled()
    assert "Not allowed" in said(await org.say("alice", "services"))


async def test_an_unlinked_person_is_told_how_to_be_linked(org: Organisation) -> None:
    """Somebody without a GitLab user may look, and is told who can link one when they want to change something."""
    assert "checkout" in said(await org.say("nina", "service checkout"))
    shown = said(await org.say("nina", "use checkout"))
    assert "not linked" in shown
    assert "platform engineer" in shown
    assert await denied(org, "U0NINA")


async def test_an_unlinked_person_gets_no_form_for_a_change(org: Organisation) -> None:
    """Opening a form is authorised as running it is."""
    assert "not linked" in said(await org.say("nina", "feedback"))
    assert org.world.top_view("U0NINA") is None


async def test_a_user_group_lowers_rights_at_once(org: Organisation) -> None:
    """A platform engineer in the group that lowers rights is a developer, from the moment of joining it."""
    assert "GitLab 18" in said(await org.say("petra", "platform"))
    await org.control("group", group="S0ONLEAVE", users=["petra"])
    await org.settled()
    assert "is for" in said(await org.say("petra", "platform"))
    shown = said(await org.say("petra", "whoami"))
    assert "user group lowers rights" in shown
    await org.control("group", group="S0ONLEAVE", users=[])
    await org.settled()
    assert "GitLab 18" in said(await org.say("petra", "platform"))


async def test_no_user_group_raises_rights(org: Organisation) -> None:
    """Whoever a workspace administrator puts into the platform's user group has no more rights than before."""
    await org.control("group", group="S0PLATFORM", users=["petra", "bob"])
    await org.settled()
    assert "is for" in said(await org.say("bob", "platform"))


async def test_a_role_that_gitlab_takes_away_is_gone_before_the_next_change(org: Organisation) -> None:
    """Membership is read afresh before a change: who has just left a group does not change anything by it."""
    plan = await org.say("alice", "use checkout", "payments")
    group = next(g for g in org.gitlab.world.groups.values() if g.path == "acme/payments")
    del group.members[101]
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")
    assert "acme/payments" not in said(await org.say("alice", "whoami"))


def _without_user_groups(world: World) -> None:
    world.app.scopes = tuple(s for s in world.app.scopes if s != "usergroups:read")


async def test_withheld_user_groups_lower_everybody_visibly(tmp_path: Path) -> None:
    """Where the groups that lower rights cannot be read everybody counts as lowered, and `whoami` says why; all else
    works.
    """
    async with organisation(tmp_path, prepare=_without_user_groups) as org:
        assert "acme/" in said(await org.say("alice", "services"))
        assert "usergroups:read" in said(await org.say("petra", "whoami"))
        assert "is for" in said(await org.say("petra", "platform"))
        calls = len(org.calls("usergroups.list"))
        await org.say("petra", "whoami")
        assert len(org.calls("usergroups.list")) == calls


async def test_withheld_user_groups_are_no_matter_where_none_lowers(tmp_path: Path) -> None:
    """Where no group lowers rights, withholding them costs nothing but is shown by `platform`."""
    async with organisation(tmp_path, prepare=_without_user_groups, lowered_by=[]) as org:
        shown = said(await org.say("petra", "platform"))
        assert "usergroups:read" in shown


async def test_a_person_deactivated_between_form_and_plan_is_refused(org: Organisation) -> None:
    """Whoever is deactivated while a form is open gets no plan from it."""
    await org.control("command", user="alice", channel="general", text="feedback")
    form = await org.view("alice", "form")
    await org.control("user", user="alice", deleted=True)
    await org.settled()
    answer = await org.control("submit", user="alice", view_id=form.id, values={"rating": "4", "text": "bye"})
    assert "deactivated" in str(answer["body"])
    assert not await org.outcomes("feedback")


async def test_a_role_lowered_between_plan_and_consent_counts(org: Organisation) -> None:
    """Rights are looked at again at consent: a guest's click on an older plan changes nothing."""
    plan = await org.say("alice", "use checkout", "payments")
    seen = org.shown("alice")
    await org.control("user", user="alice", is_restricted=True)
    await org.click("alice", plan, "confirm")
    assert "Guests" in said(await org.next_answer("alice", seen))
    assert not await org.outcomes("use")


async def test_a_denial_says_why_and_who_can_grant(org: Organisation) -> None:
    """A denial names the role that is needed, the role one has, and who can give it; it is recorded with the person."""
    shown = said(await org.say("mona", "audit"))
    assert "auditor" in shown
    assert "manager" in shown
    assert "acme/compliance" in shown
    record = next(r for r in await org.outcomes("audit", Phase.EVENT) if r.entry.result == "denied")
    assert record.entry.actor == "slack:T0ACME/U0MONA"


async def test_more_than_is_allowed_is_told_when_to_try_again(tmp_path: Path) -> None:
    """Over the limit nothing is run, and people are told in how many seconds to try again; others are not held up."""
    async with organisation(tmp_path, limits={"per_minute": 1, "burst": 2}) as org:
        for _ in range(2):
            assert "acme/" in said(await org.say("alice", "services"))
        shown = said(await org.say("alice", "services"))
        assert "Try again in" in shown
        assert "seconds" in shown
        assert "acme/" in said(await org.say("bob", "services"))


async def test_nonsense_counts_towards_the_limit(tmp_path: Path) -> None:
    """Lines that are no commands and forms that are opened count as commands do."""
    async with organisation(tmp_path, limits={"per_minute": 1, "burst": 2}) as org:
        await org.say("alice", "nonsense")
        await org.say("alice", "services --nonsense")
        assert "Try again in" in said(await org.say("alice", "nonsense"))
