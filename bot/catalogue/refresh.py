"""Keeps the catalogue's index as GitLab has it: wholly from time to time, in between only what changed.

A refresh that fails half-way has lost nothing: what it read is indexed, what it did not read stays as it was, and only
a complete one drops what is gone. It never empties the catalogue because GitLab suddenly shows no project at all, which
is what a token that lost its groups looks like.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from bot.catalogue.entity import Reading, read
from integrations.errors import Unavailable
from integrations.gitlab import GitLab, ProjectFile
from integrations.store import CatalogueIndex, CatalogueProblem, ServiceQuery

CATALOGUE_FILE = "catalog-info.yaml"
# GitLab writes a project's last activity at most once an hour; a quarter of an hour is for clocks that differ.
OVERLAP = timedelta(minutes=75)


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did: `projects` looked at, `services` and `problems` found in them, services `dropped`."""

    full: bool
    began_at: datetime
    seconds: float
    projects: int
    services: int
    problems: int
    dropped: int


@dataclass(slots=True)
class _Count:
    """How far a refresh is. `late` are the readings of projects that asked for names that others hold, `refused` how
    many names those were.
    """

    projects: int = 0
    services: int = 0
    problems: int = 0
    dropped: int = 0
    refused: int = 0
    kept: set[int] = field(default_factory=set)
    late: dict[int, Reading] = field(default_factory=dict)


class CatalogueRefresh:
    """Refreshes one index from one GitLab; a second refresh waits until the first is through."""

    def __init__(
        self, gitlab: GitLab, index: CatalogueIndex, clock: Callable[[], datetime], *, file: str = CATALOGUE_FILE
    ) -> None:
        self._gitlab = gitlab
        self._index = index
        self._clock = clock
        self._file = file
        self._one = asyncio.Lock()

    @property
    def running(self) -> bool:
        return self._one.locked()

    async def run(self, *, full: bool = False) -> RefreshReport:
        """Bring the index up to date; wholly with `full`, or where that has never been done. Raises BackendError where
        GitLab or the store fails.
        """
        async with self._one:
            since = None if full else await self._index.refreshed_at()
            return await self._refresh(since)

    async def _refresh(self, since: datetime | None) -> RefreshReport:
        began = self._clock()
        count = _Count()
        # The port's generator is closed here, so that its calls end with a refresh that fails.
        pages = cast(
            "AsyncGenerator[tuple[ProjectFile, ...], None]",
            self._gitlab.project_files(self._file, changed_since=since - OVERLAP if since else None),
        )
        async with aclosing(pages):
            async for page in pages:
                await self._index_page(page, count, forget=since is not None)
        if since is None:
            await self._drop_others(count)
        await self._index.set_refreshed_at(began)
        seconds = (self._clock() - began).total_seconds()
        return RefreshReport(
            since is None, began, seconds, count.projects, count.services, count.problems, count.dropped
        )

    async def _index_page(self, page: tuple[ProjectFile, ...], count: _Count, *, forget: bool) -> None:
        # Reading YAML takes its time; the loop goes on with other things meanwhile.
        readings = await asyncio.to_thread(_read_all, page)
        described = {file.project.id: reading for file, reading in zip(page, readings, strict=True) if reading}
        if forget:
            # First, so that a name that one project gives up is free for another.
            count.dropped += await self._index.forget(frozenset(f.project.id for f in page) - described.keys())
        taken = await self._put(described.values())
        count.kept |= described.keys()
        count.late |= {problem.project_id: described[problem.project_id] for problem in taken}
        count.refused += len(taken)
        count.projects += len(page)
        count.services += sum(len(reading.services) for reading in described.values()) - len(taken)
        count.problems += sum(len(reading.problems) for reading in described.values()) + len(taken)

    async def _put(self, readings: Iterable[Reading]) -> tuple[CatalogueProblem, ...]:
        kept = list(readings)
        if not kept:
            return ()
        return await self._index.put(
            [service for reading in kept for service in reading.services],
            [problem for reading in kept for problem in reading.problems],
        )

    async def _drop_others(self, count: _Count) -> None:
        """Drop what a complete refresh did not find, and give the names that it held to those who asked for them."""
        if not count.projects and (await self._index.search(ServiceQuery(limit=1))).total:
            raise Unavailable(
                "GitLab shows the bot no project any more, so the catalogue stays as it is: check the groups that the "
                "bot's GitLab user is a member of",
                backend="gitlab",
            )
        count.dropped += await self._index.keep_only(frozenset(count.kept))
        if count.dropped and count.late:
            given = count.refused - len(await self._put(count.late.values()))
            count.services += given
            count.problems -= given


def _read_all(page: tuple[ProjectFile, ...]) -> list[Reading]:
    return [read(file) for file in page]
