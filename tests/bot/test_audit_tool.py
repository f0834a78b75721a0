"""`idp audit verify` and `accept`: the chain as an operator sees it from outside."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.audit_tool import accept, verify
from bot.settings import Settings
from integrations.errors import Conflict
from integrations.store import AuditQuery
from integrations.store.sqlite.client import open_store
from tests.bot.rig import KEY, MakeSettings
from tests.integrations.store.samples import entry

pytestmark = pytest.mark.usefixtures("logs")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(settings: MakeSettings) -> Settings:
    return settings()


async def fill(here: Settings, count: int) -> None:
    """Have a process record so many events, and end."""
    store = await open_store(here.store, key=KEY.encode())
    for number in range(count):
        await store.audit.append(entry(target=f"service {number}"))
    await store.close()


def altered(here: Settings, *statements: str) -> None:
    """Do with the file what anybody could who may write it."""
    connection = sqlite3.connect(here.store.database)
    for trigger in ("audit_no_update", "audit_no_delete"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


async def found(look: Callable[[Settings], object], here: Settings, capsys: Capture, status: int) -> str:
    assert await look(here) == status  # type: ignore[misc]  # verify is awaitable
    return capsys.readouterr().out


async def test_a_good_chain_is_ok(here: Settings, capsys: Capture) -> None:
    """A chain that nobody touched is ok, with its length, its anchors and its head."""
    await fill(here, 3)
    said = await found(verify, here, capsys, 0)
    assert said.startswith("ok: 3 records, ")
    assert "head 3 " in said


async def test_a_running_process_is_no_obstacle(here: Settings, capsys: Capture) -> None:
    """The chain can be verified while a process has the store open."""
    store = await open_store(here.store, key=KEY.encode())
    await store.audit.append(entry())
    try:
        await found(verify, here, capsys, 0)
    finally:
        await store.close()


async def test_an_altered_record_is_found(here: Settings, capsys: Capture) -> None:
    """A record that was changed in the file is the first broken link."""
    await fill(here, 5)
    altered(here, "UPDATE audit SET target = 'service X' WHERE seq = 3")
    assert "BROKEN at record 3" in await found(verify, here, capsys, 1)


async def test_a_cut_tail_is_found(here: Settings, capsys: Capture) -> None:
    """Records that were cut off at the end are missed, because the head was anchored outside."""
    await fill(here, 5)
    altered(here, "DELETE FROM audit WHERE seq > 3")
    assert "BROKEN" in await found(verify, here, capsys, 1)


async def test_the_wrong_key_is_found(here: Settings, settings: MakeSettings, capsys: Capture) -> None:
    """With another key no link fits."""
    await fill(here, 2)
    other = await asyncio.to_thread(settings, audit_key="another key that is long enough to be one")
    assert "BROKEN" in await found(verify, other, capsys, 1)


async def test_nothing_to_accept_is_told(here: Settings, capsys: Capture) -> None:
    """A store that is well needs no acceptance."""
    await fill(here, 1)
    assert await accept(here, "because") == 2
    assert "nothing to accept" in capsys.readouterr().out


@pytest.fixture
async def restored(here: Settings, tmp_path: Path) -> Settings:
    """A store that was brought back from a backup made two records ago."""
    await fill(here, 3)
    await asyncio.to_thread(shutil.copytree, here.store.data_dir, tmp_path / "backup")
    await fill(here, 2)
    await asyncio.to_thread(shutil.rmtree, here.store.data_dir)
    await asyncio.to_thread(shutil.copytree, tmp_path / "backup", here.store.data_dir)
    return here


async def test_a_restored_backup_is_found(restored: Settings, capsys: Capture) -> None:
    """A store that is behind its anchor is not ok."""
    assert "BROKEN" in await found(verify, restored, capsys, 1)


@pytest.mark.parametrize("reason", ["", "  "])
async def test_accepting_takes_a_reason(restored: Settings, capsys: Capture, reason: str) -> None:
    """Without a reason nothing is accepted."""
    assert await accept(restored, reason) == 2
    assert "--reason" in capsys.readouterr().out
    assert await verify(restored) == 1


async def test_an_accepted_backup_is_well_again(restored: Settings, capsys: Capture) -> None:
    """After the acceptance the chain is ok, and the acceptance is its newest record, by whom and why."""
    assert await accept(restored, "the disk died") == 0
    assert "Accepting: " in capsys.readouterr().out
    await found(verify, restored, capsys, 0)
    store = await open_store(restored.store, key=KEY.encode())
    newest = (await store.audit.query(AuditQuery(limit=1))).items[0].entry
    await store.close()
    assert newest.detail == "the disk died"
    assert newest.actor.startswith("os:")


async def test_a_store_in_use_is_not_accepted_behind_its_back(restored: Settings) -> None:
    """While a process has the store open nobody accepts it from outside."""
    store = await open_store(restored.store, key=KEY.encode())
    with pytest.raises(Conflict):
        await accept(restored, "because")
    await store.close()
