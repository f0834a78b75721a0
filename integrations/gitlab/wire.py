"""GitLab's JSON as it is on the wire, held to a shape on arrival, and its way into the port's words.

Only fields that the platform uses are named; GitLab adds fields in every release. An answer that does not have this
shape raises pydantic's ValidationError, which the client turns into Unavailable without its text.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, TypeAdapter

from integrations.gitlab.port import (
    Deployment,
    Environment,
    Group,
    Member,
    MergeRequest,
    Pipeline,
    Project,
    ProjectFile,
    Release,
    RunStatus,
)

LARGEST_FILE = 64 * 1024
_ID_PREFIX = "gid://gitlab/Project/"

_FOLDED = {
    "waiting_for_resource": RunStatus.CREATED,
    "preparing": RunStatus.CREATED,
    "waiting_for_callback": RunStatus.CREATED,
    "pending": RunStatus.CREATED,
    "scheduled": RunStatus.CREATED,
    "canceling": RunStatus.RUNNING,
}


def fold(status: str) -> RunStatus:
    """Return GitLab's status in our words; one that a later GitLab invents counts as created."""
    if status in _FOLDED:
        return _FOLDED[status]
    try:
        return RunStatus(status)
    except ValueError:
        return RunStatus.CREATED


def web_link(url: str | None) -> str:
    """Return an address that a browser opens, or nothing: a `javascript:` address never becomes a link."""
    return url if url and url.startswith(("https://", "http://")) else ""


WebUrl = Annotated[str | None, AfterValidator(web_link)]


class WireUser(BaseModel):
    id: int
    username: str
    name: str
    state: str = "active"


class WireMember(WireUser):
    access_level: int

    def read(self) -> Member:
        return Member(self.id, self.username, self.name, self.access_level, self.state == "active")


class WireGroup(BaseModel):
    id: int
    name: str
    full_path: str
    web_url: WebUrl = None

    def read(self) -> Group:
        return Group(self.id, self.full_path, self.name, self.web_url or "")


class WireProjectId(BaseModel):
    id: int


class WireProjectBranch(BaseModel):
    id: int
    default_branch: str | None = None


class WireReleaseLinks(BaseModel):
    self_url: WebUrl = Field(None, alias="self")


class WireRelease(BaseModel):
    tag_name: str
    name: str | None = None
    released_at: AwareDatetime
    links: WireReleaseLinks | None = Field(None, alias="_links")

    def read(self) -> Release:
        url = self.links.self_url if self.links else None
        return Release(self.tag_name, self.name or self.tag_name, self.released_at, url or "")


class WireEnvironment(BaseModel):
    id: int
    name: str
    state: str = "available"
    tier: str | None = None
    external_url: WebUrl = None

    def read(self) -> Environment:
        return Environment(
            self.id, self.name, self.tier or "other", self.state == "available", self.external_url or None
        )


class WireEnvironmentName(BaseModel):
    name: str


class WireDeployment(BaseModel):
    id: int
    status: str
    ref: str
    sha: str
    created_at: AwareDatetime
    updated_at: AwareDatetime | None = None
    user: WireUser | None = None
    environment: WireEnvironmentName | None = None

    def read(self) -> Deployment:
        return Deployment(
            self.id,
            self.environment.name if self.environment else "",
            fold(self.status),
            self.ref,
            self.sha,
            self.user.name if self.user else "",
            self.updated_at or self.created_at,
        )


class WirePipeline(BaseModel):
    id: int
    status: str
    ref: str
    sha: str
    created_at: AwareDatetime
    updated_at: AwareDatetime | None = None
    web_url: WebUrl = None

    def read(self) -> Pipeline:
        return Pipeline(
            self.id, fold(self.status), self.ref, self.sha, self.web_url or "", self.updated_at or self.created_at
        )


class WireMergeRequest(BaseModel):
    iid: int
    title: str
    author: WireUser | None = None
    draft: bool = False
    web_url: WebUrl = None
    updated_at: AwareDatetime

    def read(self) -> MergeRequest:
        author = self.author.name if self.author else ""
        return MergeRequest(self.iid, self.title, author, self.draft, self.web_url or "", self.updated_at)


class WireVersion(BaseModel):
    version: str


class WireToken(BaseModel):
    name: str = ""
    active: bool
    scopes: list[str]


# -- GraphQL: the catalogue's file of many projects in one answer


class NodeBlob(BaseModel):
    path: str
    raw_size: int | None = Field(None, alias="rawSize")
    text: str | None = Field(None, alias="rawTextBlob")


class NodeBlobs(BaseModel):
    nodes: list[NodeBlob]


class NodeRepository(BaseModel):
    root: str | None = Field(None, alias="rootRef")
    blobs: NodeBlobs | None = None


class NodePath(BaseModel):
    full_path: str = Field(alias="fullPath")


class NodeProject(BaseModel):
    id: str = Field(pattern=r"^gid://gitlab/Project/[0-9]{1,18}$")
    full_path: str = Field(alias="fullPath")
    name: str
    web_url: WebUrl = Field(None, alias="webUrl")
    archived: bool = False
    last_activity_at: AwareDatetime = Field(alias="lastActivityAt")
    namespace: NodePath | None = None
    repository: NodeRepository | None = None

    @property
    def number(self) -> int:
        return int(self.id.removeprefix(_ID_PREFIX))

    def read(self, path: str) -> ProjectFile:
        repository = self.repository or NodeRepository.model_validate({})
        project = Project(
            self.number,
            self.full_path,
            self.name,
            self.namespace.full_path if self.namespace else self.full_path.rpartition("/")[0],
            self.web_url or "",
            repository.root or "main",
            self.archived,
            self.last_activity_at,
        )
        blob = next((b for b in (repository.blobs.nodes if repository.blobs else []) if b.path == path), None)
        if blob is None:
            return ProjectFile(project, path, None)
        text = blob.text or ""
        if (blob.raw_size or 0) > LARGEST_FILE or len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
            return ProjectFile(project, path, None, too_large=True)
        return ProjectFile(project, path, text)


class NodeProjects(BaseModel):
    nodes: list[NodeProject]


class FilesData(BaseModel):
    projects: NodeProjects


class GraphQlError(BaseModel):
    message: str = ""


class GraphQlFiles(BaseModel):
    """GraphQL answers 200 with `errors` too; `data` is missing where the query was refused as a whole."""

    data: FilesData | None = None
    errors: list[GraphQlError] = []


def gid(project_id: int) -> str:
    return f"{_ID_PREFIX}{project_id}"


GROUPS = TypeAdapter(list[WireGroup])
MEMBERS = TypeAdapter(list[WireMember])
PROJECT_IDS = TypeAdapter(list[WireProjectId])
PROJECT_BRANCH = TypeAdapter(WireProjectBranch)
RELEASES = TypeAdapter(list[WireRelease])
ENVIRONMENTS = TypeAdapter(list[WireEnvironment])
DEPLOYMENTS = TypeAdapter(list[WireDeployment])
PIPELINES = TypeAdapter(list[WirePipeline])
MERGE_REQUESTS = TypeAdapter(list[WireMergeRequest])
VERSION = TypeAdapter(WireVersion)
USER = TypeAdapter(WireUser)
TOKEN = TypeAdapter(WireToken)
GRAPHQL_FILES = TypeAdapter(GraphQlFiles)
