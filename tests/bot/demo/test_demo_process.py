"""`idp demo` as its user has it: a process with a child, kept up while it runs and gone without a rest at its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bot.demo.run import Bot

ROOT = Path(__file__).resolve().parents[3]
# Real time, for a machine that is busy; none of these tests waits that long where all is well.
PATIENCE = 60.0
pytestmark = pytest.mark.timeout(180)


@dataclass
class Demo:
    process: asyncio.subprocess.Process
    folder: Path

    async def ready(self) -> str:
        """Return the workspace's URL once everything answers."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                if line.startswith("ready "):
                    return line.split()[1]
        raise AssertionError("the demo ended before it was ready")

    async def end(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, and return its status."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    def children(self) -> list[int]:
        """Return the processes that the demo started and that still run."""
        return [pid for pid in _processes() if _parent(pid) == self.process.pid]

    def settings(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.folder / "idp.yaml").read_text(encoding="utf-8"))
        return found


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    state, parent, *_ = stat.rpartition(")")[2].split()
    return int(parent) if state != "Z" else 0


@asynccontextmanager
async def demo(folder: Path, *more: str) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--port",
        "0",
        "--fast",
        "--services",
        "3",
        "--data",
        str(folder),
        *more,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # A group of its own, so that a signal to it reaches nobody else.
        start_new_session=True,
    )
    made = Demo(process, folder)
    try:
        yield made
    finally:
        left = made.children()
        if process.returncode is None:
            process.kill()
            await process.wait()
        for pid in left:
            _kill(pid)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


async def until(found: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while not (value := await found()):  # noqa: ASYNC110 - another process's state has no event
            await asyncio.sleep(0.05)
        return value


async def answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def say(url: str, text: str) -> None:
    """Give a command as Alice."""
    body = json.dumps({"user": "alice", "channel": "general", "text": text}).encode()
    async with (
        aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session,
        session.post(f"{url}/_sim/command", data=body) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def test_ctrl_c_ends_it_all(tmp_path: Path) -> None:
    """Ctrl-C ends the demo with status 0, and neither its bot nor its ports are left."""
    async with demo(tmp_path) as running:
        url = await running.ready()
        bot = f"http://127.0.0.1:{running.settings()['http']['port']}/livez"
        assert await answers(bot)
        children = running.children()
        assert len(children) == 1
        assert await running.end() == 0
        assert not set(children) & set(_processes())
        assert not await answers(bot)
        assert not await answers(url)


async def test_state_survives_in_the_data_folder(tmp_path: Path) -> None:
    """What was recorded and set in a demo with `--data` is there when it is started again."""

    def records() -> int:
        line = _verified(tmp_path)
        assert line.startswith("ok: "), line
        return int(line.split()[1])

    async with demo(tmp_path) as first:
        url = await first.ready()
        await say(url, "audit")
        await until(lambda: asyncio.to_thread(records))
        await first.end()
    before = await asyncio.to_thread(records)
    assert before > 0
    async with demo(tmp_path) as second:
        await second.ready()
        assert await asyncio.to_thread(records) >= before
        await second.end(signal.SIGTERM)


def _verified(folder: Path) -> str:
    """Return what `idp audit verify` says of the demo's chain, which has a record of Alice's denied look."""
    command = [sys.executable, "-m", "bot", "--config", str(folder / "idp.yaml"), "audit", "verify"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.stdout.strip() or done.stderr


async def test_a_killed_bot_is_started_again(tmp_path: Path) -> None:
    """Where the bot is killed the demo starts another, which answers on the same address."""
    async with demo(tmp_path) as running:
        await running.ready()
        (bot,) = running.children()
        _kill(bot)

        async def another() -> bool:
            port = running.settings()["http"]["port"]
            return [p for p in running.children() if p != bot] != [] and await answers(
                f"http://127.0.0.1:{port}/readyz"
            )

        await until(another)
        assert await running.end() == 0


async def test_ctrl_c_ends_it_while_the_bot_cannot_start(tmp_path: Path) -> None:
    """Where the bot ends again and again because it cannot start, Ctrl-C still ends everything."""
    await asyncio.to_thread((tmp_path / "bot").write_text, "in the way of the bot's data folder")
    async with demo(tmp_path) as running:

        async def has_failed() -> bool:
            log = tmp_path / "bot.log"
            return await asyncio.to_thread(lambda: log.is_file() and log.stat().st_size > 0)

        await until(has_failed)
        assert running.process.returncode is None
        await running.end()
        assert running.children() == []


async def test_a_bot_that_is_just_being_started_is_stopped(tmp_path: Path) -> None:
    """A stop that comes while the child is being made does not leave it behind, nor wait for it for ever."""
    config = tmp_path / "idp.yaml"
    settings = {
        "slack": {"bot_token": "xoxb-x", "signing_secret": "x", "api_url": "http://127.0.0.1:9/api/"},
        "gitlab": {"url": "http://127.0.0.1:9", "token": "x"},
        "audit_key": "k" * 32,
        "store": {"data_dir": str(tmp_path / "data")},
        "http": {"port": 0},
    }
    await asyncio.to_thread(config.write_text, yaml.safe_dump(settings), "utf-8")
    bot = Bot(config, tmp_path / "bot.log")
    keeper = asyncio.create_task(bot.run())
    await asyncio.sleep(0)
    await bot.stop()
    async with asyncio.timeout(PATIENCE):
        await keeper
    assert bot._child is not None
    assert bot._child.returncode is not None
