"""The whole product in one loop: simulators as servers, and the production process on settings that lead to them.

Tests act through the control API, as people do through the page, and look at what the simulated Slack shows.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import os
import random
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot import app, clock
from bot.demo.organisation import gitlab_world
from bot.demo.run import Options, settings_of
from bot.demo.workspace import slack_world
from bot.pace import Pace
from bot.settings import Settings
from integrations.gitlab.simulator.server import GitLabSimulator
from integrations.slack.simulator import payloads
from integrations.slack.simulator.server import SlackSimulator
from integrations.slack.simulator.state import ApiCall, Message, User
from integrations.slack.simulator.world import World
from integrations.store import AuditQuery, AuditRecord, Phase

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 15.0
# People in tests wait a tenth of what people wait.
QUICK = Pace(working=0.1, direct=0.5, acknowledge=0.2, identity=0.2, update=0.1, outbox=0.05)
Json = dict[str, Any]


@dataclass
class Organisation:
    """`say`, `click`, `submit` act as a person; `answers` are what that person has been shown."""

    slack: SlackSimulator
    gitlab: GitLabSimulator
    settings: Settings
    http: aiohttp.ClientSession
    config: Path
    _ahead: float = 0.0
    clock: Callable[[], datetime] = clock.now
    pace: Pace = field(default_factory=Pace)
    bot: AsyncExitStack | None = field(default=None)
    process: app.Serving | None = field(default=None)

    @property
    def world(self) -> World:
        return self.slack.world

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.http.port}"

    async def start_bot(self) -> None:
        """Start the production process, and wait until it has read what it reads first."""
        self.bot = AsyncExitStack()
        self.process = await self.bot.enter_async_context(app.serving(self.settings, self.clock, self.pace))
        await self.settled()

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run `idp` as a child process on these settings; return its status and all that it wrote."""
        child = await self.child(*arguments)
        output, _ = await child.communicate()
        assert child.returncode is not None
        return child.returncode, output.decode()

    async def child(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start `idp` as a child process on these settings."""
        command = (sys.executable, "-P", "-m", "bot", "--config", str(self.config), *arguments)
        return await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def stop_bot(self) -> None:
        """Stop the production process as SIGTERM would."""
        if self.bot is not None:
            await self.bot.aclose()
            self.bot = None

    async def records(self) -> tuple[AuditRecord, ...]:
        """Return the audit trail, newest first."""
        assert self.process is not None
        return (await self.process.core.store.audit.query(AuditQuery(limit=1000))).items

    async def outcomes(self, command: str, phase: Phase = Phase.INTENT) -> list[AuditRecord]:
        """Return the audit trail's records of a command in one phase."""
        return [r for r in await self.records() if r.entry.command == command and r.entry.phase is phase]

    async def ready(self) -> tuple[int, Json]:
        """Return what `/readyz` answers."""
        async with self.http.get(f"{self.bot_url}/readyz") as answer:
            return answer.status, await answer.json()

    async def metrics(self) -> str:
        """Return what `/metrics` answers."""
        async with self.http.get(f"{self.bot_url}/metrics") as answer:
            return await answer.text()

    async def restart_bot(self) -> None:
        await self.stop_bot()
        await self.start_bot()

    async def control(self, verb: str, **body: Any) -> Json:
        """POST to the control API; return its answer."""
        content, headers = io.BytesIO(json.dumps(body).encode()), {"Content-Type": "application/json"}
        async with self.http.post(f"{self.slack.url}/_sim/{verb}", data=content, headers=headers) as answer:
            found: Json = await answer.json()
            return {**found, "http": answer.status}

    async def pass_time(self, seconds: float) -> None:
        """Move Slack's clock, and the bot's with it where the bot was started on it (`on_slack_time`)."""
        self._ahead += seconds
        await self.control("clock", offset=self._ahead)

    async def on_slack_time(self) -> None:
        """Start the bot again on the simulated Slack's clock, so that a test can move both."""
        self.clock = self.world.clock.now
        await self.restart_bot()

    async def command_from(self, user: str, text: str, channel: str = "C0GENERAL", **changed: str) -> str:
        """Deliver the slash command of somebody whom Slack's client would not let give it, its payload changed so;
        return the key of its response URL.
        """
        person = self.world.users.get(user) or User(user, user.lower(), user, changed.get("team_id", "T0OTHER"))
        where = self.world.new_response_url(person.id, channel, command=True)
        url = f"{self.slack.url}/response/{where.key}"
        payload = payloads.slash_command(self.world, person, self.world.channels[channel], text, url) | changed
        delivered = await self.control("deliver", kind="slash_commands", payload=payload)
        assert delivered["status"] == 200, delivered
        return where.key

    async def say(self, user: str, text: str, channel: str = "general") -> Message:
        """Give `/idp text` and return the first answer that is not a sign of work."""
        seen = self.shown(user)
        acknowledged = await self.control("command", user=user, channel=channel, text=text)
        assert acknowledged["status"] == 200, acknowledged
        return await self.next_answer(user, seen)

    async def next_answer(self, user: str, seen: set[str]) -> Message:
        """Return the next message to this person that is not a sign of work."""

        def fresh() -> Message | None:
            return next((m for m in self.answers(user) if m.ts not in seen and not m.text.startswith("Working")), None)

        found: Message = await self.until(fresh, f"an answer to {user}")
        return found

    def answers(self, user: str) -> list[Message]:
        """Return every message of the bot that this person sees: ephemeral ones and those in the direct messages."""
        who = self.world.user(user)
        assert who is not None
        found: list[Message] = []
        for channel in self.world.channels.values():
            found += [m for m in channel.ephemerals.values() if m.for_user == who.id]
            if channel.kind.value == "im" and who.id in channel.members:
                found += [m for m in channel.messages.values() if m.bot_id]
        return sorted(found, key=lambda m: m.ts)

    async def told(self, user: str, *words: str, seen: set[str] | None = None) -> Message:
        """Return the newest message to this person in which all these words stand, once it is there."""

        def fits() -> Message | None:
            fitting = [m for m in self.answers(user) if m.ts not in (seen or ()) and all(w in said(m) for w in words)]
            return fitting[-1] if fitting else None

        found: Message = await self.until(fits, f"message to {user} with {' and '.join(words)}")
        return found

    async def settled(self) -> None:
        """Return when the bot has nothing left to do."""
        assert self.process is not None
        process = self.process
        await self.until(lambda: not len(process.core.tasks), "end of the bot's work")

    async def delivered(self) -> None:
        """Return when the bot has nothing left to do and nothing waits in its outbox."""
        await self.settled()
        assert self.process is not None
        outbox = self.process.core.store.outbox

        async def empty() -> bool:
            return not await outbox.waiting()

        await self.until(empty, "empty outbox")

    def posted(self, channel: str) -> list[Message]:
        """Return the bot's messages that everybody in the channel sees."""
        found = self.world.channel(channel)
        assert found is not None
        return [m for m in found.messages.values() if m.bot_id]

    def calls(self, *methods: str) -> list[ApiCall]:
        """Return the bot's calls of these Web API methods."""
        return [call for call in self.world.state.calls if call.method in methods]

    def shown(self, user: str) -> set[str]:
        """Return which answers this person has seen."""
        return {m.ts for m in self.answers(user)}

    async def click(self, user: str, message: Message, action: str) -> Json:
        """Press the button whose action id begins so."""
        action_id = self.action_id(message.blocks, action)
        return await self.control(
            "action", user=user, channel=message.channel, message_ts=message.ts, action_id=action_id
        )

    @staticmethod
    def action_id(blocks: list[Json], action: str) -> str:
        """Return the first action id in the blocks that begins so."""
        found = [
            e["action_id"] for b in blocks for e in b.get("elements", []) if isinstance(e, dict) and "action_id" in e
        ]
        matching = [a for a in found if a.partition(":")[0] == action or a == action]
        assert matching, f"no {action} among {found}"
        return str(matching[0])

    async def until(self, find: Callable[[], Any], what: str) -> Any:
        """Return what `find` (which may be asynchronous) finds, looking whenever the workspace changes and often."""
        queue = self.world.subscribe()
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    found = find()
                    if inspect.isawaitable(found):
                        found = await found
                    if found:
                        return found
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):
                            await queue.get()
        except TimeoutError:
            raise AssertionError(f"no {what} within {PATIENCE:g} seconds") from None
        finally:
            self.world.unsubscribe(queue)

    async def view(self, user: str, callback: str) -> Any:
        """Return the person's top view once it is of that kind."""
        who = self.world.user(user)
        assert who is not None

        def top() -> Any:
            view = self.world.top_view(who.id)
            return view if view is not None and view.body.get("callback_id") == callback else None

        return await self.until(top, f"{callback} view for {user}")


