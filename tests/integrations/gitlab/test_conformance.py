"""What the port promises, against the simulator or a real GitLab: nothing here depends on which of them answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.errors import Invalid, NotFound, Unauthenticated
from integrations.gitlab import ProjectFile, RunStatus
from integrations.gitlab.client import GitLabClient
from tests.integrations.gitlab.targets import FILE, Target, settings_for

NO_PROJECT = 2_000_000_000


async def files(gitlab: GitLabClient, since: datetime | None = None) -> list[ProjectFile]:
    return [file async for page in gitlab.project_files(FILE, changed_since=since) for file in page]


async def test_probe_names_version_and_user(gitlab: GitLabClient) -> None:
    """A probe says which version answered, and as whom."""
    said = await gitlab.probe()
    assert said.startswith("GitLab 1")
    assert " as " in said


async def test_wrong_token(target: Target) -> None:
    """A token that GitLab does not know is Unauthenticated, and the error does not repeat it."""
    client = GitLabClient(settings_for(target.url, "not-a-token-of-anybody"))
    with pytest.raises(Unauthenticated) as caught:
        await client.probe()
    assert "not-a-token" not in str(caught.value)
    await client.close()


async def test_files_of_all_projects(gitlab: GitLabClient, target: Target) -> None:
    """The catalogue's read brings the known project with its file, group and branch."""
    found = {file.project.id: file for file in await files(gitlab)}
    file = found[target.project_id]
    assert file.text is not None
    assert "kind: Component" in file.text
    assert file.project.group == target.group
    assert file.project.default_branch
    assert file.project.last_activity_at.tzinfo is not None
    assert file.project.web_url.startswith("http")


async def test_files_come_in_the_order_of_ids(gitlab: GitLabClient) -> None:
    """Files come with the oldest projects first, so that the older project keeps a name that two of them claim."""
    ids = [file.project.id for file in await files(gitlab)]
    assert ids == sorted(set(ids))


async def test_files_changed_since(gitlab: GitLabClient, target: Target) -> None:
    """With a moment just before a project's activity that project comes; with one in the future nothing does."""
    project = next(f.project for f in await files(gitlab) if f.project.id == target.project_id)
    changed = await files(gitlab, project.last_activity_at - timedelta(seconds=1))
    assert target.project_id in {f.project.id for f in changed}
    assert await files(gitlab, datetime.now(UTC) + timedelta(days=10_000)) == []


async def test_project_ids(gitlab: GitLabClient) -> None:
    """All project ids are the ids whose files the catalogue's read brings."""
    assert await gitlab.project_ids() == {f.project.id for f in await files(gitlab)}


async def test_releases(gitlab: GitLabClient, target: Target) -> None:
    """Releases come newest first, no more of them than wanted."""
    found = await gitlab.releases(target.project_id, limit=3)
    assert 1 <= len(found) <= 3
    assert [r.released_at for r in found] == sorted((r.released_at for r in found), reverse=True)
    assert found[0].tag


async def test_environments(gitlab: GitLabClient, target: Target) -> None:
    """Environments come with their tier, those in use first."""
    found = await gitlab.environments(target.project_id)
    assert [e.available for e in found] == sorted((e.available for e in found), reverse=True)
    assert found[0].tier in ("production", "staging", "testing", "development", "other")


async def test_deployments(gitlab: GitLabClient, target: Target) -> None:
    """Deployments come newest first, with environment, commit and status."""
    found = await gitlab.deployments(target.project_id)
    assert [d.id for d in found] == sorted((d.id for d in found), reverse=True)
    assert len(found[0].sha) in (40, 64)
    assert found[0].environment in {e.name for e in await gitlab.environments(target.project_id)}


async def test_pipelines_of_the_default_branch(gitlab: GitLabClient, target: Target) -> None:
    """Without a ref, pipelines are those of the default branch, newest first."""
    branch = next(f.project.default_branch for f in await files(gitlab) if f.project.id == target.project_id)
    found = await gitlab.pipelines(target.project_id, limit=5)
    assert {p.ref for p in found} == {branch}
    assert [p.id for p in found] == sorted((p.id for p in found), reverse=True)
    assert found[0].status in RunStatus


async def test_pipelines_of_a_ref(gitlab: GitLabClient, target: Target) -> None:
    """A ref without pipelines has none."""
    assert await gitlab.pipelines(target.project_id, ref="no-such-branch-anywhere") == ()


async def test_merge_requests(gitlab: GitLabClient, target: Target) -> None:
    """Open merge requests are counted in all, and the newest are listed."""
    found = await gitlab.merge_requests(target.project_id, limit=1)
    assert len(found.newest) == min(1, found.total)
    every = await gitlab.merge_requests(target.project_id, limit=100)
    assert every.total == found.total
    assert [m.updated_at for m in every.newest] == sorted((m.updated_at for m in every.newest), reverse=True)


async def test_groups(gitlab: GitLabClient, target: Target) -> None:
    """The known group is among those that the bot sees, under its full path."""
    assert target.group in {group.path for group in await gitlab.groups()}


async def test_members(gitlab: GitLabClient, target: Target) -> None:
    """A group's members include the inherited ones, each with an access level of GitLab's."""
    found = await gitlab.members(target.group)
    bot = (await gitlab.probe()).rpartition(" as ")[2]
    assert bot in {member.username for member in found}
    assert {member.access for member in found} <= {5, 10, 15, 20, 30, 40, 50}


async def test_project_that_is_not_there(gitlab: GitLabClient) -> None:
    """A project that does not exist is NotFound, for every question about one."""
    for question in (
        gitlab.releases(NO_PROJECT),
        gitlab.environments(NO_PROJECT),
        gitlab.deployments(NO_PROJECT),
        gitlab.pipelines(NO_PROJECT),
        gitlab.pipelines(NO_PROJECT, ref="main"),
        gitlab.merge_requests(NO_PROJECT),
    ):
        with pytest.raises(NotFound):
            await question


async def test_group_that_is_not_there(gitlab: GitLabClient) -> None:
    """A group that does not exist is NotFound, whatever characters its name has."""
    for name in ("acme/no-such-group-anywhere", "a/../b", "100%", "x?y=z#fragment"):
        with pytest.raises((NotFound, Invalid)):
            await gitlab.members(name)
