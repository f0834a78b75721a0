from __future__ import annotations

import asyncio
import contextlib
import sqlite3

import pytest
from sqlite_utils import Database

from integrations.errors import Unavailable
from integrations.store import Phase, ServiceQuery
from integrations.store.chain import COLUMNS, EMPTY, mac_of
from integrations.store.sqlite.connection import open_writer
from integrations.store.sqlite.migrations import migrations
from integrations.store.sqlite.search import facets_of
from tests.integrations.store.conftest import SqliteBackend
from tests.integrations.store.samples import KEY, NOW, entry, service

NAMES = [migration.name for migration in migrations._migrations]

_AUDIT = (1, 0, "event", "ann", "Ann", "service", "r1", "slack", "pay", "{}", "ok", "", "", "", None)
AUDIT = (
    f"INSERT INTO audit ({', '.join((*COLUMNS, 'mac'))}) VALUES ({', '.join('?' * 16)})",  # noqa: S608 - constants
    (*_AUDIT, mac_of(KEY, EMPTY.mac, _AUDIT)),
)
_COLUMNS = (
    "name, project_id, path, team, web_url, title, description, lifecycle, kind, system, tags, links, default_branch, "
    "problems"
)
_SERVICE = ("pay", 1, "acme/pay", "acme/shop", "https://git.test", "Payments", "Takes money", "production", "service")
_REST = ('["cards"]', "[]", "main", "[]")
# What a database of each version may hold: rows as that version wrote them.
ROWS: dict[str, tuple[tuple[str, tuple[object, ...]], ...]] = {
    "m0001_tables": (
        (f"INSERT INTO services ({_COLUMNS}) VALUES ({', '.join('?' * 14)})", (*_SERVICE, None, *_REST)),  # noqa: S608 - constants
        AUDIT,
    ),
    "m0002_filter_in_the_index": (
        (
            f"INSERT INTO services ({_COLUMNS}, facets) VALUES ({', '.join('?' * 15)})",  # noqa: S608 - constants
            (*_SERVICE, "", *_REST, facets_of("acme/shop", "production")),
        ),
        AUDIT,
    ),
}


def schema(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows}


async def at_version(sqlite: SqliteBackend, name: str) -> None:
    """Make the database as it was after the migration of that name, with rows in it."""
    await asyncio.to_thread(make, sqlite, name)


def make(sqlite: SqliteBackend, name: str) -> None:
    sqlite.settings.data_dir.mkdir()
    later = NAMES[NAMES.index(name) + 1 :]
    with contextlib.closing(open_writer(sqlite.settings.database)) as connection:
        migrations.apply(Database(connection, execute_plugins=False), stop_before=later)
        for sql, values in ROWS[name]:
            connection.execute(sql, values)
    sqlite.settings.anchor_file.write_text(f'{{"seq":1,"mac":"{AUDIT[1][-1]}","at":"{NOW.isoformat()}"}}\n')


@pytest.mark.parametrize("name", NAMES)
async def test_a_database_of_any_version_is_brought_up_to_date(sqlite: SqliteBackend, name: str) -> None:
    """What an earlier version wrote is found by name, text and filter, and the chain goes on."""
    await at_version(sqlite, name)
    store = await sqlite.open()
    assert store.read_only == ""
    found = await store.catalogue.service("pay")
    assert found is not None
    assert (found.system, found.tags) == ("", ("cards",))
    for query in (ServiceQuery(text="mon"), ServiceQuery(team="acme", lifecycle="production"), ServiceQuery("pay")):
        assert (await store.catalogue.search(query)).total == 1
    await store.audit.append(entry())
    verified = await store.audit.verify()
    assert (verified.ok, verified.records) == (True, 2)
    assert await store.probe() == f"schema {len(NAMES)} in {sqlite.settings.database}"


@pytest.mark.parametrize("name", NAMES)
async def test_the_index_stays_current_after_an_upgrade(sqlite: SqliteBackend, name: str) -> None:
    """A service that changes after an upgrade is found by its new words and not by its old ones."""
    await at_version(sqlite, name)
    store = await sqlite.open()
    await store.catalogue.put([service("pay", 1, description="Sends invoices")], [])
    assert (await store.catalogue.search(ServiceQuery(text="invoices"))).total == 1
    assert (await store.catalogue.search(ServiceQuery(text="money"))).total == 0
    await store.catalogue.keep_only(frozenset())
    assert (await store.catalogue.search(ServiceQuery(text="invoices"))).total == 0


@pytest.mark.parametrize("name", NAMES)
async def test_the_chain_stays_append_only_after_an_upgrade(sqlite: SqliteBackend, name: str) -> None:
    """The triggers that protect the audit table survive every migration."""
    await at_version(sqlite, name)
    await sqlite.open()
    with sqlite.file() as file, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        file.execute("UPDATE audit SET actor = 'x'")


@pytest.mark.parametrize("name", NAMES)
async def test_every_way_leads_to_the_same_schema(sqlite: SqliteBackend, name: str) -> None:
    """An upgraded database has the schema of a fresh one."""
    await at_version(sqlite, name)
    await (await sqlite.open()).close()
    with sqlite.file() as file:
        upgraded = schema(file)
    sqlite.move_to("fresh")
    await (await sqlite.open()).close()
    with sqlite.file() as file:
        assert schema(file) == upgraded


async def test_every_version_has_rows_to_be_tested_with() -> None:
    """Whoever adds a migration adds rows of its version here."""
    assert set(ROWS) == set(NAMES)


async def test_a_newer_database_is_refused(sqlite: SqliteBackend) -> None:
    """A version that does not know what was done to the data leaves it alone."""
    await (await sqlite.open()).close()
    with sqlite.file() as file:
        file.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('idp', 'm9999_future')")
    with pytest.raises(Unavailable, match=r"newer version of idp \(m9999_future\)"):
        await sqlite.open()


async def test_an_opened_database_is_not_migrated_again(sqlite: SqliteBackend) -> None:
    """Opening an up-to-date database changes nothing in it."""
    store = await sqlite.open()
    await store.audit.append(entry(Phase.EVENT))
    await store.close()
    with sqlite.file() as file:
        before = file.execute("SELECT name, applied_at FROM _sqlite_migrations").fetchall()
    await (await sqlite.open()).close()
    with sqlite.file() as file:
        assert file.execute("SELECT name, applied_at FROM _sqlite_migrations").fetchall() == before
