"""Whoever can write the database and append to the anchors, but has no key, cannot make a cut chain look whole."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.store import AuditEntry, Phase
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from integrations.store.sqlite.verification import verify_offline

KEY = b"k" * 32
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ENTRY = AuditEntry(NOW, Phase.EVENT, "slack:T1/U1", "Alice", "audit", result="ok")
Forge = Callable[[StoreSettings], None]


def now() -> datetime:
    return NOW


async def chain_of(settings: StoreSettings, count: int) -> None:
    store = await open_store(settings, key=KEY, clock=now)
    for _ in range(count):
        await store.audit.append(ENTRY)
    await store.close()


async def whole(settings: StoreSettings) -> bool:
    """Return what `./idp audit verify` finds."""
    return (await asyncio.to_thread(verify_offline, settings, KEY)).ok


def cut(settings: StoreSettings, last: int) -> str:
    """Cut the chain off after a record; return that record's MAC."""
    with contextlib.closing(sqlite3.connect(settings.database)) as file:
        file.execute("DROP TRIGGER IF EXISTS audit_no_delete")
        file.execute("DELETE FROM audit WHERE seq > ?", (last,))
        file.commit()
        return str(file.execute("SELECT mac FROM audit WHERE seq = ?", (last,)).fetchone()[0])


def append(settings: StoreSettings, **line: object) -> None:
    with settings.anchor_file.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": NOW.isoformat()} | line) + "\n")


def forge_an_anchor(settings: StoreSettings) -> None:
    append(settings, seq=5, mac=cut(settings, 5))


def forge_an_acceptance(settings: StoreSettings) -> None:
    append(settings, seq=5, mac=cut(settings, 5), accepted={"why": "restored"})


def repeat(settings: StoreSettings, accepted: int) -> None:
    cut(settings, accepted)
    lines = settings.anchor_file.read_text(encoding="utf-8").splitlines()
    genuine = next(json.loads(line) for line in lines if '"accepted"' in line)
    append(settings, **genuine)


@pytest.mark.parametrize("forge", [forge_an_anchor, forge_an_acceptance])
async def test_a_forged_anchor_hides_no_cut(tmp_path: Path, forge: Forge) -> None:
    """An anchor line for the shortened chain, and one that calls itself an operator's acceptance, change nothing."""
    settings = StoreSettings(data_dir=tmp_path / "data", reserve_mib=0)
    await chain_of(settings, 9)
    await asyncio.to_thread(forge, settings)
    assert not await whole(settings)
    store = await open_store(settings, key=KEY, clock=now)
    assert store.read_only
    await store.close()


async def test_an_old_acceptance_cannot_be_used_again(tmp_path: Path) -> None:
    """The line of an acceptance that was given once is none when somebody appends it again to hide a later cut."""
    settings = StoreSettings(data_dir=tmp_path / "data", reserve_mib=0)
    await chain_of(settings, 9)
    await asyncio.to_thread(cut, settings, 5)
    store = await open_store(settings, key=KEY, clock=now)
    assert store.read_only
    accepted = await store.accept(reason="restored the backup", by="os:root")
    for _ in range(6):
        await store.audit.append(ENTRY)
    await store.close()
    assert await whole(settings)
    await asyncio.to_thread(repeat, settings, accepted.seq)
    assert not await whole(settings)
