"""The catalogue: which services there are and who owns them, and the index that its refresh writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations.store.port.page import Page


@dataclass(frozen=True, slots=True)
class Service:
    """A service in the catalogue. `name` is pinned to `project_id`; `team` is the full path of the GitLab group that
    owns it; `problems` are what is wrong with its catalog-info.yaml, for its owner.
    """

    name: str
    project_id: int
    path: str
    team: str
    web_url: str
    title: str = ""
    description: str = ""
    lifecycle: str = "unknown"
    kind: str = "service"
    system: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    default_branch: str = "main"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueProblem:
    """A project whose file cannot be used: not parseable, or its name is taken by another project."""

    project_id: int
    path: str
    team: str
    message: str


@dataclass(frozen=True, slots=True)
class ServiceQuery:
    """`text` matches names, titles, descriptions and tags by word prefix; `team` includes its subgroups."""

    text: str = ""
    team: str = ""
    lifecycle: str = ""
    offset: int = 0
    limit: int = 20


class Catalogue(Protocol):
    async def service(self, name: str) -> Service | None:
        """Return the service of exactly this name."""

    async def search(self, query: ServiceQuery) -> Page[Service]:
        """Return matching services, best match first, then by name."""

    async def similar(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """Return names that a person could have meant by `name`, nearest first."""

    async def teams(self) -> tuple[str, ...]:
        """Return the teams that own at least one service, sorted."""

    async def problems(self, *, teams: frozenset[str] | None = None) -> tuple[CatalogueProblem, ...]:
        """Return what is wrong in the catalogue; with `teams`, only theirs and their subgroups'."""

    async def lifecycles(self) -> tuple[str, ...]:
        """Return the lifecycles in use, sorted."""


class CatalogueIndex(Catalogue, Protocol):
    """The side of the catalogue that its refresh writes."""

    async def put(
        self, services: Sequence[Service], problems: Sequence[CatalogueProblem]
    ) -> tuple[CatalogueProblem, ...]:
        """Write these services and problems; what was known of the same projects is replaced. A project that comes with
        problems and without a service keeps the services that it had, with these problems: a slip in a file frees no
        name. A name that another project holds is not taken over: it is returned, and kept, as a problem of the later
        project.
        """

    async def forget(self, project_ids: frozenset[int]) -> int:
        """Remove services and problems of these projects; return how many services went."""

    async def keep_only(self, project_ids: frozenset[int]) -> int:
        """Remove services and problems of all other projects; return how many services went."""

    async def refreshed_at(self) -> datetime | None:
        """Return when the newest complete refresh began."""

    async def set_refreshed_at(self, at: datetime) -> None:
        """Remember when the newest complete refresh began."""
