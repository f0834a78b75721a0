"""Work in the background: what goes wrong in it is logged, and nothing starts while stopping."""

from __future__ import annotations

import asyncio

import pytest
from structlog.typing import EventDict

from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.front import Front, principal_of
from bot.identity import SlackPrincipal
from integrations.errors import Unavailable

ANN = SlackPrincipal("T1", "U0ANN")


async def fail(error: Exception) -> None:
    raise error


async def test_a_backend_that_fails_in_the_background_is_logged(front: Front, logs: list[EventDict]) -> None:
    """Where nobody is left to be told, the log says which work ended and why; it is no incident."""
    front.spawn(fail(Unavailable("no answer", backend="slack")), "home")
    await front.tasks.drain(10)
    assert [(e["name"], e["error"]) for e in logs if e["event"] == "work ended without an answer"] == [
        ("home", "no answer")
    ]
    assert not front.failures.incidents


async def test_the_unforeseen_in_the_background_is_an_incident(front: Front) -> None:
    """A bug in work that nobody waits for is an incident under the work's name."""
    front.spawn(fail(KeyError("x")), "home")
    await front.tasks.drain(10)
    assert [incident.command for incident in front.failures.incidents] == ["home"]


async def test_nothing_starts_while_stopping(front: Front, logs: list[EventDict]) -> None:
    """A request that comes too late is refused with a line in the log, its work closed."""
    front.tasks.close()
    front.spawn(asyncio.sleep(0), "late")
    assert [e["name"] for e in logs if e["event"] == "a request came while stopping"] == ["late"]


async def test_a_call_says_where_it_came_from(front: Front) -> None:
    """A call carries person, workspace, channel and thread, is private in direct messages, and has its own id."""
    first = front.call(Origin(ANN, "C1", "1.2"))
    second = front.call(Origin(ANN, "D1", direct=True))
    assert (first.place.workspace, first.place.channel, first.place.thread) == ("T1", "C1", "1.2")
    assert (first.place.private, second.place.private) == (False, True)
    assert first.request_id != second.request_id
    assert first.front_end == "slack"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T2"}}, SlackPrincipal("T1", "U1")),
        ({"user": {"id": "U1"}, "team": {"id": "T2"}}, SlackPrincipal("T2", "U1")),
        ({"user": {"id": "U1"}, "team": None, "enterprise": {"id": "E1"}}, SlackPrincipal("", "U1", "E1")),
        ({}, SlackPrincipal("", "")),
    ],
)
def test_who_acted_is_the_person_in_their_own_workspace(body: dict[str, object], expected: SlackPrincipal) -> None:
    """The person's own workspace counts, and only without it that of the place."""
    assert principal_of(body) == expected
