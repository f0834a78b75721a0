from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integrations.errors import Unavailable
from integrations.store import OperationState, ServiceQuery
from tests.integrations.store.conftest import SqliteBackend
from tests.integrations.store.samples import Clock, entry, intent, message, operation, outcome, service, step

MIB = 1024 * 1024


def mount(*arguments: str) -> None:
    program = shutil.which("mount")
    if program is None or os.geteuid() != 0:
        pytest.skip("needs the right to mount: run as root to test a disk that is really full")
    made = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if made.returncode:
        pytest.skip(f"needs the right to mount: {made.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - mounted here, by root


@pytest.fixture
async def disk(small_disk: Path, tmp_path: Path, clock: Clock) -> AsyncIterator[SqliteBackend]:
    """A store whose data is on the small disk, and its anchors elsewhere."""
    made = SqliteBackend(small_disk, clock)
    made.settings.anchor = tmp_path / "anchors"
    yield made
    await made.close()


def fill(folder: Path, leave: int) -> Path:
    """Take the disk's space but for `leave` bytes; return the file to remove."""
    ballast = folder / "ballast"
    free = os.statvfs(folder)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - leave))
    return ballast


async def test_outcomes_are_written_where_intents_are_refused(disk: SqliteBackend) -> None:
    """Below the reserve nothing new begins, what runs ends with its outcome, and with room all goes on."""
    disk.settings.reserve_mib = 2
    store = await disk.open()
    await store.operations.start(operation(), intent())
    epoch = (await store.operations.drive("op1")).epoch
    ballast = fill(disk.settings.data_dir, MIB)
    with pytest.raises(Unavailable, match="kept in reserve"):
        await store.operations.start(operation("op2"), intent())
    assert await store.operations.record_step("op1", epoch, step(), [entry()], [message()])
    assert await store.operations.finish("op1", epoch, OperationState.DONE, outcome())
    ballast.unlink()
    await store.operations.start(operation("op2"), intent())
    assert (await store.audit.verify()).ok


async def test_a_full_disk_refuses_changes_and_recovers(disk: SqliteBackend) -> None:
    """On a full disk every write says so, reads go on, and with room the chain goes on where it was."""
    store = await disk.open()
    await store.audit.append(entry())
    await store.catalogue.put([service("pay")], [])
    ballast = fill(disk.settings.data_dir, 0)
    large = entry(detail="x" * 100_000)
    for write in (store.audit.append(large), store.operations.start(operation(), intent(detail=large.detail))):
        with pytest.raises(Unavailable, match="disk is full"):
            await write
    assert (await store.catalogue.search(ServiceQuery(text="pay"))).total == 1
    written = (await store.audit.head()).seq
    ballast.unlink()
    (record,) = await store.audit.append(large)
    assert record.seq == written + 1
    await store.operations.start(operation(), intent())
    await store.close()
    again = await disk.open()
    assert again.read_only == ""
    assert (await again.audit.verify()).ok


async def test_a_read_only_disk_is_said(disk: SqliteBackend) -> None:
    """A store on a read-only disk does not open and says why; once it can be written it opens."""
    store = await disk.open()
    await store.audit.append(entry())
    await store.close()
    folder = str(disk.settings.data_dir.parent)
    await asyncio.to_thread(mount, "-o", "remount,ro", folder)
    with pytest.raises(Unavailable, match=r"(?i)read-only"):
        await disk.open()
    await asyncio.to_thread(mount, "-o", "remount,rw", folder)
    again = await disk.open()
    await again.audit.append(entry())
    assert (await again.audit.verify()).ok
