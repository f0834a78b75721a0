"""From whoever clicked to an actor: who is refused, what is remembered, and where roles and teams come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.identity import Identity, OsPrincipal, SlackPrincipal
from bot.membership import Memberships
from bot.settings import PersonSettings
from commands._kit.context import Actor
from commands._kit.errors import Code, Failure, UserError
from commands._kit.roles import Role
from integrations.errors import BackendError, Denied, NotFound, Unavailable
from integrations.slack import UserGroup
from tests.bot.rig import INSTALL, Clock, Groups, InMemorySlack, MakeSettings, slack_person

ANN, PIA = SlackPrincipal("T1", "U0ANN"), SlackPrincipal("T1", "U0PIA")
AWAY = Unavailable("no answer", backend="slack")
LINKS = (
    PersonSettings(slack="T1/U0ANN", gitlab=1, os_user="ann"),
    PersonSettings(slack="T1/U0PIA", gitlab=2),
)
ROLES = {
    "platform_engineer": {"gitlab_groups": ["acme/platform"], "people": ["T1/U0SETTINGS"]},
    "auditor": {"gitlab_groups": ["acme/compliance"]},
}


class Rig:
    """An identity on a workspace with Ann (developer in payments) and Pia (reporter in platform)."""

    def __init__(self, make: MakeSettings, clock: Clock, **changed: Any) -> None:
        self.clock = clock
        self.slack = InMemorySlack(people={u: slack_person(u) for u in ("U0ANN", "U0PIA", "U0SETTINGS", "U0NEW")})
        self.gitlab = Groups(people={"acme/platform": {2: 20}, "acme/payments": {1: 30, 2: 20}, "acme/compliance": {}})
        settings = make(**{"people": LINKS, "roles": ROLES, **changed})
        self.memberships = Memberships(self.gitlab, ["acme/platform", "acme/compliance"], clock)
        self.identity = Identity(self.slack, self.memberships, settings, clock)

    async def actor(self, principal: SlackPrincipal | OsPrincipal = ANN, *, fresh: bool = False) -> Actor:
        return await self.identity.actor(principal, fresh=fresh)

    async def refusal(self, principal: SlackPrincipal | OsPrincipal = ANN, *, fresh: bool = False) -> Failure:
        with pytest.raises(UserError) as raised:
            await self.identity.actor(principal, fresh=fresh)
        return raised.value.failure

    async def read(self) -> Rig:
        await self.memberships.refresh(["acme/payments"])
        return self


@pytest.fixture
def rig(settings: MakeSettings, clock: Clock) -> Rig:
    return Rig(settings, clock)


@pytest.fixture
def lowering(settings: MakeSettings, clock: Clock) -> Rig:
    """A rig in which the members of S0LEAVE are lowered; Pia is one of them."""
    made = Rig(settings, clock, lowered_by=("S0LEAVE",))
    made.slack.groups = [
        UserGroup("S0LEAVE", "leave", frozenset({"U0PIA"})),
        UserGroup("S0OTHER", "other", frozenset({"U0ANN"})),
    ]
    return made


# -- who is refused


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("deactivated", "deactivated"),
        ("guest", "Guests cannot"),
        ("stranger", "its own organisation only"),
        ("bot", "Apps cannot"),
    ],
)
async def test_who_is_no_full_member_is_refused(rig: Rig, flag: str, words: str) -> None:
    """Deactivated people, guests, outsiders and apps are refused, each with what to do."""
    rig.slack.people["U0ANN"] = slack_person("U0ANN", flag)
    failure = await rig.refusal()
    assert failure.code is Code.DENIED
    assert words in failure.message
    assert failure.hint


async def test_another_workspace_is_refused_without_asking_who_it_is(rig: Rig) -> None:
    """A person of another workspace is refused before Slack is asked about them."""
    failure = await rig.refusal(SlackPrincipal("T2", "U0ANN"))
    assert failure.code is Code.DENIED
    assert "does not serve your workspace" in failure.message
    assert "person" not in rig.slack.asked


async def test_a_workspace_of_the_same_enterprise_is_served(rig: Rig) -> None:
    """In an Enterprise Grid every workspace of the bot's own organisation is served."""
    rig.slack.installed = replace(INSTALL, enterprise="E1")
    assert (await rig.actor(SlackPrincipal("T2", "U0NEW", "E1"))).id == "slack:T2/U0NEW"
    assert (await rig.refusal(SlackPrincipal("T2", "U0NEW", "E2"))).code is Code.DENIED


