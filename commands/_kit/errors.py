"""What people see when something does not work: what happened, and what to do next.

`UserError` is the only exception whose text reaches people. Anything else becomes an incident id in dispatch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """Why a call failed; front ends and metrics tell these apart, people read the message."""

    USAGE = "usage"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    UNLINKED = "unlinked"
    CONFLICT = "conflict"
    STALE = "stale"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"
    READ_ONLY = "read_only"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Failure:
    """One shape for every failure, on every front end.

    `fields` maps a request field to what is wrong with it; `suggestions` are texts that could be meant;
    `retry_after` is in seconds; `incident` is the id under which the log has the trace.
    """

    code: Code
    message: str
    hint: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    retry_after: float | None = None
    incident: str = ""


class UserError(Exception):
    """A failure meant for people; carries the whole `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def invalid(message: str, *, field_name: str = "", hint: str = "", suggestions: tuple[str, ...] = ()) -> UserError:
    """Return the error for a value that cannot be used, on its field where it has one."""
    fields = {field_name: message} if field_name else {}
    return UserError(Failure(Code.INVALID, message, hint, fields, suggestions))


def not_found(message: str, *, field_name: str = "", hint: str = "", suggestions: tuple[str, ...] = ()) -> UserError:
    """Return the error for a name that nothing has."""
    fields = {field_name: message} if field_name else {}
    return UserError(Failure(Code.NOT_FOUND, message, hint, fields, suggestions))


def denied(message: str, *, hint: str = "") -> UserError:
    """Return the error for something that this person may not do; the hint says who can grant it."""
    return UserError(Failure(Code.DENIED, message, hint))
