from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from integrations.errors import Conflict
from integrations.store import AuditQuery
from tests.integrations.store.conftest import SqliteBackend

CHILD = """
import asyncio, os, pathlib, sys
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests.integrations.store.samples import KEY, Clock, entry, intent, message, operation, service, step

async def write(store, who):
    n = 0
    while True:
        await store.operations.start(operation(f"{who}-{n}"), intent(request_id=f"{who}-{n}"))
        epoch = (await store.operations.drive(f"{who}-{n}")).epoch
        await store.operations.record_step(f"{who}-{n}", epoch, step(), [entry()], [message(f"{who}-{n}")])
        await store.catalogue.put([service(f"{who}-{n}", 1 + who * 10**6 + n)], [])
        os.write(1, f"{who}-{n}\\n".encode())
        n += 1

async def main():
    settings = StoreSettings(data_dir=pathlib.Path(sys.argv[1]), reserve_mib=0)
    store = await open_store(settings, key=KEY, clock=Clock())
    os.write(1, b"open\\n")
    await asyncio.gather(*(write(store, who) for who in range(8)))

import logging, structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
asyncio.run(main())
"""


async def start(folder: Path) -> asyncio.subprocess.Process:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(folder), stdout=asyncio.subprocess.PIPE, env=environment
    )


async def kill(child: asyncio.subprocess.Process) -> bytes:
    """Kill the process as a power cut would, and return what it had still said."""
    assert child.stdout is not None
    child.send_signal(signal.SIGKILL)
    rest = await child.stdout.read()
    await child.wait()
    return rest


async def test_a_killed_process_leaves_all_that_it_acknowledged(sqlite: SqliteBackend) -> None:
    """After kill -9 in the middle of writes the chain is valid, and whatever was acknowledged is there in full."""
    for crash in range(2):
        folder = sqlite.settings.data_dir
        child = await start(folder)
        assert child.stdout is not None
        said = b"".join([await child.stdout.readline() for _ in range(60)]) + await kill(child)
        acknowledged = [line for line in said.decode().split("\n")[1:-1] if line]
        assert len(acknowledged) >= 59
        store = await sqlite.open()
        assert store.read_only == ""
        found = await store.audit.verify()
        assert found.ok, found.message
        unfinished = {operation.id: operation for operation in await store.operations.unfinished()}
        messages = {delivery.message.key for delivery in await store.outbox.due(sqlite.now(), limit=10**6)}
        for name in acknowledged:
            assert len(unfinished[name].steps) == 1
            assert name in messages
            assert await store.catalogue.service(name) is not None
        intents = (await store.audit.query(AuditQuery(limit=10**6))).items
        assert {r.entry.request_id for r in intents} >= set(acknowledged)
        await store.close()
        sqlite.move_to(f"again-{crash}")


async def test_a_second_process_is_told_who_has_the_data(sqlite: SqliteBackend) -> None:
    """The lock names its holder, and ends with the holder, however it ends."""
    child = await start(sqlite.settings.data_dir)
    assert child.stdout is not None
    await child.stdout.readline()
    refused = None
    try:
        await sqlite.open()
    except Conflict as error:
        refused = str(error)
    await kill(child)
    assert refused == f"another idp process uses this data directory: pid {child.pid}; use it, or stop it"
    store = await sqlite.open()
    assert (await store.audit.verify()).ok