async def test_no_enterprise_is_no_common_enterprise(rig: Rig) -> None:
    """Two workspaces outside any enterprise are not of the same one."""
    assert (await rig.refusal(SlackPrincipal("T2", "U0ANN", ""))).code is Code.DENIED


async def test_who_slack_does_not_know_is_refused(rig: Rig) -> None:
    """A person whom Slack does not know is refused."""
    failure = await rig.refusal(SlackPrincipal("T1", "U0NOBODY"))
    assert failure.code is Code.DENIED
    assert "does not know you" in failure.message


@pytest.mark.parametrize("method", ["person", "install"])
async def test_who_cannot_be_checked_is_refused_for_now(rig: Rig, method: str) -> None:
    """Where Slack does not answer nobody is let in, and it says to try again: that is no denial."""
    rig.slack.broken[method] = AWAY
    failure = await rig.refusal()
    assert failure.code is Code.UNAVAILABLE
    assert "could not check who you are" in failure.message


@pytest.mark.parametrize("error", [AWAY, NotFound("gone", backend="slack"), Denied("no", backend="slack")])
async def test_a_known_person_is_refused_when_slack_changes_its_mind(rig: Rig, error: BackendError) -> None:
    """What was remembered does not help where Slack is asked afresh and does not confirm it."""
    await rig.actor()
    rig.slack.broken["person"] = error
    await rig.refusal(fresh=True)


# -- what is remembered


async def test_a_person_is_remembered_for_a_minute(rig: Rig) -> None:
    """Within 60 seconds Slack is asked once; after that it is asked again."""
    assert not rig.identity.known(ANN)
    await rig.actor()
    assert rig.identity.known(ANN)
    rig.clock.move(seconds=59)
    await rig.actor()
    assert rig.slack.asked.count("person") == 1
    rig.clock.move(seconds=1)
    assert not rig.identity.known(ANN)
    await rig.actor()
    assert rig.slack.asked.count("person") == 2


async def test_a_deactivated_person_is_found_out_within_a_minute(rig: Rig) -> None:
    """Somebody who was let in and is deactivated is refused after 60 seconds at the latest."""
    await rig.actor()
    rig.slack.people["U0ANN"] = slack_person("U0ANN", "deactivated")
    rig.clock.move(seconds=60)
    assert (await rig.refusal()).code is Code.DENIED


async def test_forgetting_a_person_has_them_asked_again(rig: Rig) -> None:
    """After `forget` of one person only that person is asked for again."""
    await rig.actor(ANN)
    await rig.actor(PIA)
    rig.identity.forget("U0ANN")
    assert not rig.identity.known(ANN)
    assert rig.identity.known(PIA)


async def test_forgetting_everybody(rig: Rig) -> None:
    """`forget` without a person drops what is known of all."""
    await rig.actor(ANN)
    await rig.actor(PIA)
    rig.identity.forget()
    assert not rig.identity.known(ANN)
    assert not rig.identity.known(PIA)


async def test_fresh_asks_slack_again(rig: Rig) -> None:
    """Before a change the person is asked for, however lately that was."""
    await rig.actor()
    rig.slack.people["U0ANN"] = slack_person("U0ANN", "deactivated")
    await rig.actor()
    assert (await rig.refusal(fresh=True)).code is Code.DENIED


async def test_what_fresh_learnt_is_remembered(rig: Rig) -> None:
    """Somebody who was found deactivated before a change is refused a read right after it, too."""
    await rig.actor()
    rig.slack.people["U0ANN"] = slack_person("U0ANN", "deactivated")
    await rig.refusal(fresh=True)
    await rig.refusal()
    assert rig.slack.asked.count("person") == 2


# -- roles and teams


