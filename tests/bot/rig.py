"""What the tests of the process share: time that is told, Slack and GitLab kept in memory, and a loop whose time jumps.

The in-memory backends keep the ports' promises; `broken` makes a method raise, as often as it is asked.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.settings import Settings
from integrations.errors import BackendError, Conflict, NotFound
from integrations.gitlab import Member
from integrations.slack import Conversation, Install, MessageRef, SlackPerson, UserGroup
from integrations.store import AuditEntry, Operation, Operations, OperationState, Outgoing, StepResult
from integrations.store.sqlite.client import SqliteStore
from tests.commands.in_memory import GitLab

T = TypeVar("T")
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
MakeSettings = Callable[..., Settings]
KEY = "a key that is kept outside the store"
INSTALL = Install("T1", "", "UBOT", "B1", "A1", "https://acme.slack.com/", frozenset({"chat:write"}))


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Sleeps:
    """A sleep that takes no time and remembers how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: where the loop would wait, its time is moved instead."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.ahead += timeout
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.ahead


async def until(fulfilled: Callable[[], object]) -> None:
    """Let others work until this is fulfilled. It is for what has no event to wait for."""
    async with asyncio.timeout(10):
        while not fulfilled():  # noqa: ASYNC110 - what is waited for is state of the code under test
            await asyncio.sleep(0)


def in_jumping_time(work: Coroutine[Any, Any, T]) -> T:
    """Run work in a loop in which every wait ends at once and the loop's time has passed. Not for threads."""
    loop = _JumpingLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


async def make_read_only(store: SqliteStore) -> None:
    """Have the store's database refuse every write from now on, as a disk that is mounted read-only does."""
    await store._writer.write(lambda connection: connection.execute("PRAGMA query_only = ON").close())


@dataclass
class UnsureOperations:
    """The store's operations. What is in `broken` for a method is raised instead of its next calls."""

    real: Operations
    broken: dict[str, list[BackendError]] = field(default_factory=dict)

    def _ask(self, method: str) -> None:
        if wrong := self.broken.get(method):
            raise wrong.pop(0)

    async def start(
        self, operation: Operation, intent: AuditEntry, *, offer_id: str = "", unique_key: str = ""
    ) -> Operation:
        self._ask("start")
        return await self.real.start(operation, intent, offer_id=offer_id, unique_key=unique_key)

    async def drive(self, operation_id: str) -> Operation:
        self._ask("drive")
        return await self.real.drive(operation_id)

    async def record_step(
        self,
        operation_id: str,
        epoch: int,
        step: StepResult,
        audit: Sequence[AuditEntry],
        outgoing: Sequence[Outgoing],
    ) -> bool:
        self._ask("record_step")
        return await self.real.record_step(operation_id, epoch, step, audit, outgoing)

    async def finish(
        self,
        operation_id: str,
        epoch: int,
        state: OperationState,
        outcome: AuditEntry,
        *,
        failure: Mapping[str, Any] | None = None,
        outgoing: Sequence[Outgoing] = (),
    ) -> bool:
        self._ask("finish")
        return await self.real.finish(operation_id, epoch, state, outcome, failure=failure, outgoing=outgoing)

    async def unfinished(self) -> tuple[Operation, ...]:
        self._ask("unfinished")
        return await self.real.unfinished()

    async def operation(self, operation_id: str) -> Operation | None:
        return await self.real.operation(operation_id)


def slack_person(user: str, *flags: str, name: str = "") -> SlackPerson:
    """Return a full member, or whoever the flags make of them (`guest`, `stranger`, `deactivated`, `bot`)."""
    deactivated, guest, stranger, bot = (flag in flags for flag in ("deactivated", "guest", "stranger", "bot"))
    return SlackPerson(user, "T1", "", name or user.lower(), "Europe/Berlin", deactivated, guest, stranger, bot)


