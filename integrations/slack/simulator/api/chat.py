"""chat.*: posting, updating and deleting messages, and messages that only one person sees."""

from __future__ import annotations

from integrations.slack.simulator import wire
from integrations.slack.simulator.api import content
from integrations.slack.simulator.api.call import ApiError, Call, TooMany, method
from integrations.slack.simulator.rates import SPECIAL, TIER_3, TIER_4
from integrations.slack.simulator.state import Channel, Json, Kind, Message
from integrations.slack.simulator.world import World


def destination(call: Call) -> Channel:
    """Return where to post: a conversation by id or name, or a person's direct messages by the person's id."""
    if not call.arguments.get("channel"):
        raise ApiError("channel_not_found")
    wanted = call.text("channel")
    world = call.world
    if user := world.users.get(wanted):
        if user.is_bot:
            raise ApiError("cannot_dm_bot")
        return world.open_direct(user.id)
    channel = world.channel(wanted)
    if channel is None or not call.sees(channel):
        raise ApiError("channel_not_found")
    return channel


def _writable(call: Call, channel: Channel) -> None:
    member = call.world.app.bot_user in channel.members
    if not member and not (channel.kind is Kind.PUBLIC and "chat:write.public" in call.world.app.scopes):
        raise ApiError("not_in_channel")
    if channel.is_archived:
        raise ApiError("is_archived")


def _thread(channel: Channel, ts: str) -> str:
    """Return the thread to post into; a reply's timestamp leads to its thread."""
    if not ts:
        return ""
    parent = channel.messages.get(ts)
    if parent is None:
        raise ApiError("thread_not_found")
    return parent.thread_ts or parent.ts


def by_bot(world: World, channel: Channel, found: content.Content, *, ts: str = "") -> Message:
    """Return a new message of the bot's, not yet in the channel."""
    app = world.app
    message = Message(ts or world.new_ts(), channel.id, app.bot_user, bot_id=app.bot_id, app_id=app.id)
    found.into(message)
    return message


async def post_message(call: Call) -> Json:
    world = call.world
    channel = destination(call)
    _writable(call, channel)
    found = content.read(world, call.arguments)
    thread = _thread(channel, call.text("thread_ts", default=""))
    metadata = content.metadata(call.parsed("metadata", "invalid_metadata_format"))
    if (wait := call.around.rates.posting(channel.id)) is not None:
        raise TooMany(wait)
    message = by_bot(world, channel, found)
    message.thread_ts = thread
    message.metadata = metadata
    world.put_message(message)
    call.around.events.later(call.around.events.posted(message))
    shown = wire.message_json(world, message, url=call.around.url, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


async def post_ephemeral(call: Call) -> Json:
    world = call.world
    channel = destination(call)
    _writable(call, channel)
    person = call.user()
    if person.id not in channel.members:
        raise ApiError("user_not_in_channel")
    found = content.read(world, call.arguments)
    message = by_bot(world, channel, found)
    message.thread_ts = _thread(channel, call.text("thread_ts", default=""))
    message.for_user = person.id
    message.for_device = world.active_device(person.id)
    world.put_message(message)
    return {"message_ts": message.ts}


def _own(call: Call, channel: Channel, error: str, name: str = "ts") -> Message:
    """Return the bot's own message; ephemeral ones are not to be found by timestamp."""
    message = channel.messages.get(call.text(name))
    if message is None:
        raise ApiError("message_not_found")
    if message.bot_id != call.world.app.bot_id:
        raise ApiError(error)
    return message


async def update(call: Call) -> Json:
    world = call.world
    channel = call.channel()
    message = _own(call, channel, "cant_update_message")
    if channel.is_archived:
        raise ApiError("is_archived")
    found = content.read(world, call.arguments, longest=content.LONGEST_UPDATE)
    before = wire.message_json(world, message, url=call.around.url)
    found.into(message)
    if (metadata := call.parsed("metadata", "invalid_metadata_format")) is not None:
        message.metadata = content.metadata(metadata) if metadata else None
    message.edited_by, message.edited_ts = world.app.bot_user, world.new_ts()
    world.put_message(message)
    call.around.events.later(call.around.events.changed(message, before))
    shown = wire.message_json(world, message, url=call.around.url, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


async def delete(call: Call) -> Json:
    world = call.world
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    before = wire.message_json(world, message, url=call.around.url)
    remove(world, message)
    call.around.events.later(call.around.events.deleted(channel, before))
    return {"channel": channel.id, "ts": message.ts}


def remove(world: World, message: Message) -> None:
    """Take a message out; one that was replied to leaves a tombstone."""
    if world.replies(message.channel, message.ts):
        message.subtype, message.text, message.user = "tombstone", "This message was deleted.", "USLACKBOT"
        message.blocks, message.attachments, message.files, message.bot_id = [], [], [], ""
        world.put_message(message)
    else:
        world.drop_message(message.channel, message.ts)


async def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = channel.messages.get(call.text("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    link = wire.permalink(call.world, channel.id, message.ts, message.thread_ts)
    return {"channel": channel.id, "permalink": link}


_CONTENT = "channel text blocks attachments"
_NO_EFFECT = "unfurl_links unfurl_media mrkdwn as_user"
METHODS = {
    "chat.postMessage": method(
        post_message, f"{_CONTENT} thread_ts metadata {_NO_EFFECT}", scopes="chat:write", per_minute=SPECIAL
    ),
    "chat.postEphemeral": method(
        post_ephemeral, f"{_CONTENT} user thread_ts {_NO_EFFECT}", scopes="chat:write", per_minute=TIER_4
    ),
    "chat.update": method(update, f"{_CONTENT} ts metadata as_user", scopes="chat:write", per_minute=TIER_3),
    "chat.delete": method(delete, "channel ts as_user", scopes="chat:write", per_minute=TIER_3),
    "chat.getPermalink": method(get_permalink, "channel message_ts", per_minute=SPECIAL),
}
