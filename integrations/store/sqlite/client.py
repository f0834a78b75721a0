"""Opens the store and owns what belongs to it: the directory's lock, the writer's thread, the readers, the anchors.

A store whose audit chain is in doubt opens all the same, read-only, because people must be able to look; what can be
made again (the catalogue, remembered deliveries) is written even then.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import structlog

from integrations.errors import Conflict, Invalid, Unavailable
from integrations.store.anchors import AnchorFile, last_anchor
from integrations.store.chain import ACCEPTANCE, check_key
from integrations.store.port.audit import AuditEntry, Head, Phase
from integrations.store.port.store import Swept
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.audit import SqliteAuditLog, head_of, link
from integrations.store.sqlite.catalogue import SqliteCatalogue, all_names
from integrations.store.sqlite.connection import Connection, open_writer
from integrations.store.sqlite.feedback import SqliteFeedback
from integrations.store.sqlite.gate import Gate
from integrations.store.sqlite.keys import SqliteUniqueKeys
from integrations.store.sqlite.lock import DirectoryLock
from integrations.store.sqlite.migrations import migrate
from integrations.store.sqlite.offers import SqliteOffers
from integrations.store.sqlite.operations import SqliteOperations
from integrations.store.sqlite.outbox import SqliteOutbox, recover
from integrations.store.sqlite.preferences import SqlitePreferences
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.retention import sweep
from integrations.store.sqlite.verification import breaks_in, objection
from integrations.store.sqlite.writer import Writer, truncate_journal

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]

# More breaks than anybody can have looked at before accepting them; then the key is wrong or the chain is forged.
MOST_BREAKS = 10_000
LONGEST_REASON = 500


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def open_store(settings: StoreSettings, *, key: bytes, clock: Clock = utc_now) -> SqliteStore:
    """Open the store, making or upgrading its database. Raises Conflict where another process uses the directory,
    Unavailable where it cannot be used, Invalid for a key that is too short. An audit chain that is broken or behind
    its anchor raises nothing: the store is then `read_only`.
    """
    store = SqliteStore(settings, check_key(key), clock)
    await store.open()
    return store


class SqliteStore:
    def __init__(self, settings: StoreSettings, key: bytes, clock: Clock) -> None:
        self._settings = settings
        self._key = key
        self._clock = clock
        self._gate = Gate(settings.data_dir, settings.reserve_mib)
        self._anchors = AnchorFile(settings.anchor_file)
        self._anchored: Head | None = None
        self._lock: DirectoryLock | None = None
        self._version = 0
        self._names: list[str] = []
        self._readers = Readers(settings.database)
        self._writer = Writer(self._prepare, self._committed, self._idle, self._finish)
        self._closed: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the writer and make the parts."""
        await self._writer.start()
        writer, readers, gate, clock, key = self._writer, self._readers, self._gate, self._clock, self._key
        self.catalogue = SqliteCatalogue(writer, readers, self._names)
        self.audit = SqliteAuditLog(writer, readers, gate, self._settings, key)
        self.operations = SqliteOperations(writer, readers, gate, clock, key)
        self.offers = SqliteOffers(writer, readers, gate, clock)
        self.keys = SqliteUniqueKeys(writer, readers, clock)
        self.outbox = SqliteOutbox(writer, readers, gate, clock)
        self.preferences = SqlitePreferences(writer, readers, gate)
        self.feedback = SqliteFeedback(writer, readers, gate, key)

    @property
    def read_only(self) -> str:
        return self._gate.read_only

    @property
    def queued(self) -> int:
        """How many writes wait for the writer."""
        return self._writer.waiting

    async def probe(self) -> str:
        now = self._clock().toordinal()

        def job(connection: Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('probed_on_day', ?)", (now,))

        await self._writer.write(job)
        return f"schema {self._version} in {self._settings.database}"

    async def sweep(self, now: datetime) -> Swept:
        return await sweep(self._writer, now)

    async def accept(self, *, reason: str, by: str) -> Head:
        if not reason.strip() or not by.strip():
            raise Invalid("an acceptance needs a reason and somebody who gives it", backend="store")
        entry = AuditEntry(
            at=self._clock(),
            phase=Phase.EVENT,
            actor=by,
            actor_name="",
            command=ACCEPTANCE,
            result="ok",
            detail=reason[:LONGEST_REASON],
        )
        head = await self._writer.write(lambda connection: self._accept(connection, entry), then=self._accepted)
        if self._gate.unanchored:
            message = f"the acceptance could not be anchored ({self._gate.unanchored}); put that right and accept again"
            raise Unavailable(message, backend="store")
        return head

    async def close(self) -> None:
        if self._closed is None:
            self._closed = asyncio.create_task(self._close())
        await asyncio.shield(self._closed)

    async def _close(self) -> None:
        await self._readers.close()
        await self._writer.stop()

    # -- in the writer's thread

    def _prepare(self) -> Connection:
        folder = self._settings.data_dir
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            # Only whoever starts the process reads this, so it may name the place.
            message = f"the data folder {folder} (store.data_dir) cannot be made: {error.strerror}"
            raise Unavailable(message, backend="store") from error
        self._lock = DirectoryLock.take(self._settings.data_dir)
        connection = open_writer(self._settings.database)
        try:
            self._version = migrate(connection)
            self._gate.read_only = objection(connection, self._settings.anchor_file, self._key)
            if self._gate.read_only:
                log.error("the store is read-only until an operator accepts it", reason=self._gate.read_only)
            else:
                recover(connection)
                newest = last_anchor(self._settings.anchor_file)
                self._anchored = Head(newest.seq, newest.mac) if newest else None
            self._names = all_names(connection)
            self._committed(connection)
        except BaseException:
            # Whatever ended the opening, the file must not stay held by a connection that nobody has.
            connection.close()
            raise
        return connection

    def _committed(self, connection: Connection) -> None:
        """Have the newest head leave this machine's database: to the log stream and to the anchor file. An empty chain
        is anchored too: a process that dies between its first commit and its first anchor is no reason for doubt.
        """
        if self._gate.read_only:
            return
        try:
            head = head_of(connection)
        except sqlite3.Error as error:
            self._gate.unanchored = str(error)
            return
        if head == self._anchored:
            return
        # A log stream that is closed must not stop the writer; the anchor file is the one that counts.
        with contextlib.suppress(OSError, ValueError):
            log.info("audit chain head", seq=head.seq, mac=head.mac)
        self._anchor(head)

    def _anchor(self, head: Head, accepted: dict[str, str] | None = None) -> None:
        try:
            self._anchors.add(head, self._clock(), accepted=accepted)
        except OSError as error:
            known, self._gate.unanchored = self._gate.unanchored, error.strerror or str(error)
            with contextlib.suppress(OSError, ValueError):
                if known != self._gate.unanchored:
                    log.error("the audit chain's head could not be anchored; changes are refused", error=str(error))
        else:
            self._gate.unanchored = ""
            self._anchored = head

    def _idle(self) -> float | None:
        wait = self._anchors.sync_in()
        if wait == 0:
            try:
                self._anchors.sync()
            except OSError as error:
                self._gate.unanchored = error.strerror or str(error)
                self._anchored = None
            return None
        return wait

    def _accept(self, connection: Connection, entry: AuditEntry) -> Head:
        if not self._gate.read_only:
            raise Conflict("the store is not read-only: there is nothing to accept", backend="store")
        records = head_of(connection).seq
        found = [[broken.seq, broken.found] for broken in islice(breaks_in(connection, self._key), MOST_BREAKS + 1)]
        if len(found) > MOST_BREAKS or len(found) == records > 1:
            message = "nearly no record matches the key: it is not the chain's; start with the right one"
            raise Conflict(message, backend="store")
        if any(not mac for _, mac in found):
            raise Conflict("a record cannot be read, so it cannot be accepted; restore a backup", backend="store")
        lost = last_anchor(self._settings.anchor_file)
        arguments = {
            "why": self._gate.read_only,
            "breaks": found,
            "last_anchor": [lost.seq, lost.mac] if lost else None,
        }
        (record,) = link(connection, self._key, (replace(entry, arguments=arguments),))
        recover(connection)
        return Head(record.seq, record.mac)

    def _accepted(self, connection: Connection) -> None:
        head = head_of(connection)
        self._anchor(head, {"why": self._gate.read_only})
        if not self._gate.unanchored:
            log.warning("an operator accepted the store as it is", reason=self._gate.read_only, seq=head.seq)
            self._gate.read_only = ""

    def _finish(self, connection: Connection | None) -> None:
        with contextlib.suppress(OSError):
            self._anchors.close()
        if connection is not None:
            truncate_journal(connection)
            connection.close()
        if self._lock is not None:
            self._lock.release()
