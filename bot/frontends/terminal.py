"""The same commands from a terminal, through the running process: a unix socket in its data folder.

Who asks is the operating system's word (the peer's uid), never the client's. Each line is a JSON request, each answer
one JSON line with text for the terminal.
"""

from __future__ import annotations

import asyncio
import base64
import os
import pwd
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from bot.dispatch import Dispatch
from bot.identity import OsPrincipal
from bot.render.failure import show_failure
from bot.render.text import render
from bot.replies import Answer, Call, Consent, FormNeeded, Reply
from bot.tasks import Stopping, Tasks
from commands._kit.context import Place
from commands._kit.doc import Doc

log = structlog.get_logger(__name__)
FRONT_END = "terminal"
LONGEST = 64 * 1024
CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Said:
    """What the terminal prints; `offer` is set where a plan waits for a yes."""

    text: str
    ok: bool
    offer: str = ""
    files: tuple[tuple[str, bytes], ...] = ()

    def dump(self) -> bytes:
        """Return the answer as one JSON line; files are base64, because a picture is no text."""
        files = [[name, base64.b64encode(content).decode()] for name, content in self.files]
        return orjson.dumps({"text": self.text, "ok": self.ok, "offer": self.offer, "files": files}) + b"\n"

    @classmethod
    def load(cls, line: bytes) -> Said:
        """Return the answer that `dump` wrote."""
        data = orjson.loads(line)
        files = tuple((str(name), base64.b64decode(content)) for name, content in data["files"])
        return cls(data["text"], data["ok"], data["offer"], files)


def os_user(uid: int) -> str:
    """Return the name of a user id, or the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def call(user: str) -> Call:
    """Return the call of somebody at a terminal."""
    return Call(OsPrincipal(user), FRONT_END, Place(), secrets.token_hex(8))


def say(reply: Reply, width: int) -> Said:
    """Return a reply as terminal text."""
    if isinstance(reply, Answer):
        return Said(render(reply.doc, width=width), ok=True, files=tuple((f.name, f.content) for f in reply.doc.files))
    if isinstance(reply, Consent):
        return Said(render(reply.doc, width=width), ok=True, offer=reply.offer)
    if isinstance(reply, FormNeeded):
        return Said(usage(reply), ok=False)
    doc: Doc = show_failure(reply.failure)
    return Said(render(doc, width=width), ok=False)


def usage(needed: FormNeeded) -> str:
    """Return what is missing or wrong, as one line per field."""
    fields = needed.command.request.model_fields
    missing = [n for n, info in fields.items() if info.is_required() and n not in needed.values]
    lines = [f"{name}: {text}" for name, text in needed.errors.items()]
    lines += [f"{name} is missing: {fields[name].description}" for name in missing if name not in needed.errors]
    return "\n".join([*lines, f"See: idp run {needed.command.name} --help"])


async def answer(dispatch: Dispatch, user: str, request: Mapping[str, Any]) -> Said:
    """Return what dispatch says to a request: the id of a plan to consent to, or a command line."""
    width = request.get("width")
    width = min(max(width, 40), 400) if isinstance(width, int) else 80
    if "consent" in request:
        reply = await dispatch.consent(call(user), str(request["consent"]))
    else:
        reply = await dispatch.text(call(user), str(request.get("text", "")))
    return say(reply, width)


class TerminalServer:
    """Serves the socket. What is asked runs among the process's tasks, so that a stop waits for it too."""

    def __init__(self, dispatch: Dispatch, path: Path, tasks: Tasks) -> None:
        self._dispatch = dispatch
        self._path = path
        self._tasks = tasks

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve the socket for as long as the context lasts. The data folder's lock makes an old socket file stale.

        A system that has no room for the socket's path (some hundred characters) costs `idp run`, and nothing else.
        """
        await asyncio.to_thread(self._path.unlink, missing_ok=True)
        try:
            server = await asyncio.start_unix_server(self._serve, self._path, limit=LONGEST)
        except OSError as error:
            log.warning("idp run cannot reach this process", socket=str(self._path), error=str(error))
            yield
            return
        await asyncio.to_thread(self._path.chmod, 0o660)
        try:
            yield
        finally:
            server.close()
            await asyncio.to_thread(self._path.unlink, missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer: socket.socket = writer.get_extra_info("socket")
        packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        _, uid, _ = CREDENTIALS.unpack(packed)
        user = os_user(uid)
        try:
            while line := await reader.readline():
                said = await self._taken_up(user, _request(line))
                if said is None:
                    return
                writer.write(said.dump())
                await writer.drain()
        except (ValueError, ConnectionError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def _taken_up(self, user: str, request: dict[str, Any]) -> Said | None:
        """Return the answer; None where the process stopped before there was one."""
        try:
            task = self._tasks.spawn(answer(self._dispatch, user, request), "terminal")
        except Stopping:
            return Said("The platform is restarting. Nothing was done; try again in a minute.", ok=False)
        await asyncio.wait({task})
        return None if task.cancelled() else task.result()


def _request(line: bytes) -> dict[str, Any]:
    """Return the request in a line. Raises ValueError where there is none: then the conversation is over."""
    found = orjson.loads(line)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a line of the wrong kind is a wrong line
    return found


def running_as() -> str:
    """Return the OS user of this process."""
    return os_user(os.getuid())
