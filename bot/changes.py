"""A change from its plan to its end: offered to one person, consented to once, carried out as an operation.

Who may have it is decided before (`dispatch.py`), and how its steps run after (`operations.py`). A plan waits in the
store; an anonymous one in memory only, and nothing of it is recorded.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.audit import Recorder, target
from bot.failures import AUDIT_AWAY, Failures
from bot.operations import Engine
from bot.replies import Answer, Call, Consent, Failed, Values
from bot.telemetry.metrics import Metrics
from commands._kit.command import Command
from commands._kit.context import Actor
from commands._kit.discover import CommandSet
from commands._kit.doc import Doc
from commands._kit.errors import Code, Failure, UserError
from commands._kit.plan import Plan, Results, show_plan
from commands._kit.roles import Role
from integrations.errors import Conflict, Unavailable
from integrations.store import AuditEntry, Offer, Operation, Outgoing, Phase, Store

CONSENT_LIFE = timedelta(minutes=15)
CONSENT = "consent"
log = structlog.get_logger(__name__)

USED = Failure(Code.STALE, "That was used already, so nothing was changed.", "Give the command again to do it again.")
STALE = Failure(Code.STALE, "That has expired, so nothing was changed.", "Give the command again.")

Tell = Callable[[Operation, Doc | Failure], Awaitable[Sequence[Outgoing]]]


@dataclass(frozen=True, slots=True)
class Pending:
    """An anonymous plan between plan and consent: in memory only, so that nothing ties it to a person afterwards."""

    person: str
    command: Command
    plan: Plan
    expires_at: datetime


class Changes:
    """Offers plans, and carries out what was consented to."""

    def __init__(
        self,
        commands: CommandSet,
        store: Store,
        engine: Engine,
        recorder: Recorder,
        failures: Failures,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._commands = commands
        self._store = store
        self._engine = engine
        self._recorder = recorder
        self._failures = failures
        self._metrics = metrics
        self._clock = clock
        self._pending: dict[str, Pending] = {}
        # The operations of this process that run: they are nobody's to resume.
        self._own: set[str] = set()

    def require_open(self) -> None:
        """Raise UserError, with the reason, while no change is accepted."""
        if self._store.read_only:
            raise UserError(
                Failure(
                    Code.READ_ONLY,
                    f"Changes are stopped: {self._store.read_only}.",
                    "Reading goes on. A platform engineer can look with `platform` and `./idp audit verify`.",
                )
            )
        if self._engine.blocked:
            raise UserError(AUDIT_AWAY)

    async def offer(
        self, call: Call, command: Command, actor: Actor, plan: Plan, values: Values, *, changed: bool = False
    ) -> Consent:
        """Offer the plan to this person for a quarter of an hour; `changed` where it takes an earlier one's place."""
        offer_id, expires = secrets.token_urlsafe(18), self._clock() + CONSENT_LIFE
        if plan.anonymous:
            now = self._clock()
            self._pending = {k: p for k, p in self._pending.items() if p.expires_at > now}
            self._pending[offer_id] = Pending(actor.id, command, plan, expires)
        else:
            payload = {"command": command.name, "values": dict(values), "place": _place(call), "title": plan.title}
            await self._store.offers.make(Offer(offer_id, CONSENT, actor.id, payload, expires, plan.hash))
        return Consent(command, show_plan(plan), offer_id, plan.hash, expires, changed)

    def pending(self, offer_id: str) -> Pending | None:
        """Return the anonymous plan of that offer, where it is one."""
        return self._pending.get(offer_id)

    def forget_pending(self, person: str, offer_id: str) -> bool:
        """Let an anonymous plan of this person go; return whether there was one."""
        pending = self._pending.get(offer_id)
        return pending is not None and pending.person == person and self._pending.pop(offer_id, None) is not None

    async def offered(self, offer_id: str) -> Offer:
        """Return the stored plan's offer, used or expired ones too. Raises UserError where there is none."""
        offer = await self._store.offers.look(offer_id)
        if offer is None or offer.kind != CONSENT:
            raise UserError(STALE)
        return offer

    async def void(self, offer_id: str) -> None:
        """Use an offer up without doing anything: its plan is not the plan any more."""
        await self._store.offers.use(offer_id)

    async def carry_out_unrecorded(self, call: Call, offer_id: str) -> Answer | Failed:
        """Carry out an anonymous plan. Raises UserError where it was taken before or has expired."""
        # Whoever takes it out acts; of two clicks at once the other one finds nothing.
        pending = self._pending.pop(offer_id, None)
        if pending is None:
            raise UserError(USED)
        if pending.expires_at <= self._clock():
            raise UserError(STALE)
        results = await self._engine.run_unrecorded(pending.plan, self._clock(), call.progress)
        return _told(pending.command, results)

    async def carry_out(
        self, call: Call, command: Command, actor: Actor, plan: Plan, values: Values, offer_id: str
    ) -> Answer | Failed:
        """Carry out a plan as an operation, its intent committed before anything else. Raises UserError where that is
        impossible or the offer was used: then nothing was begun.
        """
        operation = Operation(
            id=secrets.token_hex(8),
            command=command.name,
            actor_id=actor.id,
            actor=_remembered(actor),
            request_id=call.request_id,
            plan=plan.canonical(),
            plan_hash=plan.hash,
            place={**_place(call), "front_end": call.front_end, "target": target(command, values)},
            created_at=self._clock(),
        )
        intent = self._recorder.entry(
            call, Phase.INTENT, command, values, actor=actor, plan_hash=plan.hash, operation_id=operation.id
        )
        self._own.add(operation.id)
        try:
            operation = await self._start(operation, intent, offer_id)
            _, results = await self._engine.drive(operation, actor, call.progress)
        finally:
            self._own.discard(operation.id)
        return _told(command, results)

    async def _start(self, operation: Operation, intent: AuditEntry, offer_id: str) -> Operation:
        try:
            return await self._store.operations.start(operation, intent, offer_id=offer_id)
        except Conflict as error:
            raise UserError(USED) from error
        except Unavailable as error:
            self._metrics.audit_unwritten()
            raise UserError(replace(AUDIT_AWAY, message=f"{AUDIT_AWAY.message} {error}")) from error

    async def resume(self, tell: Tell) -> int:
        """Drive what an earlier process left unfinished, all at once, with a message of each outcome; return how many
        there were. One that cannot be driven is an incident, and holds up no other.
        """
        unfinished = [o for o in await self._store.operations.unfinished() if o.id not in self._own]
        ends = await asyncio.gather(*(self._resume(o, tell) for o in unfinished), return_exceptions=True)
        for operation, end in zip(unfinished, ends, strict=True):
            if isinstance(end, Exception):
                self._failures.describe(end, operation.command)
        return len(unfinished)

    async def _resume(self, operation: Operation, tell: Tell) -> None:
        command = self._commands.find(operation.command)

        async def told(end: Results | Failure) -> Sequence[Outgoing]:
            try:
                if isinstance(end, Failure):
                    return await tell(operation, end)
                return await tell(operation, command.view(end)) if command is not None else ()
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - an end that cannot be worded is an end all the same
                self._failures.describe(error, operation.command)
                return ()

        await self._engine.drive(operation, _asker(operation), told=told)


def _told(command: Command, results: Results | Failure) -> Answer | Failed:
    if isinstance(results, Failure):
        return Failed(results, command.name, begun=True)
    return Answer(command.name, command.view(results), shareable=False)


def _remembered(actor: Actor) -> dict[str, Any]:
    return {
        "name": actor.name,
        "roles": sorted(actor.roles),
        "teams": sorted(actor.teams),
        "gitlab_user_id": actor.gitlab_user_id,
        "time_zone": actor.time_zone,
    }


def _asker(operation: Operation) -> Actor:
    """Return who asked for the operation, as they were then: its steps see the same person before and after a crash."""
    known = operation.actor
    return Actor(
        id=operation.actor_id,
        name=str(known.get("name", "")),
        roles=frozenset(role for role in Role if role.value in known.get("roles", ())),
        teams=frozenset(known.get("teams", ())),
        gitlab_user_id=known.get("gitlab_user_id"),
        time_zone=str(known.get("time_zone", "UTC")),
    )


def _place(call: Call) -> dict[str, str]:
    return {"workspace": call.place.workspace, "channel": call.place.channel, "thread": call.place.thread}
