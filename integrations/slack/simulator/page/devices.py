"""Browser windows: every load of the page is a device of its person, with its own place in the workspace.

Ephemeral messages belong to a device and go with it; a reload is a new device. What a window shows is kept here, on the
server, so that one ordered stream can tell it everything and no answer can overtake another.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aiohttp import web

from integrations.slack.simulator.state import Device
from integrations.slack.simulator.world import Change, World

PAGE = 100
FORGOTTEN_AFTER = timedelta(minutes=5)
PREFIX = "page-"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a window is: a conversation, a tab of the app's (`home` or `messages`), an open thread, and how many
    messages back.
    """

    channel: str = ""
    tab: str = "messages"
    thread: str = ""
    limit: int = PAGE


@dataclass
class Window:
    """One load of the page. `changes` collects what happens from the moment the page was drawn; `drawn` says that
    a stream has begun to follow, so that the next one has to start afresh.
    """

    id: str
    user: str
    place: Place
    changes: asyncio.Queue[Change]
    seen: datetime
    streams: list[web.Request] = field(default_factory=list)
    drawn: bool = False

    @property
    def looked_at(self) -> bool:
        """Whether a browser is connected; a closed one is noticed at once, though its stream ends at the next beat."""
        return any(r.transport is not None and not r.transport.is_closing() for r in self.streams)

    def go(self, place: Place) -> None:
        """Move; the stream draws the new place in its turn among all other changes."""
        kind = "place"
        if replace(place, thread="") == replace(self.place, thread=""):
            kind = "thread"
        elif replace(place, limit=0) == replace(self.place, limit=0):
            kind = "older"
        self.place = place
        self.changes.put_nowait(Change(kind))


@dataclass
class Windows:
    """All windows that are open or were until shortly, and how far each person has read."""

    world: World
    windows: dict[str, Window] = field(default_factory=dict)
    read: dict[tuple[str, str], str] = field(default_factory=dict)
    start: str = ""

    def __post_init__(self) -> None:
        """Forget the windows of an earlier run, and take what is there already as read."""
        self.start = self.world.new_ts()
        for device in [d for d in self.world.state.devices if d.startswith(PREFIX)]:
            self._drop_device(device)

    def open(self, user: str, place: Place) -> Window:
        """Return a new window of that person's, which becomes the active device."""
        self.forget()
        if not any(w.looked_at for w in self.windows.values() if w.user == user):
            self.world.drop_views(user)  # a reload closes what was open, as in Slack
        now = self.world.clock.now()
        window = Window(PREFIX + secrets.token_urlsafe(12), user, place, self.world.subscribe(), now)
        self.windows[window.id] = window
        self.world.state.devices[window.id] = Device(window.id, user, "browser")
        self.world.use_device(user, window.id)
        return window

    def forget(self) -> None:
        """Drop windows that nobody looks at any more, with their ephemeral messages."""
        now = self.world.clock.now()
        for window in list(self.windows.values()):
            if not window.looked_at and now - window.seen > FORGOTTEN_AFTER:
                del self.windows[window.id]
                self.world.unsubscribe(window.changes)
                self._drop_device(window.id)

    def _drop_device(self, device: str) -> None:
        owner = self.world.state.devices.pop(device).user
        for channel in self.world.channels.values():
            for ts in [m.ts for m in channel.ephemerals.values() if m.for_device == device]:
                del channel.ephemerals[ts]
        if self.world.state.active_device.get(owner) == device:
            others = self.world.devices_of(owner)
            self.world.state.active_device[owner] = others[0].id if others else ""

    def read_until(self, user: str, channel: str) -> str:
        return self.read.get((user, channel), self.start)

    def mark_read(self, user: str, channel: str) -> bool:
        """Take everything in a conversation as read; return whether anything was not."""
        found = self.world.channels.get(channel)
        last = next(reversed(found.messages), "") if found else ""
        unread = last > self.read_until(user, channel)
        if unread:
            self.read[user, channel] = last
        return unread

    def unread(self, user: str, channel: str) -> int:
        """Return how many messages of others came since the person last looked."""
        mark = self.read_until(user, channel)
        count = 0
        for message in reversed(self.world.channels[channel].messages.values()):
            if message.ts <= mark:
                break
            count += message.user != user
        return count
