"""Acknowledgements go first, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.frontends.slack.courtesy import PATIENCE, QUIET, Courtesy
from tests.bot.rig import in_jumping_time

Try = Callable[[Courtesy], Awaitable[None]]


def kept(work: Try) -> float:
    """Run something while turns are given; return how long it took."""

    async def run() -> float:
        courtesy = Courtesy()
        async with courtesy.kept():
            await work(courtesy)
            return asyncio.get_running_loop().time()

    return in_jumping_time(run())


def test_work_waits_until_it_has_been_quiet() -> None:
    """Work that follows a request waits two milliseconds for further requests."""

    async def one(courtesy: Courtesy) -> None:
        courtesy.arrived()
        await courtesy.turn()

    assert kept(one) == pytest.approx(QUIET, abs=0.0005)


def test_work_waits_for_later_requests() -> None:
    """Each request that comes meanwhile puts the work off."""

    async def rush(courtesy: Courtesy) -> None:
        turn = asyncio.create_task(courtesy.turn())
        for _ in range(5):
            courtesy.arrived()
            await asyncio.sleep(0.0015)
        assert not turn.done()
        await turn

    assert kept(rush) == pytest.approx(4 * 0.0015 + QUIET, abs=0.0005)


def test_nobody_waits_longer_than_a_second() -> None:
    """In a rush without a pause work begins after a second all the same."""

    async def rush(courtesy: Courtesy) -> None:
        turn = asyncio.create_task(courtesy.turn())
        while not turn.done():
            courtesy.arrived()
            await asyncio.sleep(0.001)

    assert kept(rush) == pytest.approx(PATIENCE, abs=0.01)


def test_turns_are_given_in_order() -> None:
    """Who came first works first."""
    order: list[int] = []

    async def three(courtesy: Courtesy) -> None:
        async def work(number: int) -> None:
            await courtesy.turn()
            order.append(number)

        courtesy.arrived()
        await asyncio.gather(*(work(number) for number in range(3)))

    kept(three)
    assert order == [0, 1, 2]


def test_who_gave_up_waiting_holds_up_nobody() -> None:
    """A cancelled wait is passed over."""

    async def gone(courtesy: Courtesy) -> None:
        first = asyncio.create_task(courtesy.turn())
        second = asyncio.create_task(courtesy.turn())
        await asyncio.sleep(0)
        first.cancel()
        await second

    kept(gone)


def test_at_the_end_everybody_is_let_in() -> None:
    """Work that waits when the process stops begins at once, so that it can be finished."""

    async def run() -> bool:
        courtesy = Courtesy()
        async with courtesy.kept():
            courtesy.arrived()
            turn = asyncio.create_task(courtesy.turn())
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            await turn
        return True

    assert in_jumping_time(run())
