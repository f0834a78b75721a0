"""The payloads of commands and interactions, key by key as Slack sends them.

https://docs.slack.dev/reference/interaction-payloads. Tests hold the keys against samples that were not made here.
"""

from __future__ import annotations

from integrations.slack.simulator import wire
from integrations.slack.simulator.state import Channel, Json, Kind, Message, User, View
from integrations.slack.simulator.world import World


def _team(world: World) -> Json:
    space = world.workspace
    team: Json = {"id": space.id, "domain": space.domain}
    if space.enterprise_id:
        team |= {"enterprise_id": space.enterprise_id, "enterprise_name": space.enterprise_name}
    return team


def _enterprise(world: World) -> Json | None:
    space = world.workspace
    return {"id": space.enterprise_id, "name": space.enterprise_name} if space.enterprise_id else None


def _user(user: User, *, username: bool = True) -> Json:
    found: Json = {"id": user.id, "name": user.name, "team_id": user.team_id}
    return found | ({"username": user.name} if username else {})


def _channel_name(channel: Channel) -> str:
    """Return what payloads call a conversation: people's names for direct messages stay with Slack."""
    if channel.kind is Kind.IM:
        return "directmessage"
    return "privategroup" if channel.kind is Kind.PRIVATE else channel.name


def slash_command(world: World, user: User, channel: Channel, text: str, response_url: str) -> Json:
    """Return a slash command's form fields; `text` is escaped already where the manifest asks for it."""
    space, app = world.workspace, world.app
    found: Json = {
        "token": app.token,
        "team_id": space.id,
        "team_domain": space.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": app.command,
        "text": text,
        "api_app_id": app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": world.new_trigger(user.id),
    }
    if space.enterprise_id:
        found |= {"enterprise_id": space.enterprise_id, "enterprise_name": space.enterprise_name}
    return found


def _common(world: World, user: User, kind: str) -> Json:
    return {
        "type": kind,
        "team": _team(world),
        "user": _user(user),
        "api_app_id": world.app.id,
        "token": world.app.token,
        "enterprise": _enterprise(world),
        "is_enterprise_install": False,
    }


def _in_message(world: World, message: Message, channel: Channel, url: str) -> Json:
    """Return what an interaction says of the message it happened in. An ephemeral message itself is not sent."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    found: Json = {"container": container, "channel": {"id": channel.id, "name": _channel_name(channel)}}
    if not message.ephemeral:
        found["message"] = wire.message_json(world, message, url=url)
    return found


def block_actions(
    world: World,
    user: User,
    action: Json,
    *,
    view: View | None = None,
    message: Message | None = None,
    response_url: str = "",
    url: str = "",
) -> Json:
    """Return the payload of a press or choice in a view, or in a message with its response URL."""
    found = _common(world, user, "block_actions")
    found["trigger_id"] = world.new_trigger(user.id, view.id if view and view.body["type"] == "modal" else "")
    if message is not None:
        found |= _in_message(world, message, world.channels[message.channel], url)
        found |= {"state": {"values": message.values}, "response_url": response_url}
    elif view is not None:
        found |= {"container": {"type": "view", "view_id": view.id}, "view": wire.view_json(world, view)}
    return found | {"actions": [action]}


def action(element: Json, block_id: str, state: Json | None, ts: str) -> Json:
    """Return one item of `actions`: what was pressed or chosen. `state` is the element's new state."""
    kind = element["type"]
    found: Json = {"action_id": element["action_id"], "block_id": block_id, "type": kind, "action_ts": ts}
    for key in ("placeholder", "confirm") + (("text", "value", "style", "url") if kind == "button" else ()):
        if key in element:
            found[key] = element[key]
    found |= {key: element[key] for key in element if key.startswith("initial_")}
    return found | {key: value for key, value in (state or {}).items() if key != "type"}


def block_suggestion(
    world: World, user: User, element: Json, value: str, *, view: View | None, message: Message | None
) -> Json:
    """Return the request for a select's options, in a view or in a message. `element` carries its block's id."""
    found = _common(world, user, "block_suggestion")
    found |= {"action_id": element["action_id"], "block_id": element["block_id"], "value": value}
    if view is not None:
        return found | {"container": {"type": "view", "view_id": view.id}, "view": wire.view_json(world, view)}
    if message is None:
        return found
    return found | _in_message(world, message, world.channels[message.channel], "")


def view_submission(world: World, user: User, view: View, response_urls: list[Json]) -> Json:
    found = _common(world, user, "view_submission")
    found["trigger_id"] = world.new_trigger(user.id, view.id)
    return found | {"view": wire.view_json(world, view), "response_urls": response_urls}


def view_closed(world: World, user: User, view: View, *, cleared: bool) -> Json:
    return _common(world, user, "view_closed") | {"view": wire.view_json(world, view), "is_cleared": cleared}


def message_action(
    world: World, user: User, message: Message, callback_id: str, response_url: str, *, url: str = ""
) -> Json:
    """Return a message shortcut's payload."""
    channel = world.channels[message.channel]
    found = _common(world, user, "message_action") | {
        "action_ts": world.new_ts(),
        "user": _user(user, username=False),
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "callback_id": callback_id,
        "trigger_id": world.new_trigger(user.id),
        "response_url": response_url,
        "message_ts": message.ts,
        "message": wire.message_json(world, message, url=url),
    }
    del found["api_app_id"]
    return found


def global_shortcut(world: World, user: User, callback_id: str) -> Json:
    found = _common(world, user, "shortcut") | {
        "action_ts": world.new_ts(),
        "callback_id": callback_id,
        "trigger_id": world.new_trigger(user.id),
    }
    del found["api_app_id"]
    return found
