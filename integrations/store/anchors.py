"""Where the heads of the audit chain are kept outside the store, one JSON line each: seq, mac and time.

The chain's MACs show that a record was altered; only something outside shows that the newest records are gone. So this
file is opened for appending only, and belongs on storage that the bot's operators cannot rewrite. A line that a power
cut left unfinished is passed over. Knows nothing of how the chain is stored.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from integrations.store.documents import to_json
from integrations.store.port.audit import Head

RECORDS_PER_SYNC = 1000
SECONDS_PER_SYNC = 1.0
_TAIL = 64 * 1024


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was recorded outside; `accepted` marks the line after which the chain counts anew."""

    seq: int
    mac: str
    at: str
    accepted: bool = False


# Whether the chain has this anchor's record, and that record is an operator's acceptance.
Genuine = Callable[[Anchor], bool]


class AnchorFile:
    """Appends anchors. A write reaches the operating system at once and the disk within a second or 1,000 records.

    Belongs to the writer's thread; methods raise OSError. After a failed write the next one opens the file anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._torn = False
        self._synced_seq = 0
        self._unsynced_since: float | None = None

    def add(self, head: Head, at: datetime, *, accepted: dict[str, str] | None = None) -> None:
        """Append the head; `accepted` says who accepted what, where this line records an acceptance."""
        line: dict[str, object] = {"seq": head.seq, "mac": head.mac, "at": at.isoformat()}
        if accepted is not None:
            line["accepted"] = accepted
        text = to_json(line).encode() + b"\n"
        descriptor = self._open()
        try:
            written = os.write(descriptor, b"\n" + text if self._torn else text)
        except OSError:
            self._abandon()
            raise
        if written < len(text):
            self._abandon()
            raise OSError("the anchor file took only a part of a line; is its disk full?")
        self._torn = False
        now = time.monotonic()
        self._unsynced_since = now if self._unsynced_since is None else self._unsynced_since
        if accepted is not None or head.seq - self._synced_seq >= RECORDS_PER_SYNC or self.sync_in() == 0:
            self._synced_seq = head.seq
            self.sync()

    def sync_in(self) -> float | None:
        """Return in how many seconds `sync` is due; None where nothing waits for it."""
        if self._unsynced_since is None:
            return None
        return max(0.0, self._unsynced_since + SECONDS_PER_SYNC - time.monotonic())

    def sync(self) -> None:
        """Have the disk keep what was appended."""
        if self._descriptor is not None and self._unsynced_since is not None:
            self._unsynced_since = None
            try:
                os.fsync(self._descriptor)
            except OSError:
                self._abandon()
                raise

    def close(self) -> None:
        """Sync and let go of the file."""
        try:
            self.sync()
        finally:
            self._abandon()

    def _open(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._torn = not _ends_with_a_line(self.path)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def _abandon(self) -> None:
        descriptor, self._descriptor, self._unsynced_since = self._descriptor, None, None
        if descriptor is not None:
            # What could be saved has been saved; an error of close() says nothing about it.
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _ends_with_a_line(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except FileNotFoundError:
        return True


def _parse(line: bytes) -> Anchor | None:
    """Return the anchor in a line; None for an unfinished one."""
    try:
        data = orjson.loads(line)
        return Anchor(int(data["seq"]), str(data["mac"]), str(data["at"]), "accepted" in data)
    except (ValueError, KeyError, TypeError):
        return None


def _newest(path: Path) -> list[Anchor]:
    """Return the newest anchors, oldest first; reads the end of the file only."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - _TAIL))
            lines = file.read(_TAIL).splitlines()
    except FileNotFoundError:
        return []
    return [anchor for line in lines if (anchor := _parse(line)) is not None]


def last_anchor(path: Path) -> Anchor | None:
    """Return the newest anchor; None where there is no file or nothing in it."""
    return next(reversed(_newest(path)), None)


def size_of(path: Path) -> int:
    """Return how many bytes of anchors there are now: what is appended later belongs to a longer chain."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def anchors_in_force(path: Path, size: int, genuine: Genuine) -> Iterator[Anchor]:
    """Yield the anchors among the first `size` bytes, from the last acceptance on: what came before it spoke of a chain
    that an operator has given up. A line is an acceptance where the chain itself says so, and only where it first
    stands: whoever may append here could otherwise have the anchors of a tail that they cut off passed over.
    """
    if not size:
        return
    with path.open("rb") as file:
        start = offset = 0
        seen: set[Anchor] = set()
        for line in file:
            if offset >= size:
                break
            if b'"accepted"' in line and (anchor := _parse(line)) is not None and anchor.accepted:
                if anchor not in seen and genuine(anchor):
                    start = offset
                seen.add(anchor)
            offset += len(line)
        file.seek(offset := start)
        for line in file:
            if offset >= size:
                break
            offset += len(line)
            if (anchor := _parse(line)) is not None:
                yield anchor


def furthest_anchor(path: Path, genuine: Genuine) -> Anchor | None:
    """Return the anchor of the highest record among the newest lines, from the last acceptance on; None where there is
    none. It is the newest one, unless somebody appended a line of their own.
    """
    found: Anchor | None = None
    for anchor in _newest(path):
        if found is None or anchor.seq >= found.seq or (anchor.accepted and genuine(anchor)):
            found = anchor
    return found
