"""The simulated GitLab's things as its REST API shows them: the names and types of GitLab's own entities."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from integrations.gitlab.simulator.world import (
    SimDeployment,
    SimEnvironment,
    SimGroup,
    SimMergeRequest,
    SimPipeline,
    SimProject,
    SimRelease,
    SimToken,
    SimUser,
    World,
)

Json = dict[str, Any]


def stamp(at: datetime) -> str:
    """Return a moment as GitLab writes it: UTC with milliseconds and `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Entities:
    """Writes things as JSON; `base` is the address that their links begin with."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base

    def web_url(self, project: SimProject) -> str:
        return f"{self._base}/{project.path}"

    def user(self, user: SimUser) -> Json:
        return {
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "state": user.state,
            "locked": False,
            "avatar_url": None,
            "web_url": f"{self._base}/{user.username}",
        }

    def member(self, user: SimUser, access: int, since: datetime) -> Json:
        return {
            **self.user(user),
            "access_level": access,
            "created_at": stamp(since),
            "expires_at": None,
            "membership_state": "active",
        }

    def group(self, group: SimGroup) -> Json:
        return {
            "id": group.id,
            "web_url": f"{self._base}/groups/{group.path}",
            "name": group.name,
            "path": group.path.rpartition("/")[2],
            "description": group.description,
            "visibility": "private",
            "full_name": " / ".join(reversed([each.name for each in group.lineage()])),
            "full_path": group.path,
            "created_at": stamp(group.created_at),
            "parent_id": group.parent.id if group.parent else None,
        }

    def _namespace(self, group: SimGroup) -> Json:
        return {
            "id": group.id,
            "name": group.name,
            "path": group.path.rpartition("/")[2],
            "kind": "group",
            "full_path": group.path,
            "parent_id": group.parent.id if group.parent else None,
            "avatar_url": None,
            "web_url": f"{self._base}/groups/{group.path}",
        }

    def simple_project(self, project: SimProject) -> Json:
        names = [each.name for each in project.group.lineage()]
        return {
            "id": project.id,
            "description": project.description,
            "name": project.name,
            "name_with_namespace": " / ".join([*reversed(names), project.name]),
            "path": project.slug,
            "path_with_namespace": project.path,
            "created_at": stamp(project.created_at),
            "default_branch": project.default_branch or None,
            "tag_list": [],
            "topics": [],
            "ssh_url_to_repo": f"git@gitlab.example:{project.path}.git",
            "http_url_to_repo": f"{self.web_url(project)}.git",
            "web_url": self.web_url(project),
            "readme_url": None,
            "forks_count": 0,
            "avatar_url": None,
            "star_count": 0,
            "last_activity_at": stamp(project.last_activity_at),
            "namespace": self._namespace(project.group),
        }

    def project(self, project: SimProject) -> Json:
        return {
            **self.simple_project(project),
            "archived": project.archived,
            "visibility": project.visibility,
            "empty_repo": self._world.contents(project).empty,
        }

    def release(self, project: SimProject, release: SimRelease) -> Json:
        return {
            "name": release.name,
            "tag_name": release.tag,
            "description": release.description,
            "created_at": stamp(release.at),
            "released_at": stamp(release.at),
            "upcoming_release": False,
            "author": self.user(release.author),
            "commit_path": f"/{project.path}/-/commit/{release.sha}",
            "tag_path": f"/{project.path}/-/tags/{release.tag}",
            "_links": {"self": f"{self.web_url(project)}/-/releases/{release.tag}"},
        }

    def environment(self, environment: SimEnvironment) -> Json:
        return {
            "id": environment.id,
            "name": environment.name,
            "slug": environment.name.replace("/", "-"),
            "external_url": environment.external_url,
            "created_at": stamp(environment.created_at),
            "updated_at": stamp(environment.created_at),
            "tier": environment.tier,
            "state": environment.state,
            "auto_stop_at": None,
        }

    def deployment(self, deployment: SimDeployment) -> Json:
        environment = self.environment(deployment.environment)
        basic = ("id", "name", "slug", "external_url", "created_at", "updated_at")
        return {
            "id": deployment.id,
            "iid": deployment.iid,
            "ref": deployment.ref,
            "sha": deployment.sha,
            "created_at": stamp(deployment.created_at),
            "updated_at": stamp(deployment.updated_at),
            "user": self.user(deployment.user) if deployment.user else None,
            "environment": {name: environment[name] for name in basic},
            "deployable": None,
            "status": deployment.status,
        }

    def pipeline(self, project: SimProject, pipeline: SimPipeline) -> Json:
        return {
            "id": pipeline.id,
            "iid": pipeline.iid,
            "project_id": project.id,
            "sha": pipeline.sha,
            "ref": pipeline.ref,
            "status": pipeline.status,
            "source": pipeline.source,
            "created_at": stamp(pipeline.created_at),
            "updated_at": stamp(pipeline.updated_at),
            "web_url": f"{self.web_url(project)}/-/pipelines/{pipeline.id}",
        }

    def merge_request(self, project: SimProject, request: SimMergeRequest) -> Json:
        return {
            "id": request.id,
            "iid": request.iid,
            "project_id": project.id,
            "title": request.title,
            "description": request.description,
            "state": request.state,
            "created_at": stamp(request.created_at),
            "updated_at": stamp(request.updated_at),
            "target_branch": project.default_branch,
            "source_branch": request.source_branch,
            "author": self.user(request.author),
            "assignees": [],
            "reviewers": [],
            "labels": [],
            "draft": request.draft,
            "work_in_progress": request.draft,
            "web_url": f"{self.web_url(project)}/-/merge_requests/{request.iid}",
        }

    def token(self, token: SimToken) -> Json:
        return {
            "id": token.id,
            "name": token.name,
            "revoked": token.revoked,
            "created_at": stamp(token.created_at),
            "description": "",
            "scopes": list(token.scopes),
            "user_id": token.user.id,
            "last_used_at": None,
            "active": not token.revoked,
            "expires_at": token.expires_at.date().isoformat() if token.expires_at else None,
        }
