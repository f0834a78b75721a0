"""One process at a time uses a data directory: two writers would each believe that the chain ends with their record."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from integrations.errors import Conflict


class DirectoryLock:
    """An exclusive lock, held until `release` or the end of the process, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, directory: Path) -> DirectoryLock:
        """Return the held lock. Raises Conflict, with the other's process id, where another process has it."""
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # flock, not lockf: it belongs to the open file, so that it also keeps out a second store in this process.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise Conflict(
                f"another idp process uses this data directory: pid {holder or 'unknown'}; use it, or stop it",
                backend="store",
            ) from error
        except OSError:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(descriptor)

    def release(self) -> None:
        """Let another process have the directory. The file stays: removing it could remove another's lock."""
        os.close(self._descriptor)
