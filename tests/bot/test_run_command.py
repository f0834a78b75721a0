"""`idp run`: through the running process and without one, asking before a change."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import app as _imported_before_the_loop_runs  # noqa: F401 - the command imports it on first use
from bot.frontends.terminal import TerminalServer, running_as
from bot.run import line_of, run
from bot.settings import Settings
from bot.tasks import Tasks
from commands._kit.tokens import tokenise
from integrations.errors import Unavailable
from tests.bot.dispatching import Desk
from tests.bot.rig import MakeSettings
from tests.bot.simulated import Simulated

WORDS = st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=6)


@given(WORDS)
@example(["look", "two words", ""])
@example(['say "hello"', "it's", "both ' and \"", "`code`"])
@example(["back\\slash", "\\", "a\\", '\\"', "C:\\new folder\\"])
@example(["“curly”", "„low“", "«angle»", "a&amp;b", "<@U1|ann>", "<!channel>"])
@example(["\u200bzero", "\u200e", "no\u00a0break", "\n", "tab\there"])
@example(["--text=two words", 'text=it\'s "so"', "-n=1 2", "--", "-", "--flag", "name=", "a=b=c d"])
def test_words_arrive_as_the_shell_gave_them(words: list[str]) -> None:
    """Whatever words the shell hands over, the command's line is read as exactly these words."""
    tokens = tokenise(line_of(words))
    assert [word.text for word in tokens.words] == words
    assert tokens.unclosed is None


def test_flags_stay_flags() -> None:
    """A flag whose value has blanks is still a flag: only the value is quoted."""
    words = tokenise(line_of(["feedback", "--text=two words", "rating=5"])).words
    assert [word.quoted for word in words] == [False, False, False]


# -- through the running process


class Terminal(io.StringIO):
    """Standard input that somebody sits at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def here(settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return settings()


@pytest.fixture
async def process(desk: Desk, here: Settings) -> AsyncIterator[Desk]:
    """A process that serves the terminal, on which this OS user is Ann."""
    desk.identity._by_os = {running_as(): desk.identity._by_slack["T1/U0ANN"]}
    async with TerminalServer(desk.dispatch, here.store.data_dir / "idp.sock", Tasks()).listening():
        yield desk


def sits_there(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))


async def test_a_read_is_printed(process: Desk, here: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A command's answer goes to standard output, and the status is 0."""
    assert await run(here, ["look", "checkout"], yes=False) == 0
    assert "checkout says nothing" in capsys.readouterr().out
    assert process.board.asked[0].actor.id == "slack:T1/U0ANN"


async def test_a_failure_is_printed_as_an_error(
    process: Desk, here: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refusal goes to standard error, and the status is 1."""
    del process
    assert await run(here, ["tune"], yes=False) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert "tune" in error


@pytest.mark.parametrize("typed", ["y\n", "YES\n"])
async def test_a_change_is_done_after_a_yes(
    process: Desk, here: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    """The plan is shown, a yes is waited for, and the result is printed."""
    sits_there(monkeypatch, typed)
    assert await run(here, ["paint", "1"], yes=False) == 0
    out = capsys.readouterr().out
    assert "Nothing has happened yet" in out
    assert "Do this? [y/N]" in out
    assert process.board.effects == ["coat 1"]


@pytest.mark.parametrize("typed", ["\n", "n\n", "maybe\n", "yes please\n"])
async def test_anything_but_a_yes_is_a_no(
    process: Desk, here: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    """Without a yes nothing is changed, and the status is 1."""
    sits_there(monkeypatch, typed)
    assert await run(here, ["paint", "1"], yes=False) == 1
    assert "Nothing was changed." in capsys.readouterr().out
    assert process.board.effects == []


async def test_without_a_terminal_nothing_is_changed(
    process: Desk, here: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A yes that is piped in is none: in a script it takes --yes, and that is said."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert await run(here, ["paint", "1"], yes=False) == 1
    assert "--yes" in capsys.readouterr().out
    assert process.board.effects == []


async def test_yes_can_be_given_beforehand(process: Desk, here: Settings) -> None:
    """`--yes` confirms without asking."""
    assert await run(here, ["paint", "2"], yes=True) == 0
    assert process.board.effects == ["coat 1", "coat 2"]


async def test_a_yes_given_beforehand_is_for_one_plan(
    process: Desk, here: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the plan changes between showing and doing, the new one is asked about, `--yes` or not."""
    seen = 0
    store = process.store.offers

    class Moving:
        """Has the world move as soon as the first plan is confirmed."""

        async def look(self, offer_id: str) -> object:
            nonlocal seen
            seen += 1
            process.board.labels["checkout"] = f"moved {seen}"
            return await store.look(offer_id)

        make, use, open_for = store.make, store.use, store.open_for

    process.store.offers = Moving()  # type: ignore[assignment]  # it has what the port promises
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert await run(here, ["label", "checkout", "hello"], yes=True) == 1
    assert "moved 1" in capsys.readouterr().out
    assert process.board.effects == []


async def test_a_file_is_written_here_by_its_name_alone(
    process: Desk, here: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export is written into the current folder, and its name is told."""
    del process
    assert await run(here, ["export"], yes=False) == 0
    assert "written: export.csv" in capsys.readouterr().out
    assert await asyncio.to_thread((tmp_path / "export.csv").read_bytes) == b"a,b\n"


@pytest.mark.parametrize("words", [["look", "checkout"], ["look", "x" * 70_000]])
async def test_a_process_that_hangs_up_is_told(here: Settings, words: list[str]) -> None:
    """Where the process ends before it has answered, that is said, and not whether it was done."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    await asyncio.to_thread(here.store.data_dir.mkdir, parents=True, exist_ok=True)
    async with await asyncio.start_unix_server(hang_up, here.store.data_dir / "idp.sock"):
        with pytest.raises(Unavailable, match="ended before it answered"):
            await run(here, words, yes=False)


# -- without one


async def test_without_a_process_the_command_runs_here(
    simulated: Simulated, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no process runs, the command is answered on the store itself, as the mapped person."""
    assert await run(await simulated.settings(), ["whoami"], yes=False) == 0
    out = capsys.readouterr().out
    assert "Petra" in out
    assert "platform engineer" in out


async def test_a_socket_that_a_killed_process_left_is_no_process(
    simulated: Simulated, capsys: pytest.CaptureFixture[str]
) -> None:
    """A socket file that nobody listens on does not stop the command."""
    settings = await simulated.settings()
    await asyncio.to_thread(settings.store.data_dir.mkdir, parents=True)
    server = await asyncio.start_unix_server(lambda *_: None, settings.store.data_dir / "idp.sock")
    server.close()
    await server.wait_closed()
    assert await run(settings, ["help"], yes=False) == 0
    assert "whoami" in capsys.readouterr().out
