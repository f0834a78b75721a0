"""GitLab's refusals as errors of ours: pure, so that every status and body can be tried without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from integrations.errors import BackendError, Conflict, Denied, Invalid, NotFound, Unauthenticated, Unavailable

BACKEND = "gitlab"
READING_SCOPE = "read_api"
READING_ROLE = "the Reporter role"
_SAID = 160


class TooMuch(Invalid):
    """An answer is larger than what the platform takes; asking again gives the same."""


def unavailable(message: str, *, retry_after: float | None = None) -> Unavailable:
    return Unavailable(message, backend=BACKEND, retry_after=retry_after)


def _sentence(value: Any) -> str:
    """Return the text in what GitLab put under `message` or `error`: a string, or names with lists of strings."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_sentence(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_sentence(inner) for inner in value)
    return str(value)


def said(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return what a refusal says, clipped, and its JSON object (empty where it has none)."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", {}
    if not isinstance(data, dict):
        return "", {}
    errors = data.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("message", ""))[:_SAID], data
    text = data.get("error_description") or data.get("message") or data.get("error") or ""
    return _sentence(text)[:_SAID], data


def seconds(value: str | None) -> float | None:
    """Return a Retry-After in seconds; None where there is none, or one that is a date or nonsense."""
    try:
        wait = float(value) if value else None
    except ValueError:
        return None
    return wait if wait is not None and 0 <= wait < 86_400 else None


def _denied(what: str, text: str, data: Mapping[str, Any]) -> Denied:
    if data.get("error") == "insufficient_scope":
        scopes = tuple(str(data.get("scope") or READING_SCOPE).split())
        return Denied(
            f"The bot's GitLab token lacks a scope for {what}: give it one of {', '.join(scopes)}",
            backend=BACKEND,
            rights=scopes,
        )
    return Denied(
        f"GitLab denies the bot {what} ({text or 'no reason given'}): give its user {READING_ROLE} there",
        backend=BACKEND,
        rights=(READING_ROLE,),
    )


_KINDS: Mapping[int, tuple[type[BackendError], str]] = {
    401: (Unauthenticated, "GitLab refuses the bot's token ({text}): make a new one and set it"),
    404: (NotFound, "GitLab has no {what}, or the bot may not see it ({text})"),
    409: (Conflict, "GitLab reports a conflict about {what}: {text}"),
}


def refusal(status: int, body: bytes, headers: Mapping[str, str], what: str) -> BackendError:
    """Return the error for an answer that is no success; `what` says what was wanted, in words."""
    text, data = said(body)
    if status == 403:
        return _denied(what, text, data)
    if status in (408, 429) or status >= 500:
        reason = "GitLab asks to slow down" if status == 429 else f"GitLab has a fault of its own (status {status})"
        return unavailable(f"{reason}: {what}", retry_after=seconds(headers.get("Retry-After")))
    kind, sentence = _KINDS.get(status, (Invalid, "GitLab does not understand the question for {what} ({text})"))
    return kind(sentence.format(what=what, text=text or status), backend=BACKEND)


def graphql_refusal(messages: Sequence[str], what: str) -> BackendError:
    """Return the error for a GraphQL answer with errors: malformed and too complex queries are our own fault, the rest
    (a timeout, a repository that does not answer) passes.
    """
    text = (messages[0] if messages else "no reason given")[:_SAID]
    ours = ("exceeds max complexity", "doesn't exist on type", "Parse error", "Variable $", "exceeds max depth")
    if any(sign in text for sign in ours):
        return Invalid(f"GitLab does not understand the query for {what}: {text}", backend=BACKEND)
    return unavailable(f"GitLab could not answer for {what}: {text}")
