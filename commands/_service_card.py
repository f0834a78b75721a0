"""A service's card: what the catalogue knows, and what GitLab says now, each part with a deadline of its own.

A part that GitLab does not give says so on its own line; the others stand. Nothing here fails because GitLab does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

from integrations.errors import BackendError, Denied, NotFound, Unauthenticated, Unavailable
from integrations.gitlab import Deployment, Environment, GitLab, MergeRequests, Pipeline, Release, RunStatus
from integrations.store import Service

T = TypeVar("T")
DEADLINE = 4.0
"""Seconds that one part may take: past the moment where people are told to wait, well before they give up."""
DEPLOYMENTS = 100
_TIERS = ("production", "staging", "testing", "development", "other")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One answer of GitLab's, or why there is none."""

    value: T | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """An environment: what was last deployed there with success, and the newest attempt. `seen` is False where the
    deployments are not known, so that silence is not taken for "never".
    """

    name: str
    url: str | None
    current: Deployment | None
    newest: Deployment | None
    seen: bool = True

    @property
    def failing(self) -> bool:
        return self.newest is not None and self.newest.status is RunStatus.FAILED


@dataclass(frozen=True, slots=True)
class Card:
    """All about one service. `mine` is whether the reader's team owns it; `stopped` counts environments left out."""

    service: Service
    mine: bool
    release: Part[tuple[Release, ...]]
    pipeline: Part[tuple[Pipeline, ...]]
    merge_requests: Part[MergeRequests]
    running: tuple[Running, ...]
    problem: str
    stopped: int = 0
    default: bool = False
    usable_here: bool = False

    @property
    def failed(self) -> bool:
        """Whether some part is missing."""
        return bool(self.release.problem or self.pipeline.problem or self.merge_requests.problem or self.problem)


async def look(
    service: Service, gitlab: GitLab, *, mine: bool, default: bool, usable_here: bool, deadline: float = DEADLINE
) -> Card:
    """Return the service's card; all parts are asked for at once, each for at most `deadline` seconds."""
    project = service.project_id
    release, pipeline, merge_requests, environments, deployments = await asyncio.gather(
        _part(gitlab.releases(project), deadline),
        _part(gitlab.pipelines(project, ref=service.default_branch), deadline),
        _part(gitlab.merge_requests(project), deadline),
        _part(gitlab.environments(project), deadline),
        _part(gitlab.deployments(project, limit=DEPLOYMENTS), deadline),
    )
    return Card(
        service=service,
        mine=mine,
        release=release,
        pipeline=pipeline,
        merge_requests=merge_requests,
        running=_running(environments, deployments),
        problem=environments.problem or deployments.problem,
        stopped=sum(not e.available for e in environments.value or ()),
        default=default,
        usable_here=usable_here,
    )


async def _part(call: Awaitable[T], deadline: float) -> Part[T]:
    try:
        async with asyncio.timeout(deadline):
            return Part(await call)
    except TimeoutError:
        return Part(None, f"GitLab did not answer within {deadline:g} s")
    except BackendError as error:
        return Part(None, _why(error))


def _why(error: BackendError) -> str:
    match error:
        case Unavailable(retry_after=float(wait)):
            return f"GitLab is not available; try again in {wait:.0f} s"
        case Unavailable():
            return "GitLab is not available"
        case Unauthenticated():
            return "GitLab refuses the platform's token; the platform engineers can renew it"
        case Denied(rights=rights):
            right = f" ({', '.join(rights)})" if rights else ""
            return f"the platform lacks the right to read this in GitLab{right}"
        case NotFound():
            return "GitLab no longer has this project, or hides it from the platform"
        case _:
            return "GitLab gave an answer that cannot be used"


def _running(
    environments: Part[tuple[Environment, ...]], deployments: Part[tuple[Deployment, ...]]
) -> tuple[Running, ...]:
    """Return what runs where, production first. Where GitLab does not list the environments, the deployments do."""
    known = deployments.value or ()
    if environments.value is None:
        places: list[tuple[str, str | None]] = [(name, None) for name in dict.fromkeys(d.environment for d in known)]
    else:
        available = [e for e in environments.value if e.available]
        available.sort(key=lambda e: (_TIERS.index(e.tier) if e.tier in _TIERS else len(_TIERS), e.name))
        places = [(e.name, e.external_url) for e in available]
    return tuple(_one(name, url, known, seen=deployments.value is not None) for name, url in places)


def _one(name: str, url: str | None, known: tuple[Deployment, ...], *, seen: bool) -> Running:
    here = [d for d in known if d.environment == name]
    current = next((d for d in here if d.status is RunStatus.SUCCESS), None)
    return Running(name, url, current, here[0] if here else None, seen)
