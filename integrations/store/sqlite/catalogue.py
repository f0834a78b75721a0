"""The catalogue's index. It can always be made again from GitLab, so it is written even where the audit chain is in
doubt. What has not changed is not written: a refresh of 20,000 services that finds nothing new costs reads only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from integrations.store.documents import to_json
from integrations.store.moments import from_micros, to_micros
from integrations.store.port.catalogue import CatalogueProblem, Service, ServiceQuery
from integrations.store.port.page import Page
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.search import facets_of, find
from integrations.store.sqlite.writer import Writer

_FIELDS = (
    "name",
    "project_id",
    "path",
    "team",
    "web_url",
    "title",
    "description",
    "lifecycle",
    "kind",
    "system",
    "tags",
    "links",
    "default_branch",
    "problems",
)
_NAMES = ", ".join(_FIELDS)
_WRITTEN = (*_FIELDS, "facets")
_INSERT = f"INSERT INTO services ({', '.join(_WRITTEN)}) VALUES ({', '.join('?' * len(_WRITTEN))})"  # noqa: S608 - constants
_UPDATE = f"UPDATE services SET {', '.join(f'{name} = ?' for name in _WRITTEN)} WHERE id = ?"  # noqa: S608 - constants

# Below this, a name is not what a person meant but another name.
_NEAR = 0.78
# Services removed in one transaction, so that a large removal does not hold up everyone else's writes.
_REMOVED_AT_ONCE = 1000
# Names compared at a time, so that the event loop gets its turn: the comparison holds the interpreter's lock.
_CHUNK = 5000


@dataclass(slots=True)
class Names:
    """Every service's name, in memory, beside its folded form; kept current by every commit that changes one."""

    folded: dict[str, str] = field(default_factory=dict)

    def change(self, *, gone: Sequence[str], new: Sequence[str]) -> None:
        for name in gone:
            self.folded.pop(name, None)
        self.folded.update((name, name.casefold()) for name in new)

    def near(self, name: str, limit: int) -> tuple[str, ...]:
        """Return the names most like this one, nearest first."""
        wanted = name.strip().casefold()
        pairs = list(self.folded.items())
        near: list[tuple[float, str]] = []
        for start in range(0, len(pairs), _CHUNK):
            chunk = [folded for _, folded in pairs[start : start + _CHUNK]]
            for _, likeness, index in process.extract_iter(
                wanted, chunk, scorer=JaroWinkler.normalized_similarity, score_cutoff=_NEAR
            ):
                near.append((-likeness, pairs[start + index][0]))
        return tuple(name for _, name in sorted(near)[: max(0, limit)])


@dataclass(slots=True)
class _Put:
    taken: tuple[CatalogueProblem, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]


def all_names(connection: Connection) -> list[str]:
    """Return every service's name."""
    names: list[str] = orjson.loads(connection.execute("SELECT json_group_array(name) FROM services").fetchone()[0])
    return names


