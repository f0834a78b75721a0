"""The organisation, as whoever attacks it meets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests._harness.organisation import QUICK, Organisation, organisation
from tests.bot.dispatching import Desk
from tests.bot.rig import KEY, Clock, Sleeps


@pytest.fixture
async def org(tmp_path: Path) -> AsyncIterator[Organisation]:
    """The whole product over HTTP."""
    async with organisation(tmp_path, pace=QUICK) as made:
        yield made


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
