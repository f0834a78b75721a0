"""The external upload flow: get an address, post the content there, complete the upload into a channel.

https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
import secrets
from typing import Any

from aiohttp import web

from integrations.slack.simulator import text, wire
from integrations.slack.simulator.api.call import ApiError, Call, invalid, method
from integrations.slack.simulator.api.chat import by_bot
from integrations.slack.simulator.api.content import Content
from integrations.slack.simulator.rates import TIER_4
from integrations.slack.simulator.state import Channel, File, Json
from integrations.slack.simulator.world import World

LARGEST = 1 << 30


async def get_upload_url(call: Call) -> Json:
    world = call.world
    length = call.text("length")
    if not length.isdigit() or not 0 < int(length) <= LARGEST:
        raise invalid("`length` must be a number of bytes", "/length")
    name = call.text("filename")
    file = File(world.new_id("F"), name, int(length), secrets.token_urlsafe(16), world.app.bot_user, world.seconds())
    file.alt_text = call.text("alt_txt", default="")
    file.mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    world.put_file(file)
    return {"upload_url": f"{call.around.url}/upload/v1/{file.upload_key}", "file_id": file.id}


async def upload(request: web.Request, world: World) -> web.Response:
    """Take a file's content at its address, raw or as a form's one file."""
    key = request.match_info["key"]
    file = next((f for f in world.state.files.values() if f.upload_key == key and f.content is None), None)
    if file is None:
        return web.Response(status=404, text="not_found")
    content = await _form_file(request) if request.content_type == "multipart/form-data" else await request.read()
    if len(content) != file.size:
        return web.Response(status=400, text=f"{file.size} bytes were announced, {len(content)} came")
    file.content = content
    world.put_file(file)
    return web.Response(text=f"OK - {len(content)}")


async def _form_file(request: web.Request) -> bytes:
    form = await request.post()
    for value in form.values():
        if isinstance(value, web.FileField):
            return await asyncio.to_thread(value.file.read)
        return value if isinstance(value, bytes) else str(value).encode()
    return b""


async def download(request: web.Request, world: World) -> web.Response:
    """Return a file's content, as a download: what was uploaded never runs in the page."""
    file = world.state.files.get(request.match_info["id"])
    if file is None or file.content is None or not file.complete:
        return web.Response(status=404, text="not_found")
    shown_inside = file.mimetype in ("image/png", "image/jpeg", "image/gif")
    kind = "inline" if shown_inside else "attachment"
    name = re.sub(r"[^\w. ()-]", "_", file.name, flags=re.ASCII)
    headers = {
        "Content-Disposition": f'{kind}; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=file.content, content_type=file.mimetype, headers=headers)


def _channels(call: Call) -> list[Channel]:
    wanted = call.names("channel_id") or call.names("channels")
    found = [call.world.channels.get(w) for w in wanted]
    channels = [c for c in found if c is not None and call.sees(c)]
    if len(channels) != len(wanted):
        raise ApiError("channel_not_found")
    if any(call.world.app.bot_user not in c.members for c in channels):
        raise ApiError("not_in_channel")
    if any(c.is_archived for c in channels):
        raise ApiError("is_archived")
    return channels


def _files(call: Call) -> list[File]:
    wanted: Any = call.parsed("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(w, dict) for w in wanted):
        raise invalid("missing required field: files")
    files = []
    for item in wanted:
        file = call.world.state.files.get(str(item.get("id", "")))
        if file is None or file.content is None or file.complete:
            raise ApiError("file_not_found")
        file.title = str(item.get("title") or file.title)
        files.append(file)
    return files


async def complete_upload(call: Call) -> Json:
    world = call.world
    files, channels = _files(call), _channels(call)
    thread = call.text("thread_ts", default="")
    if thread and any(thread not in c.messages for c in channels):
        raise ApiError("thread_not_found")
    for file in files:
        file.complete = True
        file.channels = [c.id for c in channels]
        world.put_file(file)
    comment = text.from_app(call.text("initial_comment", default=""))
    for channel in channels:
        message = by_bot(world, channel, Content(comment, None, None))
        message.subtype, message.thread_ts, message.files = "file_share", thread, [f.id for f in files]
        world.put_message(message)
        call.around.events.later(call.around.events.posted(message))
    return {"files": [wire.file_json(world, f, call.around.url) for f in files]}


METHODS = {
    "files.getUploadURLExternal": method(
        get_upload_url, "filename length alt_txt", scopes="files:write", per_minute=TIER_4
    ),
    "files.completeUploadExternal": method(
        complete_upload,
        "files channel_id channels thread_ts initial_comment",
        scopes="files:write",
        per_minute=TIER_4,
    ),
}
