"""What the app hears of the workspace: only events that it subscribed to, has the scope for, and may see.

https://docs.slack.dev/reference/events. Events carry no trigger_id and no response URL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from integrations.slack.simulator import wire
from integrations.slack.simulator.delivery import Answer, Delivery
from integrations.slack.simulator.state import Channel, Json, Kind, Message, User, UserGroup, View
from integrations.slack.simulator.world import World

SCOPES = {
    "app_mention": "app_mentions:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "user_change": "users:read",
}
CHANNEL_TYPES = {Kind.PUBLIC: "channel", Kind.PRIVATE: "group", Kind.IM: "im", Kind.MPIM: "mpim"}


class Events:
    """Each method builds one kind of event and delivers it if the app is to have it; returns the answers to the first
    attempts, none where nothing was due.
    """

    def __init__(self, world: World, delivery: Delivery) -> None:
        self._world = world
        self._delivery = delivery
        self._background: set[asyncio.Task[Any]] = set()
        self.url = ""

    def later(self, coroutine: Any) -> None:
        """Deliver without waiting: an app's own call does not wait for the event that it causes."""
        task = asyncio.create_task(coroutine)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def idle(self) -> None:
        """Return when no first attempt is under way."""
        while self._background:
            await asyncio.gather(*self._background, return_exceptions=True)

    async def stop(self) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def _deliver(self, subscription: str, event: Json, channel: Channel | None = None) -> Sequence[Answer]:
        app = self._world.app
        scope = SCOPES.get(subscription)
        if subscription not in app.events or (scope and scope not in app.scopes) or app.uninstalled:
            return ()
        return (await self._delivery.event(self.wrapped(event, channel)),)

    def wrapped(self, event: Json, channel: Channel | None = None) -> Json:
        """Return an event in the envelope of the Events API, with an event_id of its own."""
        world, app = self._world, self._world.app
        space = world.workspace
        enterprise = space.enterprise_id or None
        payload: Json = {
            "token": app.token,
            "team_id": space.id,
            "context_team_id": space.id,
            "context_enterprise_id": enterprise,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": world.new_id("Ev"),
            "event_time": world.seconds(),
            "authorizations": [
                {
                    "enterprise_id": enterprise,
                    "team_id": space.id,
                    "user_id": app.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": world.new_id("4-"),
        }
        if enterprise:
            payload["enterprise_id"] = enterprise
        return payload

    def _bot_is_in(self, channel: Channel) -> bool:
        return self._world.app.bot_user in channel.members

    def _message_event(self, message: Message, channel: Channel) -> Json:
        event = wire.message_json(self._world, message, url=self.url)
        for key in ("reply_count", "reply_users_count", "latest_reply", "reply_users", "is_locked", "subscribed"):
            event.pop(key, None)
        author = self._world.users.get(message.user)
        if author is not None and author.team_id != self._world.workspace.id:
            event |= {"user_team": author.team_id, "source_team": author.team_id, "team": author.team_id}
        return event | {"channel": channel.id, "event_ts": message.ts, "channel_type": CHANNEL_TYPES[channel.kind]}

    async def posted(self, message: Message) -> Sequence[Answer]:
        """Tell of a message, and where it mentions the bot also of that."""
        channel = self._world.channels[message.channel]
        if message.ephemeral or not self._bot_is_in(channel):
            return ()
        event = self._message_event(message, channel)
        due = [self._deliver(f"message.{channel.kind.value}", event, channel)]
        mentions = (f"<@{self._world.app.bot_user}>", f"<@{self._world.app.bot_user}|")
        if channel.kind is not Kind.IM and not message.bot_id and any(m in message.text for m in mentions):
            gone = ("channel_type", "subtype", "bot_id", "bot_profile")
            mention = {k: v for k, v in event.items() if k not in gone} | {"type": "app_mention"}
            due.append(self._deliver("app_mention", mention, channel))
        return [answer for answers in await asyncio.gather(*due) for answer in answers]

    async def _about_change(self, channel: Channel, subtype: str, details: Json) -> Sequence[Answer]:
        if not self._bot_is_in(channel):
            return ()
        ts = self._world.new_ts()
        event = {
            "type": "message",
            "subtype": subtype,
            **details,
            "channel": channel.id,
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            "channel_type": CHANNEL_TYPES[channel.kind],
        }
        return await self._deliver(f"message.{channel.kind.value}", event, channel)

    async def changed(self, message: Message, before: Json) -> Sequence[Answer]:
        now = wire.message_json(self._world, message, url=self.url)
        channel = self._world.channels[message.channel]
        return await self._about_change(channel, "message_changed", {"message": now, "previous_message": before})

    async def deleted(self, channel: Channel, before: Json) -> Sequence[Answer]:
        details = {"previous_message": before, "deleted_ts": before["ts"]}
        return await self._about_change(channel, "message_deleted", details)

    async def home_opened(self, user: User, channel: Channel, tab: str, home: View | None) -> Sequence[Answer]:
        event: Json = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._world.new_ts(),
        }
        if home is not None and tab == "home":
            event["view"] = wire.view_json(self._world, home)
        return await self._deliver("app_home_opened", event)

    async def joined(self, user: str, channel: Channel, inviter: str = "") -> Sequence[Answer]:
        if not self._bot_is_in(channel) or channel.kind not in (Kind.PUBLIC, Kind.PRIVATE):
            return ()
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind is Kind.PUBLIC else "G",
            "team": self._world.workspace.id,
            "event_ts": self._world.new_ts(),
        }
        return await self._deliver("member_joined_channel", event | ({"inviter": inviter} if inviter else {}), channel)

    async def user_changed(self, user: User) -> Sequence[Answer]:
        event = {
            "type": "user_change",
            "user": wire.user_json(self._world, user),
            "cache_ts": self._world.seconds(),
            "event_ts": self._world.new_ts(),
        }
        return await self._deliver("user_change", event)

    async def group_changed(self, group: UserGroup, before: Sequence[str]) -> Sequence[Answer]:
        """Tell of a user group's new members, in both events that Slack has for it."""
        added = [u for u in group.users if u not in before]
        removed = [u for u in before if u not in group.users]
        members = {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": self._world.workspace.id,
            "date_previous_update": group.updated,
            "date_update": self._world.seconds(),
            "added_users": added,
            "added_users_count": str(len(added)),
            "removed_users": removed,
            "removed_users_count": str(len(removed)),
            "event_ts": self._world.new_ts(),
        }
        updated = {
            "type": "subteam_updated",
            "subteam": wire.group_json(self._world, group, members=True),
            "event_ts": self._world.new_ts(),
        }
        answers = await asyncio.gather(
            self._deliver("subteam_members_changed", members), self._deliver("subteam_updated", updated)
        )
        return [answer for some in answers for answer in some]

    async def tokens_revoked(self) -> Sequence[Answer]:
        event = {
            "type": "tokens_revoked",
            "tokens": {"oauth": [], "bot": [self._world.app.bot_user]},
            "event_ts": self._world.new_ts(),
        }
        return await self._deliver("tokens_revoked", event)

    async def uninstalled(self) -> Sequence[Answer]:
        return await self._deliver("app_uninstalled", {"type": "app_uninstalled", "event_ts": self._world.new_ts()})
