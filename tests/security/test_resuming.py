"""What runs now is not taken up again as if an earlier process had left it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from commands._kit.doc import Doc
from commands._kit.errors import Failure
from integrations.store import Operation, Phase
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests.bot.dispatching import Desk, answered
from tests.bot.rig import KEY, Clock, Sleeps


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Dispatch with its store and engine."""
    monkeypatch.setenv("IDP_CONFIG", str(tmp_path / "none.yaml"))

    def settings(**sections: Any) -> Settings:
        slack = {"bot_token": "xoxb-test", "signing_secret": "signing-secret"}
        gitlab = {"url": "https://gitlab.acme.example", "token": "glpat-test"}
        given: dict[str, Any] = {"slack": slack, "gitlab": gitlab, "audit_key": KEY}
        return Settings(**(given | sections))

    clock = Clock()
    store = await open_store(StoreSettings(data_dir=tmp_path / "store", reserve_mib=0), key=b"k" * 32, clock=clock)
    made = await asyncio.to_thread(Desk, store, settings, clock, Sleeps())
    await made.furnish()
    yield made
    await store.close()


async def test_a_change_that_runs_is_not_resumed(desk: Desk) -> None:
    """A change that was consented to while the process was still taking up old ones is done once, by one driver."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go_on.wait()

    async def tell(_operation: Operation, outcome: Doc | Failure) -> None:
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
