"""A conversation as one person sees it on one device: its messages with authors, days, threads and files resolved.

Pure reading of the world; the templates draw what comes out of here.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from integrations.slack.simulator.page.blocks import blocks_html
from integrations.slack.simulator.page.choices import Scope
from integrations.slack.simulator.page.mrkdwn import mrkdwn, unescaped
from integrations.slack.simulator.page.reader import Reader, clock, day, zone_of
from integrations.slack.simulator.state import Channel, File, Kind, Message, User
from integrations.slack.simulator.world import World

COLOURS = 8
JOIN_WITHIN = 300
SLACKBOT = User("USLACKBOT", "slackbot", "Slackbot", "", is_bot=True)  # speaks for Slack itself
PREVIEWS = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    initials: str
    colour: int
    app: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    replies: int
    authors: tuple[Author, ...]
    last: str


@dataclass(frozen=True, slots=True)
class Attached:
    id: str
    name: str
    title: str
    alt_text: str
    size: str
    picture: bool


@dataclass(frozen=True, slots=True)
class Reaction:
    name: str
    count: int
    who: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A message ready to be drawn. `day` is set where a new day begins, `follows` where it continues the author's."""

    message: Message
    author: Author
    content: Markup
    time: str
    moment: str
    day: str = ""
    follows: bool = False
    mine: bool = False
    raw: str = ""
    thread: Thread | None = None
    files: tuple[Attached, ...] = ()
    reactions: tuple[Reaction, ...] = field(default=())


def reader_for(world: World, user: str) -> Reader:
    """Return what that person may see by name."""
    person = world.users[user]
    seen = {c.id: c.name for c in world.channels_of(user) if c.kind in (Kind.PUBLIC, Kind.PRIVATE)}
    return Reader(
        id=user,
        people={u.id: u.real_name or u.name for u in world.users.values() if not u.deleted},
        channels=seen,
        groups={g.id: g.handle for g in world.state.groups.values()},
        zone=zone_of(person.tz),
        now=world.clock.now(),
    )


def author_of(world: World, user_id: str) -> Author:
    """Return a user as the page shows one; somebody who is not in the workspace goes by the id."""
    unknown = SLACKBOT if user_id in ("", SLACKBOT.id) else User(user_id, user_id, user_id, "")
    user = world.users.get(user_id) or unknown
    words = (user.real_name or user.name).split()
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:]) if word).upper()
    notes = ((user.deleted, "deactivated"), (user.is_stranger, "external"), (user.is_guest, "guest"))
    note = next((text for holds, text in notes if holds), "")
    return Author(
        user.real_name or user.name, initials or "?", zlib.crc32(user.id.encode()) % COLOURS, user.is_bot, note
    )


def title_of(world: World, channel: Channel, user: str) -> str:
    """Return a conversation's name for that person: direct messages go by the others in them."""
    if channel.kind is Kind.IM or (channel.kind is Kind.MPIM and not channel.name):
        others = [m for m in channel.members if m != user] or [user]
        return ", ".join(author_of(world, other).name for other in others)
    return channel.name


def in_log(message: Message) -> bool:
    """Return whether a message stands in the conversation itself, not only in a thread."""
    return not message.thread_ts or message.thread_ts == message.ts or message.subtype == "thread_broadcast"


def threads_in(world: World, messages: Sequence[Message], reader: Reader) -> dict[str, Thread]:
    """Return each thread's summary by the timestamp of its first message, in one pass."""
    found: dict[str, list[Message]] = {}
    for message in messages:
        if message.thread_ts and message.thread_ts != message.ts and not message.ephemeral:
            found.setdefault(message.thread_ts, []).append(message)
    return {
        ts: Thread(
            len(replies),
            tuple(author_of(world, user) for user in list(dict.fromkeys(m.user for m in replies))[:5]),
            _when(replies[-1].ts, reader),
        )
        for ts, replies in found.items()
    }


def entries(
    world: World, shown: Sequence[Message], everything: Sequence[Message], reader: Reader, before: Message | None = None
) -> list[Entry]:
    """Return the shown messages as entries; `before` is the message above the first one."""
    threads = threads_in(world, everything, reader)
    made: list[Entry] = []
    for message in shown:
        made.append(_entry(world, message, before, threads.get(message.ts), reader))
        before = message
    return made


def _entry(world: World, message: Message, before: Message | None, thread: Thread | None, reader: Reader) -> Entry:
    moment = reader.at(float(message.ts))
    new_day = before is None or reader.at(float(before.ts)).date() != moment.date()
    follows = (
        before is not None
        and not new_day
        and before.user == message.user
        and not (before.ephemeral or message.ephemeral or message.subtype or before.subtype)
        and float(message.ts) - float(before.ts) < JOIN_WITHIN
    )
    mine = message.user == reader.id and not message.bot_id
    return Entry(
        message,
        author_of(world, message.user),
        _content(message, reader),
        clock(moment),
        f"{moment:%A, %d %B %Y at %H:%M:%S}",
        day(moment, reader.now) if new_day else "",
        follows,
        mine,
        unescaped(message.text) if mine else "",
        thread,
        tuple(_attached(world.state.files[f]) for f in message.files if f in world.state.files),
        tuple(_reaction(name, users, reader) for name, users in message.reactions.items()),
    )


def _content(message: Message, reader: Reader) -> Markup:
    """What people write is drawn from its text, which has their marks; what apps send, from its blocks."""
    scope = Scope("message", f"{message.channel}:{message.ts}", reader, message.values)
    if message.blocks and (message.bot_id or not message.text):
        out = blocks_html(message.blocks, scope)
    else:
        out = Markup('<div class="text">{}</div>').format(mrkdwn(message.text, reader)) if message.text else Markup()
    for number, attachment in enumerate(message.attachments):
        inner = blocks_html(attachment.get("blocks") or [], Scope("message", f"{scope.key}:{number}", reader))
        text = str(attachment.get("text") or attachment.get("fallback") or "")
        if not inner and text:
            inner = Markup('<div class="text">{}</div>').format(mrkdwn(text, reader))
        out += Markup('<div class="attachment">{}</div>').format(inner)
    return out


def _attached(file: File) -> Attached:
    size = float(file.size)
    for unit in ("B", "kB", "MB"):
        if size < 1000 or unit == "MB":
            break
        size /= 1000
    shown = f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
    return Attached(file.id, file.name, file.title or file.name, file.alt_text, shown, file.mimetype in PREVIEWS)


def _reaction(name: str, users: Sequence[str], reader: Reader) -> Reaction:
    return Reaction(name, len(users), ", ".join(reader.people.get(u, u) for u in users), reader.id in users)


def _when(ts: str, reader: Reader) -> str:
    moment = reader.at(float(ts))
    return f"{day(moment, reader.now)} at {clock(moment)}"
