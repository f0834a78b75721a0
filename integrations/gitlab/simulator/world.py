"""What the simulated GitLab holds: people, groups, projects, tokens, and what is in a project.

Projects are light, so that 20,000 of them cost little; what is in one (files, pipelines, ...) is made when somebody
looks, by the world's `furnish`, and kept from then on, so that it can be changed. Nothing here knows HTTP.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

GUEST, REPORTER, DEVELOPER, MAINTAINER, OWNER = 10, 20, 30, 40, 50


@dataclass(slots=True)
class SimUser:
    id: int
    username: str
    name: str
    state: str = "active"
    admin: bool = False


@dataclass(slots=True)
class SimGroup:
    """`path` is the full path; `members` maps a user's id to the access level given directly in this group."""

    id: int
    path: str
    name: str
    created_at: datetime
    parent: SimGroup | None = None
    members: dict[int, int] = field(default_factory=dict)
    description: str = ""

    def lineage(self) -> Iterator[SimGroup]:
        """Yield this group and those above it."""
        group: SimGroup | None = self
        while group is not None:
            yield group
            group = group.parent

    def access(self, user_id: int) -> int:
        """Return a person's access level here, inherited or direct; 0 for none."""
        return max((group.members.get(user_id, 0) for group in self.lineage()), default=0)


@dataclass(slots=True)
class SimProject:
    """`slug` is the last part of the path; `visibility` is GitLab's (`private`, `internal`, `public`)."""

    id: int
    group: SimGroup
    slug: str
    name: str
    created_at: datetime
    last_activity_at: datetime
    default_branch: str = "main"
    archived: bool = False
    visibility: str = "private"
    description: str = ""

    @property
    def path(self) -> str:
        return f"{self.group.path}/{self.slug}"


@dataclass(slots=True)
class SimRelease:
    tag: str
    name: str
    sha: str
    at: datetime
    author: SimUser
    description: str = ""


@dataclass(slots=True)
class SimEnvironment:
    id: int
    name: str
    tier: str
    created_at: datetime
    state: str = "available"
    external_url: str | None = None


@dataclass(slots=True)
class SimPipeline:
    id: int
    iid: int
    ref: str
    sha: str
    status: str
    created_at: datetime
    updated_at: datetime
    source: str = "push"


@dataclass(slots=True)
class SimDeployment:
    id: int
    iid: int
    environment: SimEnvironment
    ref: str
    sha: str
    status: str
    user: SimUser | None
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class SimMergeRequest:
    id: int
    iid: int
    title: str
    author: SimUser
    source_branch: str
    created_at: datetime
    updated_at: datetime
    state: str = "opened"
    draft: bool = False
    description: str = ""


@dataclass(slots=True)
class Contents:
    """What is in a project. `files` are at the default branch; None in `files` is a repository without a commit."""

    files: dict[str, bytes] = field(default_factory=dict)
    releases: list[SimRelease] = field(default_factory=list)
    environments: list[SimEnvironment] = field(default_factory=list)
    deployments: list[SimDeployment] = field(default_factory=list)
    pipelines: list[SimPipeline] = field(default_factory=list)
    merge_requests: list[SimMergeRequest] = field(default_factory=list)
    empty: bool = False


@dataclass(slots=True)
class SimToken:
    """A group or personal access token. `scopes` are GitLab's (`read_api`, `api`, `read_user`, ...)."""

    id: int
    value: str
    user: SimUser
    scopes: tuple[str, ...]
    created_at: datetime
    name: str = "idp"
    expires_at: datetime | None = None
    revoked: bool = False


def _unfurnished(project: SimProject) -> Contents:
    """Return the contents of a project that nobody described: an empty repository."""
    return Contents(empty=not project.default_branch)


class World:
    """Everything that one GitLab holds. Ids are GitLab's numbers; look-ups are by id or full path."""

    def __init__(self, *, furnish: Callable[[SimProject], Contents] = _unfurnished) -> None:
        self.users: dict[int, SimUser] = {}
        self.groups: dict[int, SimGroup] = {}
        self.projects: dict[int, SimProject] = {}
        self.tokens: dict[str, SimToken] = {}
        self._furnish = furnish
        self._contents: dict[int, Contents] = {}
        self._order: list[int] | None = None
        self._member_order: dict[int, list[int]] = {}

    # -- building

    def add_user(self, user: SimUser) -> SimUser:
        self.users[user.id] = user
        return user

    def add_group(self, group: SimGroup) -> SimGroup:
        self.groups[group.id] = group
        self._member_order.clear()
        return group

    def add_projects(self, projects: Iterable[SimProject]) -> None:
        self.projects.update((project.id, project) for project in projects)
        self._order = None
        self._member_order.clear()

    def remove_project(self, project_id: int) -> None:
        del self.projects[project_id]
        self._contents.pop(project_id, None)
        self._order = None
        self._member_order.clear()

    def add_token(self, token: SimToken) -> SimToken:
        self.tokens[token.value] = token
        return token

    def set_member(self, group: SimGroup, user: SimUser, access: int) -> None:
        """Give a person an access level in a group; 0 takes it away."""
        group.members[user.id] = access
        if not access:
            del group.members[user.id]
        self._member_order.clear()

    # -- looking

    def contents(self, project: SimProject) -> Contents:
        """Return what is in the project, made at the first look; what is changed in it stays."""
        found = self._contents.get(project.id)
        if found is None:
            found = self._contents[project.id] = self._furnish(project)
        return found

    def touch(self, project: SimProject, at: datetime) -> None:
        """Record activity, as a push does."""
        project.last_activity_at = at

    def group_at(self, path: str) -> SimGroup | None:
        return next((group for group in self.groups.values() if group.path == path), None)

    def project_at(self, path: str) -> SimProject | None:
        return next((project for project in self.projects.values() if project.path == path), None)

    def access(self, user: SimUser, project: SimProject) -> int:
        """Return a person's access level in a project; administrators own everything."""
        return OWNER if user.admin else project.group.access(user.id)

    def sees(self, user: SimUser, project: SimProject) -> bool:
        return project.visibility in ("internal", "public") or self.access(user, project) >= GUEST

    def sees_group(self, user: SimUser, group: SimGroup) -> bool:
        """Return whether a group is visible: to administrators, its members, and members of a group within it."""
        return (
            user.admin
            or group.access(user.id) > 0
            or any(group in inner.lineage() and user.id in inner.members for inner in self.groups.values())
        )

    def _ids(self, user: SimUser, *, membership: bool) -> list[int]:
        """Return the ids of the projects that a person sees, or is a member of, in order."""
        if membership:
            if user.id not in self._member_order:
                allowed = {group.id: group.access(user.id) > 0 for group in self.groups.values()}
                self._member_order[user.id] = sorted(p.id for p in self.projects.values() if allowed[p.group.id])
            return self._member_order[user.id]
        if self._order is None:
            self._order = sorted(self.projects)
        return self._order

    def projects_after(self, user: SimUser, after: int, *, membership: bool) -> Iterator[SimProject]:
        """Yield what the person sees (or is a member of) in order of ids, from beyond `after` on."""
        ids = self._ids(user, membership=membership)
        for index in range(bisect_right(ids, after), len(ids)):
            project = self.projects[ids[index]]
            if membership or self.sees(user, project):
                yield project

    def projects_before(self, user: SimUser, *, membership: bool) -> Iterator[SimProject]:
        """Yield what the person sees (or is a member of), the newest first."""
        for project_id in reversed(self._ids(user, membership=membership)):
            project = self.projects[project_id]
            if membership or self.sees(user, project):
                yield project