class SqliteCatalogue:
    def __init__(self, writer: Writer, readers: Readers, names: Sequence[str]) -> None:
        self._writer = writer
        self._readers = readers
        self._names = Names()
        self._names.change(gone=(), new=names)

    async def service(self, name: str) -> Service | None:
        def job(connection: Connection) -> Service | None:
            row = connection.execute(f"SELECT {_NAMES} FROM services WHERE name = ?", (name,)).fetchone()  # noqa: S608 - constants
            return _service(row) if row else None

        return await self._readers.read(job) if _storable(name) else None

    async def search(self, query: ServiceQuery) -> Page[Service]:
        def job(connection: Connection) -> Page[Service]:
            ids, total = find(connection, query)
            rows = connection.execute(
                f"SELECT id, {_NAMES} FROM services WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608 - constants
                (to_json(ids),),
            )
            found = {row[0]: _service(row[1:]) for row in rows}
            return Page(tuple(found[i] for i in ids), total, max(0, query.offset))

        if not all(map(_storable, (query.text, query.team, query.lifecycle))):
            return Page((), 0, max(0, query.offset))
        return await self._readers.read(job)

    async def similar(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        return await asyncio.to_thread(self._names.near, name, limit)

    async def teams(self) -> tuple[str, ...]:
        return await self._readers.read(lambda c: _column(c, "SELECT DISTINCT team FROM services ORDER BY team"))

    async def lifecycles(self) -> tuple[str, ...]:
        sql = "SELECT DISTINCT lifecycle FROM services ORDER BY lifecycle"
        return await self._readers.read(lambda c: _column(c, sql))

    async def problems(self, *, teams: frozenset[str] | None = None) -> tuple[CatalogueProblem, ...]:
        def job(connection: Connection) -> tuple[CatalogueProblem, ...]:
            rows = connection.execute("SELECT project_id, path, team, message FROM problems ORDER BY path, position")
            every = (CatalogueProblem(*row) for row in rows)
            return tuple(p for p in every if teams is None or _within(p.team, teams))

        return await self._readers.read(job)

    async def put(
        self, services: Sequence[Service], problems: Sequence[CatalogueProblem]
    ) -> tuple[CatalogueProblem, ...]:
        future = self._writer.submit(lambda connection: _put(connection, services, problems))
        # Told by the commit and not by the caller, who may have been cancelled by then.
        future.add_done_callback(self._renamed)
        return (await asyncio.shield(future)).taken

    async def forget(self, project_ids: frozenset[int]) -> int:
        if not project_ids:
            return 0
        return await self._remove("project_id IN (SELECT value FROM json_each(?))", project_ids)

    async def keep_only(self, project_ids: frozenset[int]) -> int:
        return await self._remove("project_id NOT IN (SELECT value FROM json_each(?))", project_ids)

    async def _remove(self, condition: str, project_ids: frozenset[int]) -> int:
        listed = to_json(sorted(project_ids))
        removed = 0
        while True:
            future = self._writer.submit(lambda connection: _remove_some(connection, condition, listed))
            future.add_done_callback(self._renamed)
            gone = (await asyncio.shield(future)).gone
            removed += len(gone)
            if not gone:
                return removed

    async def refreshed_at(self) -> datetime | None:
        sql = "SELECT value FROM facts WHERE name = 'catalogue_refreshed_at'"
        row = await self._readers.read(lambda connection: connection.execute(sql).fetchone())
        return from_micros(row[0]) if row else None

    async def set_refreshed_at(self, at: datetime) -> None:
        sql = "INSERT OR REPLACE INTO facts (name, value) VALUES ('catalogue_refreshed_at', ?)"
        micros = to_micros(at)
        await self._writer.write(lambda connection: connection.execute(sql, (micros,)).close())

    def _renamed(self, future: asyncio.Future[_Put]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._names.change(gone=future.result().gone, new=future.result().new)


def _put(connection: Connection, services: Sequence[Service], problems: Sequence[CatalogueProblem]) -> _Put:
    projects = {s.project_id for s in services} | {p.project_id for p in problems}
    held: dict[str, tuple[Any, ...]] = {
        row[1]: row
        for row in connection.execute(
            f"SELECT id, {_NAMES} FROM services WHERE project_id IN (SELECT value FROM json_each(?))",  # noqa: S608 - constants
            (to_json(sorted(projects)),),
        )
    }
    wanted = {(s.name, s.project_id) for s in services}
    unread = projects - {s.project_id for s in services}
    _note_problems(connection, unread, problems)
    gone = tuple(name for name, row in held.items() if (name, row[2]) not in wanted and row[2] not in unread)
    connection.executemany("DELETE FROM services WHERE name = ?", ((name,) for name in gone))
    new: list[str] = []
    taken: list[CatalogueProblem] = []
    written: set[str] = set()
    for service in services:
        row = _row(service)
        before = held.get(service.name)
        if before is not None and before[2] == service.project_id and service.name not in written:
            written.add(service.name)
            if before[1:] != row:
                connection.execute(_UPDATE, (*row, _facets(service), before[0]))
            continue
        holder = connection.execute("SELECT project_id, path FROM services WHERE name = ?", (service.name,)).fetchone()
        if holder is None:
            connection.execute(_INSERT, (*row, _facets(service)))
            new.append(service.name)
            written.add(service.name)
        elif holder[0] == service.project_id:
            message = f"The name {service.name} is given twice in this project; the first one counts."
            taken.append(CatalogueProblem(service.project_id, service.path, service.team, message))
        else:
            message = f"The name {service.name} belongs to {holder[1]}; choose another one."
            taken.append(CatalogueProblem(service.project_id, service.path, service.team, message))
    _put_problems(connection, projects, (*problems, *taken))
    return _Put(tuple(taken), gone, tuple(new))


def _note_problems(connection: Connection, unread: set[int], problems: Sequence[CatalogueProblem]) -> None:
    """Have services whose file cannot be read now say so; they stay, and their names stay theirs."""
    said: dict[int, list[str]] = {}
    for problem in problems:
        if problem.project_id in unread:
            said.setdefault(problem.project_id, []).append(problem.message)
    sql = "UPDATE services SET problems = ?1 WHERE project_id = ?2 AND problems <> ?1"
    connection.executemany(sql, ((to_json(messages), project) for project, messages in said.items()))


def _put_problems(connection: Connection, projects: set[int], problems: Sequence[CatalogueProblem]) -> None:
    listed = (to_json(sorted(projects)),)
    before = connection.execute(
        "SELECT project_id, position, path, team, message FROM problems "
        "WHERE project_id IN (SELECT value FROM json_each(?))",
        listed,
    ).fetchall()
    counted: dict[int, int] = {}
    rows = []
    for problem in problems:
        position = counted[problem.project_id] = counted.get(problem.project_id, -1) + 1
        rows.append((problem.project_id, position, problem.path, problem.team, problem.message))
    if sorted(rows) != sorted(before):
        connection.execute("DELETE FROM problems WHERE project_id IN (SELECT value FROM json_each(?))", listed)
        connection.executemany("INSERT INTO problems VALUES (?, ?, ?, ?, ?)", rows)


def _remove_some(connection: Connection, condition: str, listed: str) -> _Put:
    """Remove some services of the projects that the condition (a constant) names, and once none is left, problems."""
    rows = connection.execute(
        f"DELETE FROM services WHERE id IN (SELECT id FROM services WHERE {condition} LIMIT ?) RETURNING name",  # noqa: S608 - as said above
        (listed, _REMOVED_AT_ONCE),
    ).fetchall()
    if not rows:
        connection.execute(f"DELETE FROM problems WHERE {condition}", (listed,))  # noqa: S608 - as said above
    return _Put((), tuple(row[0] for row in rows), ())


def _facets(service: Service) -> str:
    return facets_of(service.team, service.lifecycle)


def _row(service: Service) -> tuple[Any, ...]:
    return (
        service.name,
        service.project_id,
        service.path,
        service.team,
        service.web_url,
        service.title,
        service.description,
        service.lifecycle,
        service.kind,
        service.system,
        to_json(service.tags),
        to_json(service.links),
        service.default_branch,
        to_json(service.problems),
    )


def _service(row: Sequence[Any]) -> Service:
    *texts, tags, links, default_branch, problems = row
    pairs = tuple((title, url) for title, url in orjson.loads(links))
    values = (*texts, tuple(orjson.loads(tags)), pairs, default_branch, tuple(orjson.loads(problems)))
    return Service(*values)


def _column(connection: Connection, sql: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(sql))


def _within(team: str, teams: frozenset[str]) -> bool:
    return any(team == mine or team.startswith(f"{mine}/") for mine in teams)


def _storable(text: str) -> bool:
    """Return whether a text can be in the database at all: half of a surrogate pair cannot, so nothing matches it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
