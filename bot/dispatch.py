"""The only road to a handler: parse, identify, authorise, plan, consent, run, audit; the same for every front end.

Every public method answers with a `Reply` and never raises: what goes wrong is a `Failed` with words for people. An
intent is in the audit chain before any effect, the outcome after it, and no success is told before that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from pydantic import BaseModel

from bot.audit import Recorder
from bot.changes import STALE, USED, Changes, Tell
from bot.failures import AUDIT_AWAY, OTHERS, Failures
from bot.identity import Identity
from bot.limits import RateLimit
from bot.operations import Engine
from bot.replies import Answer, Call, Consent, Failed, FormNeeded, Reply, Values
from bot.rights import Rights
from bot.telemetry.metrics import Metrics
from commands._kit.command import Command, Effect
from commands._kit.context import Actor, Context
from commands._kit.discover import CommandSet
from commands._kit.doc import Note
from commands._kit.errors import Code, Failure, UserError, not_found
from commands._kit.parse import format_command, parse
from commands._kit.place import from_place
from commands._kit.plan import Plan, show_plan
from commands._kit.validate import validate
from integrations.store import Offer, Phase, Store

READ_DEADLINE = 60.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Subject:
    """The command that a call turns out to be about, for metrics, log and front end also where it fails."""

    command: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A plan that waits for consent, made anew: `call` is in the place where the command was given."""

    offer: Offer
    call: Call
    command: Command
    plan: Plan
    values: Values


