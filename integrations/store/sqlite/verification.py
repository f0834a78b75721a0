"""Checks the audit chain: every link against the key, and the whole against the anchors outside. Only reads, so it
serves a running store, a store that opens, and `./idp audit verify` on a database that nobody has open.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from integrations.errors import Unavailable
from integrations.store.anchors import Anchor, Genuine, anchors_in_force, furthest_anchor, size_of
from integrations.store.chain import ACCEPTANCE, COLUMNS, EMPTY, check_key, mac_of
from integrations.store.documents import from_json
from integrations.store.port.audit import Head, Verification
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.connection import Connection, open_reader, translate

# What is checked at every start: enough to see that somebody worked on the newest records, little enough to be quick.
RECENT = 1000

_ROWS = f"SELECT {', '.join(COLUMNS)}, mac FROM audit WHERE seq > ? ORDER BY seq"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Break:
    """A link that does not hold. `found` is the MAC that the record as it is now would have, which nobody without the
    key can foresee: an acceptance names it, so that it covers this content and no other.
    """

    seq: int
    found: str
    message: str

    def known(self, accepted: Mapping[int, str]) -> bool:
        """Return whether an operator has accepted exactly this; what cannot be read cannot have been looked at."""
        return bool(self.found) and accepted.get(self.seq) == self.found


def links(connection: Connection, key: bytes, *, after: Head = EMPTY) -> Iterator[tuple[Head, Break | None]]:
    """Yield every link after that head, with what is wrong with it."""
    last = after
    rows = connection.execute(_ROWS, (after.seq,))
    while True:
        try:
            row = next(rows, None)
        except sqlite3.OperationalError as error:
            if hasattr(error, "sqlite_errorcode"):
                raise
            # SQLite has no objection to a text that is no text; Python has. Whoever wrote it wanted no answer.
            seq = last.seq + 1
            yield Head(seq, ""), Break(seq, "", f"record {seq} cannot be read, nor what follows it")
            return
        if row is None:
            return
        *row, mac = row
        seq = row[0]
        found = mac_of(key, last.mac, row)
        broken = None
        if seq != last.seq + 1:
            gone = f"record {last.seq + 1} is" if seq == last.seq + 2 else f"records {last.seq + 1} to {seq - 1} are"
            broken = Break(last.seq + 1, found, f"{gone} missing")
        elif found != mac:
            broken = Break(seq, found, f"record {seq} was altered or moved, or its MAC was made with another key")
        last = Head(seq, mac)
        yield last, broken


def accepted_breaks(connection: Connection) -> dict[int, str]:
    """Return the breaks that operators have accepted: where, and the MAC of what was found there. A forged acceptance
    helps nobody, because it would have to name MACs that only the key can make.
    """
    accepted: dict[int, str] = {}
    for (arguments,) in connection.execute("SELECT arguments FROM audit WHERE command = ?", (ACCEPTANCE,)):
        # An acceptance that somebody made unreadable accepts nothing.
        with contextlib.suppress(ValueError, KeyError, TypeError):
            accepted.update({int(seq): str(found) for seq, found in from_json(arguments)["breaks"]})
    return accepted


def breaks_in(connection: Connection, key: bytes, *, after: Head = EMPTY) -> Iterator[Break]:
    """Yield the links after that head that do not hold and that nobody has accepted."""
    accepted = accepted_breaks(connection)
    for _, broken in links(connection, key, after=after):
        if broken is not None and not broken.known(accepted):
            yield broken


def verify(connection: Connection, anchor_file: Path, key: bytes) -> Verification:
    """Check every link and every anchor in force. To be called in a read transaction that has not read yet: what is
    anchored by now is committed by now.
    """
    try:
        size = size_of(anchor_file)
        return _compare(connection, key, anchors_in_force(anchor_file, size, _acceptances(connection)), anchor_file)
    except OSError as error:
        raise Unavailable(f"the anchor file cannot be read: {error.strerror}", backend="store") from error


def _compare(connection: Connection, key: bytes, anchors: Iterator[Anchor], where: Path) -> Verification:
    accepted = accepted_breaks(connection)
    head, agreed, vouched, tolerated, broken_links = EMPTY, 0, 0, 0, 0
    first: tuple[int, str] | None = None
    records = 0
    anchor = next(anchors, None)
    for head, broken in chain([(EMPTY, None)], links(connection, key)):
        records += head != EMPTY
        if broken is not None and broken.known(accepted):
            tolerated += 1
        elif broken is not None:
            broken_links += 1
            first = min(first or (broken.seq, broken.message), (broken.seq, broken.message))
        while anchor is not None and anchor.seq <= head.seq:
            if _holds(connection, anchor, head):
                agreed, vouched = agreed + 1, max(vouched, anchor.seq)
            else:
                fault = (vouched + 1, f"record {anchor.seq} is not the one that was anchored at {anchor.at}")
                first = min(first or fault, fault)
            anchor = next(anchors, None)
    if anchor is not None:
        first = min(first or (head.seq + 1, _ahead(anchor, head)), (head.seq + 1, _ahead(anchor, head)))
    if first is None and records and not agreed:
        return Verification(False, records, head, 0, None, f"all links hold, but there is no anchor in {where.name}")
    if first is None:
        notes = f", {tolerated} breaks accepted by an operator" if tolerated else ""
        return Verification(True, records, head, agreed, None, f"{records} records and {agreed} anchors agree{notes}")
    message = first[1]
    if broken_links == records > 1:
        message = "no record matches the key: the chain was recomputed, or this is not the key that it was made with"
    return Verification(False, records, head, agreed, first[0], message)


def _holds(connection: Connection, anchor: Anchor, head: Head) -> bool:
    if anchor.seq in (head.seq, EMPTY.seq):
        return anchor.mac == (head if anchor.seq == head.seq else EMPTY).mac
    row = connection.execute("SELECT mac FROM audit WHERE seq = ?", (anchor.seq,)).fetchone()
    return row is not None and bool(row[0] == anchor.mac)


def _ahead(anchor: Anchor, head: Head) -> str:
    return (
        f"the audit chain ends at record {head.seq}, but record {anchor.seq} was anchored at {anchor.at}: "
        "its end was cut off, or an older backup was restored"
    )


def _acceptances(connection: Connection) -> Genuine:
    """Return what tells whether an anchor stands for an acceptance in the chain. That the record itself is as it was
    written is its link's matter: without the key nobody can make one.
    """

    def genuine(anchor: Anchor) -> bool:
        sql = "SELECT 1 FROM audit WHERE seq = ? AND mac = ? AND command = ?"
        return connection.execute(sql, (anchor.seq, anchor.mac, ACCEPTANCE)).fetchone() is not None

    return genuine


def objection(connection: Connection, anchor_file: Path, key: bytes) -> str:
    """Return why this store must not be written to before an operator has looked, or an empty text. Quick: looks at
    the newest anchor and the newest links only.
    """
    anchor = furthest_anchor(anchor_file, _acceptances(connection))
    row = connection.execute("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    head = Head(*row) if row else EMPTY
    if anchor is None:
        return (
            f"its audit chain has {head.seq} records, but there is no anchor in {anchor_file.name}" if head.seq else ""
        )
    if anchor.seq > head.seq:
        return _ahead(anchor, head)
    if not _holds(connection, anchor, head):
        return f"record {anchor.seq} of the audit chain is not the one that was anchored at {anchor.at}"
    before = connection.execute(
        "SELECT seq, mac FROM audit WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (head.seq - RECENT,)
    ).fetchone()
    broken = next(breaks_in(connection, key, after=Head(*before) if before else EMPTY), None)
    return f"its audit chain is broken: {broken.message}" if broken else ""


def verify_offline(settings: StoreSettings, key: bytes) -> Verification:
    """Check the chain from outside, whether or not a process has the store open. Raises Unavailable where there is
    none, or it cannot be read.
    """
    if not settings.database.is_file():
        raise Unavailable(f"there is no database in {settings.data_dir}", backend="store")
    try:
        with contextlib.closing(open_reader(settings.database)) as connection:
            connection.execute("BEGIN")
            return verify(connection, settings.anchor_file, check_key(key))
    except sqlite3.Error as error:
        raise translate(error) or error from error
