"""Events: messages and mentions are commands, the home tab is published, and what Slack says of people is forgotten
at once so that it is asked again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from bot.frontends.slack import home, slash
from bot.frontends.slack.front import Front
from bot.identity import SlackPrincipal
from integrations.slack import Install

log = structlog.get_logger(__name__)
Json = Mapping[str, Any]
Handler = Callable[[Json], Awaitable[None]]


class Events:
    """Each event id is acted on once, also after a restart."""

    def __init__(self, front: Front, install: Install, stop_workspace: Callable[[str], None]) -> None:
        self._front = front
        self._install = install
        self._stop_workspace = stop_workspace
        self._handlers: dict[str, Handler] = {
            "message": self._message,
            "app_mention": self._message,
            "app_home_opened": self._home_opened,
            "user_change": self._person_changed,
            "subteam_updated": self._groups_changed,
            "subteam_members_changed": self._groups_changed,
            "tokens_revoked": self._revoked,
            "app_uninstalled": self._uninstalled,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The events that the app listens to; the manifest subscribes to these."""
        return tuple(self._handlers)

    async def take(self, body: Json) -> None:
        """Act on an event once."""
        handler = self._handlers.get(str(body.get("event", {}).get("type", "")))
        event_id = str(body.get("event_id", ""))
        if handler is None or not event_id:
            return

        async def act() -> bool:
            await handler(body)
            return True

        await self._front.once.run(f"event:{event_id}", act, repeated=True)

    async def _message(self, body: Json) -> None:
        event = body["event"]
        if event.get("type") == "message" and event.get("channel_type") != "im":
            return
        slash.message(self._front, body, self._install.team, self._install.bot_user)

    async def _home_opened(self, body: Json) -> None:
        event = body["event"]
        if event.get("tab", "home") == "home":
            team = str(body.get("team_id") or self._install.team)
            await home.opened(self._front, SlackPrincipal(team, str(event["user"])))

    async def _person_changed(self, body: Json) -> None:
        user = str(body["event"].get("user", {}).get("id", ""))
        self._front.dispatch.identity.forget(user)
        await home.changed(self._front, user)

    async def _groups_changed(self, body: Json) -> None:
        del body
        self._front.dispatch.identity.forget()
        await home.changed(self._front)

    async def _revoked(self, body: Json) -> None:
        if body["event"].get("tokens", {}).get("bot"):
            self._stop_workspace("The app's tokens were revoked in this workspace")

    async def _uninstalled(self, body: Json) -> None:
        del body
        self._stop_workspace("The app was uninstalled from this workspace")
