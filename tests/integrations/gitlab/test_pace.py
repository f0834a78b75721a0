from __future__ import annotations

import pytest

from integrations.errors import Unavailable
from integrations.gitlab.pace import Pace

FOREVER = 1e9


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def made(rate: float) -> tuple[Pace, Clock]:
    clock = Clock()
    return Pace(rate, clock.monotonic, clock.sleep), clock


async def test_no_limit() -> None:
    """Without a rate nobody waits."""
    pace, clock = made(0)
    for _ in range(1000):
        await pace.turn(FOREVER, "x")
    assert clock.slept == []


async def test_rate() -> None:
    """After two seconds' worth at once, requests go out at the rate."""
    pace, clock = made(10)
    for _ in range(120):
        await pace.turn(FOREVER, "x")
    assert clock.now == pytest.approx(110, abs=0.2)


async def test_rest_refills() -> None:
    """Time without requests lets the next ones go at once again."""
    pace, clock = made(10)
    for _ in range(20):
        await pace.turn(FOREVER, "x")
    clock.now += 60
    for _ in range(20):
        await pace.turn(FOREVER, "x")
    assert clock.slept == []


async def test_pause_is_waited_out() -> None:
    """A pause holds the next request until it is over."""
    pace, clock = made(0)
    pace.pause(3)
    await pace.turn(FOREVER, "x")
    assert clock.now == 103


async def test_shorter_pause_does_not_end_a_longer_one() -> None:
    """Of two pauses the longer counts."""
    pace, clock = made(0)
    pace.pause(9)
    pace.pause(1)
    await pace.turn(FOREVER, "x")
    assert clock.now == 109


async def test_longest_pause() -> None:
    """Nobody is kept from asking for longer than five minutes, whatever GitLab says."""
    pace, clock = made(0)
    pace.pause(80_000)
    await pace.turn(FOREVER, "x")
    assert clock.now == 400


async def test_no_waiting_beyond_the_deadline() -> None:
    """Where the wait is longer than the deadline it fails at once, and says how long the wait is."""
    pace, clock = made(0)
    pace.pause(30)
    with pytest.raises(Unavailable) as caught:
        await pace.turn(clock.now + 10, "x")
    assert caught.value.retry_after == 30
    assert clock.slept == []


async def test_a_refused_turn_takes_no_place() -> None:
    """Whoever gave up because of the deadline does not make others wait longer."""
    pace, clock = made(1)
    for _ in range(2):
        await pace.turn(FOREVER, "x")
    for _ in range(5):
        with pytest.raises(Unavailable):
            await pace.turn(clock.now + 0.5, "x")
    await pace.turn(FOREVER, "x")
    assert clock.now == pytest.approx(101)
