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
from integrations.errors import BackendError, Conflict, NotFound
from integrations.gitlab.client import GitLabClient
from integrations.slack.client import WebSlack, connect, open_socket
from integrations.slack.scopes import disabled
from integrations.slack.settings import Mode
from integrations.store.sqlite.client import open_store

NEXT = {
    State.UNREACHABLE: "Is the address right, and does the network let this machine out to it?",
    State.CREDENTIALS: "Make a new one and put it in the place of the old one",
    State.RIGHTS: "Grant what is named, then check again.",
    State.READ_ONLY: "Look with: ./idp audit verify",
}
WHERE = {"slack": "IDP_SLACK__BOT_TOKEN", "slack socket mode": "IDP_SLACK__APP_TOKEN", "gitlab": "IDP_GITLAB__TOKEN"}


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
            _line(look.backend, look.state.value, look.detail)
            if look.state is not State.FINE:
                setting = WHERE.get(look.backend) if look.state is State.CREDENTIALS else None
                _line("", "", f"{NEXT[look.state]}{f' ({setting}).' if setting else ''}")
        well = {look.backend: look.state is State.FINE for look in looks}
        if looks[0].state in (State.FINE, State.RIGHTS):
            await _features(slack)
        groups = not well["gitlab"] or await _groups(gitlab, settings)
    return 0 if groups and all(well.values()) else 1


def _line(what: str, state: str, detail: str) -> None:
    print(f"{what:18} {state:18} {detail}")


async def _groups(gitlab: GitLabClient, settings: Settings) -> bool:
    """Say which groups that give roles GitLab does not show; return whether it shows all of them."""
    complete = True
    for role, setting in settings.roles.items():
        for group in setting.gitlab_groups:
            try:
                await gitlab.members(group)
            except BackendError as error:
                _line("gitlab", "no such group" if isinstance(error, NotFound) else "no answer", f"{group}: {error}")
                _line(
                    "", "", f"Nobody is {role.words} by it. Is the path right, and is the bot's token one of its own?"
                )
                complete = False
    return complete


async def _features(slack: WebSlack) -> None:
    """Say which optional features are off because their scopes are withheld."""
    install = await slack.install()
    for feature, scopes in disabled(install.scopes).items():
        _line("slack", "feature off", f"{feature.value} (withheld: {', '.join(s.name for s in scopes)})")


async def _store(settings: Settings) -> Health:
    try:
        store = await open_store(settings.store, key=settings.audit_key.get_secret_value().encode(), clock=clock.now)
    except Conflict as error:
        return Health("store", State.FINE, str(error).partition(";")[0], clock.now())
    except BackendError as error:
        return Health("store", State.UNREACHABLE, str(error), clock.now())
    try:
        found = await probe("store", store.probe, clock.now)
    finally:
        await store.close()
    return replace(found, state=State.READ_ONLY, detail=store.read_only) if store.read_only else found