async def test_everybody_is_a_developer(rig: Rig) -> None:
    """Who has no other role is a developer, and the grant says so; who is not linked has no teams."""
    actor = await (await rig.read()).actor(SlackPrincipal("T1", "U0NEW"))
    assert actor.roles == {Role.DEVELOPER}
    assert (actor.teams, actor.linked) == (frozenset(), False)
    assert actor.grants[0].source == "everybody in this Slack workspace"


async def test_a_role_comes_from_a_gitlab_group(rig: Rig) -> None:
    """A member of a role's group has the role, and `whoami` can say from where."""
    actor = await (await rig.read()).actor(PIA)
    assert actor.roles == {Role.PLATFORM_ENGINEER}
    assert ("platform engineer", "GitLab group acme/platform") in [(g.what, g.source) for g in actor.grants]


async def test_a_guest_of_a_gitlab_group_has_no_role_from_it(rig: Rig) -> None:
    """Less than a reporter in a role's group is no member for this."""
    rig.gitlab.people["acme/platform"] = {2: 10}
    assert (await (await rig.read()).actor(PIA)).roles == {Role.DEVELOPER}


async def test_a_role_comes_from_the_settings(rig: Rig) -> None:
    """Who is named under a role has it, without being linked."""
    actor = await rig.actor(SlackPrincipal("T1", "U0SETTINGS"))
    assert actor.roles == {Role.PLATFORM_ENGINEER}
    assert actor.grants[0].source == "the platform's settings"


async def test_somebody_can_have_two_roles(rig: Rig) -> None:
    """A member of two roles' groups has both."""
    rig.gitlab.people["acme/compliance"] = {2: 30}
    assert (await (await rig.read()).actor(PIA)).roles == {Role.PLATFORM_ENGINEER, Role.AUDITOR}


async def test_teams_are_groups_in_which_one_develops(rig: Rig) -> None:
    """A developer's group is a team; a reporter's is not."""
    await rig.read()
    assert (await rig.actor(ANN)).teams == {"acme/payments"}
    assert (await rig.actor(PIA)).teams == frozenset()


async def test_a_slack_user_of_another_workspace_does_not_get_a_link_of_this_one(rig: Rig) -> None:
    """A link is bound to workspace and user id: the same id elsewhere has no part in it."""
    rig.slack.installed = replace(INSTALL, enterprise="E1")
    actor = await (await rig.read()).actor(SlackPrincipal("T2", "U0PIA", "E1"))
    assert not actor.linked
    assert actor.roles == {Role.DEVELOPER}


async def test_nobody_is_matched_by_name(rig: Rig) -> None:
    """Somebody who calls themselves as a linked person does gets nothing by it."""
    rig.slack.people["U0NEW"] = slack_person("U0NEW", name="user2")
    actor = await (await rig.read()).actor(SlackPrincipal("T1", "U0NEW"))
    assert not actor.linked
    assert actor.roles == {Role.DEVELOPER}


async def test_fresh_asks_gitlab_again(rig: Rig) -> None:
    """Before a change a left group is noticed: role and team are gone."""
    await rig.read()
    rig.gitlab.people = {"acme/platform": {}, "acme/payments": {}, "acme/compliance": {}}
    assert (await rig.actor(PIA)).roles == {Role.PLATFORM_ENGINEER}
    assert (await rig.actor(PIA, fresh=True)).roles == {Role.DEVELOPER}
    assert (await rig.actor(ANN, fresh=True)).teams == frozenset()


async def test_before_a_change_gitlab_must_answer(rig: Rig) -> None:
    """Where GitLab is away a read goes on with what is known, and a change is refused for now."""
    await rig.read()
    rig.gitlab.broken["acme/payments"] = Unavailable("down", backend="gitlab")
    assert (await rig.actor(ANN)).teams == {"acme/payments"}
    failure = await rig.refusal(ANN, fresh=True)
    assert failure.code is Code.UNAVAILABLE
    assert "GitLab did not tell your groups" in failure.message


async def test_groups_that_were_read_too_long_ago_count_for_nothing(rig: Rig) -> None:
    """After an hour without GitLab nobody has roles or teams from it."""
    await rig.read()
    rig.clock.move(hours=1)
    assert (await rig.actor(PIA)).roles == {Role.DEVELOPER}
    assert (await rig.actor(ANN)).teams == frozenset()


