"""From an exception to words: each backend's error has its own, and what nobody foresaw has an incident id only."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.failures import Failures
from bot.operations import Superseded
from bot.tasks import Stopping
from commands._kit.errors import Code, Failure, invalid
from integrations.errors import BackendError, Conflict, Denied, Invalid, NotFound, Unauthenticated, Unavailable
from tests.bot.rig import NOW, Clock


@pytest.fixture
def failures() -> Failures:
    return Failures(Clock())


def test_a_users_error_is_told_as_it_is(failures: Failures) -> None:
    """An error that is meant for people passes through unchanged."""
    error = invalid("must be a number", field_name="page")
    assert failures.describe(error, "service") is error.failure


@pytest.mark.parametrize(
    ("error", "code", "message", "hint"),
    [
        (
            Unavailable("no answer within 10 s", backend="gitlab"),
            Code.UNAVAILABLE,
            "GitLab is not available: no answer within 10 s.",
            "Try again in a minute.",
        ),
        (
            Unavailable("slow down", backend="slack", retry_after=30),
            Code.UNAVAILABLE,
            "Slack is not available: slow down.",
            "Try again in 30 seconds.",
        ),
        (
            Unauthenticated("401", backend="gitlab"),
            Code.UNAVAILABLE,
            "GitLab does not accept the platform's credentials.",
            "A platform engineer can look with `platform` and renew them.",
        ),
        (
            Denied("403", backend="gitlab", rights=("read_api",)),
            Code.UNAVAILABLE,
            "GitLab does not allow the platform to do this (read_api).",
            "A platform engineer can grant the right; `./idp check` names it.",
        ),
        (
            Denied("403", backend="gitlab"),
            Code.UNAVAILABLE,
            "GitLab does not allow the platform to do this.",
            "A platform engineer can grant the right; `./idp check` names it.",
        ),
        (
            NotFound("project 7", backend="gitlab"),
            Code.NOT_FOUND,
            "GitLab does not have it: project 7.",
            "It may have been moved or deleted.",
        ),
        (
            Conflict("the name is taken", backend="store"),
            Code.CONFLICT,
            "Somebody else was first: the name is taken.",
            "Look again, then decide again.",
        ),
        (
            Invalid("no such field", backend="store"),
            Code.INTERNAL,
            "The platform's store refused the request: no such field.",
            "Tell a platform engineer.",
        ),
        (
            BackendError("odd", backend="harbor"),
            Code.INTERNAL,
            "harbor refused the request: odd.",
            "Tell a platform engineer.",
        ),
    ],
)
def test_each_backend_error_has_its_words(
    failures: Failures, error: BackendError, code: Code, message: str, hint: str
) -> None:
    """A backend's error says which backend, what happened and what to do next."""
    told = failures.describe(error, "service")
    assert (told.code, told.message, told.hint) == (code, message, hint)


def test_the_wait_is_carried(failures: Failures) -> None:
    """A backend's own wait is in the failure, for front ends that can use it."""
    assert failures.describe(Unavailable("later", backend="slack", retry_after=30), "x").retry_after == 30


def test_a_short_wait_is_no_wait_of_zero_seconds(failures: Failures) -> None:
    """A wait below a second is told as one second."""
    told = failures.describe(Unavailable("later", backend="slack", retry_after=0.3), "x")
    assert told.hint == "Try again in 1 second."


def test_a_deadline_is_told(failures: Failures) -> None:
    """Work that took too long is said to have been stopped."""
    told = failures.describe(TimeoutError(), "service")
    assert told.code is Code.UNAVAILABLE
    assert "took too long" in told.message


def test_stopping_is_told(failures: Failures) -> None:
    """What comes while the process stops is told that nothing was done."""
    told = failures.describe(Stopping("x"), "service")
    assert told.code is Code.UNAVAILABLE
    assert "Nothing was done" in told.hint


@pytest.mark.parametrize(
    "error",
    [RuntimeError("token xoxb-secret"), KeyError("xoxb-secret"), asyncio.InvalidStateError("xoxb-secret")],
)
def test_the_unforeseen_is_an_incident_without_its_message(failures: Failures, error: Exception) -> None:
    """An unforeseen exception is told by an incident id; its type, message and trace are not."""
    with capture_logs() as logs:
        told = failures.describe(error, "service")
    assert told.code is Code.INTERNAL
    assert told.incident in told.hint
    for secret in ("xoxb-secret", type(error).__name__, "Traceback"):
        assert secret not in f"{told}"
    assert logs[0]["incident"] == told.incident
    assert logs[0]["exc_info"] is error


def test_incidents_are_remembered_for_operators(failures: Failures) -> None:
    """The last twenty incidents are kept with id, time, command and kind, and without a message."""
    told: list[Failure] = [failures.describe(ValueError("secret"), f"command {n}") for n in range(21)]
    assert len(failures.incidents) == 20
    newest = failures.incidents[-1]
    assert (newest.id, newest.at, newest.command, newest.kind) == (told[-1].incident, NOW, "command 20", "ValueError")
    assert "secret" not in f"{failures.incidents}"


def test_every_incident_has_an_id_of_its_own(failures: Failures) -> None:
    """Two incidents are told apart."""
    assert len({failures.describe(ValueError(), "x").incident for _ in range(10)}) == 10


def test_an_operation_that_was_taken_over_is_no_incident(failures: Failures) -> None:
    """Whoever waits for an operation that another driver took over is told so; nothing is broken."""
    told = failures.describe(Superseded("op1"), "use")
    assert told.code is Code.CONFLICT
    assert not told.incident
    assert not failures.incidents
