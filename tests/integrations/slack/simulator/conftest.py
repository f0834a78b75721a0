"""A simulated workspace, and a recorded app that answers as a test tells it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web

from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from integrations.slack.simulator.state import Kind
from integrations.slack.simulator.world import World

Json = dict[str, Any]


@dataclass
class Received:
    """One request as the app got it."""

    headers: dict[str, str]
    raw: bytes
    payload: Json


@dataclass
class RecordedApp:
    """An app without a framework: it records what comes, and answers with `answer` (empty and 200 by default)."""

    received: list[Received] = field(default_factory=list)
    answer: Callable[[Json], Awaitable[web.Response]] | None = None
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if request.content_type == "application/x-www-form-urlencoded":
            form = {key: values[0] for key, values in parse_qs(raw.decode(), keep_blank_values=True).items()}
            payload = json.loads(form["payload"]) if "payload" in form else form
        else:
            payload = json.loads(raw) if raw[:1] == b"{" else {}
        self.received.append(Received(dict(request.headers), raw, payload))
        return await self.answer(payload) if self.answer else web.Response()

    def says(self, body: Json | str = "", status: int = 200) -> None:
        """Answer everything like that from now on."""

        async def answer(_: Json) -> web.Response:
            if isinstance(body, dict):
                return web.json_response(body, status=status)
            return web.Response(text=body, status=status)

        self.answer = answer

    def of(self, kind: str) -> list[Json]:
        """Return the payloads of one kind: `slash_command`, an interaction's or an event's type."""
        found = []
        for one in self.received:
            event = one.payload.get("event", {})
            if kind in (event.get("type"), one.payload.get("type", "slash_command")):
                found.append(event if event and event.get("type") == kind else one.payload)
        return found


@pytest.fixture
async def bot() -> AsyncIterator[RecordedApp]:
    """The app, listening."""
    recorded = RecordedApp()
    app = web.Application()
    app.router.add_post("/slack/events", recorded.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    recorded.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield recorded
    await runner.cleanup()


def workspace(clock: ManualClock) -> World:
    """Return a small workspace: Ada and Ben, a guest, a stranger, five conversations and a group."""
    world = World(clock=clock)
    bot = world.add_bot().id
    ada = world.add_user("ada", "Ada Lovelace", id="U0ADA").id
    ben = world.add_user("ben", "Ben Nevis", id="U0BEN").id
    world.add_user("gus", "Gus Guest", id="U0GUS", is_restricted=True)
    world.add_user("olaf", "Olaf Outside", id="U0OLAF", is_stranger=True, team_id="T0OTHER")
    world.add_channel("general", [ada, ben, bot], id="C0GENERAL", is_general=True)
    world.add_channel("random", [ada, ben], id="C0RANDOM")
    world.add_channel("secret", [ben], id="C0SECRET", kind=Kind.PRIVATE)
    world.add_channel("team", [ada, bot], id="C0TEAM", kind=Kind.PRIVATE)
    world.add_channel("old", [ada, bot], id="C0OLD", is_archived=True)
    world.add_channel("partner", [ada, "U0OLAF", bot], id="C0PARTNER", is_ext_shared=True, connected_teams=["T0OTHER"])
    world.add_group("platform", [ada], id="S0PLATFORM")
    return world


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def slack(bot: RecordedApp, clock: ManualClock) -> AsyncIterator[SlackSimulator]:
    """The simulator, strict, with `bot` as its app and time that stands still."""
    async with SlackSimulator(workspace(clock), app_url=bot.url) as simulator:
        yield simulator


@dataclass
class Client:
    """Calls over HTTP, as a program does."""

    simulator: SlackSimulator
    session: aiohttp.ClientSession

    async def raw(self, method: str, **options: Any) -> tuple[int, Any, Json]:
        """Return status, headers and body of a Web API call."""
        headers = {"Authorization": f"Bearer {self.simulator.world.app.bot_token}", **options.pop("headers", {})}
        async with self.session.post(f"{self.simulator.url}/api/{method}", headers=headers, **options) as answer:
            return answer.status, answer.headers, await answer.json()

    async def call(self, method: str, **arguments: Any) -> Json:
        """Call a Web API method with JSON; return its body."""
        return (await self.raw(method, json=arguments))[2]

    async def error(self, method: str, **arguments: Any) -> str:
        """Return the error of a call that is to fail."""
        body = await self.call(method, **arguments)
        assert not body["ok"], body
        return str(body["error"])

    async def ok(self, method: str, **arguments: Any) -> Json:
        """Return the body of a call that is to succeed."""
        body = await self.call(method, **arguments)
        assert body["ok"], body
        return body

    async def sim(self, verb: str, **body: Any) -> Json:
        """POST to the control API; return its body with `http`, the status."""
        async with self.session.post(f"{self.simulator.url}/_sim/{verb}", json=body) as answer:
            return {**await answer.json(), "http": answer.status}

    async def respond(self, url: str, **body: Any) -> tuple[int, Json]:
        """Answer through a response URL."""
        async with self.session.post(url, json=body) as answer:
            return answer.status, await answer.json()

    async def state(self) -> Json:
        async with self.session.get(f"{self.simulator.url}/_sim/state") as answer:
            found: Json = await answer.json()
            return found


@pytest.fixture
async def client(slack: SlackSimulator) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(slack, session)


async def settle(condition: Callable[[], bool]) -> None:
    """Return once a condition holds that other tasks bring about, without waiting for time to pass."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event of its own
            await asyncio.sleep(0)
