from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from integrations.errors import Conflict, Unavailable
from integrations.store import AuditQuery, Store, Verification
from integrations.store.chain import COLUMNS, EMPTY, mac_of
from integrations.store.sqlite.verification import verify_offline
from tests.integrations.store.conftest import SqliteBackend
from tests.integrations.store.samples import KEY, NOW, entry, intent, message, offer, operation, service

Tamper = Callable[[sqlite3.Connection], object]
BY = "slack:T1/U9"


def unguarded(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Without the triggers: whoever can write the file can drop them."""
    for name in ("audit_no_update", "audit_no_delete", "audit_in_order"):
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    return connection


def recompute(connection: sqlite3.Connection, key: bytes, since: int = 1) -> None:
    """Make the chain anew with a key, from a record on."""
    row = connection.execute("SELECT mac FROM audit WHERE seq = ?", (since - 1,)).fetchone()
    last = row[0] if row else EMPTY.mac
    selected = f"SELECT {', '.join(COLUMNS)} FROM audit WHERE seq >= ?"  # noqa: S608 - constants
    for columns in connection.execute(selected, (since,)).fetchall():
        last = mac_of(key, last, columns)
        connection.execute("UPDATE audit SET mac = ? WHERE seq = ?", (last, columns[0]))


async def outside(sqlite: SqliteBackend) -> Verification:
    """Return what `./idp audit verify` finds."""
    return await asyncio.to_thread(verify_offline, sqlite.settings, KEY)


async def chain_of(sqlite: SqliteBackend, count: int = 8) -> None:
    store = await sqlite.open()
    for n in range(count):
        await store.audit.append(entry(request_id=str(n)))
    await store.close()


async def after(sqlite: SqliteBackend, tamper: Tamper) -> Verification:
    """Return what the verification finds in a chain of eight that somebody has worked on."""
    await chain_of(sqlite)
    with sqlite.file() as file:
        tamper(unguarded(file))
    return await outside(sqlite)


def swap(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE audit SET seq = 100 WHERE seq = 4")
    connection.execute("UPDATE audit SET seq = 4 WHERE seq = 5")
    connection.execute("UPDATE audit SET seq = 5 WHERE seq = 100")


@pytest.mark.parametrize("column", [c for c in COLUMNS if c != "seq"])
async def test_an_altered_record_is_found(sqlite: SqliteBackend, column: str) -> None:
    """Whatever is changed in a record, the verification names the record."""
    value = 7 if column in ("at", "of") else "altered"
    sql = f"UPDATE audit SET {column} = ? WHERE seq = 5"  # noqa: S608 - constants
    found = await after(sqlite, lambda c: c.execute(sql, (value,)))
    assert (found.ok, found.broken_at, found.records) == (False, 5, 8)


async def test_a_record_that_cannot_be_read_is_found(sqlite: SqliteBackend) -> None:
    """Bytes that are no text do not keep the verification from its answer, nor the store from opening."""
    found = await after(sqlite, lambda c: c.execute("UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE seq = 5"))
    assert (found.ok, found.broken_at) == (False, 5)
    store = await sqlite.open()
    assert "cannot be read" in store.read_only
    with pytest.raises(Unavailable, match="audit verify"):
        await store.audit.query(AuditQuery())
    with pytest.raises(Conflict, match="cannot be read"):
        await store.accept(reason="whatever", by=BY)


async def test_an_altered_mac_is_found(sqlite: SqliteBackend) -> None:
    """A MAC that was changed breaks its own link."""
    found = await after(sqlite, lambda c: c.execute("UPDATE audit SET mac = hex(randomblob(32)) WHERE seq = 5"))
    assert (found.ok, found.broken_at) == (False, 5)


@pytest.mark.parametrize("gone", [1, 4])
async def test_a_removed_record_is_found(sqlite: SqliteBackend, gone: int) -> None:
    """A record that is missing is named."""
    found = await after(sqlite, lambda c: c.execute("DELETE FROM audit WHERE seq = ?", (gone,)))
    assert (found.ok, found.broken_at) == (False, gone)
    assert "missing" in found.message


async def test_reordered_records_are_found(sqlite: SqliteBackend) -> None:
    """Two records that changed places break the first of their links."""
    found = await after(sqlite, swap)
    assert (found.ok, found.broken_at) == (False, 4)


async def test_an_inserted_record_is_found(sqlite: SqliteBackend) -> None:
    """A record that was added at the end without the key is named."""
    names = ", ".join(c for c in (*COLUMNS, "mac") if c != "seq")
    sql = f"INSERT INTO audit (seq, {names}) SELECT 9, {names} FROM audit WHERE seq = 8"  # noqa: S608 - constants
    found = await after(sqlite, lambda c: c.execute(sql))
    assert (found.ok, found.broken_at) == (False, 9)


async def test_a_chain_recomputed_without_the_key_is_found(sqlite: SqliteBackend) -> None:
    """A chain that is consistent under another key matches ours nowhere, and the message says so."""

    def forge(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = 3")
        recompute(connection, b"a key of the forger's")

    found = await after(sqlite, forge)
    assert (found.ok, found.broken_at) == (False, 1)
    assert "recomputed" in found.message


async def test_a_chain_recomputed_with_the_key_differs_from_its_anchors(sqlite: SqliteBackend) -> None:
    """Even with the key, what was anchored cannot be rewritten unseen."""

    def forge(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = 3")
        recompute(connection, KEY, since=3)

    found = await after(sqlite, forge)
    assert (found.ok, found.broken_at) == (False, 3)
    assert "anchored" in found.message


async def test_a_cut_tail_is_found(sqlite: SqliteBackend) -> None:
    """A chain that ends before its newest anchor says where it ends."""
    found = await after(sqlite, lambda c: c.execute("DELETE FROM audit WHERE seq > 6"))
    assert (found.ok, found.broken_at, found.records) == (False, 7, 6)
    assert "cut off" in found.message


async def test_a_restored_backup_is_found(sqlite: SqliteBackend, tmp_path: Path) -> None:
    """A data directory from before is behind its anchor: the store opens read-only and says why."""
    await chain_of(sqlite)
    shutil.copytree(sqlite.settings.data_dir, tmp_path / "backup")
    store = await sqlite.open()
    await store.audit.append(entry())
    await store.close()
    shutil.rmtree(sqlite.settings.data_dir)
    shutil.copytree(tmp_path / "backup", sqlite.settings.data_dir)
    assert (await outside(sqlite)).broken_at == 9
    again = await sqlite.open()
    assert "older backup was restored" in again.read_only
    assert (await again.audit.verify()).broken_at == 9


async def test_a_missing_anchor_file_is_found(sqlite: SqliteBackend) -> None:
    """A chain without any anchor cannot show that it is whole."""
    await chain_of(sqlite)
    sqlite.settings.anchor_file.unlink()
    found = await outside(sqlite)
    assert (found.ok, found.broken_at, found.anchors) == (False, None, 0)
    assert "no anchor" in (await sqlite.open()).read_only


async def test_the_wrong_key_makes_the_store_read_only(sqlite: SqliteBackend) -> None:
    """A wrong key writes nothing, and cannot be accepted."""
    await chain_of(sqlite)
    store = await sqlite.open(key=b"quite another key, mistyped")
    assert "broken" in store.read_only
    with pytest.raises(Conflict, match="key"):
        await store.accept(reason="go on", by=BY)
    assert (await store.audit.head()).seq == 8


async def test_an_old_break_is_found_by_verification_not_by_opening(sqlite: SqliteBackend) -> None:
    """Opening looks at the newest links only, to be quick; the verification looks at all."""
    store = await sqlite.open()
    await store.audit.append(*(entry() for _ in range(1100)))
    await store.close()
    with sqlite.file() as file:
        unguarded(file).execute("UPDATE audit SET actor = 'x' WHERE seq = 5")
    again = await sqlite.open()
    assert again.read_only == ""
    assert (await again.audit.verify()).broken_at == 5


async def broken(sqlite: SqliteBackend) -> Store:
    """A store that opened read-only because record 5 was altered."""
    await after(sqlite, lambda c: c.execute("UPDATE audit SET actor = 'x' WHERE seq = 5"))
    return await sqlite.open()


async def test_a_store_in_doubt_refuses_changes(sqlite: SqliteBackend) -> None:
    """Nothing that counts is written, and the refusal says why."""
    store = await broken(sqlite)
    assert "record 5 was altered" in store.read_only
    for write in (
        store.audit.append(entry()),
        store.operations.start(operation(), intent()),
        store.operations.drive("op1"),
        store.offers.make(offer()),
        store.offers.use("offer1"),
        store.outbox.put(message()),
        store.preferences.set_default_service("T1", "C1", "pay"),
        store.feedback.give_anonymously("k", NOW.date(), 3, "text"),
    ):
        with pytest.raises(Unavailable, match="read-only"):
            await write
    assert (await store.audit.head()).seq == 8


async def test_a_store_in_doubt_is_read(sqlite: SqliteBackend) -> None:
    """Reads go on, nothing resumes or is sent, and what can be made again is written."""
    store = await broken(sqlite)
    assert (await store.audit.query(AuditQuery())).total == 8
    assert await store.operations.unfinished() == ()
    assert await store.outbox.due(NOW) == ()
    await store.catalogue.put([service("pay")], [])
    assert await store.catalogue.service("pay") is not None
    await store.keys.remember_all([("k", NOW.replace(year=2027))])
    assert await store.keys.remembered() == {"k"}
    assert await store.probe()


async def test_a_store_in_doubt_adds_no_anchor(sqlite: SqliteBackend) -> None:
    """What it is in doubt about is not vouched for."""
    store = await broken(sqlite)
    await store.probe()
    await store.close()
    assert len(sqlite.settings.anchor_file.read_text().splitlines()) == 1 + 8


async def test_an_accepted_store_is_written_to_again(sqlite: SqliteBackend) -> None:
    """An operator's acceptance is recorded, counts after a restart, and the verification mentions it."""
    store = await broken(sqlite)
    head = await store.accept(reason="looked at it with Bo", by=BY)
    assert (head.seq, store.read_only) == (9, "")
    (record,) = (await store.audit.query(AuditQuery(command="store.accept"))).items
    assert (record.entry.actor, record.entry.detail) == (BY, "looked at it with Bo")
    await store.audit.append(entry())
    await store.close()
    again = await sqlite.open()
    assert again.read_only == ""
    found = await again.audit.verify()
    assert (found.ok, found.records) == (True, 10)
    assert "1 breaks accepted" in found.message
    assert '"accepted"' in sqlite.settings.anchor_file.read_text()


async def test_an_acceptance_covers_what_was_seen_only(sqlite: SqliteBackend) -> None:
    """A record that is altered after the acceptance, the accepted one included, is found."""
    store = await broken(sqlite)
    await store.accept(reason="looked", by=BY)
    await store.close()
    with sqlite.file() as file:
        unguarded(file).execute("UPDATE audit SET actor = 'y' WHERE seq = 5")
    assert (await outside(sqlite)).broken_at == 5
    with sqlite.file() as file:
        file.execute("UPDATE audit SET actor = 'x' WHERE seq = 5")
        file.execute("UPDATE audit SET actor = 'x' WHERE seq = 2")
    assert (await outside(sqlite)).broken_at == 2


async def test_an_accepted_backup_goes_on_from_its_own_end(sqlite: SqliteBackend) -> None:
    """Anchors of the lost records are no longer held against the chain, later ones are."""
    await after(sqlite, lambda c: c.execute("DELETE FROM audit WHERE seq > 6"))
    store = await sqlite.open()
    assert (await store.accept(reason="restored on purpose", by=BY)).seq == 7
    await store.audit.append(entry(), entry())
    await store.close()
    assert (await outside(sqlite)).ok
    with sqlite.file() as file:
        unguarded(file).execute("DELETE FROM audit WHERE seq = 9")
    assert (await outside(sqlite)).broken_at == 9
    assert "cut off" in (await sqlite.open()).read_only


async def test_records_cannot_be_changed_through_sql(sqlite: SqliteBackend) -> None:
    """The table refuses updates, deletions, replacements and gaps, from any connection."""
    await chain_of(sqlite)
    with sqlite.file() as file:
        file.execute("PRAGMA recursive_triggers = ON")
        for sql in (
            "UPDATE audit SET actor = 'x' WHERE seq = 5",
            "DELETE FROM audit WHERE seq = 8",
            "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 8",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="audit chain"):
                file.execute(sql)


async def test_every_head_goes_to_the_log(sqlite: SqliteBackend) -> None:
    """The log stream has each batch's newest number and MAC."""
    store = await sqlite.open()
    with capture_logs() as logged:
        (record,) = await store.audit.append(entry())
    heads = [(line["seq"], line["mac"]) for line in logged if line["event"] == "audit chain head"]
    assert heads == [(1, record.mac)]


async def test_while_heads_cannot_be_anchored_no_change_begins(sqlite: SqliteBackend, tmp_path: Path) -> None:
    """Without its anchor the chain could be cut unseen, so intents wait until the anchor can be written again."""
    anchor = tmp_path / "anchor"
    anchor.symlink_to("/dev/full")
    sqlite.settings.anchor = anchor
    store = await sqlite.open()
    await store.audit.append(entry())
    with pytest.raises(Unavailable, match="cannot be anchored"):
        await store.operations.start(operation(), intent())
    anchor.unlink()
    with pytest.raises(Unavailable):
        await store.audit.append(intent())
    await store.operations.start(operation(), intent())
    await store.close()
    assert (await outside(sqlite)).anchors == 2


async def test_the_verification_needs_a_database(sqlite: SqliteBackend) -> None:
    """Where there is no store, that is what is said."""
    with pytest.raises(Unavailable, match="no database"):
        await outside(sqlite)


async def test_a_running_store_can_be_verified_from_outside(sqlite: SqliteBackend) -> None:
    """`audit verify` needs no running process and disturbs none."""
    store = await sqlite.open()
    await store.audit.append(entry())
    found = await outside(sqlite)
    assert (found.ok, found.records, found.anchors) == (True, 1, 2)
    await store.audit.append(entry())


async def test_files_are_for_their_owner_alone(sqlite: SqliteBackend) -> None:
    """Nobody else on the machine reads names and records."""
    old = os.umask(0o022)
    try:
        store = await sqlite.open()
        await store.audit.append(entry())
    finally:
        os.umask(old)
    assert sqlite.settings.data_dir.stat().st_mode & 0o077 == 0
    for path in (*sqlite.settings.data_dir.iterdir(), sqlite.settings.anchor_file):
        assert path.stat().st_mode & 0o077 == 0, path
