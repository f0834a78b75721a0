"""GitLab through python-gitlab, which is imported nowhere else.

The SDK is synchronous, so it runs in at most eight threads with one connection each. It only sends: its own retries,
rate limiting and pagination are off, because they sleep in the thread, retry what may not be retried, and follow
addresses from the answer. Every answer is bounded in time and size and held to a shape; redirects are refused, since
the token would go with them. All failures leave as `integrations.errors`, without the token.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import gitlab
import requests
from gitlab.exceptions import GitlabError, RedirectError
from pydantic import TypeAdapter

from integrations.errors import Denied, Invalid, Unauthenticated
from integrations.gitlab import wire
from integrations.gitlab.asking import Answer, Asker, Observe, Params, Question
from integrations.gitlab.catalogue_walk import Page, walk
from integrations.gitlab.failures import (
    BACKEND,
    READING_SCOPE,
    TooMuch,
    refusal,
    unavailable,
)
from integrations.gitlab.files_query import PAGE, SIZES, TEXTS, request
from integrations.gitlab.port import (
    Deployment,
    Environment,
    Group,
    Member,
    MergeRequests,
    Pipeline,
    ProjectFile,
    Release,
)
from integrations.gitlab.settings import GitLabSettings

T = TypeVar("T")

THREADS = 8
# GitLab gives its own GraphQL 30 seconds; people's questions have a shorter deadline anyway.
SOCKET_TIMEOUT = 30.0
LARGEST_ANSWER = 16 * 1024 * 1024
MOST_PAGES = 50


def _nothing(operation: str, seconds: float, outcome: str) -> None:
    """Observe nothing."""


class _Connection(threading.local):
    """What one thread keeps: its `Gitlab`, the token's generation that it was made with, the last answer's headers."""

    sdk: gitlab.Gitlab | None = None
    generation: int = -1
    headers: Mapping[str, str] = {}


class GitLabClient:
    """The port's implementation. `observe` is called once for every request sent, with the operation's name, seconds
    and `ok` or the error's class name.
    """

    def __init__(
        self,
        settings: GitLabSettings,
        *,
        observe: Observe = _nothing,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._asker = Asker(
            self._send,
            threads=THREADS,
            attempts=settings.attempts,
            rate=settings.requests_per_second,
            observe=observe,
            monotonic=monotonic,
        )
        self._local = _Connection()
        self._opened: list[gitlab.Gitlab] = []
        self._opening = threading.Lock()
        self._generation = 0

    async def close(self) -> None:
        """Let go of connections; a call on its way ends by its own deadline."""
        self._asker.close()
        with self._opening:
            for sdk in self._opened:
                sdk.session.close()
            self._opened.clear()

    # -- the port

    async def probe(self) -> str:
        version, user, token = await asyncio.gather(
            self._get("version", "version", wire.VERSION, "/version"),
            self._get("user", "user of the bot's token", wire.USER, "/user"),
            self._get("token", "token of the bot", wire.TOKEN, "/personal_access_tokens/self"),
        )
        if not {READING_SCOPE, "api"} & set(token.value.scopes):
            raise Denied(
                f"The bot's GitLab token lacks the scope {READING_SCOPE}", backend=BACKEND, rights=(READING_SCOPE,)
            )
        return f"GitLab {version.value.version} as {user.value.username}"

    async def project_files(
        self, path: str, *, changed_since: datetime | None = None
    ) -> AsyncIterator[tuple[ProjectFile, ...]]:
        async def files(ids: Sequence[int]) -> tuple[ProjectFile, ...]:
            return await self._files(ids, path)

        pages = walk(self._id_page(changed_since), files, parallel=self._settings.catalogue_parallel)
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def project_ids(self) -> frozenset[int]:
        async def same(ids: Sequence[int]) -> tuple[int, ...]:
            return tuple(ids)

        return frozenset([number async for page in walk(self._id_page(None), same, parallel=1) for number in page])

    async def releases(self, project_id: int, *, limit: int = 1) -> tuple[Release, ...]:
        answer = await self._get(
            "releases",
            f"releases of project {project_id}",
            wire.RELEASES,
            f"/projects/{project_id}/releases",
            {"order_by": "released_at", "sort": "desc", "per_page": limit},
        )
        return tuple(release.read() for release in answer.value)

    async def environments(self, project_id: int) -> tuple[Environment, ...]:
        found = await self._all(
            "environments",
            f"environments of project {project_id}",
            wire.ENVIRONMENTS,
            f"/projects/{project_id}/environments",
            {},
        )
        return tuple(sorted((each.read() for each in found), key=lambda one: (not one.available, one.name)))

    async def deployments(self, project_id: int, *, limit: int = 100) -> tuple[Deployment, ...]:
        answer = await self._get(
            "deployments",
            f"deployments of project {project_id}",
            wire.DEPLOYMENTS,
            f"/projects/{project_id}/deployments",
            {"order_by": "id", "sort": "desc", "per_page": limit},
        )
        return tuple(each.read() for each in answer.value if each.environment)

    async def pipelines(self, project_id: int, *, limit: int = 1, ref: str = "") -> tuple[Pipeline, ...]:
        what = f"pipelines of project {project_id}"
        branch: str | None = ref
        if not branch:
            project = await self._get("project", what, wire.PROJECT_BRANCH, f"/projects/{project_id}")
            branch = project.value.default_branch
        if not branch:
            return ()
        answer = await self._get(
            "pipelines",
            what,
            wire.PIPELINES,
            f"/projects/{project_id}/pipelines",
            {"ref": branch, "order_by": "id", "sort": "desc", "per_page": limit},
        )
        return tuple(pipeline.read() for pipeline in answer.value)

    async def merge_requests(self, project_id: int, *, limit: int = 5) -> MergeRequests:
        answer = await self._get(
            "merge_requests",
            f"merge requests of project {project_id}",
            wire.MERGE_REQUESTS,
            f"/projects/{project_id}/merge_requests",
            {"state": "opened", "order_by": "updated_at", "sort": "desc", "per_page": limit},
        )
        newest = tuple(each.read() for each in answer.value)
        # GitLab leaves the header out where there are more than 10,000.
        counted = answer.headers.get("X-Total", "")
        total = int(counted) if counted.isdecimal() else len(newest) if len(newest) < limit else 10_001
        return MergeRequests(total, newest)

    async def groups(self) -> tuple[Group, ...]:
        params: Params = {"order_by": "id", "all_available": not self._settings.membership}
        found = await self._all("groups", "groups", wire.GROUPS, "/groups", params)
        return tuple(group.read() for group in found)

    async def members(self, group: str) -> tuple[Member, ...]:
        found = await self._all(
            "members", f"group {group}", wire.MEMBERS, f"/groups/{quote(group, safe='')}/members/all", {}
        )
        return tuple(member.read() for member in found)

    # -- many pages

    async def _all(
        self, operation: str, what: str, shape: TypeAdapter[list[T]], path: str, params: Params
    ) -> tuple[T, ...]:
        """Return every item, the pages after the first together; at most MOST_PAGES pages."""
        first = await self._get(operation, what, shape, path, {**params, "per_page": PAGE})
        counted = first.headers.get("X-Total-Pages", "")
        pages = min(int(counted), MOST_PAGES) if counted.isdecimal() else 1
        rest = await asyncio.gather(
            *(
                self._get(operation, what, shape, path, {**params, "per_page": PAGE, "page": page})
                for page in range(2, pages + 1)
            )
        )
        return tuple(item for answer in (first, *rest) for item in answer.value)

    def _id_page(self, changed_since: datetime | None) -> Page:
        chosen: Params = {
            **({"membership": True} if self._settings.membership else {}),
            **({"last_activity_after": changed_since.isoformat()} if changed_since else {}),
        }
        order: Params = {"simple": True, "pagination": "keyset", "order_by": "id", "sort": "asc", "per_page": PAGE}

        async def page(after: int) -> tuple[tuple[int, ...], bool]:
            answer = await self._get(
                "projects",
                "projects",
                wire.PROJECT_IDS,
                "/projects",
                {**chosen, **order, "id_after": after},
                deadline=self._settings.catalogue_deadline,
            )
            return tuple(each.id for each in answer.value), 'rel="next"' in answer.headers.get("Link", "")

        return page

    async def _files(self, ids: Sequence[int], path: str) -> tuple[ProjectFile, ...]:
        try:
            nodes = await self._file_nodes(TEXTS, ids, path)
        except TooMuch:
            # Somebody keeps something huge under this name: ask for the sizes, then for the small ones only.
            sizes = await self._file_nodes(SIZES, ids, path)
            large = [node for node in sizes if node.read(path).too_large]
            small = [node.number for node in sizes if not node.read(path).too_large]
            nodes = (*large, *(await self._file_nodes(TEXTS, small, path)))
        # GraphQL answers in an order of its own.
        return tuple(node.read(path) for node in sorted(nodes, key=lambda node: node.number))

    async def _file_nodes(self, query: str, ids: Sequence[int], path: str) -> tuple[wire.NodeProject, ...]:
        if not ids:
            return ()
        question = Question(
            "files",
            "files of the catalogue",
            wire.GRAPHQL_FILES,
            f"{self._settings.url}/api/graphql",
            {},
            request(query, ids, path),
        )
        answer = await self._asker.ask(question, self._settings.catalogue_deadline)
        assert answer.value.data is not None
        return tuple(answer.value.data.projects.nodes)

    # -- one call

    async def _get(
        self,
        operation: str,
        what: str,
        shape: TypeAdapter[T],
        path: str,
        params: Params | None = None,
        *,
        deadline: float | None = None,
    ) -> Answer[T]:
        question = Question(operation, what, shape, path, params or {})
        return await self._asker.ask(question, deadline or self._settings.deadline)

    # -- in a thread

    def _sdk(self) -> gitlab.Gitlab:
        """Return this thread's connection, made anew after the token was refused (it may have been replaced)."""
        local = self._local
        if local.sdk is not None and local.generation == self._generation:
            return local.sdk
        generation = self._generation
        try:
            token = self._settings.read_token()
        except OSError as error:
            raise Unauthenticated(
                f"The file with GitLab's token cannot be read: {error.strerror}", backend=BACKEND
            ) from error
        session = requests.Session()
        session.max_redirects = 0
        session.hooks["response"].append(self._remember)
        sdk = gitlab.Gitlab(
            self._settings.url,
            private_token=token,
            timeout=self._settings.deadline,
            ssl_verify=str(self._settings.ca_file) if self._settings.ca_file else True,
            session=session,
        )
        with self._opening:
            if local.sdk is not None and local.sdk in self._opened:
                self._opened.remove(local.sdk)
                local.sdk.session.close()
            self._opened.append(sdk)
        local.sdk, local.generation = sdk, generation
        return sdk

    def _remember(self, response: requests.Response, **_: Any) -> None:
        self._local.headers = response.headers

    def _send(self, question: Question[Any], request_id: str, ends: float) -> tuple[bytes, Mapping[str, str]]:
        try:
            response = self._sdk().http_request(
                "get" if question.body is None else "post",
                question.path,
                query_data={name: _written(value) for name, value in question.params.items()},
                post_data=None if question.body is None else dict(question.body),
                streamed=True,
                timeout=max(0.05, min(SOCKET_TIMEOUT, ends - self._monotonic())),
                obey_rate_limit=False,
                retry_transient_errors=False,
                max_retries=0,
                extra_headers={"X-Request-Id": request_id} if request_id else None,
            )
            return self._read(response, ends), response.headers
        except (requests.TooManyRedirects, RedirectError) as error:
            host = urlsplit(self._settings.url).netloc
            raise Invalid(f"{host} redirects: set gitlab.url to where it leads", backend=BACKEND) from error
        except GitlabError as error:
            body = error.response_body or b""
            if error.response_code == 401:
                self._generation += 1
            raise refusal(error.response_code or 500, body, self._local.headers, question.what) from error
        except (requests.RequestException, OSError) as error:
            raise unavailable(f"GitLab cannot be reached: {_reason(error)} ({question.what})") from error

    def _read(self, response: requests.Response, ends: float) -> bytes:
        pieces, size = [], 0
        with response:
            for piece in response.iter_content(16 * 1024):
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST_ANSWER:
                    raise TooMuch(f"GitLab answers with more than {LARGEST_ANSWER >> 20} MiB", backend=BACKEND)
                if self._monotonic() > ends:
                    raise unavailable("GitLab's answer does not end")
        return b"".join(pieces)


def _written(value: str | int) -> str | int:
    """Return a parameter as GitLab documents it; Python would write its booleans with capitals."""
    return str(value).lower() if isinstance(value, bool) else value


def _reason(error: Exception) -> str:
    """Return why there is no connection, in words; the SDK's own text has addresses of objects in it."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "the answer broke off"
    return "no connection"
