"""The whole workspace as JSON, for tests and for people who look for a fault: what `GET /_sim/state` answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from integrations.slack.simulator import wire
from integrations.slack.simulator.state import Channel, Json, Message, View
from integrations.slack.simulator.world import World


def snapshot(world: World, *, connections: int, url: str) -> Json:
    """Return users, channels with messages, open views (topmost last), homes, files, deliveries and calls. Secrets and
    file contents are left out.
    """
    return {
        "time": world.clock.now().isoformat(),
        "workspace": asdict(world.workspace),
        "app": {k: v for k, v in asdict(world.app).items() if k not in ("secret", "bot_token", "app_token", "token")},
        "users": [asdict(u) for u in world.users.values()],
        "groups": [asdict(g) for g in world.state.groups.values()],
        "devices": [asdict(d) | {"active": _is_active(world, d.id)} for d in world.state.devices.values()],
        "channels": [_channel(world, c, url) for c in world.channels.values()],
        "views": {user: [_view(world, v) for v in stack] for user, stack in world.state.views.items() if stack},
        "homes": {user: _view(world, v) for user, v in world.state.homes.items()},
        "files": [wire.file_json(world, f, url) for f in world.state.files.values()],
        "deliveries": [_timed(asdict(d)) for d in world.state.deliveries],
        "calls": [_timed(asdict(c)) for c in world.state.calls],
        "connections": connections,
    }


def _is_active(world: World, device: str) -> bool:
    return device in world.state.active_device.values()


def _timed(record: dict[str, Any]) -> Json:
    return record | {"at": record["at"].isoformat()}


def _channel(world: World, channel: Channel, url: str) -> Json:
    skipped = ("messages", "ephemerals")
    found: Json = {k: getattr(channel, k) for k in channel.__slots__ if k not in skipped}
    found["messages"] = [_message(world, m, url) for m in channel.messages.values()]
    found["ephemerals"] = [_message(world, m, url) for m in channel.ephemerals.values()]
    return found


def _message(world: World, message: Message, url: str) -> Json:
    found = wire.message_json(world, message, url=url, metadata=True) | {"channel": message.channel}
    if message.ephemeral:
        found |= {"for_user": message.for_user, "for_device": message.for_device}
    return found | ({"values": message.values} if message.values else {})


def _view(world: World, view: View) -> Json:
    return wire.view_json(world, view) | {"user": view.user, "errors": view.errors, "problem": view.problem}
