"""`idp check`: tries every configured connection and says for each whether it is fine, unreachable, refuses the
credentials, or lacks a right, and which; changes nothing.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

from bot import clock
from bot.platform import probe, probe_all
from bot.settings import Settings
from commands._kit.ports import Health, State
from integrations.errors import BackendError, Conflict
from integrations.gitlab.client import GitLabClient
from integrations.slack.client import WebSlack, connect, open_socket
from integrations.slack.scopes import disabled
from integrations.slack.settings import Mode
from integrations.store.sqlite.client import open_store

NEXT = {
    State.UNREACHABLE: "Is the address right, and does the network let this machine out to it?",
    State.CREDENTIALS: "Make a new token or secret and put it where the old one is.",
    State.RIGHTS: "Grant what is named, then check again.",
    State.READ_ONLY: "Look with: idp audit verify",
}


async def check(settings: Settings) -> int:
    """Print one line per connection, and what to do for each that is not fine; return 0 where all are."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(connect(settings.slack))
        gitlab = GitLabClient(settings.gitlab)
        stack.push_async_callback(gitlab.close)
        probes = {"slack": slack.probe, "gitlab": gitlab.probe}
        if settings.slack.mode is Mode.SOCKET:
            probes["slack socket mode"] = lambda: open_socket(settings.slack)
        looks = (*await probe_all(probes, clock.now), await _store(settings))
        for look in looks:
            print(f"{look.backend:18} {look.state.value:18} {look.detail}")
            if look.state is not State.FINE:
                print(f"{'':18} {'':18} {NEXT[look.state]}")
        if looks[0].state is State.FINE:
            await _features(slack)
    return 0 if all(look.state is State.FINE for look in looks) else 1


async def _features(slack: WebSlack) -> None:
    """Say which optional features are off because their scopes are withheld."""
    install = await slack.install()
    for feature, scopes in disabled(install.scopes).items():
        print(f"{'slack':18} {'feature off':18} {feature.value} (withheld: {', '.join(s.name for s in scopes)})")


async def _store(settings: Settings) -> Health:
    try:
        store = await open_store(settings.store, key=settings.audit_key.get_secret_value().encode(), clock=clock.now)
    except Conflict as error:
        return Health("store", State.FINE, f"in use: {error}", clock.now())
    except BackendError as error:
        return Health("store", State.UNREACHABLE, str(error), clock.now())
    try:
        found = await probe("store", store.probe, clock.now)
    finally:
        await store.close()
    return replace(found, state=State.READ_ONLY, detail=store.read_only) if store.read_only else found
