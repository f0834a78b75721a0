"""The slash command, and the same command line from direct messages and mentions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from bot.frontends.slack import home, views
from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.front import NO_TRIGGER, Front, Trigger, trigger_of
from bot.frontends.slack.views import ViewState
from bot.identity import SlackPrincipal
from bot.replies import Consent, Reply
from commands._kit.parse import parse
from integrations.errors import BackendError

MENTION = re.compile(r"^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>[:,]?\s*")


def origin_of_command(body: Mapping[str, Any]) -> Origin:
    """Return where a slash command came from."""
    principal = SlackPrincipal(
        str(body.get("team_id", "")), str(body.get("user_id", "")), str(body.get("enterprise_id") or "")
    )
    return Origin(principal, str(body.get("channel_id", "")), response_url=str(body.get("response_url", "")))


def command(front: Front, body: Mapping[str, Any]) -> None:
    """Take up a slash command."""
    trigger = trigger_of(body)
    front.spawn(line(front, origin_of_command(body), trigger, str(body.get("text") or "")), "slash command")


async def line(front: Front, origin: Origin, trigger: Trigger, text: str) -> None:
    """Answer a command line; with nothing in it, help."""
    text = text.strip() or "help"
    parsed = parse(text, front.dispatch.commands, place=front.call(origin).place)
    if parsed.command is not None and parsed.missing and not parsed.help and trigger.good:
        await _form_first(front, origin, trigger, text)
        return
    name = parsed.command.name if parsed.command else "your request"
    reply = await front.answer(origin, trigger, lambda call: front.dispatch.text(call, text), name)
    if isinstance(reply, Consent):
        await home.changed(front, origin.principal.user)


async def _form_first(front: Front, origin: Origin, trigger: Trigger, text: str) -> None:
    """Open a form well inside the trigger's three seconds: at once where the person is known, else a loading view
    that is filled when we know.
    """
    work = front.tasks.spawn(front.dispatch.text(front.call(origin), text), "work: form")
    done, _ = await asyncio.wait({work}, timeout=front.delivery.pace.identity)
    if done:
        await front.reply(origin, trigger, work.result())
        return
    loading = views.waiting("One moment", "Looking up what you may do …", ViewState(channel=origin.channel))
    try:
        view_id, _ = await front.slack.open_view(trigger.id, loading)
    except BackendError:
        await front.answer(origin, NO_TRIGGER, lambda _: _result(work), "the form")
        return
    await front.show_in_view(view_id, await work, origin, None, {})


async def _result(work: asyncio.Task[Reply]) -> Reply:
    return await work


def is_a_command(event: Mapping[str, Any], team: str, bot_user: str) -> bool:
    """Return whether a message is a person's own, newly written, from this workspace: only then it is a command."""
    if any(event.get(key) for key in ("bot_id", "app_id", "subtype", "edited", "hidden", "bot_profile")):
        return False
    teams = {str(event[key]) for key in ("team", "user_team", "source_team") if event.get(key)}
    return bool(event.get("user")) and event.get("user") != bot_user and teams <= {team}


def message(front: Front, body: Mapping[str, Any], team: str, bot_user: str) -> None:
    """Take up a direct message or a mention, in its thread."""
    event = body["event"]
    if not is_a_command(event, team, bot_user):
        return
    direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
    text = MENTION.sub("", str(event.get("text") or ""))
    thread = str(event.get("thread_ts") or ("" if direct else event.get("ts", "")))
    sender = SlackPrincipal(str(event.get("team") or body.get("team_id") or team), str(event["user"]))
    origin = Origin(sender, str(event.get("channel", "")), thread, direct=direct)
    front.spawn(line(front, origin, NO_TRIGGER, text), "message")
