"""What a link of the audit chain is, for every backend alike: which columns, in which form, under which MAC.

A record is kept as plain columns and nothing else, so there is no second copy that could tell another story: the MAC
is made of the columns themselves. Knows no database.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from integrations.errors import Invalid, Unavailable
from integrations.store.documents import from_json, to_json
from integrations.store.moments import from_micros, to_micros
from integrations.store.port.audit import AuditEntry, AuditRecord, Head, Phase

COLUMNS = (
    "seq",
    "at",
    "phase",
    "actor",
    "actor_name",
    "command",
    "request_id",
    "front_end",
    "target",
    "arguments",
    "result",
    "detail",
    "operation_id",
    "plan_hash",
    "of",
)
Value = str | int | None
EMPTY = Head(0, "0" * 64)
SHORTEST_KEY = 16

# The operator's acceptance of a broken or shortened chain is a record under this name, which no caller may use.
ACCEPTANCE = "store.accept"

# Stands before every MACed text, so that a MAC made with the same key for another purpose can never pass for a link.
_DOMAIN = b"idp audit record 1\n"


def row_of(seq: int, entry: AuditEntry) -> tuple[Value, ...]:
    """Return the record's columns in the order of COLUMNS. Raises Invalid for what cannot be stored."""
    return (
        seq,
        to_micros(entry.at),
        entry.phase.value,
        entry.actor,
        entry.actor_name,
        entry.command,
        entry.request_id,
        entry.front_end,
        entry.target,
        to_json(dict(entry.arguments)),
        entry.result,
        entry.detail,
        entry.operation_id,
        entry.plan_hash,
        entry.of,
    )


def mac_of(key: bytes, previous: str, row: Sequence[Value]) -> str:
    """Return the link's MAC: HMAC-SHA256, in hex, over the previous MAC and the record's canonical JSON."""
    canonical = to_json(dict(zip(COLUMNS, row, strict=True)))
    return hmac.digest(key, _DOMAIN + f"{previous}\n{canonical}".encode(), "sha256").hex()


def record_of(row: Sequence[Any], mac: str) -> AuditRecord:
    """Return the record that these columns hold. Raises Unavailable where somebody made them unreadable."""
    seq, at, phase, actor, actor_name, command, request_id, front_end, target, arguments, *rest = row
    result, detail, operation_id, plan_hash, of = rest
    try:
        entry = AuditEntry(
            at=from_micros(at),
            phase=Phase(phase),
            actor=actor,
            actor_name=actor_name,
            command=command,
            request_id=request_id,
            front_end=front_end,
            target=target,
            arguments=from_json(arguments),
            result=result,
            detail=detail,
            operation_id=operation_id,
            plan_hash=plan_hash,
            of=of,
        )
    except (ValueError, OverflowError) as error:
        message = f"audit record {seq} cannot be read: it was altered; run `./idp audit verify`"
        raise Unavailable(message, backend="store") from error
    return AuditRecord(seq, entry, mac)


def check_key(key: bytes) -> bytes:
    """Return the key. Raises Invalid where it is too short to protect anything."""
    if len(key) < SHORTEST_KEY:
        raise Invalid(f"the audit key must have at least {SHORTEST_KEY} bytes", backend="store")
    return key
