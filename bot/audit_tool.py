"""`idp audit verify` and `idp audit accept`: the audit chain, looked at from outside the running process."""

from __future__ import annotations

import asyncio

from bot import clock
from bot.frontends.terminal import running_as
from bot.identity import OsPrincipal
from bot.settings import Settings
from integrations.store.sqlite.client import open_store
from integrations.store.sqlite.verification import verify_offline


async def verify(settings: Settings) -> int:
    """Check every link against key and anchors, whether or not the process runs; return 0 where all is well."""
    key = settings.audit_key.get_secret_value().encode()
    found = await asyncio.to_thread(verify_offline, settings.store, key)
    if found.ok:
        print(f"ok: {found.records} records, {found.anchors} anchors agree, head {found.head.seq} {found.head.mac}")
        return 0
    where = f" at record {found.broken_at}" if found.broken_at is not None else ""
    print(f"BROKEN{where}: {found.message}")
    return 1


async def accept(settings: Settings, reason: str) -> int:
    """Accept a store that is behind its anchor (a restored backup), on the record; return 0 where it was needed."""
    if not reason.strip():
        print("Say why with --reason: it is written into the audit trail.")
        return 2
    store = await open_store(settings.store, key=settings.audit_key.get_secret_value().encode(), clock=clock.now)
    try:
        if not store.read_only:
            print("The store is not read-only; there is nothing to accept.")
            return 2
        print(f"Accepting: {store.read_only}")
        await store.accept(reason=reason, by=OsPrincipal(running_as()).id)
    finally:
        await store.close()
    return 0
