"""The one group that owns every task of the process.

A task's exception never reaches its siblings, and nothing is dropped silently: what does not finish within the
deadline at the end is cancelled and named in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Stopping(Exception):
    """Nothing new starts: the process is on its way down."""


class Tasks:
    """`spawn` starts work, `drain` ends it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def stopping(self) -> bool:
        return self._closed

    def spawn(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start work. Raises Stopping once `drain` has begun."""
        if self._closed:
            work.close()
            raise Stopping(name)
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task failed", task=task.get_name(), exc_info=error)

    def close(self) -> None:
        """Let nothing new start; what runs goes on."""
        self._closed = True

    async def drain(self, deadline: float) -> tuple[str, ...]:
        """Wait `deadline` seconds for what runs, then cancel the rest; return the names of what was cancelled."""
        self.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=deadline)
        left = tuple(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        names = tuple(sorted(task.get_name() for task in left))
        if names:
            log.warning("work was cut off at the deadline", tasks=names)
        return names