async def test_the_time_zone_is_the_persons(rig: Rig) -> None:
    """The actor carries name and time zone as Slack has them."""
    actor = await rig.actor()
    assert (actor.name, actor.time_zone) == ("u0ann", "Europe/Berlin")


# -- lowering


async def test_a_user_group_lowers(lowering: Rig) -> None:
    """A member of a lowering group is a developer whatever else they are; others keep their roles."""
    await lowering.read()
    lowered = await lowering.actor(PIA)
    assert lowered.roles == {Role.DEVELOPER}
    assert "lowers" in lowered.grants[0].source


async def test_a_user_group_raises_nobody(lowering: Rig) -> None:
    """Whoever is in a group that lowers nobody gets nothing by it."""
    assert (await (await lowering.read()).actor(ANN)).roles == {Role.DEVELOPER}


async def test_user_groups_are_read_once_a_minute_for_all(lowering: Rig) -> None:
    """Many people cost one look at the user groups a minute; a change looks again."""
    await lowering.read()
    for principal in (ANN, PIA, ANN):
        await lowering.actor(principal)
    assert lowering.slack.asked.count("user_groups") == 1
    await lowering.actor(ANN, fresh=True)
    assert lowering.slack.asked.count("user_groups") == 2
    lowering.clock.move(seconds=60)
    await lowering.actor(ANN)
    assert lowering.slack.asked.count("user_groups") == 3


async def test_user_groups_are_not_asked_where_none_lowers(rig: Rig) -> None:
    """Without a lowering group the scope is not needed."""
    await rig.actor()
    assert "user_groups" not in rig.slack.asked


async def test_a_withheld_scope_lowers_everybody(lowering: Rig) -> None:
    """Where the groups may not be read, nobody can be told from those who are lowered, so all are; and that is kept."""
    await lowering.read()
    lowering.slack.groups = []
    lowering.slack.broken["user_groups"] = Denied("missing_scope", backend="slack", rights=("usergroups:read",))
    for _ in range(2):
        assert (await lowering.actor(PIA)).roles == {Role.DEVELOPER}
    assert "usergroups:read" in (await lowering.actor(PIA)).grants[0].source
    assert lowering.slack.asked.count("user_groups") == 1


async def test_user_groups_that_cannot_be_read_now_refuse_for_now(lowering: Rig) -> None:
    """Where Slack does not tell its user groups nobody is let in until it does."""
    lowering.slack.broken["user_groups"] = AWAY
    assert (await lowering.refusal()).code is Code.UNAVAILABLE


async def test_who_is_lowered_is_forgotten_with_the_groups(lowering: Rig) -> None:
    """When Slack says that a group changed, the groups are read again."""
    await lowering.read()
    await lowering.actor(PIA)
    lowering.slack.groups = []
    lowering.identity.forget()
    assert (await lowering.actor(PIA)).roles == {Role.PLATFORM_ENGINEER}


# -- people at a terminal


async def test_an_os_user_is_the_person_that_the_settings_name(rig: Rig) -> None:
    """A mapped OS user acts as the linked Slack person, with that person's teams."""
    actor = await (await rig.read()).actor(OsPrincipal("ann"))
    assert actor.id == "slack:T1/U0ANN"
    assert actor.teams == {"acme/payments"}


async def test_an_os_user_is_refused_as_the_person_is(rig: Rig) -> None:
    """A mapped OS user whose Slack account is deactivated is refused."""
    rig.slack.people["U0ANN"] = slack_person("U0ANN", "deactivated")
    assert (await rig.refusal(OsPrincipal("ann"))).code is Code.DENIED


@pytest.mark.parametrize("user", ["somebody", "", "root", "ANN"])
async def test_an_unmapped_os_user_reads_only(rig: Rig, user: str) -> None:
    """Who is mapped to nobody is an unlinked developer, whatever they are called."""
    actor = await rig.actor(OsPrincipal(user))
    assert actor.id == f"os:{user}"
    assert actor.roles == {Role.DEVELOPER}
    assert not actor.linked
    assert rig.slack.asked == []
