"""From an exception to the one `Failure` that people see.

Backend errors become a sentence and what to do next; anything unforeseen becomes an incident id, and its trace goes to
the log under that id.
"""

from __future__ import annotations

import math
import secrets
from collections import deque
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.operations import Superseded
from bot.tasks import Stopping
from commands._kit.errors import Code, Failure, UserError
from commands._kit.ports import Incident
from integrations.errors import BackendError, Conflict, Denied, Invalid, NotFound, Unauthenticated, Unavailable

log = structlog.get_logger(__name__)
NAMES = {"gitlab": "GitLab", "slack": "Slack", "store": "The platform's store"}
AUDIT_AWAY = Failure(
    Code.READ_ONLY,
    "This cannot be recorded in the audit trail now, so it was not done.",
    "Reading goes on. Try again in a few minutes; a platform engineer can look with `platform`.",
)
OTHERS = Failure(Code.DENIED, "That button is somebody else's.", "Give the command yourself.")


class Failures:
    """Describes exceptions, and remembers the last incidents for `platform`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.incidents: deque[Incident] = deque(maxlen=20)

    def describe(self, error: Exception, where: str) -> Failure:
        """Return what people are told about this exception, raised while `where` (a command or step) ran."""
        if isinstance(error, UserError):
            return error.failure
        if isinstance(error, Stopping):
            return Failure(Code.UNAVAILABLE, "The platform is restarting.", "Nothing was done. Try again in a minute.")
        if isinstance(error, TimeoutError):
            return Failure(Code.UNAVAILABLE, "That took too long and was stopped.", "Try again in a minute.")
        if isinstance(error, Superseded):
            return Failure(Code.CONFLICT, "This change goes on elsewhere in the platform.", "Its outcome will be told.")
        if isinstance(error, BackendError):
            return _backend(error)
        incident = secrets.token_hex(4)
        self.incidents.append(Incident(incident, self._clock(), where, type(error).__name__))
        log.error("unexpected error", incident=incident, command=where, exc_info=error)
        return Failure(
            Code.INTERNAL,
            "Something went wrong on our side.",
            f"Tell a platform engineer the incident id {incident}.",
            incident=incident,
        )


def _backend(error: BackendError) -> Failure:
    name = NAMES.get(error.backend, error.backend)
    message = str(error)
    if isinstance(error, Unavailable):
        wait = _seconds(error.retry_after) if error.retry_after else "a minute"
        return Failure(
            Code.UNAVAILABLE,
            f"{name} is not available: {message}.",
            f"Try again in {wait}.",
            retry_after=error.retry_after,
        )
    if isinstance(error, Unauthenticated):
        return Failure(
            Code.UNAVAILABLE,
            f"{name} does not accept the platform's credentials.",
            "A platform engineer can look with `platform` and renew them.",
        )
    if isinstance(error, Denied):
        rights = f" ({', '.join(error.rights)})" if error.rights else ""
        return Failure(
            Code.UNAVAILABLE,
            f"{name} does not allow the platform to do this{rights}.",
            "A platform engineer can grant the right; `./idp check` names it.",
        )
    if isinstance(error, NotFound):
        return Failure(Code.NOT_FOUND, f"{name} does not have it: {message}.", "It may have been moved or deleted.")
    if isinstance(error, Conflict):
        return Failure(Code.CONFLICT, f"Somebody else was first: {message}.", "Look again, then decide again.")
    assert isinstance(error, Invalid) or type(error) is BackendError
    return Failure(Code.INTERNAL, f"{name} refused the request: {message}.", "Tell a platform engineer.")


def _seconds(wait: float) -> str:
    whole = math.ceil(wait)
    return f"{whole} second{'' if whole == 1 else 's'}"
