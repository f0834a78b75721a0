"""Operations: changes under way, driven step by step, each write bound to the newest drive's epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integrations.store.port.audit import AuditEntry
from integrations.store.port.outbox import Outgoing
from integrations.store.port.page import Json


class OperationState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class StepResult:
    index: int
    result: Json
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """A change under way or finished. `plan` is the plan's canonical JSON, `actor` all that is needed to know again who
    asked; `epoch` grows with every drive, and only the newest driver may write.
    """

    id: str
    command: str
    actor_id: str
    actor: Json
    request_id: str
    plan: bytes
    plan_hash: str
    place: Json
    created_at: datetime
    state: OperationState = OperationState.RUNNING
    epoch: int = 0
    intent_seq: int = 0
    steps: tuple[StepResult, ...] = ()
    failure: Json | None = None
    finished_at: datetime | None = None


class Operations(Protocol):
    async def start(
        self, operation: Operation, intent: AuditEntry, *, offer_id: str = "", unique_key: str = ""
    ) -> Operation:
        """Commit operation and audit intent together, using up the offer whose consent it is; return the operation with
        the intent's number. Raises Conflict where the offer was used, has expired or was made for another plan, or the
        key was seen, and Unavailable as `AuditLog.append` does: then nothing was written.
        """

    async def drive(self, operation_id: str) -> Operation:
        """Take the operation over for driving: its epoch grows by one, earlier drivers can write no more. Raises
        NotFound, and Conflict for an operation that has ended.
        """

    async def record_step(
        self, operation_id: str, epoch: int, step: StepResult, audit: Sequence[AuditEntry], outgoing: Sequence[Outgoing]
    ) -> bool:
        """Commit a step's result, audit entries and messages together; False where a newer driver has taken over. A
        step that is recorded already stays as it is, and True is returned: the call may be repeated.
        """

    async def finish(
        self,
        operation_id: str,
        epoch: int,
        state: OperationState,
        outcome: AuditEntry,
        *,
        failure: Json | None = None,
        outgoing: Sequence[Outgoing] = (),
    ) -> bool:
        """Commit the end of an operation with its audit outcome, which is made to answer the operation's intent; False
        where a newer driver has taken over. May be repeated, as `record_step` may.
        """

    async def unfinished(self) -> tuple[Operation, ...]:
        """Return operations that are to be driven, oldest first; none while the store is read-only."""

    async def operation(self, operation_id: str) -> Operation | None:
        """Return one operation."""
