"""Writes what happened; knows what to do where that is impossible.

An entry that cannot be written is counted, and whoever asked for it is told, who decides whether to go on without.
Intents and outcomes of changes are written with their operations, not here (`changes.py`, `operations.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from bot.replies import Call
from bot.telemetry.metrics import Metrics
from bot.telemetry.redaction import redact
from commands._kit.command import Command
from commands._kit.context import Actor
from integrations.errors import Unavailable
from integrations.store import AuditEntry, AuditLog, Phase

CLIP = 200
log = structlog.get_logger(__name__)


class Recorder:
    def __init__(self, audit: AuditLog, clock: Callable[[], datetime], metrics: Metrics) -> None:
        self._audit = audit
        self._clock = clock
        self._metrics = metrics

    def entry(
        self,
        call: Call,
        phase: Phase,
        command: Command | None,
        values: Mapping[str, Any],
        *,
        actor: Actor | None = None,
        result: str = "",
        detail: str = "",
        plan_hash: str = "",
        operation_id: str = "",
    ) -> AuditEntry:
        """Return the entry for this call, its arguments clipped and redacted."""
        return AuditEntry(
            at=self._clock(),
            phase=phase,
            actor=actor.id if actor else call.principal.id,
            actor_name=actor.name if actor else "",
            command=command.name if command else "",
            request_id=call.request_id,
            front_end=call.front_end,
            target=target(command, values),
            arguments={k: redact(str(v))[:CLIP] for k, v in values.items() if v is not None},
            result=result,
            detail=redact(detail),
            plan_hash=plan_hash,
            operation_id=operation_id,
        )

    async def try_to(self, entry: AuditEntry) -> bool:
        """Record; return False, having counted it, where that is impossible now."""
        try:
            await self._audit.append(entry)
        except Unavailable as error:
            self._metrics.audit_unwritten()
            log.error("an audit entry could not be written", command=entry.command, error=str(error))
            return False
        return True


def target(command: Command | None, values: Mapping[str, Any]) -> str:
    """Return the service that a request is about, where it is about one."""
    if command is None:
        return ""
    for name in (command.may.owns, "service", "name"):
        if name and values.get(name):
            return str(values[name])[:CLIP]
    return ""
