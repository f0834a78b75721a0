"""GitLab down, slow, or answering nonsense: each part of an answer degrades by itself and says what happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests._harness.organisation import QUICK, Organisation, organisation, said

PROJECTS = "/api/v4/projects"
GROUPS = "/api/v4/groups"


async def fail(org: Organisation, kind: str, **options: Any) -> None:
    """Have GitLab fail."""
    done = await org.control("faults", backend="gitlab", kind=kind, **options)
    assert done["http"] == 200, done


FAULTS: Sequence[tuple[str, dict[str, Any], str]] = (
    ("drop", {}, "GitLab is not available"),
    ("500", {}, "GitLab is not available"),
    ("429", {"retry_after": 60}, "try again in 60 s"),
    ("401", {}, "refuses the platform's token"),
    ("403", {}, "lacks the right"),
    ("truncate", {}, "GitLab"),
    ("html", {"status": 200}, "GitLab"),
)


@pytest.mark.parametrize(("kind", "options", "words"), FAULTS)
async def test_the_card_says_what_is_wrong_with_gitlab(
    org: Organisation, kind: str, options: dict[str, Any], words: str
) -> None:
    """Whatever GitLab does, the card shows what the index knows and says on each other line why it is empty."""
    await fail(org, kind, path=PROJECTS, **options)
    shown = said(await org.say("alice", "service checkout"))
    assert "acme/storefront" in shown
    assert words in shown
    await fail(org, "clear")


async def test_one_broken_part_degrades_its_own_line(org: Organisation) -> None:
    """Where only the merge requests fail, release, pipeline and deployments are there."""
    project = next(p for p in org.gitlab.world.projects.values() if p.path.endswith("/checkout"))
    await fail(org, "500", path=f"{PROJECTS}/{project.id}/merge_requests")
    shown = said(await org.say("alice", "service checkout"))
    assert "GitLab is not available" in shown
    assert "v1." in shown


async def test_a_slow_part_does_not_hold_up_the_card(org: Organisation) -> None:
    """A part that takes longer than its deadline is left out, and the rest of the card comes."""
    project = next(p for p in org.gitlab.world.projects.values() if p.path.endswith("/checkout"))
    await fail(org, "delay", path=f"{PROJECTS}/{project.id}/releases", seconds=6)
    shown = said(await org.say("alice", "service checkout"))
    assert "did not answer within 4 s" in shown
    await fail(org, "clear")


async def test_lists_go_on_from_the_index(org: Organisation) -> None:
    """Lists and search need no GitLab."""
    await fail(org, "drop")
    assert "checkout" in said(await org.say("alice", "services --team acme/storefront"))
    assert "acme/payments" in said(await org.say("alice", "whoami"))


async def test_forms_open_although_gitlab_is_down(org: Organisation) -> None:
    """A form opens, and its options come, while GitLab is away."""
    await fail(org, "drop")
    await org.control("command", user="alice", channel="payments", text="use")
    form = await org.view("alice", "form")
    found = await org.control("suggest", user="alice", view_id=form.id, action_id="service", value="check")
    assert "checkout" in [o["value"] for o in found["options"]]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("drop", "unreachable"), ("500", "unreachable"), ("401", "wrong credentials"), ("403", "lacking a right")],
)
async def test_platform_says_how_gitlab_is(org: Organisation, kind: str, words: str) -> None:
    """`platform` tells what is wrong with GitLab, and readiness does not depend on it."""
    await org.say("petra", "whoami")
    await fail(org, kind)
    assert words in said(await org.say("petra", "platform"))
    await fail(org, "clear")
    assert "GitLab 18" in said(await org.say("petra", "platform"))
    assert (await org.ready())[0] == 200


async def test_a_change_is_refused_while_rights_cannot_be_read(org: Organisation) -> None:
    """Before a change rights are read afresh; while GitLab does not tell them nothing is changed, and later it is."""
    plan = await org.say("alice", "use checkout", "payments")
    await fail(org, "drop", path=GROUPS)
    seen = org.shown("alice")
    await org.click("alice", plan, "confirm")
    answer = await org.next_answer("alice", seen)
    assert "GitLab did not tell your groups" in said(answer)
    assert "Nothing was done" in said(answer)
    assert not await org.outcomes("use")
    await fail(org, "clear")


async def test_a_plan_survives_a_failed_consent(org: Organisation) -> None:
    """A consent that failed because a backend was away does not use the plan up: the next click does it."""
    plan = await org.say("alice", "use checkout", "payments")
    await fail(org, "drop", path=GROUPS)
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Nothing was done")
    await fail(org, "clear")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")


async def test_the_process_starts_without_gitlab(org: Organisation) -> None:
    """A start while GitLab is down serves what the store knows, says what is missing, and catches up by itself."""
    await org.stop_bot()
    await fail(org, "drop")
    await org.start_bot()
    assert (await org.ready())[0] == 200
    assert "checkout" in said(await org.say("bob", "services --team acme/storefront"))
    shown = said(await org.say("petra", "whoami"))
    assert "GitLab" in shown
    assert "could not be read" in shown
    await fail(org, "clear")


async def test_a_recovered_gitlab_is_used_at_once(org: Organisation) -> None:
    """When GitLab is back the next card is whole."""
    await fail(org, "500", path=PROJECTS)
    assert "not available" in said(await org.say("alice", "service checkout"))
    await fail(org, "clear")
    shown = said(await org.say("alice", "service checkout"))
    assert "not available" not in shown
    assert "v1." in shown


async def test_a_long_look_says_working_first(tmp_path: Path) -> None:
    """While GitLab takes its time people see a sign of work, then the answer as a new message."""
    async with organisation(tmp_path, pace=QUICK) as org:
        await fail(org, "delay", path=PROJECTS, seconds=0.3)
        await org.control("command", user="alice", channel="general", text="service checkout")
        await org.told("alice", "Working on service")
        await org.told("alice", "production", "checkout")
        assert len(org.answers("alice")) == 2
