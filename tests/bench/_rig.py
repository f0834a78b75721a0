"""What several benches need: processes that are measured from outside, and requests signed as Slack signs them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import os
import signal
import sys
import time
import urllib.parse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from bot.demo.organisation import gitlab_world
from bot.demo.run import Options, free_port, settings_of
from bot.demo.workspace import slack_world
from integrations.gitlab.simulator.server import GitLabSimulator
from integrations.slack.simulator.server import SlackSimulator

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
STARTING = 60.0


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid: int) -> float:
    """Return a process's resident memory, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE / 1e6


def slash(secret: str, host: str, response_url: str, text: str, number: int, user: str = "U0ALICE") -> bytes:
    """Return one signed slash command as the bytes of an HTTP request; `number` makes it unlike all others."""
    body = urllib.parse.urlencode(
        {
            "command": "/idp",
            "text": text,
            "team_id": "T0ACME",
            "user_id": user,
            "channel_id": "C0GENERAL",
            "response_url": response_url,
            "trigger_id": f"bench.{number}",
            "api_app_id": "A0SIMULATED",
        }
    ).encode()
    stamp = str(int(time.time()))
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={made}\r\n\r\n"
    )
    return head.encode() + body


@asynccontextmanager
async def process(*command: str, url: str, environment: dict[str, str] | None = None) -> AsyncIterator[int]:
    """Run a server as a process; yield its pid once `url` answers, and end it afterwards."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, stderr=asyncio.subprocess.DEVNULL, env={**os.environ, **(environment or {})}
    )
    try:
        await answers(url)
        yield child.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGTERM)
        await child.wait()


async def answers(url: str, status: int = 0) -> float:
    """Wait until the address answers (with this status, where one is given); return the seconds that took."""
    started = time.perf_counter()
    async with aiohttp.ClientSession() as session, asyncio.timeout(STARTING):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if status in (0, answer.status):
                        return time.perf_counter() - started
            await asyncio.sleep(0.01)


@asynccontextmanager
async def backends(
    folder: Path, *, services: int = 40, fast: bool = True
) -> AsyncIterator[tuple[SlackSimulator, GitLabSimulator, Path, int]]:
    """Yield both simulators, and the settings file of a bot that would use them, with its port."""
    world = slack_world(socket_mode=False)
    gitlab = GitLabSimulator(gitlab_world(services), fast=fast)
    await gitlab.start()
    port = free_port()
    slack = SlackSimulator(world, app_url=f"http://127.0.0.1:{port}/slack/events", strict_rates=False)
    await slack.start()
    options = Options(0, folder, fast=fast, services=services, socket_mode=False)
    settings: dict[str, Any] = settings_of(world, slack.url, gitlab.url, port, folder, options)
    settings["limits"] = {"per_minute": 10_000_000, "burst": 1_000_000}
    config = folder / "idp.yaml"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    try:
        yield slack, gitlab, config, port
    finally:
        await slack.stop()
        await gitlab.stop()


class Sink:
    """Stands for response URLs: counts what is posted there and says 200."""

    def __init__(self) -> None:
        self.count = 0
        self.last_at = 0.0
        self.arrived = asyncio.Event()

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        self.count += 1
        self.last_at = time.perf_counter()
        self.arrived.set()
        return web.Response(text="ok")

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Yield the sink's address."""
        site = web.Application()
        site.router.add_post("/", self._take)
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()
