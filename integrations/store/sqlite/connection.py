"""Opens connections and says what SQLite's errors mean. No connection is ever shared between threads: that silently
lost rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from integrations.errors import Invalid, Unavailable

T = TypeVar("T")
Connection = sqlite3.Connection
Job = Callable[[Connection], T]

# How long somebody else's lock (an operator's sqlite3 shell, a backup) is waited for, in seconds.
BUSY_SECONDS = 5.0

_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full; make room, then it goes on by itself",
    sqlite3.SQLITE_READONLY: "the database is read-only; make its folder writable again",
    sqlite3.SQLITE_BUSY: "another program holds the database; let it finish or stop it",
    sqlite3.SQLITE_LOCKED: "another program holds the database; let it finish or stop it",
    sqlite3.SQLITE_IOERR: "the disk does not read or write as it should; look at the machine's log",
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened; look at the folder's permissions",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "the database file is no database; restore a backup",
    sqlite3.SQLITE_PERM: "the database file may not be used; look at its permissions",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
}

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # What is deleted is overwritten: an expired draft or a reordered feedback table must not be found in free pages.
    "PRAGMA secure_delete = ON",
    # REPLACE must not get around the triggers that forbid deletion.
    "PRAGMA recursive_triggers = ON",
    "PRAGMA cache_size = -16384",
)


def open_writer(path: Path) -> Connection:
    """Return the connection of the thread that writes, in autocommit: every transaction is begun by hand."""
    # Whoever may list the folder must not read personal data, so the file is made for its owner alone; SQLite gives
    # its journal files the same mode.
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=512)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> Connection:
    """Return a connection that cannot write. It may be closed by another thread than the one that uses it."""
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=512, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -8192")
    return connection


def translate(error: BaseException | None) -> BaseException | None:
    """Return the error that the port promises for this one; an error of our own making is returned as it is."""
    if isinstance(error, sqlite3.Error):
        return _meaning(error)
    if isinstance(error, UnicodeEncodeError):
        return Invalid("a text with half a character cannot be stored", backend="store")
    if isinstance(error, OverflowError):
        return Invalid("a number is too large to be stored", backend="store")
    if isinstance(error, OSError):
        # Its own text names the path, which is nobody's in a chat.
        return Unavailable(f"the store cannot be used now: {error.strerror or type(error).__name__}", backend="store")
    return error


def _meaning(error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _ADVICE:
        return Unavailable(f"the store cannot be used now: {_ADVICE[code]} ({error})", backend="store")
    if isinstance(error, sqlite3.OperationalError) and not code:
        # Raised by Python, not by SQLite: a text in the file that is no text.
        message = "a row of the store cannot be read: the file was altered; run `./idp audit verify`"
        return Unavailable(message, backend="store")
    return error
