"""Entries, services and operations to write in tests; every value can be replaced by keyword."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.store import AuditEntry, Offer, Operation, Outgoing, Phase, Service, StepResult

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
KEY = b"a key that is kept outside the store"


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


def entry(phase: Phase = Phase.EVENT, **values: Any) -> AuditEntry:
    base = AuditEntry(
        at=NOW, phase=phase, actor="slack:T1/U1", actor_name="Ann", command="service", request_id="r1", target="pay"
    )
    return replace(base, **values)


def service(name: str, project_id: int | None = None, **values: Any) -> Service:
    project = project_id if project_id is not None else sum(map(ord, name)) * 1000 + len(name)
    base = Service(name=name, project_id=project, path=f"acme/{name}", team="acme", web_url=f"https://git.test/{name}")
    return replace(base, **values)


def operation(operation_id: str = "op1", **values: Any) -> Operation:
    base = Operation(
        id=operation_id,
        command="use",
        actor_id="slack:T1/U1",
        actor={"name": "Ann"},
        request_id="r1",
        plan=b'{"title":"Use"}',
        plan_hash="hash1",
        place={"channel": "C1"},
        created_at=NOW,
    )
    return replace(base, **values)


def intent(**values: Any) -> AuditEntry:
    return entry(Phase.INTENT, **{"command": "use", **values})


def outcome(**values: Any) -> AuditEntry:
    return entry(Phase.OUTCOME, **{"command": "use", "result": "ok", **values})


def step(index: int = 0) -> StepResult:
    return StepResult(index, {"done": index}, NOW)


def message(key: str = "op1:0", **values: Any) -> Outgoing:
    return replace(Outgoing(key=key, workspace="T1", to="slack:T1/U1", body={"text": "Done"}), **values)


def offer(offer_id: str = "offer1", **values: Any) -> Offer:
    base = Offer(offer_id, "consent", "slack:T1/U1", {"command": "use"}, NOW + timedelta(minutes=15), "hash1")
    return replace(base, **values)
