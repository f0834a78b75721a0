"""`idp demo`: the simulators in this process, and the production process beside them, on settings like anybody's.

The bot is a child process that knows nothing of the demo; where it dies it is started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.demo.organisation import BOT_TOKEN, gitlab_world
from bot.demo.people import PEOPLE
from bot.demo.workspace import slack_world
from bot.frontends.terminal import running_as
from bot.settings import SettingsError
from commands._kit.roles import Role
from integrations.gitlab.simulator.server import GitLabSimulator
from integrations.slack.simulator.server import SlackSimulator
from integrations.slack.simulator.world import World

STARTING = 300.0
PATIENCE = 20.0
ROOT = Path(__file__).resolve().parents[2]
REFRESHED = re.compile(r"^idp_catalogue_refreshed_seconds [1-9]", re.MULTILINE)
STOPPING = 30.0
ROLE_GROUPS = {
    Role.PLATFORM_ENGINEER: "acme/platform",
    Role.MANAGER: "acme/management",
    Role.AUDITOR: "acme/compliance",
}


@dataclass(frozen=True, slots=True)
class Options:
    port: int
    data: Path | None
    fast: bool
    services: int
    socket_mode: bool


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_of(
    world: World, slack_url: str, gitlab_url: str, port: int, data: Path, options: Options
) -> dict[str, Any]:
    """Return the bot's settings file: what an operator of this organisation would write."""
    app = world.app
    linked = [p for p in PEOPLE if p.linked and p.gitlab_id]
    me = running_as()
    return {
        "slack": {
            "mode": "socket" if options.socket_mode else "http",
            "bot_token": app.bot_token,
            "signing_secret": app.secret,
            "app_token": app.app_token,
            "api_url": f"{slack_url}/api/",
            "link_hosts": [".acme.example"],
        },
        # The simulator is nobody else's, so there is no need to go gently.
        "gitlab": {"url": gitlab_url, "token": BOT_TOKEN, "requests_per_second": 0},
        "store": {"data_dir": str(data / "bot")},
        "http": {"port": port},
        # A demo's key may lie beside its data; yours belongs in the environment.
        "audit_key": "demo-only-key-of-the-audit-chain-0123456789",
        "log": {"level": "info"},
        "people": [
            {
                "slack": f"{p.workspace}/{p.slack_id}",
                "gitlab": p.gitlab_id,
                **({"os_user": me} if p.username == "petra" else {}),
            }
            for p in linked
        ],
        "roles": {role.value: {"gitlab_groups": [group]} for role, group in ROLE_GROUPS.items()},
        "lowered_by": ["S0ONLEAVE"],
        "catalogue": {"refresh": "1m"},
    }


