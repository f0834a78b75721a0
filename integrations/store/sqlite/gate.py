"""What must hold before a write is let in. Asked in the writer's thread, inside the transaction, so that nothing
changes between the question and the write.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from integrations.errors import Unavailable
from integrations.store.port.audit import AuditEntry, Phase

MIB = 1024 * 1024


class Gate:
    """`read_only` says why no change is accepted, or is empty; `unanchored` says why heads cannot be anchored."""

    def __init__(self, directory: Path, reserve_mib: int) -> None:
        self._directory = directory
        self._reserve_mib = reserve_mib
        self.read_only = ""
        self.unanchored = ""

    def change(self) -> None:
        """Raise Unavailable where the store is read-only."""
        if self.read_only:
            raise Unavailable(f"the store is read-only: {self.read_only}", backend="store")

    def intent(self) -> None:
        """Raise Unavailable where no new change may begin: read-only, too little room, or heads that stay here.

        An outcome needs less: what has happened must be told, and the reserve is there for it.
        """
        self.change()
        if self.unanchored:
            message = f"no change is accepted: the audit chain's heads cannot be anchored ({self.unanchored})"
            raise Unavailable(message, backend="store")
        if self._reserve_mib:
            space = os.statvfs(self._directory)
            free = space.f_bavail * space.f_frsize // MIB
            if free < self._reserve_mib:
                raise Unavailable(
                    f"no change is accepted: {free} MiB of disk space are free, and {self._reserve_mib} MiB are kept "
                    "in reserve for outcomes; make room, then it goes on by itself",
                    backend="store",
                )

    def entries(self, entries: Iterable[AuditEntry]) -> None:
        """Raise Unavailable where one of these entries may not be written."""
        if any(entry.phase is Phase.INTENT for entry in entries):
            self.intent()
        else:
            self.change()
