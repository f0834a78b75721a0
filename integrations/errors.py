"""How a backend fails, in words that every backend shares.

`client.py` of a backend raises these, chained `from` the SDK's own error, and nothing else. The message is fit for
people: it names the backend and what was wanted, never a token, and at most a clipped piece of the response.
"""

from __future__ import annotations

CLIP = 300


class BackendError(Exception):
    """Something behind a port did not do what was asked; `backend` names which (`gitlab`, `slack`, ...)."""

    def __init__(self, message: str, *, backend: str) -> None:
        super().__init__(message[:CLIP])
        self.backend = backend


class NotFound(BackendError):
    """The object is not there, or the credentials may not see it."""


class Conflict(BackendError):
    """The object changed in between, or the name is taken."""


class Invalid(BackendError):
    """The backend refused the request as malformed: the caller's fault, retrying does not help."""


class Unauthenticated(BackendError):
    """The credentials are wrong, expired or revoked."""


class Denied(BackendError):
    """The credentials are good but lack a right; `rights` names them in the backend's words (scopes, verbs)."""

    def __init__(self, message: str, *, backend: str, rights: tuple[str, ...] = ()) -> None:
        super().__init__(message, backend=backend)
        self.rights = rights


class Unavailable(BackendError):
    """The backend is down, slow or asks to wait; `retry_after` is in seconds where it said how long."""

    def __init__(self, message: str, *, backend: str, retry_after: float | None = None) -> None:
        super().__init__(message, backend=backend)
        self.retry_after = retry_after
