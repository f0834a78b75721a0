"""Commands as people give them, from the slash to the answer, through real clients and real wire protocols."""

from __future__ import annotations

import pytest

from tests._harness.organisation import Organisation, text_of


async def test_help_lists_only_what_the_person_may_use(either: Organisation) -> None:
    """A developer's help names `service` and not `platform`; a platform engineer's names both."""
    developers = text_of((await either.say("alice", "help")).blocks)
    engineers = text_of((await either.say("petra", "help")).blocks)
    assert "service" in developers
    assert '"text": "platform"' not in developers
    assert '"text": "platform"' in engineers


async def test_no_words_mean_help(org: Organisation) -> None:
    """`/idp` alone answers with help."""
    assert "service" in text_of((await org.say("alice", "")).blocks)


@pytest.mark.parametrize(
    ("user", "role"),
    [("alice", "developer"), ("petra", "platform engineer"), ("mona", "manager"), ("audrey", "auditor")],
)
async def test_whoami_shows_roles_and_where_they_come_from(org: Organisation, user: str, role: str) -> None:
    """`whoami` names the person's role and its source."""
    shown = text_of((await org.say(user, "whoami")).blocks)
    assert role in shown
    assert "GitLab group" in shown or "workspace" in shown


async def test_the_card_shows_what_gitlab_knows(org: Organisation) -> None:
    """`service <name>` shows owner, repository, lifecycle, release, deployments, pipeline and merge requests."""
    shown = text_of((await org.say("alice", "service checkout")).blocks)
    for part in ("checkout", "acme/", "production", "ipeline", "erge request", "v1."):
        assert part in shown


async def test_a_services_name_alone_opens_its_card(org: Organisation) -> None:
    """`/idp <service>` is the card."""
    assert "production" in text_of((await org.say("alice", "checkout")).blocks)


async def test_a_misspelt_service_is_guessed(org: Organisation) -> None:
    """An unknown service comes with the names that could be meant."""
    assert "checkout" in text_of((await org.say("alice", "service chekout")).blocks)


async def test_an_unknown_command_is_guessed(org: Organisation) -> None:
    """An unknown command comes with the command that could be meant."""
    assert "service" in text_of((await org.say("alice", "servcie")).blocks)


async def test_a_list_can_be_filtered_by_team(org: Organisation) -> None:
    """`services --team` lists that team's services only."""
    shown = text_of((await org.say("alice", "services --team acme/payments")).blocks)
    assert "acme/payments" in shown
    assert "acme/storefront" not in shown


@pytest.mark.parametrize("user", ["gus", "olaf"])
async def test_outsiders_are_refused(org: Organisation, user: str) -> None:
    """A guest and a person of another organisation get no answer but a refusal, which is on record."""
    channel = {"gus": "contractors", "olaf": "acme-partner"}[user]
    message = await org.say(user, "services", channel)
    assert "Not allowed" in text_of(message.blocks)
    records = await org.records()
    assert any(r.entry.result == "denied" and r.entry.actor.endswith(f"U0{user.upper()}") for r in records)


async def test_platform_is_for_platform_engineers(org: Organisation) -> None:
    """A developer who asks for `platform` is told whose it is and who can grant it, and the denial is on record."""
    shown = text_of((await org.say("alice", "platform")).blocks)
    assert "platform engineer" in shown
    assert "acme/platform" in shown
    assert "GitLab 18" in text_of((await org.say("petra", "platform")).blocks)


async def test_platform_counts_what_waits(org: Organisation) -> None:
    """`platform` tells how long the queues are, changes that began and have not ended among them."""
    assert "open intents" in text_of((await org.say("petra", "platform")).blocks)
