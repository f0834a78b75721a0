from __future__ import annotations

import time
from collections import Counter

import pytest

from bot.demo.organisation import BOT_ID, BOT_TOKEN, MOST_SERVICES, gitlab_world
from bot.demo.people import COLLEAGUES, PEOPLE, WORKSPACE, person
from bot.demo.run import ROLE_GROUPS
from bot.demo.services import GROUPS, SERVICES, Condition, services
from commands._kit.roles import Role
from tests.integrations.gitlab.targets import NOW


def test_forty_services() -> None:
    """Forty services are written out, each name once, in every condition that there is."""
    assert len(SERVICES) == 40
    assert max(Counter(service.slug for service in SERVICES).values()) == 1
    assert {service.condition for service in SERVICES} == set(Condition)


def test_every_team_has_services() -> None:
    """Every group but the root and the managers' has a service, and no service is in another group."""
    groups = {path for path, _ in GROUPS}
    assert {service.group for service in SERVICES} == groups - {"acme", "acme/management"}


def test_same_every_time() -> None:
    """Two organisations of the same size are the same, also in what is made on demand."""
    first, second = (gitlab_world(200, now=NOW) for _ in range(2))
    assert {p.path: p.id for p in first.projects.values()} == {p.path: p.id for p in second.projects.values()}
    for number in first.projects:
        assert first.contents(first.projects[number]) == second.contents(second.projects[number])


def test_size_does_not_change_ids() -> None:
    """A larger organisation has the smaller one in it, under the same numbers."""
    small, large = gitlab_world(40, now=NOW), gitlab_world(500, now=NOW)
    assert {p.id: p.path for p in small.projects.values()}.items() <= {
        p.id: p.path for p in large.projects.values()
    }.items()


def test_twenty_thousand_are_made_quickly() -> None:
    """20,000 services take less than two seconds, and every path is there once."""
    started = time.perf_counter()
    world = gitlab_world(MOST_SERVICES, now=NOW)
    assert time.perf_counter() - started < 2
    assert len({project.path for project in world.projects.values()}) == MOST_SERVICES + 2
    assert len({service.name for service in services(MOST_SERVICES)}) == MOST_SERVICES - 1


@pytest.mark.parametrize("count", [0, -1, MOST_SERVICES + 1])
def test_sizes_out_of_range(count: int) -> None:
    """Sizes that cannot be are refused."""
    with pytest.raises(ValueError, match="1 to 20000"):
        gitlab_world(count)


def test_people_have_one_id_each() -> None:
    """Nobody shares an id with another person or with the bot."""
    numbers = [p.gitlab_id for p in PEOPLE if p.gitlab_id] + [number for number, *_ in COLLEAGUES] + [BOT_ID]
    assert len(set(numbers)) == len(numbers)
    assert len({p.slack_id for p in PEOPLE}) == len(PEOPLE)


def test_roles_come_from_groups() -> None:
    """The demo's settings give each linked person, by their groups, the roles that they are there to show; a developer
    needs no group for it.
    """
    for each in PEOPLE:
        given = {role for role, group in ROLE_GROUPS.items() if group in each.groups}
        assert not each.linked or given == each.roles - {Role.DEVELOPER}, each.username


def test_who_is_there() -> None:
    """Every kind of person that the product must tell apart is there."""
    assert {role for each in PEOPLE for role in each.roles} == set(Role)
    assert person("gus").guest
    assert person("gus").gitlab_id is None
    assert person("olaf").workspace != WORKSPACE
    assert person("dora").deactivated
    assert (person("nina").gitlab_id, person("nina").linked) == (107, False)


def test_the_bot_reads_only() -> None:
    """The bot's token has the one scope that it needs."""
    world = gitlab_world(1, now=NOW)
    assert world.tokens[BOT_TOKEN].scopes == ("read_api",)


def test_times_are_in_the_past() -> None:
    """Nothing in the organisation happened after now."""
    world = gitlab_world(40, now=NOW)
    for project in world.projects.values():
        contents = world.contents(project)
        times = [
            *(release.at for release in contents.releases),
            *(deployment.updated_at for deployment in contents.deployments),
            *(pipeline.updated_at for pipeline in contents.pipelines),
            *(request.updated_at for request in contents.merge_requests),
            project.last_activity_at,
        ]
        assert max(times) <= NOW


def test_conditions_show() -> None:
    """What a service is there to show can be seen in its project."""
    world = gitlab_world(40, now=NOW)
    shown = {s.condition: world.contents(p) for s, p in zip(SERVICES, world.projects.values(), strict=False)}
    assert shown[Condition.PIPELINE_FAILED].pipelines[0].status == "failed"
    assert shown[Condition.NEVER_DEPLOYED].deployments == []
    assert {d.status for d in shown[Condition.DEPLOYMENT_FAILED].deployments} == {"success", "failed"}
    assert "running" in {d.status for d in shown[Condition.DEPLOYING].deployments}
    assert "blocked" in {d.status for d in shown[Condition.WAITING].deployments}
    assert [e.name for e in shown[Condition.HEALTHY].environments] == ["dev", "staging", "production"]
