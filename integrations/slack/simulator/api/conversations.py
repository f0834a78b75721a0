"""conversations.* and reactions.add: where people talk, who is there, and what was said."""

from __future__ import annotations

import re

from integrations.slack.simulator import wire
from integrations.slack.simulator.api.call import READ_SCOPES, ApiError, Call, method
from integrations.slack.simulator.rates import TIER_2, TIER_3, TIER_4
from integrations.slack.simulator.state import Channel, Json, Kind, Message

HISTORY_SCOPES = {
    Kind.PUBLIC: "channels:history",
    Kind.PRIVATE: "groups:history",
    Kind.IM: "im:history",
    Kind.MPIM: "mpim:history",
}
MOST_OPENED = 8


async def info(call: Call) -> Json:
    channel = call.channel()
    call.require_scope(READ_SCOPES[channel.kind])
    return {"channel": wire.channel_json(call.world, channel, members=call.flag("include_num_members"))}


async def list_conversations(call: Call) -> Json:
    kinds = call.kinds()
    found = [
        c
        for c in call.world.channels.values()
        if c.kind in kinds and call.sees(c) and not (c.is_archived and call.flag("exclude_archived"))
    ]
    channels, metadata = call.page(found, default=100)
    shown = [wire.channel_json(call.world, c, members=True) for c in channels]
    return {"channels": shown, "response_metadata": metadata}


async def members(call: Call) -> Json:
    channel = call.channel()
    call.require_scope(READ_SCOPES[channel.kind])
    found, metadata = call.page(channel.members, default=100)
    return {"members": found, "response_metadata": metadata}


async def open_conversation(call: Call) -> Json:
    world = call.world
    if wanted := call.text("channel", default=""):
        channel = world.channels.get(wanted)
        if channel is None or channel.kind not in (Kind.IM, Kind.MPIM) or not call.sees(channel):
            raise ApiError("channel_not_found")
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    people = call.names("users")
    if not people:
        raise ApiError("users_list_not_supplied")
    if len(people) > MOST_OPENED:
        raise ApiError("too_many_users")
    for person in people:
        user = world.users.get(person)
        if user is None:
            raise ApiError("user_not_found")
        if user.is_bot:
            raise ApiError("cannot_dm_bot")
        if user.deleted:
            raise ApiError("user_disabled")
    call.require_scope("im:write" if len(people) == 1 else "mpim:write")
    channel, existed = _opened(call, people)
    shown = wire.channel_json(world, channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if existed else {})


def _opened(call: Call, people: list[str]) -> tuple[Channel, bool]:
    world = call.world
    if len(people) == 1:
        before = world.direct(people[0])
        return (before, True) if before else (world.open_direct(people[0]), False)
    wanted = {*people, world.app.bot_user}
    for channel in world.channels.values():
        if channel.kind is Kind.MPIM and set(channel.members) == wanted:
            return channel, True
    name = "mpdm-" + "--".join(world.users[p].name for p in (*people, world.app.bot_user)) + "-1"
    return world.add_channel(name, (world.app.bot_user, *people), kind=Kind.MPIM), False


async def join(call: Call) -> Json:
    world = call.world
    channel = world.channels.get(call.text("channel"))
    if channel is None or not call.sees(channel):
        raise ApiError("channel_not_found")
    if channel.kind is not Kind.PUBLIC:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    if world.app.bot_user in channel.members:
        call.warnings.append("already_in_channel")
    else:
        channel.members.append(world.app.bot_user)
        call.around.events.later(call.around.events.joined(world.app.bot_user, channel))
    return {"channel": wire.channel_json(world, channel)}


async def invite(call: Call) -> Json:
    world = call.world
    channel = call.channel()
    call.require_scope("channels:manage" if channel.kind is Kind.PUBLIC else "groups:write")
    if channel.kind in (Kind.IM, Kind.MPIM):
        raise ApiError("method_not_supported_for_channel_type")
    if world.app.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    if channel.is_archived:
        raise ApiError("is_archived")
    people = call.names("users")
    if not people:
        raise ApiError("no_user")
    for person in people:
        if person not in world.users:
            raise ApiError("user_not_found")
        if person == world.app.bot_user:
            raise ApiError("cant_invite_self")
        if person in channel.members:
            raise ApiError("already_in_channel")
    for person in people:
        channel.members.append(person)
        call.around.events.later(call.around.events.joined(person, channel, world.app.bot_user))
    return {"channel": wire.channel_json(world, channel)}


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.require_scope(HISTORY_SCOPES[channel.kind])
    if call.world.app.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """Return messages between `oldest` and `latest`; the ends belong to it only where `inclusive` says so."""
    oldest, latest = call.text("oldest", default=""), call.text("latest", default="")
    for name, value in (("oldest", oldest), ("latest", latest)):
        if value and not re.fullmatch(r"\d+(\.\d+)?", value):
            raise ApiError(f"invalid_ts_{name}")
    low, high = float(oldest or 0), float(latest or "inf")
    if call.flag("inclusive"):
        return [m for m in messages if low <= float(m.ts) <= high]
    return [m for m in messages if low < float(m.ts) < high]


def _shown(call: Call, messages: list[Message]) -> list[Json]:
    metadata = call.flag("include_all_metadata")
    return [wire.message_json(call.world, m, url=call.around.url, metadata=metadata) for m in messages]


async def history(call: Call) -> Json:
    channel = _readable(call)
    top = [m for m in channel.messages.values() if not m.thread_ts or m.thread_ts == m.ts]
    messages, metadata = call.page(_within(call, top)[::-1], default=100, most=999)
    more = bool(metadata["next_cursor"])
    found: Json = {"messages": _shown(call, messages), "has_more": more, "pin_count": 0}
    return found | ({"response_metadata": metadata} if more else {})


async def replies(call: Call) -> Json:
    channel = _readable(call)
    first = channel.messages.get(call.text("ts"))
    if first is None:
        raise ApiError("thread_not_found")
    thread = first.thread_ts or first.ts
    later = _within(call, call.world.replies(channel.id, thread))
    parent = channel.messages.get(thread)
    messages, metadata = call.page([*([parent] if parent else []), *later], default=1000)
    more = bool(metadata["next_cursor"])
    found: Json = {"messages": _shown(call, messages), "has_more": more}
    return found | ({"response_metadata": metadata} if more else {})


async def reactions_add(call: Call) -> Json:
    channel = call.channel()
    if not (name := call.text("name", default="").strip(":")):
        raise ApiError("no_reaction")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise ApiError("invalid_name")
    if call.world.app.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    message = channel.messages.get(call.text("timestamp", default=""))
    if message is None:
        raise ApiError("message_not_found")
    people = message.reactions.setdefault(name, [])
    if call.world.app.bot_user in people:
        raise ApiError("already_reacted")
    people.append(call.world.app.bot_user)
    call.world.put_message(message)
    return {}


_RANGE = "channel cursor limit oldest latest inclusive include_all_metadata"
METHODS = {
    "conversations.info": method(info, "channel include_num_members include_locale"),
    "conversations.list": method(list_conversations, "types cursor limit exclude_archived", per_minute=TIER_2),
    "conversations.members": method(members, "channel cursor limit", per_minute=TIER_4),
    "conversations.open": method(open_conversation, "channel users return_im", per_minute=TIER_3),
    "conversations.join": method(join, "channel", scopes="channels:join"),
    "conversations.invite": method(invite, "channel users"),
    "conversations.history": method(history, _RANGE),
    "conversations.replies": method(replies, f"{_RANGE} ts"),
    "reactions.add": method(reactions_add, "channel timestamp name", scopes="reactions:write"),
}
