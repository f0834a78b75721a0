"""The message shortcut: choose a command on a message, whose text goes into the command's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.frontends.slack import views
from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.elements import LABEL, Json, plain_text
from bot.frontends.slack.front import Front, principal_of, trigger_of
from bot.frontends.slack.present import plain
from bot.frontends.slack.views import ViewState
from bot.replies import Failed
from commands._kit.command import Command, marker
from commands._kit.fields import Multiline

COMMAND, CONTEXT = "command", "context"
MOST_CHOICES = 100
LONGEST = 3000


async def called(front: Front, body: Mapping[str, Any]) -> None:
    """Open the choice of a command on a message."""
    channel = str((body.get("channel") or {}).get("id", ""))
    message = body.get("message") or {}
    thread = str(message.get("thread_ts") or message.get("ts") or "")
    origin = Origin(principal_of(body), channel, thread, response_url=str(body.get("response_url") or ""))
    work = front.tasks.spawn(_opening(front, origin, str(message.get("text") or "")), "work: shortcut")
    if not await front.open_soon(origin, trigger_of(body), work):
        await front.delivery.quick(origin, plain("The choice of commands could not be opened. Use the shortcut again."))


async def _opening(front: Front, origin: Origin, text: str) -> Json:
    """Return the choice for whoever called, or why that person has none."""
    who = await front.dispatch.actor(front.call(origin))
    if isinstance(who, Failed):
        return await front.view(who, origin, None, {})
    return choice(front.dispatch.usable(who), text, ViewState(channel=origin.channel, thread=origin.thread))


def choice(commands: Sequence[Command], text: str, state: ViewState) -> Json:
    """Return the view with the choice, and the text of the message that it was called on."""
    options = [
        {"text": plain_text(f"{c.name} – {c.summary.splitlines()[0]}", views.OPTION), "value": c.name} for c in commands
    ]
    context: Json = {"type": "plain_text_input", "action_id": CONTEXT, "multiline": True}
    if text:
        context["initial_value"] = text[:LONGEST]
    blocks: list[Json] = [
        {
            "type": "input",
            "block_id": f"{COMMAND}.choose",
            "label": plain_text("Command", LABEL),
            "element": {"type": "static_select", "action_id": COMMAND, "options": options[:MOST_CHOICES]},
        },
        {
            "type": "input",
            "block_id": f"{CONTEXT}.choose",
            "optional": True,
            "label": plain_text("From the message", LABEL),
            "element": context,
        },
    ]
    return views.modal(views.CHOOSE, "Run a command", blocks, state, submit="Next", close="Cancel")


async def chosen(front: Front, origin: Origin, values: Mapping[str, object]) -> Json:
    """Return the chosen command's form as the acknowledgement, its first long text filled from the message."""
    command = front.dispatch.commands.find(str(values.get(COMMAND, "")))
    if command is None:
        return {}
    text = str(values.get(CONTEXT) or "")
    fields = command.request.model_fields.items()
    long = next((name for name, info in fields if marker(info, Multiline)), "")
    filled: dict[str, object] = {long: text} if long and text else {}
    reply = await front.dispatch.form(front.call(origin), command, filled)
    return {"response_action": "update", "view": await front.view(reply, origin, command, filled)}
