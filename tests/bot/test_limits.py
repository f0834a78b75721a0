"""How many commands one person may give."""

from __future__ import annotations

import pytest

from bot.limits import KEPT, RateLimit
from commands._kit.errors import Code, Failure, UserError


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def refusal(limit: RateLimit, person: str) -> Failure:
    with pytest.raises(UserError) as raised:
        limit.spend(person)
    return raised.value.failure


def test_a_burst_is_let_through_and_no_more(ticks: Ticks) -> None:
    """Three at once are let through where three are allowed; the fourth is refused."""
    limit = RateLimit(60, 3, ticks)
    for _ in range(3):
        limit.spend("ann")
    assert refusal(limit, "ann").code is Code.LIMITED


def test_a_refusal_says_how_long_to_wait(ticks: Ticks) -> None:
    """With six a minute and none left, the wait is ten seconds, in words and as a number."""
    limit = RateLimit(6, 1, ticks)
    limit.spend("ann")
    failure = refusal(limit, "ann")
    assert failure.retry_after == pytest.approx(10)
    assert failure.hint == "Try again in 10 seconds."


def test_waiting_as_told_is_enough(ticks: Ticks) -> None:
    """Who waits as long as told is let through, once."""
    limit = RateLimit(6, 1, ticks)
    limit.spend("ann")
    ticks.now += refusal(limit, "ann").retry_after or 0
    limit.spend("ann")
    refusal(limit, "ann")


def test_being_refused_costs_nothing(ticks: Ticks) -> None:
    """Somebody who keeps trying is let through as soon as somebody who waits."""
    limit = RateLimit(60, 1, ticks)
    limit.spend("ann")
    for _ in range(10):
        ticks.now += 0.1
        if ticks.now < 0.95:
            refusal(limit, "ann")
    ticks.now = 1.0001
    limit.spend("ann")


def test_rest_gives_back_a_burst_and_not_more(ticks: Ticks) -> None:
    """After an hour of silence the burst is whole again, no larger."""
    limit = RateLimit(60, 3, ticks)
    limit.spend("ann")
    ticks.now += 3600
    for _ in range(3):
        limit.spend("ann")
    refusal(limit, "ann")


def test_people_do_not_share_a_limit(ticks: Ticks) -> None:
    """One person's burst takes nothing from another."""
    limit = RateLimit(60, 1, ticks)
    limit.spend("ann")
    limit.spend("bob")
    refusal(limit, "ann")


def test_memory_is_bounded_and_the_busy_are_remembered(ticks: Ticks) -> None:
    """Ten thousand people are remembered; who came longest ago is forgotten first."""
    limit = RateLimit(60, 1, ticks)
    for number in range(KEPT + 1):
        limit.spend(f"person {number}")
    limit.spend("person 0")
    refusal(limit, f"person {KEPT}")