@dataclass
class InMemorySlack:
    """One workspace. `broken` maps a method to what it raises; `asked` lists what was asked, in order."""

    people: dict[str, SlackPerson] = field(default_factory=dict)
    groups: list[UserGroup] = field(default_factory=list)
    channels: dict[str, Conversation] = field(default_factory=dict)
    in_channel: dict[str, frozenset[str]] = field(default_factory=dict)
    strangers: frozenset[str] = frozenset()
    installed: Install = INSTALL
    broken: dict[str, BackendError | list[BackendError | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    posted: list[tuple[str, Mapping[str, Any], str, str]] = field(default_factory=list)
    updated: list[Mapping[str, Any]] = field(default_factory=list)
    whispered: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    responded: list[Mapping[str, Any]] = field(default_factory=list)
    homes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    views: list[Mapping[str, Any]] = field(default_factory=list)

    def _ask(self, method: str) -> None:
        self.asked.append(method)
        wrong = self.broken.get(method)
        if isinstance(wrong, list):
            wrong = wrong.pop(0) if wrong else None
        if wrong is not None:
            raise wrong

    async def install(self) -> Install:
        self._ask("install")
        return self.installed

    async def probe(self) -> str:
        self._ask("probe")
        return "workspace T1"

    async def post(self, channel: str, body: Mapping[str, Any], *, thread: str = "", key: str = "") -> MessageRef:
        self._ask("post")
        self.posted.append((channel, body, thread, key))
        return MessageRef(channel, f"{len(self.posted)}.0")

    async def find(self, channel: str, key: str, *, since: str) -> MessageRef | None:
        self._ask("find")
        assert float(since) > 0
        there = [number for number, (_, _, _, k) in enumerate(self.posted, 1) if k == key]
        return MessageRef(channel, f"{there[0]}.0") if there else None

    async def update(self, ref: MessageRef, body: Mapping[str, Any]) -> None:
        assert ref.ts
        self._ask("update")
        self.updated.append(body)

    async def delete(self, ref: MessageRef) -> None:
        assert ref.ts
        self._ask("delete")

    async def whisper(self, channel: str, user: str, body: Mapping[str, Any], *, thread: str = "") -> None:
        assert thread is not None
        self._ask("whisper")
        self.whispered.append((channel, user, body))

    async def respond(self, response_url: str, body: Mapping[str, Any]) -> None:
        assert response_url
        self._ask("respond")
        self.responded.append(body)

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> tuple[str, str]:
        self._ask("open_view")
        if not trigger_id:
            raise Conflict("the trigger has expired", backend="slack")
        self.views.append(view)
        return f"V{len(self.views)}", "hash"

    async def push_view(self, trigger_id: str, view: Mapping[str, Any]) -> tuple[str, str]:
        return await self.open_view(trigger_id, view)

    async def update_view(self, view_id: str, view: Mapping[str, Any], *, view_hash: str = "") -> tuple[str, str]:
        self._ask("update_view")
        self.views.append(view)
        return view_id, view_hash

    async def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        self._ask("publish_home")
        self.homes[user] = view

    async def person(self, user: str) -> SlackPerson:
        self._ask("person")
        if user not in self.people:
            raise NotFound("user_not_found", backend="slack")
        return self.people[user]

    async def user_groups(self) -> Sequence[UserGroup]:
        self._ask("user_groups")
        return self.groups

    async def conversation(self, channel: str) -> Conversation:
        self._ask("conversation")
        if channel not in self.channels:
            raise NotFound("channel_not_found", backend="slack")
        return self.channels[channel]

    async def members(self, channel: str) -> frozenset[str]:
        self._ask("members")
        return self.in_channel.get(channel, frozenset())

    async def guests(self) -> frozenset[str]:
        self._ask("guests")
        return self.strangers

    async def permalink(self, ref: MessageRef) -> str:
        self._ask("permalink")
        return f"https://acme.slack.com/archives/{ref.channel}/p{ref.ts}"

    async def upload(
        self, channel: str, name: str, content: bytes, *, title: str = "", alt_text: str = "", thread: str = ""
    ) -> str:
        assert name
        assert content is not None
        assert (title, alt_text, thread) is not None
        self._ask("upload")
        return f"F-{channel}"

    async def close(self) -> None:
        self._ask("close")


@dataclass
class Groups(GitLab):
    """GitLab of which only the groups' members are asked: `people` maps a group to access by user id."""

    people: dict[str, dict[int, int]] = field(default_factory=dict)
    blocked: frozenset[int] = frozenset()

    async def members(self, group: str) -> tuple[Member, ...]:
        self.asked.append(group)
        if group in self.broken:
            raise self.broken[group]
        if group not in self.people:
            raise NotFound(f"no group {group}", backend="gitlab")
        return tuple(
            Member(user, f"user{user}", f"User {user}", access, user not in self.blocked)
            for user, access in self.people[group].items()
        )
