"""Dispatch with all that belongs to it, over the sample commands: the real store, identity and engine."""

from __future__ import annotations

from typing import Any

from bot.audit import Recorder
from bot.dispatch import Dispatch
from bot.failures import Failures
from bot.identity import Identity, OsPrincipal, Principal, SlackPrincipal
from bot.limits import RateLimit
from bot.membership import Memberships
from bot.operations import Engine
from bot.replies import Answer, Call, Consent, Failed, FormNeeded, Reply
from bot.rights import Rights
from bot.settings import PersonSettings
from bot.telemetry.metrics import Metrics
from commands._kit.command import Command
from commands._kit.context import Notice, Place
from commands._kit.roles import Role
from integrations.store import AuditQuery, AuditRecord, Outgoing, Service
from integrations.store.sqlite.client import SqliteStore
from tests.bot.rig import Clock, Groups, InMemorySlack, MakeSettings, Sleeps, UnsureOperations, slack_person
from tests.bot.sample_commands import Board, sample_set

WHERE = Place("T1", "C1", "", private=False)
FRONT_ENDS = ("slack", "terminal")


class Desk:
    """Ann develops in acme/payments, Pia looks after the platform, Una is linked to nobody, Gus is a guest."""

    def __init__(self, store: SqliteStore, make: MakeSettings, clock: Clock, sleeps: Sleeps) -> None:
        people = (
            PersonSettings(slack="T1/U0ANN", gitlab=1, os_user="ann"),
            PersonSettings(slack="T1/U0BEA", gitlab=3),
            PersonSettings(slack="T1/U0PIA", gitlab=2),
        )
        settings = make(people=people, roles={"platform_engineer": {"gitlab_groups": ["acme/platform"]}})
        self.store, self.clock, self.sleeps = store, clock, sleeps
        self.board = Board()
        self.slack = InMemorySlack(people={u: slack_person(u) for u in ("U0ANN", "U0BEA", "U0PIA", "U0UNA")})
        self.slack.people["U0GUS"] = slack_person("U0GUS", "guest")
        self.gitlab = Groups(people={"acme/platform": {2: 50}, "acme/payments": {1: 30}})
        self.commands = sample_set()
        self.metrics = Metrics(process=False)
        self.failures = Failures(clock)
        self.memberships = Memberships(self.gitlab, ["acme/platform"], clock)
        self.limit = RateLimit(60, 1000, lambda: clock().timestamp())
        grantors = {Role.PLATFORM_ENGINEER: "An owner of acme/platform can add you to it"}
        ports: dict[type[Any], Any] = {Board: self.board}
        self.operations = UnsureOperations(store.operations)
        self.engine = Engine(
            self.operations, self.commands.steps, ports, clock, outgoings, self.failures.describe, sleeps
        )
        self.identity = Identity(self.slack, self.memberships, settings, clock)
        self.dispatch = Dispatch(
            self.commands,
            ports,
            self.identity,
            Rights(settings.permissions, store.catalogue, grantors, self.commands),
            store,
            self.engine,
            Recorder(store.audit, clock, self.metrics),
            self.failures,
            self.limit,
            self.metrics,
            clock,
        )
        self.calls = 0

    async def furnish(self) -> None:
        """Fill the catalogue and read the groups."""
        await self.store.catalogue.put(
            [a_service("checkout", 1, "acme/payments"), a_service("search", 2, "acme/shop")], ()
        )
        await self.memberships.refresh(await self.store.catalogue.teams())

    def call(self, who: str = "ann", front_end: str = "slack", place: Place = WHERE) -> Call:
        self.calls += 1
        principal: Principal = SlackPrincipal("T1", f"U0{who.upper()}")
        if front_end == "terminal":
            principal, place = OsPrincipal(who), Place()
        return Call(principal, front_end, place, f"request-{self.calls}")

    async def text(self, text: str, who: str = "ann", **where: Any) -> Reply:
        return await self.dispatch.text(self.call(who, **where), text)

    async def run(self, command: str, who: str = "ann", /, **values: object) -> Reply:
        return await self.dispatch.run(self.call(who), command, values)

    async def plan(self, text: str, who: str = "ann", **where: Any) -> Consent:
        reply = await self.text(text, who, **where)
        assert isinstance(reply, Consent), reply
        return reply

    async def consent(self, consent: Consent, who: str = "ann", **where: Any) -> Reply:
        return await self.dispatch.consent(self.call(who, **where), consent.offer)

    async def records(self) -> list[AuditRecord]:
        """Return the audit trail, oldest first."""
        return list(reversed((await self.store.audit.query(AuditQuery(limit=1000))).items))

    def sample(self, name: str) -> Command:
        command = self.commands.find(name)
        assert command is not None
        return command


async def outgoings(key: str, notices: Any) -> list[Outgoing]:
    noted: list[Notice] = list(notices)
    return [Outgoing(f"{key}:{n}", "T1", notice.to, {"text": notice.doc.title}) for n, notice in enumerate(noted)]


def a_service(name: str, project: int, team: str) -> Service:
    return Service(name, project, f"{team}/{name}", team, f"https://gitlab.acme.example/{team}/{name}")


def failed(reply: Reply) -> Failed:
    assert isinstance(reply, Failed), reply
    return reply


def answered(reply: Reply) -> Answer:
    assert isinstance(reply, Answer), reply
    return reply


def asked_for_form(reply: Reply) -> FormNeeded:
    assert isinstance(reply, FormNeeded), reply
    return reply
