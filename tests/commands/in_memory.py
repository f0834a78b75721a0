"""The ports that commands use, kept in memory: small, typed, and as strict as the ports promise."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from commands._kit.command import Command
from commands._kit.context import Actor, Context, Grant, Place
from commands._kit.discover import CommandSet
from commands._kit.ports import PlatformState
from commands._kit.roles import MATRIX, Role, allows
from integrations.errors import BackendError
from integrations.gitlab import (
    Deployment,
    Environment,
    Group,
    Member,
    MergeRequest,
    MergeRequests,
    Pipeline,
    ProjectFile,
    Release,
    RunStatus,
)
from integrations.store import (
    Answer,
    AuditEntry,
    AuditQuery,
    AuditRecord,
    CatalogueProblem,
    FeedbackSummary,
    Head,
    Page,
    Phase,
    Service,
    ServiceQuery,
    Verification,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
WEB = "https://gitlab.example"


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def person(
    name: str = "Alice", *roles: Role, teams: Sequence[str] = ("acme/payments",), gitlab: int | None = 7
) -> Actor:
    """Return a person; without a role, a developer."""
    held = frozenset(roles or (Role.DEVELOPER,))
    grants = (
        *(Grant(r.words, "everybody in this workspace") for r in held),
        *(Grant(f"team {t}", f"GitLab group {t}") for t in teams),
    )
    return Actor(f"slack:T1/U0{name.upper()}", name, held, frozenset(teams), gitlab, grants, "Europe/Berlin")


def context(actor: Actor | None = None, *, place: Place | None = None, asked: str = "") -> Context:
    return Context(actor or person(), "request-1", NOW, place or Place("T1", "C1", private=False), asked=asked)


def a_service(name: str, team: str = "acme/payments", **more: object) -> Service:
    path = f"{team}/{name}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:3])
    given: dict[str, object] = {"lifecycle": "production", **more}
    return Service(name, number, path, team, f"{WEB}/{path}", **given)  # type: ignore[arg-type]  # a test names what it is about


def within(team: str, mine: str) -> bool:
    return team == mine or team.startswith(f"{mine}/")


@dataclass
class Catalogue:
    services: list[Service] = field(default_factory=list)
    flaws: list[CatalogueProblem] = field(default_factory=list)

    async def service(self, name: str) -> Service | None:
        return next((s for s in self.services if s.name == name), None)

    async def search(self, query: ServiceQuery) -> Page[Service]:
        def matches(s: Service) -> bool:
            text = " ".join((s.name, s.title, s.description, *s.tags)).lower().replace("-", " ").split()
            return (
                all(
                    any(word.startswith(part) for word in text) for part in query.text.lower().replace("-", " ").split()
                )
                and (not query.team or within(s.team, query.team))
                and (not query.lifecycle or s.lifecycle == query.lifecycle)
            )

        found = sorted((s for s in self.services if matches(s)), key=lambda s: s.name)
        return Page(tuple(found[query.offset : query.offset + query.limit]), len(found), query.offset)

    async def similar(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        return tuple(sorted(s.name for s in self.services if s.name[:2] == name[:2]))[:limit]

    async def teams(self) -> tuple[str, ...]:
        return tuple(sorted({s.team for s in self.services}))

    async def problems(self, *, teams: frozenset[str] | None = None) -> tuple[CatalogueProblem, ...]:
        return tuple(p for p in self.flaws if teams is None or any(within(p.team, t) for t in teams))

    async def lifecycles(self) -> tuple[str, ...]:
        return tuple(sorted({s.lifecycle for s in self.services}))


@dataclass
class Preferences:
    defaults: dict[tuple[str, str], str] = field(default_factory=dict)
    writes: int = 0

    async def default_service(self, workspace: str, channel: str) -> str | None:
        return self.defaults.get((workspace, channel))

    async def set_default_service(self, workspace: str, channel: str, service: str | None) -> None:
        self.writes += 1
        if service is None:
            self.defaults.pop((workspace, channel), None)
        else:
            self.defaults[workspace, channel] = service


@dataclass
class Feedback:
    named: dict[str, Answer] = field(default_factory=dict)
    anonymous: dict[str, tuple[date, int, str]] = field(default_factory=dict)

    async def give(self, answer: Answer) -> None:
        self.named.setdefault(answer.key, answer)

    async def give_anonymously(self, key: str, day: date, rating: int, text: str) -> None:
        self.anonymous.setdefault(key, (day, rating, text))

    async def summary(self, *, anonymous_from: int = 5) -> FeedbackSummary:
        shown = tuple(self.anonymous.values()) if len(self.anonymous) >= anonymous_from else ()
        ratings = [0] * 5
        for rating in (*(a.rating for a in self.named.values()), *(rating for _, rating, _ in shown)):
            ratings[rating - 1] += 1
        one, two, three, four, five = ratings
        return FeedbackSummary(tuple(self.named.values()), len(shown), shown, (one, two, three, four, five))


@dataclass
class AuditLog:
    records: list[AuditRecord] = field(default_factory=list)
    verification: Verification | None = None

    async def append(self, *entries: AuditEntry) -> tuple[AuditRecord, ...]:
        made = tuple(
            AuditRecord(len(self.records) + number, entry, f"{len(self.records) + number:064x}")
            for number, entry in enumerate(entries, 1)
        )
        self.records.extend(made)
        return made

    def _matching(self, query: AuditQuery) -> list[AuditRecord]:
        def matches(e: AuditEntry) -> bool:
            looked = (e.command, e.phase, e.result) == (query.except_reads_of, Phase.EVENT, "ok")
            return (
                (not query.actor or e.actor == query.actor)
                and (not query.command or e.command == query.command)
                and (not query.target or e.target == query.target)
                and (not query.result or e.result == query.result)
                and (query.since is None or e.at >= query.since)
                and (query.until is None or e.at < query.until)
                and not (query.except_reads_of and looked)
            )

        return [r for r in reversed(self.records) if matches(r.entry)]

    async def query(self, query: AuditQuery) -> Page[AuditRecord]:
        found = self._matching(query)
        return Page(tuple(found[query.offset : query.offset + query.limit]), len(found), query.offset)

    async def sample(self, count: int, *, seed: int, query: AuditQuery) -> tuple[AuditRecord, ...]:
        lots = sorted(self._matching(query), key=lambda r: hashlib.sha256(f"{seed}:{r.seq}".encode()).digest())
        return tuple(sorted(lots[:count], key=lambda r: -r.seq))

    async def head(self) -> Head:
        return Head(self.records[-1].seq, self.records[-1].mac) if self.records else Head(0, "")

    async def open_intents(self) -> tuple[AuditRecord, ...]:
        return ()

    async def verify(self) -> Verification:
        return self.verification or Verification(True, len(self.records), await self.head(), 2)


def entry(command: str, *, minutes: float = 1, **more: object) -> AuditEntry:
    """Return an event of Alice's, so many minutes ago."""
    alice = {"actor": "slack:T1/U0ALICE", "actor_name": "Alice"}
    given: dict[str, object] = {"phase": Phase.EVENT, "result": "ok", **alice, **more}
    return AuditEntry(at=ago(minutes=minutes), command=command, **given)  # type: ignore[arg-type]  # as above


