"""Settings, time and a store of its own for every test of the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.demo.organisation import gitlab_world
from bot.demo.workspace import slack_world
from bot.settings import Settings
from integrations.gitlab.simulator.server import GitLabSimulator
from integrations.slack.simulator.server import SlackSimulator
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import SqliteStore, open_store
from tests.bot.dispatching import Desk
from tests.bot.rig import KEY, Clock, MakeSettings, Sleeps
from tests.bot.simulated import Simulated


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSettings:
    """Makes settings with these sections; no file of the machine and no variable of the shell gets into them."""
    monkeypatch.setenv("IDP_CONFIG", str(tmp_path / "none.yaml"))

    def make(**sections: Any) -> Settings:
        given: dict[str, Any] = {
            "slack": {"bot_token": "xoxb-test", "signing_secret": "signing-secret"},
            "gitlab": {"url": "https://gitlab.acme.example", "token": "glpat-test"},
            "store": {"data_dir": tmp_path / "data", "reserve_mib": 0},
            "audit_key": KEY,
        }
        return Settings(**(given | sections))

    return make


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    """What is logged, as data."""
    with capture_logs() as captured:
        yield captured


@pytest.fixture
async def store(tmp_path: Path, clock: Clock, logs: list[EventDict]) -> AsyncIterator[SqliteStore]:
    """A fresh store on the test's clock."""
    del logs
    where = StoreSettings(data_dir=tmp_path / "data", reserve_mib=0)
    made = await open_store(where, key=KEY.encode(), clock=clock)
    yield made
    await made.close()


@pytest.fixture
async def desk(store: SqliteStore, settings: MakeSettings, clock: Clock, sleeps: Sleeps) -> Desk:
    """Dispatch over the sample commands, with two services: checkout is Ann's team's, search is not."""
    made = await asyncio.to_thread(Desk, store, settings, clock, sleeps)
    await made.furnish()
    return made


@pytest.fixture
async def simulated(tmp_path: Path, logs: list[EventDict]) -> AsyncIterator[Simulated]:
    """A small organisation's Slack and GitLab as servers, and settings that lead to them."""
    del logs
    world = await asyncio.to_thread(slack_world, socket_mode=False)
    gitlab = GitLabSimulator(await asyncio.to_thread(gitlab_world, 5), fast=True)
    slack = await asyncio.to_thread(SlackSimulator, world, faults={"gitlab": gitlab.faults}, strict_rates=False)
    async with AsyncExitStack() as stack:
        await gitlab.start()
        stack.push_async_callback(gitlab.stop)
        await slack.start()
        stack.push_async_callback(slack.stop)
        yield Simulated(slack, gitlab, tmp_path)
