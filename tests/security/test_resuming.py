"""What runs now is not taken up again as if an earlier process had left it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from commands._kit.doc import Doc
from commands._kit.errors import Failure
from integrations.store import Operation, Outgoing, Phase
from tests.bot.dispatching import Desk, answered


async def test_a_change_that_runs_is_not_resumed(desk: Desk) -> None:
    """A change that was consented to while the process was still taking up old ones is done once, by one driver."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go_on.wait()

    async def tell(_operation: Operation, outcome: Doc | Failure) -> Sequence[Outgoing]:
        pytest.fail(f"resumed: {outcome}")

    desk.board.wait = wait
    plan = await desk.plan("label checkout hello")
    consented = asyncio.create_task(desk.consent(plan))
    await begun.wait()
    resumed = asyncio.create_task(desk.dispatch.resume(tell))
    await asyncio.wait({resumed}, timeout=0.2)
    go_on.set()
    answered(await consented)
    assert await resumed == 0
    assert len(desk.board.effects) == 1
    assert len([r for r in await desk.records() if r.entry.phase is Phase.OUTCOME]) == 1