def bot_port() -> int:
    """Return a port that nobody listens on, below those that connections are given: a bot that starts again finds it
    free.
    """
    while True:
        port = random.randrange(15_000, 32_000)  # noqa: S311 - no secret
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def text_of(blocks: list[Json]) -> str:
    """Return all text in blocks, for looking something up in it."""
    return json.dumps(blocks, ensure_ascii=False)


def said(message: Message) -> str:
    """Return all text of a message, its fallback too."""
    return f"{message.text}\n{text_of(message.blocks)}"


def buttons_of(blocks: list[Json], action: str) -> list[Json]:
    """Return the buttons whose action id begins so."""
    elements = [e for b in blocks for e in b.get("elements", []) if isinstance(e, dict)]
    return [e for e in elements if str(e.get("action_id", "")).partition(":")[0] == action]


@asynccontextmanager
async def organisation(
    folder: Path,
    *,
    socket_mode: bool = False,
    services: int = 40,
    pace: Pace | None = None,
    prepare: Callable[[World], None] | None = None,
    **changed: Any,
) -> AsyncIterator[Organisation]:
    """Yield the organisation with its bot running. `prepare` changes the workspace before the bot starts; the other
    names are sections of the settings, and what to change in them.
    """
    async with AsyncExitStack() as stack:
        world = await asyncio.to_thread(slack_world, socket_mode=socket_mode)
        if prepare is not None:
            prepare(world)
        gitlab = GitLabSimulator(gitlab_world(services), fast=True)
        await gitlab.start()
        stack.push_async_callback(gitlab.stop)
        port = bot_port()
        slack = await asyncio.to_thread(
            SlackSimulator,
            world,
            app_url=f"http://127.0.0.1:{port}/slack/events",
            faults={"gitlab": gitlab.faults},
            strict_rates=False,
        )
        await slack.start()
        stack.push_async_callback(slack.stop)
        options = Options(0, folder, fast=True, services=services, socket_mode=socket_mode)
        made = settings_of(world, slack.url, gitlab.url, port, folder, options)
        for section, values in changed.items():
            made[section] = {**made.get(section, {}), **values} if isinstance(values, dict) else values
        settings = await asyncio.to_thread(Settings, **made)
        config = folder / "idp.yaml"
        await asyncio.to_thread(config.write_text, yaml.safe_dump(made), "utf-8")
        http = await stack.enter_async_context(aiohttp.ClientSession())
        org = Organisation(slack, gitlab, settings, http, config, pace=pace or Pace())
        stack.push_async_callback(org.stop_bot)
        await org.start_bot()
        yield org
