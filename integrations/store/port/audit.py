"""The audit trail: entries in a keyed chain that is only ever added to, and what checking it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integrations.store.port.page import Json, Page


class Phase(StrEnum):
    """INTENT is committed before an effect, OUTCOME after it; EVENT stands alone (a denial, a read, a notice)."""

    INTENT = "intent"
    OUTCOME = "outcome"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What is to be recorded. `actor` is the stable id, empty where nobody may be named; `target` is the service or
    object; `result` is `ok`, `denied`, `failed` or `unknown`; `of` is the intent that an outcome answers.
    """

    at: datetime
    phase: Phase
    actor: str
    actor_name: str
    command: str
    request_id: str = ""
    front_end: str = ""
    target: str = ""
    arguments: Json = field(default_factory=dict)
    result: str = ""
    detail: str = ""
    operation_id: str = ""
    plan_hash: str = ""
    of: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry with its place in the chain: `mac` is HMAC-SHA256 (hex) over the previous mac and this record."""

    seq: int
    entry: AuditEntry
    mac: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of the chain; an empty chain has seq 0."""

    seq: int
    mac: str


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Filters are combined with and; times are `since <= at < until`. Of the command `except_reads_of`, looks that were
    let through (events with result `ok`) are left out. Newest first.
    """

    actor: str = ""
    command: str = ""
    target: str = ""
    result: str = ""
    phase: Phase | None = None
    since: datetime | None = None
    until: datetime | None = None
    offset: int = 0
    limit: int = 20
    except_reads_of: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking the chain found. `broken_at` is the first bad seq; `anchors` is how many outside anchors agreed."""

    ok: bool
    records: int
    head: Head
    anchors: int
    broken_at: int | None = None
    message: str = ""


class AuditLog(Protocol):
    async def append(self, *entries: AuditEntry) -> tuple[AuditRecord, ...]:
        """Commit the entries, in order, as one transaction. Raises Unavailable where that is impossible now: an INTENT
        also where disk space is below the reserve or heads cannot be anchored, so that there is room for outcomes.
        """

    async def query(self, query: AuditQuery) -> Page[AuditRecord]:
        """Return matching records, newest first."""

    async def sample(self, count: int, *, seed: int, query: AuditQuery) -> tuple[AuditRecord, ...]:
        """Return `count` matching records, newest first, drawn repeatably: the same chain, query and seed give the same
        sample, on every backend. The query's `offset` and `limit` do not count.
        """

    async def head(self) -> Head:
        """Return the newest link."""

    async def open_intents(self) -> tuple[AuditRecord, ...]:
        """Return intents without an outcome."""

    async def verify(self) -> Verification:
        """Check every link and compare the chain with its outside anchors."""