class Bot:
    """The production process as a child; started again where it ends by itself."""

    def __init__(self, config: Path, log: Path) -> None:
        self._config = config
        self._log = log
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = False
        # Held while a child is being made, so that `stop` does not miss it.
        self._making = asyncio.Lock()

    async def run(self) -> None:
        """Keep the bot running until `stop`."""
        while (child := await self._start()) is not None:
            code = await child.wait()
            if not self._stopping:
                print(f"the bot ended with status {code}; see {self._log}; starting it again", file=sys.stderr)
                await asyncio.sleep(1)

    async def _start(self) -> asyncio.subprocess.Process | None:
        """Return a new child; None where it is to be none any more."""
        async with self._making:
            if self._stopping:
                return None
            with self._log.open("ab") as log:
                self._child = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",
                    "-m",
                    "bot",
                    "--config",
                    str(self._config),
                    "serve",
                    stderr=log,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                )
            return self._child

    async def stop(self) -> None:
        """End the bot as an orchestrator would: SIGTERM, and SIGKILL after half a minute."""
        self._stopping = True
        async with self._making:
            child = self._child
        if child is None or child.returncode is not None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOPPING):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the folder: of two demos in one, each would write its workspace over the other's. Raises SettingsError."""
    with (data / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(f"another demo uses {data}; stop it, or take another folder with --data") from error
        yield


def _folder(given: Path) -> Path:
    """Return the folder, made where it was missing. Raises SettingsError where it cannot be one."""
    try:
        given.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--data {given}: no folder can be made there: {error.strerror}") from error
    if not os.access(given, os.W_OK | os.X_OK):
        raise SettingsError(f"--data {given}: this user may not write there")
    return given.absolute()


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[tuple[str, str, Path]]:
    """Yield the workspace's URL, the bot's (which may still be starting) and its settings; end it all on leaving."""
    async with AsyncExitStack() as stack:
        if options.data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="idp-demo-")))
        else:
            data = await asyncio.to_thread(_folder, options.data)
        stack.enter_context(_alone(data))
        kept = data / "workspace.json"
        world = World.load(kept) if kept.is_file() else slack_world(socket_mode=options.socket_mode)
        world.app.socket_mode = options.socket_mode
        gitlab = GitLabSimulator(gitlab_world(options.services), fast=options.fast)
        await gitlab.start()
        stack.push_async_callback(gitlab.stop)
        port = free_port()
        bot_url = f"http://127.0.0.1:{port}"
        slack = SlackSimulator(
            world, port=options.port, app_url=f"{bot_url}/slack/events", faults={"gitlab": gitlab.faults}, data=kept
        )
        await slack.start()
        stack.push_async_callback(slack.stop)
        config = data / "idp.yaml"
        settings = settings_of(world, slack.url, gitlab.url, port, data, options)
        config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        bot = Bot(config, data / "bot.log")
        keeper = asyncio.create_task(bot.run())
        stack.push_async_callback(_end, bot, keeper)
        yield slack.url, bot_url, config


async def _end(bot: Bot, keeper: asyncio.Task[None]) -> None:
    await bot.stop()
    await keeper


async def _ready(url: str) -> bool:
    """Wait until the bot is ready and has read the catalogue once; return whether that came to be."""
    with contextlib.suppress(TimeoutError):
        async with aiohttp.ClientSession() as session, asyncio.timeout(STARTING):
            while True:
                if await _get(session, f"{url}/readyz") and REFRESHED.search(await _get(session, f"{url}/metrics")):
                    return True
                await asyncio.sleep(0.1)
    return False


async def _get(session: aiohttp.ClientSession, url: str) -> str:
    """Return what answers with 200 there, or nothing."""
    with contextlib.suppress(aiohttp.ClientError):
        async with session.get(url) as answer:
            return await answer.text() if answer.status == 200 else ""
    return ""


async def demo(options: Options, stop: asyncio.Event) -> int:
    """Run the demo until `stop` is set."""
    print("Starting the workspace, GitLab and the bot ...", flush=True)
    async with running(options) as (url, bot_url, config):
        stopped = asyncio.create_task(stop.wait())
        ready = asyncio.create_task(_ready(bot_url))
        try:
            await asyncio.wait({stopped, ready}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            if not (ready.done() or stopped.done()):
                print(f"This takes long; the bot's log is {config.parent / 'bot.log'}", flush=True)
                await asyncio.wait({stopped, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                if not ready.result():
                    print(f"The bot does not become ready; look into {config.parent / 'bot.log'}", file=sys.stderr)
                    return 1
                print(_welcome(bot_url, config))
                print(f"ready {url}", flush=True)
                await stopped
        finally:
            ready.cancel()
            stopped.cancel()
            print("Stopping ...", flush=True)
    return 0


def _welcome(bot_url: str, config: Path) -> str:
    return f"""
Open the workspace in a browser and write as any of the people at the top:

  /idp                      what you may do
  /idp services             what there is; try --team, --lifecycle, or a word
  /idp service checkout     one service: owner, deployments, pipeline
  /idp use checkout         make it this channel's default (shows its plan first)
  /idp feedback             a form; give it anonymously if you like
  /idp whoami               your roles and teams, and where they come from
  /idp audit                as audrey or petra: who did what
  /idp platform             as petra: how everything is

The bot: {bot_url}/readyz, {bot_url}/metrics. From another terminal:
  ./idp --config {config} run services   (you are petra there)
Ctrl-C stops everything.
"""
