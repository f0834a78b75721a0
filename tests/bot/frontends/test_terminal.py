"""The terminal's socket: the peer's uid decides who asks, and no line can hurt."""

from __future__ import annotations

import asyncio
import os
import pwd
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from bot.frontends import terminal
from bot.frontends.terminal import LONGEST, TerminalServer, os_user, running_as, usage
from bot.replies import FormNeeded
from bot.tasks import Tasks
from tests.bot.dispatching import Desk
from tests.bot.rig import until
from tests.bot.sample_commands import label, look


class Line:
    """One conversation with the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, raw: bytes) -> bytes:
        self.writer.write(raw)
        try:
            await self.writer.drain()
            return await self.reader.readline()
        except ConnectionError:
            return b""

    async def ask(self, **request: Any) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(await self.send(orjson.dumps(request) + b"\n"))
        return found


@asynccontextmanager
async def line(path: Path) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_unix_connection(path, limit=1 << 24)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


@pytest.fixture
async def path(desk: Desk, tmp_path: Path, tasks: Tasks) -> AsyncIterator[Path]:
    """The socket, on which this OS user is Ann."""
    desk.identity._by_os = {running_as(): desk.identity._by_slack["T1/U0ANN"]}
    async with TerminalServer(desk.dispatch, tmp_path / "s", tasks).listening():
        yield tmp_path / "s"


async def test_a_command_is_answered_as_text(path: Path) -> None:
    """A line of JSON with a text gets a line of JSON with the answer."""
    async with line(path) as conversation:
        said = await conversation.ask(text="look checkout", width=80)
    assert "checkout says nothing" in said["text"]
    assert (said["ok"], said["offer"], said["files"]) == (True, "", [])


async def test_who_asks_is_who_the_peer_is(path: Path, desk: Desk) -> None:
    """The person is the one that the peer's user id is mapped to, whatever the request says of itself."""
    async with line(path) as conversation:
        await conversation.ask(text="look checkout", user="root", principal="slack:T1/U0PIA", uid=0)
    assert desk.board.asked[0].actor.id == "slack:T1/U0ANN"


async def test_an_os_user_who_is_nobody_reads_only(path: Path, desk: Desk) -> None:
    """An OS user whom the settings do not map may look and change nothing."""
    desk.identity._by_os = {}
    async with line(path) as conversation:
        assert (await conversation.ask(text="look checkout"))["ok"]
        refused = await conversation.ask(text="paint 1")
    assert not refused["ok"]
    assert "not linked" in refused["text"]


async def test_a_change_waits_for_a_yes(path: Path, desk: Desk) -> None:
    """A change is answered with its plan and an offer; the yes to it carries it out."""
    async with line(path) as conversation:
        plan = await conversation.ask(text="label checkout hello")
        assert plan["ok"]
        assert desk.board.effects == []
        done = await conversation.ask(consent=plan["offer"])
    assert done["ok"]
    assert desk.board.effects == ["checkout=hello"]


async def test_an_offer_made_in_slack_to_somebody_else_is_refused(path: Path, desk: Desk) -> None:
    """Somebody else's plan cannot be confirmed from a terminal."""
    plan = await desk.plan("paint 1", "pia")
    async with line(path) as conversation:
        assert not (await conversation.ask(consent=plan.offer))["ok"]
    assert desk.board.effects == []


async def test_an_export_brings_its_file(path: Path) -> None:
    """A file comes with the answer, by name and content."""
    async with line(path) as conversation:
        assert (await conversation.ask(text="export"))["files"] == [["export.csv", "YSxiCg=="]]


async def test_missing_fields_are_a_usage_error(path: Path) -> None:
    """Where no form can be opened, the answer says which fields are missing and where to read more."""
    async with line(path) as conversation:
        said = await conversation.ask(text="look")
    assert not said["ok"]
    assert "service is missing: Service to look at" in said["text"]
    assert "look --help" in said["text"]


