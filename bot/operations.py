"""Drives changes step by step, and takes them up again after a crash: the embedded engine.

The operation's row is the truth. Each drive takes a new epoch, and a driver whose epoch is no longer the newest stops.
A step's result, its audit entry and its messages are one transaction. While an outcome cannot be written, no new
change is accepted (`blocked`), and no success is reported.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from commands._kit.context import Actor, Notice, StepContext, silent
from commands._kit.errors import Code, Failure
from commands._kit.plan import Plan, Results, Step, StepCall
from integrations.errors import Unavailable
from integrations.store import AuditEntry, Operation, Operations, OperationState, Outgoing, Phase, StepResult

STEP_DEADLINE = 60.0
ATTEMPTS = 5
log = structlog.get_logger(__name__)

Progress = Callable[[str], Awaitable[None]]
Outgoings = Callable[[str, Sequence[Notice]], Awaitable[Sequence[Outgoing]]]


Told = Callable[[Results | Failure], Awaitable[Sequence[Outgoing]]]


async def _nobody(_end: Results | Failure) -> Sequence[Outgoing]:
    """Tell nobody: whoever asked is still there and gets the answer."""
    return ()


class Superseded(Exception):
    """A newer driver has taken the operation over."""


class StepFailed(Exception):
    """A step could not be done; carries what people are told."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Engine:
    """Runs operations in this process. `outgoings` makes messages of what steps want told, `describe` sentences of what
    went wrong.
    """

    def __init__(
        self,
        operations: Operations,
        steps: Mapping[str, Step[Any, Any]],
        ports: Mapping[type[Any], Any],
        clock: Callable[[], datetime],
        outgoings: Outgoings,
        describe: Callable[[Exception, str], Failure],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._operations = operations
        self._steps = steps
        self._ports = ports
        self._clock = clock
        self._outgoings = outgoings
        self._describe = describe
        self._sleep = sleep
        self._unwritten: set[str] = set()

    @property
    def blocked(self) -> bool:
        """Whether an outcome is waiting to be written; until then no change is accepted."""
        return bool(self._unwritten)

    async def drive(
        self, operation: Operation, actor: Actor | None, progress: Progress = silent, told: Told = _nobody
    ) -> tuple[Operation, Results | Failure]:
        """Run the operation from its first unfinished step to its end; return it with its results or its failure. The
        messages that `told` makes of its end are stored together with the outcome.

        Raises Superseded where another driver took over. Waits for the store for as long as it takes, because an
        outcome that is not written is no outcome.
        """
        operation = await self._persist(operation.id, lambda: self._operations.drive(operation.id))
        calls = Plan.parse(operation.plan).steps
        values: list[Mapping[str, Any]] = [s.result for s in sorted(operation.steps, key=lambda s: s.index)]
        try:
            for index, call in list(enumerate(calls))[len(values) :]:
                values += [await self._step(operation, index, call, actor, progress)]
        except StepFailed as failed:
            await self._finish(operation, OperationState.FAILED, failed.failure, told)
            return operation, failed.failure
        results = Results(calls, values)
        await self._finish(operation, OperationState.DONE, results, told)
        return operation, results

    async def run_unrecorded(self, plan: Plan, now: datetime, progress: Progress = silent) -> Results | Failure:
        """Run an anonymous plan: nothing about it is kept but its effect."""
        values: list[Mapping[str, Any]] = []
        try:
            for call in plan.steps:
                context = StepContext("", secrets.token_hex(16), None, now, progress=progress)
                values.append(await self._attempts(call, context))
        except StepFailed as failed:
            return failed.failure
        return Results(plan.steps, values)

    async def _step(
        self, operation: Operation, index: int, call: StepCall, actor: Actor | None, progress: Progress
    ) -> Mapping[str, Any]:
        context = StepContext(operation.id, f"{operation.id}:{index}", actor, self._clock(), progress=progress)
        result = await self._attempts(call, context)
        outgoing = await self._persist(operation.id, lambda: self._outgoings(context.key, context.notices))
        step = StepResult(index, result, self._clock())
        entry = _entry(operation, Phase.EVENT, self._clock(), "ok", call.step)
        if not await self._persist(
            operation.id,
            lambda: self._operations.record_step(operation.id, operation.epoch, step, (entry,), outgoing),
        ):
            raise Superseded(operation.id)
        return result

    async def _attempts(self, call: StepCall, context: StepContext) -> Mapping[str, Any]:
        """Return the step's result; what is transient is tried again, what is not stops at once."""
        step = self._steps.get(call.step)
        if step is None:
            message = f"This version of the platform does not know the step {call.step}."
            raise StepFailed(Failure(Code.INTERNAL, message, "Ask a platform engineer to look at the upgrade notes."))
        ports = {name: self._ports[kind] for name, kind in step.ports.items()}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                # Inside, because an operation of an earlier version may have arguments that are none today.
                arguments = step.arguments.model_validate(dict(call.arguments))
                async with asyncio.timeout(STEP_DEADLINE):
                    result = await step.run(arguments, context, **ports)
                return dict(result.model_dump(mode="json"))
            except (Unavailable, TimeoutError) as error:
                context.notices.clear()
                if attempt == ATTEMPTS:
                    raise StepFailed(self._describe(error, call.step)) from error
                wait = error.retry_after if isinstance(error, Unavailable) else None
                await self._sleep(wait if wait is not None else min(2.0**attempt, 30.0))
            except Exception as error:  # whatever it is, it must end the operation with an outcome, not leave it open
                raise StepFailed(self._describe(error, call.step)) from error
        raise AssertionError("unreachable")

    async def _finish(self, operation: Operation, state: OperationState, end: Results | Failure, told: Told) -> None:
        failure = end if isinstance(end, Failure) else None
        detail = "" if failure is None else failure.message
        outcome = _entry(operation, Phase.OUTCOME, self._clock(), "failed" if failure else "ok", detail)
        kept = {"code": failure.code.value, "message": failure.message, "hint": failure.hint} if failure else None
        outgoing = await self._persist(operation.id, lambda: told(end))
        if not await self._persist(
            operation.id,
            lambda: self._operations.finish(
                operation.id, operation.epoch, state, outcome, failure=kept, outgoing=outgoing
            ),
        ):
            raise Superseded(operation.id)

    async def _persist(self, operation_id: str, write: Callable[[], Awaitable[Any]]) -> Any:
        """Write, for as long as it takes; meanwhile the engine is `blocked`."""
        wait = 0.5
        while True:
            try:
                written = await write()
            except Unavailable as error:
                self._unwritten.add(operation_id)
                log.error("an outcome cannot be written, changes are refused", operation=operation_id, error=str(error))
                await self._sleep(wait)
                wait = min(wait * 2, 10.0)
            else:
                self._unwritten.discard(operation_id)
                return written


def _entry(operation: Operation, phase: Phase, at: datetime, result: str, detail: str) -> AuditEntry:
    return AuditEntry(
        at=at,
        phase=phase,
        actor=operation.actor_id,
        actor_name=str(operation.actor.get("name", "")),
        command=operation.command,
        request_id=operation.request_id,
        front_end=str(operation.place.get("front_end", "")),
        target=str(operation.place.get("target", "")),
        result=result,
        detail=detail,
        operation_id=operation.id,
        plan_hash=operation.plan_hash,
        of=operation.intent_seq if phase is Phase.OUTCOME else None,
    )