class Dispatch:
    def __init__(
        self,
        commands: CommandSet,
        ports: Mapping[type[Any], Any],
        identity: Identity,
        rights: Rights,
        store: Store,
        engine: Engine,
        recorder: Recorder,
        failures: Failures,
        limit: RateLimit,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self.commands = commands
        self.identity = identity
        self.rights = rights
        self._ports = ports
        self._store = store
        self._recorder = recorder
        self._failures = failures
        self._limit = limit
        self._metrics = metrics
        self._clock = clock
        self._changes = Changes(commands, store, engine, recorder, failures, metrics, clock)
        self.stopped = ""

    # -- what front ends call

    async def text(self, call: Call, text: str) -> Reply:
        """Answer a command line."""
        subject = Subject()
        return await self._reply(call, subject, self._text(call, text, subject))

    async def run(self, call: Call, command: str, values: Values) -> Reply:
        """Answer a command whose fields come from a button or a form."""
        return await self._reply(call, Subject(command), self._named(call, command, values))

    async def consent(self, call: Call, offer_id: str) -> Reply:
        """Carry out the plan that this person was offered, if it still is the plan."""
        subject = Subject("consent")
        return await self._reply(call, subject, self._consent(call, offer_id, subject))

    async def review(self, call: Call, offer_id: str) -> Reply:
        """Return the plan that waits for this person's consent, as it is now."""
        subject = Subject("consent")
        return await self._reply(call, subject, self._review(call, offer_id, subject))

    def forget_pending(self, person: str, offer_id: str) -> bool:
        """Let an anonymous plan of this person go; return whether there was one."""
        return self._changes.forget_pending(person, offer_id)

    async def form(self, call: Call, command: Command, values: Values) -> Reply:
        """Return a FormNeeded for a command that the person may use, with defaults filled in."""
        return await self._reply(call, Subject(command.name), self._open_form(call, command, values))

    async def actor(self, call: Call) -> Actor | Failed:
        """Return who calls, or why that person is not served."""
        try:
            return await self._identify(call, None)
        except UserError as error:
            return Failed(error.failure)

    async def keeps(self, call: Call, command: str) -> Failed | None:
        """Return why this person may not have an answer of the command any more that they were shown, or None."""
        found = self.commands.find(command)
        if found is None:
            return Failed(STALE, command)
        try:
            await self._authorise(call, found, await self._admit(call, found), {})
        except UserError as error:
            return Failed(error.failure, command)
        return None

    async def shares(self, call: Call, command: str) -> bool:
        """Record that an answer of the command is shared into the call's channel; False where that is impossible now,
        and the command's looks are on record, so that it must not be shared.
        """
        found = self.commands.find(command)
        detail = f"an answer is shared into {call.place.channel}"
        entry = self._recorder.entry(call, Phase.EVENT, found, {}, result="ok", detail=detail)
        return await self._recorder.try_to(entry) or not (found and found.audited)

    def usable(self, actor: Actor) -> list[Command]:
        """Return the commands that the person's roles open, in help's order."""
        return [command for command in self.commands.commands() if self.rights.allowed(command, actor)]

    async def options(self, call: Call, source: str, text: str, *, limit: int = 100) -> tuple[tuple[str, str], ...]:
        """Return (value, label) pairs for a select; nothing for somebody who is not served."""
        if isinstance(await self.actor(call), Failed):
            return ()
        return await self.rights.options(source, text, limit=limit)

    # -- one reply, whatever happens

    async def _reply(self, call: Call, subject: Subject, work: Awaitable[Reply]) -> Reply:
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=call.request_id):
            try:
                reply = await work
            except Exception as error:  # noqa: BLE001 - the one place where everything is caught
                reply = Failed(self._failures.describe(error, subject.command), subject.command)
        command = getattr(reply, "command", "") or subject.command
        command = command.name if isinstance(command, Command) else command
        found = self.commands.find(command)
        outcome = reply.failure.code.value if isinstance(reply, Failed) else type(reply).__name__.lower()
        seconds = time.perf_counter() - started
        confidential = found is not None and found.confidential
        if isinstance(reply, Failed) or not confidential:
            # A confidential command that went well is not counted: scrapes are seconds apart, and would tell when.
            self._metrics.command(found.name if found else "unknown", outcome, call.front_end, seconds)
        if not confidential:
            log.info(
                "command",
                command=command,
                outcome=outcome,
                front_end=call.front_end,
                person=call.principal.id,
                request_id=call.request_id,
                seconds=round(seconds, 4),
            )
        return reply

    async def _text(self, call: Call, text: str, subject: Subject) -> Reply:
        parsed = parse(text, self.commands, place=call.place)
        subject.command = parsed.command.name if parsed.command else ""
        if parsed.command is None:
            service = await self._service_named(call, text)
            if service is not None:
                return service
            assert parsed.failure is not None
            await self._admit(call, None)
            raise UserError(parsed.failure)
        if parsed.help:
            return await self._named(call, "help", {"command": parsed.command.name})
        if parsed.failure is not None:
            await self._admit(call, parsed.command)
            raise UserError(parsed.failure)
        return await self._checked(call, parsed.command, parsed.values, parsed.errors)

    async def _service_named(self, call: Call, text: str) -> Reply | None:
        """Open the card where the whole text is a service's name."""
        word = text.strip()
        card = self.commands.find("service")
        if not word or " " in word or card is None or await self._store.catalogue.service(word) is None:
            return None
        return await self._checked(call, card, {"name": word}, {})

    async def _named(self, call: Call, name: str, values: Values) -> Reply:
        command = self.commands.find(name)
        if command is None:
            raise not_found(f"There is no command {name}.", hint="`help` lists what there is.")
        return await self._checked(call, command, values, {})

    async def _open_form(self, call: Call, command: Command, values: Values) -> Reply:
        actor = await self._admit(call, command)
        await self._authorise(call, command, actor, values)
        return FormNeeded(command, await self._with_defaults(call, command, values))

    # -- the stages

    async def _identify(self, call: Call, command: Command | None, *, fresh: bool = False) -> Actor:
        if self.stopped:
            raise UserError(Failure(Code.UNAVAILABLE, self.stopped, "Ask a workspace administrator."))
        try:
            return await self.identity.actor(call.principal, fresh=fresh)
        except UserError as error:
            if error.failure.code is Code.DENIED:
                # Strangers are limited as people are: each denial is a record that stays for good.
                self._limit.spend(call.principal.id)
                await self._record_denial(call, command, {}, None, error.failure)
            raise

    async def _admit(self, call: Call, command: Command | None, *, fresh: bool = False) -> Actor:
        """Return who calls, this call counted towards the person's limit."""
        actor = await self._identify(call, command, fresh=fresh)
        self._limit.spend(actor.id)
        return actor

    async def _authorise(self, call: Call, command: Command, actor: Actor, values: Values) -> None:
        try:
            await self.rights.check(command, actor, values)
        except UserError as error:
            if error.failure.code in {Code.DENIED, Code.UNLINKED}:
                await self._record_denial(call, command, values, actor, error.failure)
            raise

    async def _authorise_request(
        self, call: Call, command: Command, actor: Actor, request: BaseModel, values: Values
    ) -> None:
        """Authorise the service that will be acted on: the one that is left after defaults and trimming."""
        if command.may.owns:
            owned = {command.may.owns: getattr(request, command.may.owns)}
            await self._authorise(call, command, actor, {**values, **owned})

    async def _record_denial(
        self, call: Call, command: Command | None, values: Values, actor: Actor | None, failure: Failure
    ) -> None:
        shown = {} if command is not None and command.confidential else values
        await self._recorder.try_to(
            self._recorder.entry(
                call, Phase.EVENT, command, shown, actor=actor, result="denied", detail=failure.message
            )
        )

    async def _with_defaults(self, call: Call, command: Command, values: Values) -> dict[str, object]:
        """Fill what the place knows: the channel itself, and the channel's default service."""
        given = {name: value for name, value in values.items() if value is not None and value != ""}
        filled: dict[str, object] = {**from_place(command, call.place), **given}
        missing = [name for name in self.rights.required_services(command) if name not in filled]
        if missing and call.place.channel:
            default = await self._store.preferences.default_service(call.place.workspace, call.place.channel)
            if default:
                filled.update(dict.fromkeys(missing, default))
        return filled

    async def _checked(self, call: Call, command: Command, values: Values, errors: Mapping[str, str]) -> Reply:
        change = command.effect is Effect.CHANGE
        actor = await self._admit(call, command)
        await self._authorise(call, command, actor, values)
        filled = await self._with_defaults(call, command, values)
        missing = [n for n, info in command.request.model_fields.items() if info.is_required() and n not in filled]
        if missing and not errors:
            return FormNeeded(command, filled)
        request, found = validate(command, filled)
        problems = {**found, **errors}
        if request is None or problems:
            return FormNeeded(command, filled, problems)
        await self._authorise_request(call, command, actor, request, filled)
        problems = await self.rights.unknown_names(command, request)
        if problems:
            return FormNeeded(command, filled, problems)
        if change:
            return await self._plan(call, command, actor, request, filled)
        return await self._read(call, command, actor, request, filled)

    def _context(self, call: Call, command: Command, actor: Actor, request: BaseModel) -> Context:
        asked = format_command(command, request)
        return Context(actor, call.request_id, self._clock(), call.place, call.progress, asked)

    async def _handle(self, command: Command, request: BaseModel, context: Context) -> Any:
        ports = {name: self._ports[kind] for name, kind in command.ports.items()}
        async with asyncio.timeout(READ_DEADLINE):
            return await command.handler(request, context, **ports)

    async def _read(self, call: Call, command: Command, actor: Actor, request: BaseModel, values: Values) -> Reply:
        context = self._context(call, command, actor, request)
        doc = command.view(await self._handle(command, request, context))
        if command.audited:
            entry = self._recorder.entry(call, Phase.EVENT, command, values, actor=actor, result="ok")
            if not await self._recorder.try_to(entry):
                if doc.files:
                    raise UserError(AUDIT_AWAY)
                doc = replace(doc, blocks=(*doc.blocks, Note("This look could not be recorded in the audit trail.")))
        return Answer(command.name, doc, context.asked)

    async def _plan(self, call: Call, command: Command, actor: Actor, request: BaseModel, values: Values) -> Reply:
        self._changes.require_open()
        try:
            plan: Plan = await self._handle(command, request, self._context(call, command, actor, request))
        except UserError as error:
            if error.failure.fields:
                return FormNeeded(command, values, error.failure.fields, error.failure.hint)
            raise
        if not plan.changes:
            return Answer(command.name, show_plan(plan), shareable=False)
        return await self._changes.offer(call, command, actor, plan, values)

    async def _consent(self, call: Call, offer_id: str, subject: Subject) -> Reply:
        actor = await self._admit(call, None, fresh=True)
        self._changes.require_open()
        pending = self._changes.pending(offer_id)
        if pending is not None:
            if pending.person != actor.id:
                raise UserError(OTHERS)
            subject.command = pending.command.name
            await self._authorise(call, pending.command, actor, {})
            return await self._changes.carry_out_unrecorded(call, offer_id)
        waiting = await self._waiting(call, actor, offer_id, subject)
        if not isinstance(waiting, Waiting):
            return waiting
        if waiting.plan.hash == waiting.offer.plan_hash:
            return await self._changes.carry_out(
                waiting.call, waiting.command, actor, waiting.plan, waiting.values, offer_id
            )
        return await self._offer_anew(waiting, actor)

    async def _review(self, call: Call, offer_id: str, subject: Subject) -> Reply:
        actor = await self._admit(call, None)
        self._changes.require_open()
        waiting = await self._waiting(call, actor, offer_id, subject)
        if not isinstance(waiting, Waiting):
            return waiting
        offer, plan = waiting.offer, waiting.plan
        if plan.hash == offer.plan_hash:
            return Consent(waiting.command, show_plan(plan), offer_id, plan.hash, offer.expires_at)
        return await self._offer_anew(waiting, actor)

    async def _offer_anew(self, waiting: Waiting, actor: Actor) -> Reply:
        """Show the plan as it is now in place of the one that was offered, which counts no more."""
        await self._changes.void(waiting.offer.id)
        if not waiting.plan.changes:
            return Answer(waiting.command.name, show_plan(waiting.plan), shareable=False)
        return await self._changes.offer(
            waiting.call, waiting.command, actor, waiting.plan, waiting.values, changed=True
        )

    async def _waiting(self, call: Call, actor: Actor, offer_id: str, subject: Subject) -> Waiting | FormNeeded:
        """Return the plan behind an offer, made anew. Raises UserError where this person may not have it (any more)."""
        offer = await self._changes.offered(offer_id)
        command = self.commands.find(str(offer.payload["command"]))
        subject.command = command.name if command else subject.command
        if offer.person != actor.id:
            await self._record_denial(call, command, {}, actor, OTHERS)
            raise UserError(OTHERS)
        if offer.used or command is None or offer.expires_at <= self._clock():
            raise UserError(USED if offer.used else STALE)
        values = dict(offer.payload["values"])
        # What the command does depends on where it was given, not on where its plan is shown.
        call = replace(call, place=replace(call.place, **offer.payload["place"]))
        await self._authorise(call, command, actor, values)
        request, problems = validate(command, values)
        if request is None:
            return FormNeeded(command, values, problems)
        await self._authorise_request(call, command, actor, request, values)
        plan: Plan = await self._handle(command, request, self._context(call, command, actor, request))
        return Waiting(offer, call, command, plan, values)

    async def resume(self, tell: Tell) -> int:
        """Finish what an earlier process left unfinished, telling its outcomes; return how many there were."""
        return await self._changes.resume(tell)