ENVIRONMENTS = (
    Environment(1, "dev", "development", True, None),
    Environment(2, "staging", "staging", True, "https://staging.acme.example"),
    Environment(3, "production", "production", True, "https://acme.example"),
    Environment(4, "review/12", "other", False, None),
)
DEPLOYMENTS = (
    Deployment(9, "dev", RunStatus.RUNNING, "main", "f00dfeed00000000", "Bob", ago(minutes=3)),
    Deployment(8, "production", RunStatus.SUCCESS, "v2.3.1", "c0ffee0000000000", "Alice", ago(hours=5)),
    Deployment(7, "dev", RunStatus.SUCCESS, "main", "beef000000000000", "Bob", ago(hours=6)),
)


@dataclass
class GitLab:
    """GitLab with one well-known project. `broken` raises for a method, `silent` methods never answer."""

    broken: dict[str, BackendError] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    empty: bool = False
    last: RunStatus = RunStatus.SUCCESS
    deployed: tuple[Deployment, ...] | None = None
    asked: list[str] = field(default_factory=list)
    projects: set[int] = field(default_factory=set)
    together: int = 0

    async def _answer(self, method: str, project_id: int) -> None:
        self.asked.append(method)
        self.projects.add(project_id)
        if method in self.broken:
            raise self.broken[method]
        if method in self.silent:
            await asyncio.Event().wait()
        self.together += 1
        # Whoever asks one after the other is seen here: nobody else has asked by the time the loop comes back.
        await asyncio.sleep(0)

    async def probe(self) -> str:
        return "GitLab 18.1"

    def project_files(
        self, path: str, *, changed_since: datetime | None = None
    ) -> AsyncIterator[tuple[ProjectFile, ...]]:
        raise NotImplementedError

    async def project_ids(self) -> frozenset[int]:
        raise NotImplementedError

    async def releases(self, project_id: int, *, limit: int = 1) -> tuple[Release, ...]:
        await self._answer("releases", project_id)
        return () if self.empty else (Release("v2.3.1", "Spring", ago(days=2), f"{WEB}/-/releases/v2.3.1"),)[:limit]

    async def environments(self, project_id: int) -> tuple[Environment, ...]:
        await self._answer("environments", project_id)
        return () if self.empty else ENVIRONMENTS

    async def deployments(self, project_id: int, *, limit: int = 100) -> tuple[Deployment, ...]:
        await self._answer("deployments", project_id)
        known = DEPLOYMENTS if self.deployed is None else self.deployed
        return () if self.empty else known[:limit]

    async def pipelines(self, project_id: int, *, limit: int = 1, ref: str = "") -> tuple[Pipeline, ...]:
        await self._answer("pipelines", project_id)
        newest = Pipeline(512, self.last, ref or "main", "f00d", f"{WEB}/-/pipelines/512", ago(minutes=4))
        return () if self.empty else (newest,)[:limit]

    async def merge_requests(self, project_id: int, *, limit: int = 5) -> MergeRequests:
        await self._answer("merge_requests", project_id)
        newest = tuple(
            MergeRequest(n, f"Change {n}", "bob", n == 6, f"{WEB}/-/merge_requests/{n}", ago(hours=1))
            for n in range(7, 0, -1)
        )
        return MergeRequests(0, ()) if self.empty else MergeRequests(len(newest), newest[:limit])

    async def groups(self) -> tuple[Group, ...]:
        raise NotImplementedError

    async def members(self, group: str) -> tuple[Member, ...]:
        raise NotImplementedError


@dataclass
class Index:
    commands_: CommandSet

    def commands(self) -> Sequence[Command]:
        return self.commands_.commands()

    def find(self, name: str) -> Command | None:
        return self.commands_.find(name)

    def allowed(self, command: Command, actor: Actor) -> bool:
        return allows(MATRIX, actor.roles, command.may)


@dataclass
class Platform:
    report: PlatformState = field(default_factory=lambda: PlatformState("1.2.3", ago(days=1), (), {}, {}, ()))

    async def state(self) -> PlatformState:
        return self.report