def test_wrong_fields_are_told_each_on_its_line() -> None:
    """Each wrong field has a line of its own, and is not told to be missing as well."""
    told = usage(FormNeeded(label, {}, {"service": "There is no service x."}))
    assert told.splitlines()[0] == "service: There is no service x."
    assert "service is missing" not in told
    assert usage(FormNeeded(look, {"service": "x"})).count("\n") == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"\n",
        b"hello\n",
        b"[]\n",
        b'"text"\n',
        b"null\n",
        b"7\n",
        b"{\n",
        b"\xff\xfe\n",
        b"[" * 30_000 + b"\n",
        b'{"text": "' + b"x" * LONGEST + b'"}\n',
        b"x" * (LONGEST * 3),
        b"\x00" * 100 + b"\n",
    ],
)
async def test_a_line_that_is_no_request_ends_the_conversation(path: Path, raw: bytes) -> None:
    """Whoever sends something else is hung up on, and the next one is served."""
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    async with line(path) as conversation:
        assert await conversation.send(raw) == b""
    async with line(path) as conversation:
        assert (await conversation.ask(text="look checkout"))["ok"]
    assert faults == []


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"text": None},
        {"text": ["look"]},
        {"text": {"a": 1}},
        {"text": "look checkout", "width": "wide"},
        {"text": "look checkout", "width": None},
        {"text": "look checkout", "width": -1},
        {"text": "look checkout", "width": 1e300},
        {"text": "look checkout", "width": 10**18},
        {"consent": None},
        {"consent": {"id": 1}},
        {"consent": "x" * 10_000},
    ],
)
async def test_an_odd_request_is_answered(path: Path, desk: Desk, request_: dict[str, Any]) -> None:
    """A request with values of the wrong kind gets an answer in words, and changes nothing."""
    with capture_logs():
        async with line(path) as conversation:
            said = await conversation.ask(**request_)
    assert said["text"]
    assert desk.board.effects == []
    assert not desk.failures.incidents


async def test_large_lines_are_carried_both_ways(path: Path, desk: Desk) -> None:
    """A request of nearly 64 KiB is read, and an answer that is larger still arrives."""
    desk.board.labels["checkout"] = "word " * 40_000
    async with line(path) as conversation:
        said = await conversation.ask(text="look checkout", padding="x" * (LONGEST - 200))
    assert len(said["text"]) > LONGEST


async def test_several_requests_on_one_line_of_their_own(path: Path) -> None:
    """Requests that are sent at once are answered one after the other."""
    async with line(path) as conversation:
        first = await conversation.send(b'{"text": "look checkout"}\n{"text": "look search"}\n')
        second = await conversation.reader.readline()
    assert b"checkout says" in first
    assert b"search says" in second


async def test_the_socket_is_not_for_everybody(path: Path) -> None:
    """Only the process's own user and group may open the socket."""
    assert stat.S_IMODE((await asyncio.to_thread(path.stat)).st_mode) == 0o660


async def test_a_stale_socket_is_replaced_and_gone_at_the_end(desk: Desk, tmp_path: Path) -> None:
    """What a killed process left is replaced, and nothing is left at the end."""
    left = tmp_path / "s"
    await asyncio.to_thread(left.touch)
    async with TerminalServer(desk.dispatch, left, Tasks()).listening(), line(left) as conversation:
        assert (await conversation.ask(text="look checkout"))["ok"]
    assert not await asyncio.to_thread(left.exists)


def test_os_users_have_names_or_numbers() -> None:
    """A user id is told by its name, and by its number where it has none."""
    assert os_user(os.getuid()) == pwd.getpwuid(os.getuid()).pw_name == running_as()
    assert os_user(2**31 - 5) == str(2**31 - 5)


def test_credentials_are_the_kernels() -> None:
    """The structure that the kernel fills in has a process, a user and a group."""
    assert terminal.CREDENTIALS.size == 12


async def test_a_stop_waits_for_what_a_terminal_asked(path: Path, desk: Desk, tasks: Tasks) -> None:
    """A command that was given before the stop is finished and answered; one after it is told to come back."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go_on.wait()

    desk.board.wait = slow
    async with line(path) as first, line(path) as second:
        plan = await first.ask(text="paint 1")
        asked = asyncio.create_task(first.ask(consent=plan["offer"]))
        await begun.wait()
        stop = asyncio.create_task(tasks.drain(10))
        await until(lambda: tasks.stopping)
        assert "restarting" in (await second.ask(text="look checkout"))["text"]
        go_on.set()
        assert (await asked)["ok"]
        assert await stop == ()
    assert desk.board.effects == ["coat 1"]


async def test_what_a_stop_cuts_off_is_told_by_hanging_up(path: Path, desk: Desk, tasks: Tasks) -> None:
    """A command that outlasts the stop gets no answer that could be wrong: the conversation ends."""
    begun = asyncio.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    desk.board.wait = endless
    async with line(path) as conversation:
        plan = await conversation.ask(text="paint 1")
        asked = asyncio.create_task(conversation.send(orjson.dumps({"consent": plan["offer"]}) + b"\n"))
        await begun.wait()
        assert await tasks.drain(0) == ("terminal",)
        assert await asked == b""
