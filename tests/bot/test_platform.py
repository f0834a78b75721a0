"""What operators see of the process: how each backend is, and that none holds up the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.failures import Failures
from bot.platform import Process, probe, probe_all
from commands._kit.ports import State
from integrations.errors import BackendError, Denied, Invalid, Unauthenticated, Unavailable
from tests.bot.rig import NOW, Clock, in_jumping_time


def raising(error: BackendError) -> Callable[[], Awaitable[str]]:
    async def ask() -> str:
        raise error

    return ask


async def fine() -> str:
    return "version 18"


async def never() -> str:
    await asyncio.Event().wait()
    return ""


async def test_a_backend_that_answers_is_fine() -> None:
    """A probe's words are the detail of a backend that is fine."""
    look = await probe("gitlab", fine, Clock())
    assert (look.backend, look.state, look.detail, look.checked_at) == ("gitlab", State.FINE, "version 18", NOW)


@pytest.mark.parametrize(
    ("error", "state", "detail"),
    [
        (Unauthenticated("401", backend="gitlab"), State.CREDENTIALS, "401"),
        (Denied("lacks scopes", backend="slack", rights=("a", "b")), State.RIGHTS, "lacks scopes (a, b)"),
        (Denied("lacks a role", backend="gitlab"), State.RIGHTS, "lacks a role"),
        (Unavailable("no answer", backend="gitlab"), State.UNREACHABLE, "no answer"),
        (Invalid("not JSON", backend="gitlab"), State.UNREACHABLE, "unexpected answer: not JSON"),
    ],
)
async def test_each_kind_of_failure_is_told_apart(error: BackendError, state: State, detail: str) -> None:
    """Wrong credentials, a missing right and no answer are different states, with what was said."""
    look = await probe("x", raising(error), Clock())
    assert (look.state, look.detail) == (state, detail)


def test_a_silent_backend_is_unreachable_and_holds_up_no_other() -> None:
    """Backends are asked at once, and one that says nothing for five seconds is unreachable."""

    async def look() -> tuple[list[tuple[str, State]], float]:
        looks = await probe_all({"one": never, "two": fine, "three": never}, Clock())
        return [(each.backend, each.state) for each in looks], asyncio.get_running_loop().time()

    found, seconds = in_jumping_time(look())
    assert found == [("one", State.UNREACHABLE), ("two", State.FINE), ("three", State.UNREACHABLE)]
    assert seconds == pytest.approx(5, abs=0.1)


async def length() -> int:
    return 3


async def test_the_state_of_the_process() -> None:
    """Backends, queues, versions, incidents and idle features are told together, since the start."""
    clock = Clock()
    failures = Failures(clock)
    process = Process({"gitlab": fine}, {"outbox": length}, failures, clock, {})
    process.disabled["exports"] = "withheld: files:write"
    clock.move(hours=1)
    failures.describe(RuntimeError("secret"), "service")
    state = await process.state()
    assert state.started_at == NOW
    assert state.queues == {"outbox": 3}
    assert state.disabled == {"exports": "withheld: files:write"}
    assert [incident.command for incident in state.incidents] == ["service"]
    assert "python" in state.versions


async def test_a_store_that_is_read_only_is_told_so_where_it_is_fine_otherwise() -> None:
    """A store that answers and takes no change is read-only, with the reason; one that is away is away."""
    reasons = {"store": lambda: "behind its anchor", "other": lambda: ""}
    process = Process({"store": fine, "other": fine}, {}, Failures(Clock()), Clock(), reasons)
    looks = {look.backend: look for look in await process.health()}
    assert (looks["store"].state, looks["store"].detail) == (State.READ_ONLY, "behind its anchor")
    assert looks["other"].state is State.FINE
    away = Process({"store": raising(Unavailable("x", backend="store"))}, {}, Failures(Clock()), Clock(), reasons)
    assert [look.state for look in await away.health()] == [State.UNREACHABLE]


async def test_a_queue_that_cannot_be_counted_does_not_hide_the_rest() -> None:
    """Where the store cannot be read, operators still see how everything else is: that is when they look."""

    async def broken() -> int:
        raise Unavailable("the store cannot be used", backend="store")

    process = Process({"gitlab": fine}, {"outbox": broken, "tasks": length}, Failures(Clock()), Clock(), {})
    state = await process.state()
    assert state.queues == {"tasks": 3}
    assert [look.state for look in state.backends] == [State.FINE]
