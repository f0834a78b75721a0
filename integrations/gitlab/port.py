"""What the platform needs of GitLab, in the platform's words; no GitLab type passes through here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Group:
    """A GitLab group; `path` is the full path (`acme/payments`), `id` the immutable id."""

    id: int
    path: str
    name: str
    web_url: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a group; `access` is GitLab's level: 50 owner, 40 maintainer, 30 developer, 20 reporter, 10 guest."""

    user_id: int
    username: str
    name: str
    access: int
    active: bool


@dataclass(frozen=True, slots=True)
class Project:
    """A GitLab project; `group` is the full path of the group that owns it."""

    id: int
    path: str
    name: str
    group: str
    web_url: str
    default_branch: str
    archived: bool
    last_activity_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One file at a project's default branch. `text` is None where the project has no such file, and at most
    64 KiB long: a larger file has `too_large` set and no text.
    """

    project: Project
    path: str
    text: str | None
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    tag: str
    name: str
    released_at: datetime
    web_url: str


class RunStatus(StrEnum):
    """GitLab's pipeline and deployment states, folded to what a person needs to tell apart."""

    CREATED = "created"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Environment:
    id: int
    name: str
    tier: str
    available: bool
    external_url: str | None


@dataclass(frozen=True, slots=True)
class Deployment:
    id: int
    environment: str
    status: RunStatus
    ref: str
    sha: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: int
    status: RunStatus
    ref: str
    sha: str
    web_url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MergeRequest:
    iid: int
    title: str
    author: str
    draft: bool
    web_url: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MergeRequests:
    """The newest open merge requests and how many are open in all."""

    total: int
    newest: tuple[MergeRequest, ...]


class GitLab(Protocol):
    """Reads of one GitLab instance. Every method raises `integrations.errors` only, and ends within its deadline."""

    async def probe(self) -> str:
        """Return what answered (version and bot user), having proved that the token and its scopes suffice."""

    def project_files(
        self, path: str, *, changed_since: datetime | None = None
    ) -> AsyncIterator[tuple[ProjectFile, ...]]:
        """Yield the file `path` of every project that the bot sees, in pages, many projects a call, the oldest
        projects first; with `changed_since`, only of the projects with activity since then (GitLab notes activity at
        most once an hour). Archived projects come too (marked).
        """

    async def project_ids(self) -> frozenset[int]:
        """Return the ids of all projects that the bot sees: what is missing from it has been deleted or hidden."""

    async def releases(self, project_id: int, *, limit: int = 1) -> tuple[Release, ...]:
        """Return the newest releases, newest first."""

    async def environments(self, project_id: int) -> tuple[Environment, ...]:
        """Return the project's environments, available ones first."""

    async def deployments(self, project_id: int, *, limit: int = 100) -> tuple[Deployment, ...]:
        """Return the newest deployments over all environments, newest first."""

    async def pipelines(self, project_id: int, *, limit: int = 1, ref: str = "") -> tuple[Pipeline, ...]:
        """Return the newest pipelines of a branch or tag, newest first. Without `ref` it is the default branch, which
        takes one more call to learn; the catalogue knows it (`Service.default_branch`).
        """

    async def merge_requests(self, project_id: int, *, limit: int = 5) -> MergeRequests:
        """Return open merge requests, most recently updated first."""

    async def groups(self) -> tuple[Group, ...]:
        """Return all groups that the bot sees."""

    async def members(self, group: str) -> tuple[Member, ...]:
        """Return the direct and inherited members of the group with this full path."""
