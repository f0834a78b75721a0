"""The simulated workspace: its records, how they change, and who is told when they do.

`World` keeps ids and timestamps unique and tells subscribers (the page and its live updates) what changed. It refuses
nothing: what Slack would refuse is refused before, in `api/`, `acting.py` and `control.py`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from integrations.slack.simulator.clock import Clock, SystemClock
from integrations.slack.simulator.state import (
    ApiCall,
    App,
    Channel,
    DeliveryRecord,
    Device,
    File,
    Json,
    Kind,
    Message,
    ResponseUrl,
    State,
    Trigger,
    User,
    UserGroup,
    View,
    Workspace,
)

LOG_LENGTH = 2000
QUEUE_LENGTH = 1000
TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_URL_LIFE = timedelta(minutes=30)
_STATE: TypeAdapter[State] = TypeAdapter(State)


@dataclass(frozen=True, slots=True)
class Change:
    """What a live page has to draw again. `kind` is one of message, message_changed, message_deleted, ephemeral, view,
    home, channel, user, group, file, device, app, and resync (the listener was too slow and must load everything).
    """

    kind: str
    channel: str = ""
    ts: str = ""
    thread_ts: str = ""
    user: str = ""
    view: str = ""
    device: str = ""


@dataclass
class World:
    """The workspace. `clock` is the time that everything in it follows."""

    state: State = field(default_factory=State)
    clock: Clock = field(default_factory=SystemClock)
    _listeners: set[asyncio.Queue[Change]] = field(default_factory=set, repr=False)
    _threads: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for channel in self.state.channels.values():
            for message in channel.messages.values():
                self._thread(message)

    # -- who listens

    def subscribe(self) -> asyncio.Queue[Change]:
        """Return a queue that gets every change from now on, until `unsubscribe`."""
        queue: asyncio.Queue[Change] = asyncio.Queue(QUEUE_LENGTH)
        self._listeners.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Change]) -> None:
        self._listeners.discard(queue)

    def tell(self, change: Change) -> None:
        """Tell every listener; one that lets its queue fill up gets a single `resync` instead."""
        for queue in self._listeners:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Change("resync"))
            else:
                queue.put_nowait(change)

    # -- files

    @classmethod
    def parse(cls, text: bytes, *, clock: Clock | None = None) -> World:
        """Return the world that `dump` wrote. Raises pydantic's ValidationError for anything else."""
        return cls(_STATE.validate_json(text), clock or SystemClock())

    def dump(self) -> bytes:
        """Return the state as JSON, without its logs; file contents are in base64."""
        return _STATE.dump_json(self.state, exclude={"deliveries", "calls"})

    @classmethod
    def load(cls, path: Path, *, clock: Clock | None = None) -> World:
        return cls.parse(path.read_bytes(), clock=clock)

    def save(self, path: Path) -> None:
        """Write the state so that a crash leaves either the old file or the new one."""
        write_file(path, self.dump())

    # -- ids and times

    def new_id(self, prefix: str) -> str:
        self.state.sequence += 1
        return f"{prefix}0SIM{self.state.sequence:06d}"

    def new_ts(self) -> str:
        """Return a message timestamp: now, and later than every one before."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        self.state.last_ts = max(now, self.state.last_ts + 1)
        return f"{self.state.last_ts // 1_000_000}.{self.state.last_ts % 1_000_000:06d}"

    def seconds(self) -> int:
        return int(self.clock.now().timestamp())

    def new_hash(self) -> str:
        return f"{self.seconds()}.{secrets.token_hex(4)}"

    # -- shortcuts to the records

    @property
    def workspace(self) -> Workspace:
        return self.state.workspace

    @property
    def app(self) -> App:
        return self.state.app

    @property
    def users(self) -> dict[str, User]:
        return self.state.users

    @property
    def channels(self) -> dict[str, Channel]:
        return self.state.channels

    def user(self, who: str) -> User | None:
        """Return the user of that id, handle (with or without @) or full name."""
        wanted = who.removeprefix("@")
        if found := self.state.users.get(wanted):
            return found
        lowered = wanted.casefold()
        return next(
            (u for u in self.state.users.values() if lowered in (u.name.casefold(), u.real_name.casefold())), None
        )

    def channel(self, which: str) -> Channel | None:
        """Return the channel of that id or name (with or without #)."""
        wanted = which.removeprefix("#")
        if not wanted:
            return None
        if found := self.state.channels.get(wanted):
            return found
        return next((c for c in self.state.channels.values() if c.name == wanted and c.kind is not Kind.IM), None)

    def message(self, channel: str, ts: str) -> Message | None:
        """Return a message or ephemeral message."""
        found = self.state.channels.get(channel)
        return (found.messages.get(ts) or found.ephemerals.get(ts)) if found else None

    def view(self, view_id: str) -> View | None:
        """Return an open modal or a home."""
        stacks = (view for stack in self.state.views.values() for view in stack)
        return next((v for v in (*stacks, *self.state.homes.values()) if v.id == view_id), None)

    def top_view(self, user: str) -> View | None:
        """Return the modal that a person sees, or None."""
        stack = self.state.views.get(user)
        return stack[-1] if stack else None

    def direct(self, user: str, other: str = "") -> Channel | None:
        """Return the direct messages between a person and another one (the bot where none is named)."""
        pair = {user, other or self.app.bot_user}
        return next((c for c in self.channels.values() if c.kind is Kind.IM and set(c.members) == pair), None)

    # -- what a person sees

    def channels_of(self, user: str) -> list[Channel]:
        """Return the conversations a person is in, and for full members the public ones too."""
        person = self.state.users[user]
        browses = not person.is_guest and not person.is_stranger and not person.is_bot
        return [c for c in self.channels.values() if user in c.members or (browses and c.kind is Kind.PUBLIC)]

    def visible(self, channel: str, user: str, device: str = "") -> list[Message]:
        """Return a conversation as one device of one person shows it, thread replies and ephemerals included, in order.
        Without a device: the person's active one.
        """
        found = self.state.channels[channel]
        device = device or self.active_device(user)
        own = [m for m in found.ephemerals.values() if m.for_user == user and m.for_device == device]
        return sorted([*found.messages.values(), *own], key=lambda m: m.ts)

    def replies(self, channel: str, ts: str) -> list[Message]:
        """Return a thread's replies, without its first message."""
        messages = self.state.channels[channel].messages
        return [messages[reply] for reply in self._threads.get((channel, ts), ())]

    def _thread(self, message: Message) -> None:
        """Remember a reply under its thread, so that counting replies does not read the whole channel."""
        if message.thread_ts and message.thread_ts != message.ts and not message.ephemeral:
            self._threads.setdefault((message.channel, message.thread_ts), {})[message.ts] = None

    def devices_of(self, user: str) -> list[Device]:
        return [d for d in self.state.devices.values() if d.user == user]

    def active_device(self, user: str) -> str:
        """Return the device that the person used last; ephemeral messages go there."""
        return self.state.active_device.get(user, "")

    def use_device(self, user: str, device: str) -> None:
        if device in self.state.devices:
            self.state.active_device[user] = device

    def reload(self, device: str) -> None:
        """Have a device reload: its ephemeral messages are gone for good, and open modals close."""
        user = self.state.devices[device].user
        for channel in self.channels.values():
            for ts in [m.ts for m in channel.ephemerals.values() if m.for_device == device]:
                del channel.ephemerals[ts]
        self.state.views.pop(user, None)
        self.tell(Change("device", user=user, device=device))

    # -- building

    def add_user(self, name: str, real_name: str = "", *, id: str = "", **details: object) -> User:  # noqa: A002 - Slack's word
        """Add a person with two devices, or with `is_bot=True` a bot; further details are fields of `User`."""
        user = User(id or self.new_id("U"), name, real_name or name.title(), self.workspace.id)
        for key, value in details.items():
            setattr(user, key, value)
        self.state.users[user.id] = user
        for label in () if user.is_bot else ("desktop", "phone"):
            device = Device(f"{user.id}-{label}", user.id, label)
            self.state.devices[device.id] = device
            self.state.active_device.setdefault(user.id, device.id)
        self.tell(Change("user", user=user.id))
        return user

    def add_bot(self) -> User:
        """Add the app's bot user, under the id that the app's record says."""
        return self.add_user(self.app.name, self.app.name, id=self.app.bot_user, is_bot=True)

    def add_channel(
        self,
        name: str,
        members: Iterable[str] = (),
        *,
        kind: Kind = Kind.PUBLIC,
        id: str = "",  # noqa: A002 - Slack's word
        **details: object,
    ) -> Channel:
        """Add a conversation; members are user ids, the first one its creator. Further details are fields of it."""
        people = list(dict.fromkeys(members))
        prefix = {Kind.IM: "D", Kind.PUBLIC: "C", Kind.PRIVATE: "C", Kind.MPIM: "C"}[kind]
        channel = Channel(
            id or self.new_id(prefix), name, kind, people[0] if people else "", self.seconds(), members=people
        )
        for key, value in details.items():
            setattr(channel, key, value)
        self.channels[channel.id] = channel
        self.tell(Change("channel", channel=channel.id))
        return channel

    def open_direct(self, user: str, other: str = "") -> Channel:
        """Return the direct messages of two people (or a person and the bot), made where there are none yet."""
        return self.direct(user, other) or self.add_channel("", (user, other or self.app.bot_user), kind=Kind.IM)

    def add_group(self, handle: str, users: Iterable[str], *, name: str = "", id: str = "") -> UserGroup:  # noqa: A002
        group = UserGroup(id or self.new_id("S"), handle, name or handle, list(users), updated=self.seconds())
        self.state.groups[group.id] = group
        self.tell(Change("group"))
        return group

    # -- changing

    def put_message(self, message: Message) -> None:
        """Add a message, or replace the one with its timestamp."""
        channel = self.state.channels[message.channel]
        shelf = channel.ephemerals if message.ephemeral else channel.messages
        kind = "ephemeral" if message.ephemeral else ("message_changed" if message.ts in shelf else "message")
        shelf[message.ts] = message
        self._thread(message)
        self.tell(
            Change(
                kind,
                channel=message.channel,
                ts=message.ts,
                thread_ts=message.thread_ts,
                user=message.for_user,
                device=message.for_device,
            )
        )

    def drop_message(self, channel: str, ts: str) -> None:
        found = self.state.channels[channel]
        message = found.messages.pop(ts, None) or found.ephemerals.pop(ts, None)
        if message is not None:
            self._threads.get((channel, message.thread_ts), {}).pop(ts, None)
            self.tell(
                Change(
                    "message_deleted",
                    channel=channel,
                    ts=ts,
                    thread_ts=message.thread_ts,
                    user=message.for_user,
                    device=message.for_device,
                )
            )

    def put_view(self, view: View) -> None:
        """Put a modal on top of a person's stack."""
        self.state.views.setdefault(view.user, []).append(view)
        self.tell(Change("view", user=view.user, view=view.id))

    def view_changed(self, view: View) -> None:
        self.tell(Change("home" if view.body.get("type") == "home" else "view", user=view.user, view=view.id))

    def drop_views(self, user: str, count: int | None = None) -> list[View]:
        """Close that many of a person's modals from the top (all without a count); return them, topmost first."""
        stack = self.state.views.get(user, [])
        gone = [stack.pop() for _ in range(len(stack) if count is None else min(count, len(stack)))]
        if gone:
            self.tell(Change("view", user=user, view=gone[0].id))
        return gone

    def put_home(self, view: View) -> None:
        self.state.homes[view.user] = view
        self.tell(Change("home", user=view.user, view=view.id))

    def put_file(self, file: File) -> None:
        self.state.files[file.id] = file
        self.tell(Change("file"))

    def new_trigger(self, user: str, view: str = "") -> str:
        """Return a trigger id: good for 3 seconds, once."""
        now = self.clock.now()
        _forget(self.state.triggers, now - timedelta(minutes=10))
        self.state.sequence += 1
        id_ = f"{self.state.sequence}.{int(now.timestamp())}.{secrets.token_hex(16)}"
        self.state.triggers[id_] = Trigger(id_, user, now + TRIGGER_LIFE, view)
        return id_

    def new_response_url(self, user: str, channel: str, *, command: bool = False, **details: str) -> ResponseUrl:
        """Return where the app may answer five times in 30 minutes."""
        now = self.clock.now()
        _forget(self.state.response_urls, now - timedelta(hours=1))
        found = ResponseUrl(secrets.token_urlsafe(18), user, channel, now + RESPONSE_URL_LIFE, command=command)
        for key, value in details.items():
            setattr(found, key, value)
        self.state.response_urls[found.key] = found
        return found

    def log_delivery(self, record: DeliveryRecord) -> None:
        self.state.deliveries.append(record)
        del self.state.deliveries[:-LOG_LENGTH]

    def log_call(self, method: str, status: int, error: str, arguments: Json) -> None:
        self.state.calls.append(ApiCall(self.clock.now(), method, status, error, arguments))
        del self.state.calls[:-LOG_LENGTH]


def _forget(kept: dict[str, Trigger] | dict[str, ResponseUrl], before: datetime) -> None:
    """Drop what expired before a moment. The oldest stand first, so that looking costs nothing."""
    while kept and kept[first := next(iter(kept))].expires_at < before:
        del kept[first]


def write_file(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it. Blocking: call it in a thread."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    temporary.replace(path)
