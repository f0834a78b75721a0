"""A full or read-only disk, a second process, an altered trail: changes are refused and said so, reads go on, and with
room again all goes on with a chain that is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.errors import Unavailable
from integrations.store import Phase
from tests._harness.organisation import Organisation, organisation, said


def mount(*arguments: str) -> None:
    """Mount, or skip the test where that is not allowed."""
    program = shutil.which("mount")
    if program is None or os.geteuid() != 0:
        pytest.skip("needs the right to mount: needs root to mount a tmpfs")
    made = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if made.returncode:
        pytest.skip(f"needs the right to mount: {made.stderr.strip()}")


def unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - ours, as root


@pytest.fixture
async def disk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Organisation]:
    """The whole product with its data on a disk of 16 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder))
    try:
        store = {"reserve_mib": getattr(request, "param", 1), "anchor": str(tmp_path / "anchors")}
        async with organisation(folder, store={**store, "data_dir": str(folder / "bot")}) as org:
            yield org
    finally:
        await asyncio.to_thread(unmount, folder)


def fill(org: Organisation) -> Path:
    """Take all of the disk; return the file to remove."""
    ballast = org.config.parent / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    return ballast


async def test_below_the_reserve_changes_are_refused_and_reads_go_on(disk: Organisation) -> None:
    """Where the disk is nearly full changes are refused with the reason, reads go on, and with room all goes on."""
    plan = await disk.say("alice", "use checkout", "payments")
    ballast = fill(disk)
    seen = disk.shown("alice")
    await disk.click("alice", plan, "confirm")
    refused = said(await disk.next_answer("alice", seen))
    assert "audit trail" in refused
    assert "was not done" in refused
    assert "checkout" in said(await disk.say("alice", "service checkout", "payments"))
    assert "acme/" in said(await disk.say("bob", "services"))
    ballast.unlink()
    await disk.click("alice", plan, "confirm")
    await disk.told("alice", "Default service set")
    assert disk.process is not None
    assert (await disk.process.core.store.audit.verify()).ok


@pytest.mark.parametrize("disk", [0], indirect=True)
async def test_on_a_full_disk_nothing_is_told_that_was_not_recorded(disk: Organisation) -> None:
    """On a disk that is really full every change ends recorded or refused, never in between; with room again the chain
    is whole and nothing is open.
    """
    assert disk.process is not None
    store = disk.process.core.store
    ballast = fill(disk)
    refusals = 0
    for number in range(400):
        shown = said(await disk.say("alice", f"feedback 3 {'long ' * 550}{number}"))
        refusals += "not available" in shown or "not done" in shown
        if refusals == 3:
            break
        if "Nothing has happened yet" in shown:
            await disk.click("alice", disk.answers("alice")[-1], "confirm")
            await disk.settled()
        disk.world.channels["C0GENERAL"].ephemerals.clear()
        if number % 10 == 9:
            disk.process.core.dispatch._limit._buckets.clear()
    assert refusals == 3
    assert "acme/" in said(await disk.say("bob", "services"))
    ballast.unlink()
    await disk.until(lambda: not disk.process.core.engine.blocked, "the outcomes")  # type: ignore[union-attr]
    plan = await disk.say("petra", "use checkout", "payments")
    await disk.click("petra", plan, "confirm")
    await disk.told("petra", "Default service set")
    await disk.settled()
    assert not await store.audit.open_intents()
    assert len(await disk.outcomes("feedback")) == len(await disk.outcomes("feedback", Phase.OUTCOME))
    assert (await store.audit.verify()).ok


async def test_a_read_only_disk_ends_the_start_in_words(disk: Organisation) -> None:
    """A start on a read-only disk ends with a message that says so; once it can be written to the process starts."""
    await disk.stop_bot()
    folder = str(disk.config.parent)
    mount("-o", "remount,ro", folder)
    with pytest.raises(Unavailable, match=r"(?i)read-only"):
        await disk.start_bot()
    mount("-o", "remount,rw", folder)
    await disk.stop_bot()
    await disk.start_bot()
    assert "acme/" in said(await disk.say("alice", "services"))


async def test_a_second_process_is_refused_in_words(org: Organisation) -> None:
    """A second process on the same data is refused, with the first one's process id; the first goes on."""
    status, output = await org.run("serve")
    assert status == 1
    assert "another idp process uses this data directory" in output
    assert str(os.getpid()) in output
    assert "Traceback" not in output
    assert "acme/" in said(await org.say("alice", "services"))


async def alter(org: Organisation, *statements: str) -> None:
    """Change the database behind the bot's back, as whoever may write the file can."""

    def change() -> None:
        connection = sqlite3.connect(org.settings.store.database, isolation_level=None)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            if "audit" in name:
                connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.close()

    await org.stop_bot()
    await asyncio.to_thread(change)
    await org.start_bot()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit SET actor = 'slack:T0ACME/U0BOB' WHERE seq = 2", "altered"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "backup"),
    ],
    ids=["altered", "cut"],
)
async def test_an_altered_trail_makes_the_store_read_only(org: Organisation, statement: str, words: str) -> None:
    """Where records were altered or cut away changes are refused, reads go on, and `platform` and `audit verify` say
    what is wrong.
    """
    for service in ("checkout", "refunds"):
        plan = await org.say("alice", f"use {service}", "payments")
        await org.click("alice", plan, "confirm")
        await org.told("alice", "Default service set", service)
    plan = await org.say("alice", "use ledger", "payments")
    await alter(org, statement)
    assert (await org.ready())[0] == 200
    assert "Changes are stopped" in said(await org.say("alice", "use tracking", "payments"))
    seen = org.shown("alice")
    await org.click("alice", plan, "confirm")
    assert "Changes are stopped" in said(await org.next_answer("alice", seen))
    assert "acme/" in said(await org.say("alice", "services"))
    assert "read-only" in said(await org.say("petra", "platform"))
    await org.stop_bot()
    status, output = await org.run("audit", "verify")
    assert status == 1
    assert words in output or "broken" in output
    assert "Traceback" not in output


async def test_a_read_only_store_still_answers_and_publishes(org: Organisation) -> None:
    """In a read-only store nothing can be offered: answers come without those buttons and say so, and so does home."""
    plan = await org.say("alice", "use checkout", "payments")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")
    await alter(org, "UPDATE audit SET actor_name = 'Mallory' WHERE seq = 1")
    answer = await org.say("alice", "service checkout", "payments")
    assert "Some buttons are missing" in said(answer)
    await org.control("home", user="alice")
    home = await org.until(lambda: org.world.state.homes.get("U0ALICE"), "home")
    assert "Some buttons are missing" in str(home.body["blocks"])
    await org.control("command", user="alice", channel="payments", text="use")
    form = await org.view("alice", "form")
    submitted = await org.control("submit", user="alice", view_id=form.id, values={"service": "refunds"})
    assert "Changes are stopped" in str(submitted["body"])
    await org.control("message", user="alice", channel="dm", text="services --page 0")
    await org.told("alice", "the store is read-only")


async def test_exports_are_refused_while_looks_cannot_be_recorded(org: Organisation) -> None:
    """While the trail cannot be written an auditor's look goes on with a warning and a metric, an export is refused."""
    await org.say("audrey", "audit")
    await alter(org, "UPDATE audit SET actor_name = 'Mallory' WHERE seq = 1")
    assert "could not be recorded" in said(await org.say("audrey", "audit"))
    assert "was not done" in said(await org.say("audrey", "audit export"))
    assert "idp_audit_unwritten_total 2.0" in await org.metrics()
