"""Response URLs: five answers within 30 minutes to one interaction.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses. What answers a slash command
never replaces or deletes anything, whatever it asks for; what answers a press in a message does.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from integrations.slack.simulator import faults, text
from integrations.slack.simulator.api import content
from integrations.slack.simulator.api.call import ApiError, Surroundings
from integrations.slack.simulator.api.chat import remove
from integrations.slack.simulator.faults import SlackFaults
from integrations.slack.simulator.state import Json, Message, ResponseUrl
from integrations.slack.simulator.world import World

MOST_USES = 5
KNOWN = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
    "mrkdwn",
}


def put_answer(world: World, where: ResponseUrl, payload: Json) -> Message:
    """Add an app's answer as a new message: for the person alone, or `in_channel`."""
    found = content.read(world, payload)
    app = world.app
    message = Message(world.new_ts(), where.channel, app.bot_user, bot_id=app.bot_id, app_id=app.id)
    found.into(message)
    message.subtype = "bot_message"
    message.thread_ts = str(payload.get("thread_ts") or where.thread_ts or "")
    if payload.get("response_type", "ephemeral") != "in_channel":
        message.subtype = ""
        message.for_user = where.user
        message.for_device = where.device or world.active_device(where.user)
    world.put_message(message)
    return message


def tell_person(world: World, user: str, channel: str, words: str, *, device: str = "") -> Message:
    """Show a person a message of Slack's own, on one device."""
    message = Message(world.new_ts(), channel, "USLACKBOT", text=text.escape(words))
    message.for_user = user
    message.for_device = device or world.active_device(user)
    world.put_message(message)
    return message


class ResponseUrls:
    def __init__(self, around: Surroundings, slack_faults: SlackFaults) -> None:
        self._around = around
        self._faults = slack_faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        fault = self._faults.take("response_url")
        if fault is not None:
            await faults.wait(fault)
            if (early := faults.refuse_early(fault)) is not None:
                return early
            if fault.kind == "drop" and not fault.after:
                faults.hang_up(request)
                return web.Response(status=500)
        response = await self._answer(request)
        return response if fault is None else await faults.spoil(fault, request, response)

    async def _answer(self, request: web.Request) -> web.Response:
        world = self._around.world
        payload: Json = {}
        try:
            payload = await _payload(request)
            await self._use(request.match_info["key"], payload)
        except ApiError as error:
            status = 400 if error.status == 200 else error.status
            world.log_call("response_url", status, error.code, payload)
            return web.json_response(error.body(), status=status)
        world.log_call("response_url", 200, "", payload)
        return web.json_response({"ok": True})

    async def _use(self, key: str, payload: Json) -> None:
        world = self._around.world
        where = world.state.response_urls.get(key)
        if where is None or where.expires_at < world.clock.now() or world.app.uninstalled:
            raise ApiError("expired_url", status=404)
        if where.uses >= MOST_USES:
            raise ApiError("used_url", status=404)
        original = None if where.command else world.message(where.channel, where.message_ts)
        if payload.get("delete_original") and original is not None:
            where.uses += 1
            remove(world, original)
            return
        if payload.get("replace_original") and original is not None:
            await self._replace(original, payload)
        else:
            message = put_answer(world, where, payload)
            self._around.events.later(self._around.events.posted(message))
        where.uses += 1

    async def _replace(self, original: Message, payload: Json) -> None:
        """Replace a message wholly: unlike `chat.update`, what is not given does not stay."""
        found = content.read(self._around.world, payload)
        whole = content.Content(found.text or "", found.blocks or [], found.attachments or [])
        whole.into(original)
        self._around.world.put_message(original)


async def _payload(request: web.Request) -> Json:
    raw: Any = None
    try:
        if request.content_type == "application/x-www-form-urlencoded":
            raw = json.loads(str((await request.post()).get("payload", "")))
        else:
            raw = await request.json()
    except (ValueError, UnicodeDecodeError) as error:
        raise ApiError("invalid_payload", status=400) from error
    if not isinstance(raw, dict):
        raise ApiError("invalid_payload", status=400)
    if unknown := sorted(set(raw) - KNOWN):
        message = f"[ERROR] the simulator does not implement {unknown[0]!r} of a response URL"
        raise ApiError("invalid_arguments", message, status=400)
    return raw
