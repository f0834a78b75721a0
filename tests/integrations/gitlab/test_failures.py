from __future__ import annotations

import pytest

from integrations.errors import (
    CLIP,
    BackendError,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from integrations.gitlab.failures import graphql_refusal, refusal


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, Unauthenticated),
        (403, Denied),
        (404, NotFound),
        (405, Invalid),
        (408, Unavailable),
        (409, Conflict),
        (422, Invalid),
        (429, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
        (520, Unavailable),
    ],
)
def test_status(status: int, kind: type[BackendError]) -> None:
    """Each status has its one kind of error, which names the backend and what was wanted."""
    error = refusal(status, b'{"message":"no"}', {}, "releases of project 5")
    assert type(error) is kind
    assert error.backend == "gitlab"
    assert status == 401 or "releases of project 5" in str(error)


def test_scope() -> None:
    """A missing scope is named as a right."""
    body = b'{"error":"insufficient_scope","error_description":"The request requires...","scope":"api read_api"}'
    error = refusal(403, body, {}, "groups")
    assert isinstance(error, Denied)
    assert error.rights == ("api", "read_api")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message":"404 Project Not Found"}', "404 Project Not Found"),
        (b'{"message":{"name":["is too long","is odd"]}}', "name is too long, is odd"),
        (b'{"error":"per_page does not have a valid value"}', "per_page does not have a valid value"),
        (b'{"errors":[{"message":"Invalid token"}]}', "Invalid token"),
        (b"<html>\xff", "(404)"),
        (b"[1]", "(404)"),
        (b"", "(404)"),
    ],
)
def test_what_gitlab_said(body: bytes, text: str) -> None:
    """Every shape of GitLab's refusals is put into words; anything else leaves the status."""
    assert text in str(refusal(404, body, {}, "thing"))


@pytest.mark.parametrize(
    ("value", "wait"),
    [("7", 7.0), ("0", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-5", None), ("nan", None), ("1e9", None)],
)
def test_retry_after(value: str, wait: float | None) -> None:
    """Seconds are taken; dates, nonsense and years are not."""
    error = refusal(503, b"", {"Retry-After": value}, "x")
    assert isinstance(error, Unavailable)
    assert error.retry_after == wait


def test_long_text_is_clipped() -> None:
    """However much GitLab says, an error stays short."""
    assert len(str(refusal(400, b'{"message":"' + b"x" * 10_000 + b'"}', {}, "y"))) <= CLIP


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Query has complexity of 1421, which exceeds max complexity of 250", Invalid),
        ("Field 'x' doesn't exist on type 'Project'", Invalid),
        ("Timeout on validation of query", Unavailable),
        ("Internal server error", Unavailable),
    ],
)
def test_graphql(message: str, kind: type[BackendError]) -> None:
    """A query that GitLab will never take is our own fault; other errors may pass."""
    assert type(graphql_refusal([message], "files")) is kind
