"""Who is in which GitLab group: the snapshot, and what is asked afresh."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.membership import Memberships
from integrations.errors import Denied, Unavailable
from tests.bot.rig import Clock, Groups

AWAY = Unavailable("GitLab did not answer", backend="gitlab")
ANN, BOB = 1, 2


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gitlab() -> Groups:
    return Groups(people={"acme/platform": {ANN: 50}, "acme/payments": {ANN: 30, BOB: 20}})


@pytest.fixture
def memberships(gitlab: Groups, clock: Clock) -> Memberships:
    return Memberships(gitlab, ["acme/platform"], clock)


async def test_nothing_is_known_before_the_first_reading(memberships: Memberships) -> None:
    """Before anything was read nobody has groups, and the snapshot is not usable."""
    assert memberships.of(ANN) == {}
    assert not memberships.usable


async def test_groups_that_give_roles_and_teams_are_read(memberships: Memberships) -> None:
    """A refresh reads the role groups and the teams, and tells each person's groups with their access."""
    assert await memberships.refresh(["acme/payments"])
    assert memberships.of(ANN) == {"acme/platform": 50, "acme/payments": 30}
    assert memberships.of(BOB) == {"acme/payments": 20}
    assert memberships.usable


async def test_a_group_is_asked_once_in_a_refresh(memberships: Memberships, gitlab: Groups) -> None:
    """A group that is a team and gives a role too is read once."""
    await memberships.refresh(["acme/platform", "acme/payments", "acme/payments"])
    assert sorted(gitlab.asked) == ["acme/payments", "acme/platform"]


async def test_a_blocked_person_has_no_groups(memberships: Memberships, gitlab: Groups) -> None:
    """Somebody whom GitLab blocked is a member of nothing."""
    gitlab.blocked = frozenset({ANN})
    await memberships.refresh(["acme/payments"])
    assert memberships.of(ANN) == {}


async def test_a_group_that_is_gone_has_no_members(memberships: Memberships, gitlab: Groups) -> None:
    """A group that GitLab does not have any more counts as answered: nobody is in it."""
    await memberships.refresh(["acme/payments"])
    del gitlab.people["acme/payments"]
    assert await memberships.refresh(["acme/payments"])
    assert memberships.of(BOB) == {}


async def test_a_leaver_loses_the_team_at_once_on_fresh(memberships: Memberships, gitlab: Groups) -> None:
    """Somebody who left a group since the snapshot has lost it when asked afresh, and from then on."""
    await memberships.refresh(["acme/payments"])
    del gitlab.people["acme/payments"][ANN]
    assert memberships.of(ANN)["acme/payments"] == 30
    assert await memberships.fresh(ANN) == {"acme/platform": 50}
    assert memberships.of(ANN) == {"acme/platform": 50}


async def test_a_lowered_access_counts_at_once_on_fresh(memberships: Memberships, gitlab: Groups) -> None:
    """An access level that was lowered is told when asked afresh."""
    await memberships.refresh(["acme/payments"])
    gitlab.people["acme/payments"][ANN] = 10
    assert (await memberships.fresh(ANN))["acme/payments"] == 10


async def test_a_group_that_is_gone_is_lost_on_fresh(memberships: Memberships, gitlab: Groups) -> None:
    """A group deleted since the snapshot is lost when asked afresh, and bars nobody from the others."""
    await memberships.refresh(["acme/payments"])
    del gitlab.people["acme/payments"]
    assert await memberships.fresh(ANN) == {"acme/platform": 50}


async def test_fresh_is_no_guess(memberships: Memberships, gitlab: Groups) -> None:
    """Where GitLab does not say, asking afresh raises."""
    await memberships.refresh(["acme/payments"])
    gitlab.broken["acme/payments"] = AWAY
    with pytest.raises(Unavailable):
        await memberships.fresh(ANN)


async def test_the_last_answer_is_kept_while_gitlab_is_away(
    memberships: Memberships, gitlab: Groups, clock: Clock
) -> None:
    """While GitLab is away the last answer holds for an hour, and then nothing is usable."""
    await memberships.refresh(["acme/payments"])
    gitlab.broken = {"acme/payments": AWAY, "acme/platform": AWAY}
    clock.move(minutes=59)
    assert not await memberships.refresh(["acme/payments"])
    assert memberships.usable
    assert memberships.of(BOB) == {"acme/payments": 20}
    clock.move(minutes=1)
    assert not memberships.usable


async def test_what_one_group_says_counts_although_another_is_silent(memberships: Memberships, gitlab: Groups) -> None:
    """A group that does not answer keeps its members; the others are as they are now. The reading is not complete."""
    await memberships.refresh(["acme/payments"])
    gitlab.broken["acme/platform"] = Denied("403", backend="gitlab")
    gitlab.people["acme/payments"] = {BOB: 40}
    with capture_logs() as logs:
        assert not await memberships.refresh(["acme/payments"])
    assert memberships.of(ANN) == {"acme/platform": 50}
    assert memberships.of(BOB) == {"acme/payments": 40}
    assert [entry["group"] for entry in logs] == ["acme/platform"]


async def test_a_team_without_services_is_forgotten(memberships: Memberships) -> None:
    """A group that is no longer a team is not kept after the next refresh."""
    await memberships.refresh(["acme/payments"])
    await memberships.refresh([])
    assert memberships.of(BOB) == {}


async def test_a_group_that_is_silent_for_good_takes_nobody_elses_rights(
    memberships: Memberships, gitlab: Groups, clock: Clock
) -> None:
    """A team's group that GitLab never tells is forgotten after an hour; the others' members keep what they have."""
    await memberships.refresh(["acme/payments"])
    gitlab.broken["acme/payments"] = AWAY
    for _ in range(3):
        clock.move(minutes=25)
        await memberships.refresh(["acme/payments"])
    assert memberships.usable
    assert memberships.of(ANN) == {"acme/platform": 50}
    assert memberships.of(BOB) == {}
