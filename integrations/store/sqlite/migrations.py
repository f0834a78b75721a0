"""The schema, as the steps that made it. Steps run forwards only, at start, each in its transaction; a step that has
been released is never edited. A database that has seen a step unknown to this version is refused.
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from integrations.errors import Unavailable
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.search import facets_of

migrations = Migrations("idp")

APPEND_ONLY = """
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit chain is append-only');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit chain is append-only');
END;
CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit) BEGIN
  SELECT RAISE(ABORT, 'the audit chain grows at its end only');
END;
"""


def migrate(connection: Connection) -> int:
    """Bring the schema up to date; return its version, the number of steps. Raises Unavailable for a newer database."""
    database = Database(connection, execute_plugins=False)
    known = [m.name for m in migrations.pending(database)]
    applied = [m.name for m in migrations.applied(database)]
    newer = sorted(set(applied) - {m.name for m in migrations._migrations})  # noqa: SLF001 - no public list of names
    if newer:
        raise Unavailable(
            f"the database was written by a newer version of idp ({', '.join(newer)}); start that version, or restore "
            "the backup that was made before the upgrade",
            backend="store",
        )
    if known:
        migrations.apply(database)
    return len(applied) + len(known)


def protect_audit(database: Database) -> None:
    """Make the audit table append-only; to be called by every step that transforms it, which drops its triggers."""
    for name in ("audit_no_update", "audit_no_delete", "audit_in_order"):
        database.execute(f"DROP TRIGGER IF EXISTS {name}")
    database.executescript(APPEND_ONLY)


def index_services(database: Database, columns: tuple[str, ...]) -> None:
    """Make the full-text index of services anew; to be called by every step that transforms the table, because a
    transformed table has lost the triggers that keep its index current, and nothing would say so.

    `enable_fts()` cannot make the index of one- and two-letter beginnings, which people type first: without it the
    search for one letter over 100,000 services takes three times as long.
    """
    services = database.table("services")
    if services.detect_fts():
        services.disable_fts()
    names = ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    # Columns are named by the steps below, never by people.
    add = f"INSERT INTO services_fts (rowid, {names}) VALUES (new.id, {new});"  # noqa: S608 - as said above
    remove = (
        f"INSERT INTO services_fts (services_fts, rowid, {names}) "  # noqa: S608 - as said above
        f"VALUES ('delete', old.id, {old});"
    )
    database.executescript(f"""
    CREATE VIRTUAL TABLE services_fts USING fts5 (
      {names}, content="services", content_rowid="id", tokenize="unicode61 remove_diacritics 2", prefix="1 2"
    );
    CREATE TRIGGER services_ai AFTER INSERT ON services BEGIN {add} END;
    CREATE TRIGGER services_ad AFTER DELETE ON services BEGIN {remove} END;
    CREATE TRIGGER services_au AFTER UPDATE ON services BEGIN {remove} {add} END;
    """)
    services.rebuild_fts()


@migrations()
def m0001_tables(database: Database) -> None:
    """Everything that the first version keeps."""
    database.executescript("""
    CREATE TABLE services (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      project_id INTEGER NOT NULL,
      path TEXT NOT NULL,
      team TEXT NOT NULL,
      web_url TEXT NOT NULL,
      title TEXT NOT NULL,
      description TEXT NOT NULL,
      lifecycle TEXT NOT NULL,
      kind TEXT NOT NULL,
      system TEXT,
      tags TEXT NOT NULL,
      links TEXT NOT NULL,
      default_branch TEXT NOT NULL,
      problems TEXT NOT NULL
    ) STRICT;
    CREATE INDEX services_by_project ON services (project_id);
    CREATE INDEX services_by_team ON services (team);
    CREATE INDEX services_by_lifecycle ON services (lifecycle);

    CREATE TABLE problems (
      project_id INTEGER NOT NULL,
      position INTEGER NOT NULL,
      path TEXT NOT NULL,
      team TEXT NOT NULL,
      message TEXT NOT NULL,
      PRIMARY KEY (project_id, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE facts (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      phase TEXT NOT NULL,
      actor TEXT NOT NULL,
      actor_name TEXT NOT NULL,
      command TEXT NOT NULL,
      request_id TEXT NOT NULL,
      front_end TEXT NOT NULL,
      target TEXT NOT NULL,
      arguments TEXT NOT NULL,
      result TEXT NOT NULL,
      detail TEXT NOT NULL,
      operation_id TEXT NOT NULL,
      plan_hash TEXT NOT NULL,
      of INTEGER,
      mac TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_by_actor ON audit (actor);
    CREATE INDEX audit_by_target ON audit (target) WHERE target <> '';
    CREATE INDEX audit_by_command ON audit (command);
    CREATE INDEX audit_by_time ON audit (at);

    CREATE TABLE open_intents (
      seq INTEGER PRIMARY KEY
    ) STRICT;

    CREATE TABLE operations (
      id TEXT PRIMARY KEY,
      command TEXT NOT NULL,
      actor_id TEXT NOT NULL,
      actor TEXT NOT NULL,
      request_id TEXT NOT NULL,
      plan BLOB NOT NULL,
      plan_hash TEXT NOT NULL,
      place TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      state TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      intent_seq INTEGER NOT NULL,
      failure TEXT,
      finished_at INTEGER
    ) STRICT;
    CREATE INDEX operations_running ON operations (created_at) WHERE state = 'running';
    CREATE TABLE steps (
      operation_id TEXT NOT NULL,
      position INTEGER NOT NULL,
      result TEXT NOT NULL,
      finished_at INTEGER NOT NULL,
      PRIMARY KEY (operation_id, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE offers (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      person TEXT NOT NULL,
      payload TEXT NOT NULL,
      expires_at INTEGER NOT NULL,
      plan_hash TEXT NOT NULL,
      used INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX offers_by_expiry ON offers (expires_at);
    CREATE INDEX offers_by_person ON offers (person, expires_at);

    CREATE TABLE unique_keys (
      key TEXT PRIMARY KEY,
      expires_at INTEGER NOT NULL,
      answer BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX unique_keys_by_expiry ON unique_keys (expires_at);

    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      workspace TEXT NOT NULL,
      receiver TEXT NOT NULL,
      thread TEXT NOT NULL,
      body TEXT NOT NULL,
      important INTEGER NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      ambiguous INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      due_at INTEGER NOT NULL,
      finished_at INTEGER,
      receipt TEXT NOT NULL,
      error TEXT NOT NULL
    ) STRICT;
    CREATE INDEX outbox_waiting ON outbox (state, due_at, id) WHERE finished_at IS NULL;
    CREATE INDEX outbox_finished ON outbox (finished_at) WHERE finished_at IS NOT NULL;

    CREATE TABLE preferences (
      workspace TEXT NOT NULL,
      channel TEXT NOT NULL,
      service TEXT NOT NULL,
      PRIMARY KEY (workspace, channel)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE answers (
      key TEXT PRIMARY KEY,
      at INTEGER NOT NULL,
      person TEXT NOT NULL,
      person_name TEXT NOT NULL,
      rating INTEGER NOT NULL,
      text TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- Nothing here tells one answer's writer, time or turn: a random key, the day, and no rowid that would count up.
    CREATE TABLE anonymous_answers (
      key BLOB PRIMARY KEY,
      day TEXT NOT NULL,
      rating INTEGER NOT NULL,
      text TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """)
    protect_audit(database)
    index_services(database, ("name", "title", "tags", "description"))


@migrations()
def m0002_filter_in_the_index(database: Database) -> None:
    """A service's system is found by the search, and the index itself filters by team and lifecycle: joining 100,000
    matches with their services to filter them took longer than the whole search may.
    """
    # Through rows and not through an SQL function: the transaction may be rolled back, a function would stay.
    services = database.table("services")
    services.add_column("facets", str)
    rows = database.execute("SELECT id, team, lifecycle FROM services").fetchall()
    database.conn.executemany(
        "UPDATE services SET facets = ?, system = coalesce(system, '') WHERE id = ?",
        [(facets_of(team, lifecycle), row_id) for row_id, team, lifecycle in rows],
    )
    services.transform(not_null={"system", "facets"}, defaults={"system": ""})
    index_services(database, ("name", "title", "tags", "system", "description", "facets"))
