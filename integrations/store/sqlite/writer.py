"""The one thread that writes. Jobs that arrive while it is busy share the next transaction, and so its one fsync.

A job is a function of the connection and of nothing else: where a whole transaction is lost (a full disk), its jobs are
run again one by one, so that each gets its own answer. A future is resolved after COMMIT, never before.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from integrations.errors import Unavailable
from integrations.store.sqlite.connection import BUSY_SECONDS, Connection, Job, translate

T = TypeVar("T")

# Bounds how long the first job of a batch waits for the last one's row.
LARGEST_BATCH = 1000


class _Work(NamedTuple):
    run: Job[Any]
    future: asyncio.Future[Any]
    then: Job[None] | None


class _Done(NamedTuple):
    work: _Work
    value: Any
    error: BaseException | None


class _Lost(Exception):
    """An error took the whole transaction with it, other jobs' rows too; its cause says which error."""


class Writer:
    """`open_` is run in the thread and returns its connection; `committed` is told after every COMMIT; `idle` is called
    when there is nothing to do and returns in how many seconds it wants to be called again; `close` ends the thread.
    """

    def __init__(
        self,
        open_: Callable[[], Connection],
        committed: Callable[[Connection], None],
        idle: Callable[[], float | None],
        close: Callable[[Connection | None], None],
    ) -> None:
        self._open = open_
        self._committed = committed
        self._idle = idle
        self._close = close
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._closing = False
        self._batch: list[_Work] = []
        # What is acknowledged is committed, so nothing is lost where the interpreter ends without close().
        self._thread = threading.Thread(target=self._main, name="store-writer", daemon=True)

    async def start(self) -> None:
        """Open the connection in the thread. Raises what opening raised, translated."""
        self._thread.start()
        try:
            await asyncio.shield(self._opened)
        except asyncio.CancelledError:
            self._closing = True
            self._queue.put(None)
            raise

    def submit(self, run: Job[T], *, then: Job[None] | None = None) -> asyncio.Future[T]:
        """Queue a job; the future has its value once it is committed. `then` runs after the COMMIT, outside it."""
        if self._closing:
            raise _closed()
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Work(run, future, then))
        return future

    async def write(self, run: Job[T], *, then: Job[None] | None = None) -> T:
        """Return the job's value once it is committed. A cancelled caller leaves the write on its way."""
        return await asyncio.shield(self.submit(run, then=then))

    @property
    def waiting(self) -> int:
        """How many jobs are queued."""
        return self._queue.qsize()

    async def stop(self) -> None:
        """Commit what is queued and end the thread."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.shield(self._ended)

    # -- in the thread

    def _main(self) -> None:
        connection: Connection | None = None
        failed: BaseException | None = None
        try:
            connection = self._open()
        except BaseException as error:  # noqa: BLE001 - whatever it is, start() raises it
            failed = error
        try:
            if connection is not None:
                self._tell(_resolve, self._opened, None, None)
                self._serve(connection)
        finally:
            self._closing = True
            try:
                self._close(connection)
            finally:
                # Told last: whoever hears that opening failed may try again, and must find the lock released.
                self._tell(_settle, [_Done(work, None, _closed()) for work in (*self._batch, *self._left())])
                self._tell(_resolve, self._opened, None, translate(failed))
                self._tell(_resolve, self._ended, None, None)

    def _left(self) -> list[_Work]:
        left = []
        with contextlib.suppress(queue.Empty):
            while True:
                left.append(self._queue.get_nowait())
        return [work for work in left if work is not None]

    def _serve(self, connection: Connection) -> None:
        going = True
        while going:
            try:
                first = self._queue.get(timeout=self._idle())
            except queue.Empty:
                continue
            batch = self._batch = []
            work = first
            while work is not None:
                batch.append(work)
                if len(batch) == LARGEST_BATCH:
                    break
                try:
                    work = self._queue.get_nowait()
                except queue.Empty:
                    break
            going = work is not None
            if batch:
                self._tell(_settle, self._transact(connection, batch))

    def _transact(self, connection: Connection, batch: Sequence[_Work]) -> list[_Done]:
        try:
            done = _together(connection, batch)
        except (sqlite3.Error, _Lost) as error:
            _roll_back(connection)
            truncate_journal(connection)
            if len(batch) == 1:
                return [_Done(batch[0], None, translate(error.__cause__ if isinstance(error, _Lost) else error))]
            return [done for work in batch for done in self._transact(connection, (work,))]
        for one in done:
            if one.error is None and one.work.then is not None:
                one.work.then(connection)
        self._committed(connection)
        return done

    def _tell(self, function: Callable[..., None], *arguments: Any) -> None:
        # A loop that is closed has nobody waiting.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)


def _together(connection: Connection, batch: Sequence[_Work]) -> list[_Done]:
    """Run the jobs in one transaction, each in its savepoint. Raises _Lost or sqlite3.Error where all of it is lost."""
    done = []
    connection.execute("BEGIN IMMEDIATE")
    for work in batch:
        connection.execute("SAVEPOINT job")
        try:
            value = work.run(connection)
        except BaseException as error:
            # It is raised where the job is awaited. A full disk or an I/O error may have rolled the whole transaction
            # back, the other jobs' rows with it.
            if not connection.in_transaction:
                raise _Lost from error
            connection.execute("ROLLBACK TO job")
            connection.execute("RELEASE job")
            done.append(_Done(work, None, translate(error)))
        else:
            connection.execute("RELEASE job")
            done.append(_Done(work, value, None))
    connection.execute("COMMIT")
    return done


def _roll_back(connection: Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def truncate_journal(connection: Connection) -> None:
    """Move what the journal holds into the database and cut the journal to nothing, if no reader is in the way.

    On a full disk that may be all the room there is; after an anonymous answer it removes the order of writing.
    """
    with contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout = 200")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _closed() -> Unavailable:
    return Unavailable("the store is closed", backend="store")


def _resolve(future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _settle(done: Sequence[_Done]) -> None:
    for work, value, error in done:
        _resolve(work.future, value, error)
