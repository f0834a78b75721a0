"""What `idp` says to somebody who makes a mistake, or who waits for a Slack that is away."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot import __main__ as entry
from bot.check import check
from integrations.slack.simulator.world import World
from tests._harness.organisation import ROOT, Organisation, organisation

Given = Callable[..., tuple[int, str, str]]


@pytest.fixture
def given(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """Runs `idp` with these arguments in an empty folder; returns status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IDP_CONFIG", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = entry.main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_nothing_gives_the_help(given: Given) -> None:
    """Without a subcommand all of them are shown, and the status is that of wrong use."""
    status, _, said = given()
    assert status == entry.WRONG_USE
    assert "demo" in said
    assert "check" in said


@pytest.mark.parametrize("arguments", [("--config", "nowhere.yaml", "check"), ("check", "--config", "nowhere.yaml")])
def test_the_settings_file_may_be_named_anywhere(given: Given, arguments: tuple[str, ...]) -> None:
    """`--config` works before the subcommand and after it."""
    assert given(*arguments) == (
        2,
        "",
        "idp: there is no settings file nowhere.yaml; copy idp.example.yaml and fill it in\n",
    )


def test_several_faults_are_a_list(given: Given) -> None:
    """Faults of the settings are told one a line."""
    status, _, said = given("serve")
    assert status == entry.WRONG_USE
    assert said.startswith("idp: this cannot work:\n  there is no settings file ")
    assert len(said.splitlines()) == 5


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_is_a_number(given: Given, port: str) -> None:
    """A port that cannot be one is refused before anything is started."""
    status, out, said = given("demo", f"--port={port}")
    assert (status, out) == (2, "")
    assert "a port is a number" in said


async def idp(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """Start `idp` as a child process."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot", *arguments),
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def demo(*arguments: str) -> asyncio.subprocess.Process:
    return await idp("demo", "--fast", *arguments)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


async def test_a_port_in_use_is_said_with_the_way_out(taken: int) -> None:
    """The demo on a port that is in use ends with the option that takes another, and with nothing left open."""
    child = await demo("--port", str(taken))
    _, said = await child.communicate()
    assert (child.returncode, said) == (1, b"idp: the port is in use; --port takes another (0: any that is free)\n")


def test_a_folder_that_cannot_be_one_is_said(given: Given, tmp_path: Path) -> None:
    """The demo says which folder it cannot use and why."""
    (tmp_path / "file").touch()
    status, _, said = given("demo", "--port", "0", "--data", "file")
    assert (status, said) == (2, "idp: --data file: no folder can be made there: File exists\n")


async def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    """A second demo on one folder ends, saying so, and the first one goes on."""
    first = await demo("--port", "0", "--services", "2", "--data", str(tmp_path))
    assert first.stdout is not None
    while not (await first.stdout.readline()).startswith(b"ready "):
        assert not first.stdout.at_eof()
    second = await demo("--port", "0", "--data", str(tmp_path))
    _, said = await second.communicate()
    assert (second.returncode, b"another demo uses" in said) == (2, True)
    first.send_signal(signal.SIGINT)
    await first.communicate()
    assert first.returncode == 0


async def test_a_data_folder_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    """Whoever starts the process is told which folder the store cannot use."""
    (tmp_path / "file").touch()
    settings = {
        "IDP_SLACK__BOT_TOKEN": "xoxb-1",
        "IDP_SLACK__SIGNING_SECRET": "s",
        "IDP_GITLAB__TOKEN": "t",
        "IDP_AUDIT_KEY": "k" * 32,
        "IDP_STORE__DATA_DIR": str(tmp_path / "file"),
    }
    child = await idp("audit", "accept", "--reason", "none", **settings)
    _, said = await child.communicate()
    assert child.returncode == 1
    assert str(tmp_path / "file") in said.decode()


@pytest.fixture
async def quiet(tmp_path: Path) -> Organisation:
    """The organisation's settings, after its Slack, GitLab and bot have ended."""
    async with organisation(tmp_path) as org:
        return org


async def test_health_answers_while_slack_is_away(quiet: Organisation) -> None:
    """Without Slack the process is live and not ready, and SIGTERM ends it with status 0."""
    child = await quiet.child("serve")
    async with aiohttp.ClientSession() as http, asyncio.timeout(20):
        while True:
            try:
                async with http.get(f"{quiet.bot_url}/livez") as answer:
                    assert answer.status == 200
                    break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
        async with http.get(f"{quiet.bot_url}/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["reason"] == "starting"
        async with http.post(f"{quiet.bot_url}/slack/events") as answer:
            assert answer.status == 503
    child.send_signal(signal.SIGTERM)
    output, _ = await child.communicate()
    assert child.returncode == 0
    assert b"Traceback" not in output


async def test_check_names_the_setting_to_renew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong credentials are told with the variable that holds them, and nothing is wrong with the others."""
    async with organisation(tmp_path) as org:
        slack = org.settings.slack.model_copy(update={"bot_token": SecretStr("xoxb-wrong")})
        assert await check(org.settings.model_copy(update={"slack": slack})) == 1
        said = capsys.readouterr().out
        assert said.count("wrong credentials") == 1
        assert "(IDP_SLACK__BOT_TOKEN)" in said


async def test_check_finds_groups_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A group that gives a role and that GitLab does not show is named, with the role that nobody gets by it."""
    async with organisation(tmp_path, roles={"auditor": {"gitlab_groups": ["acme/audit"]}}) as org:
        assert await check(org.settings) == 1
        said = capsys.readouterr().out
        assert "acme/audit: " in said
        assert "Nobody is auditor by it" in said


async def test_a_token_without_a_scope_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A required scope and a withheld one are both named: the first as lacking, the other with the feature it costs."""

    def withhold(world: World) -> None:
        world.app.scopes = tuple(s for s in world.app.scopes if s not in ("app_mentions:read", "files:write"))

    async with organisation(tmp_path, prepare=withhold) as org:
        assert await check(org.settings) == 1
        said = capsys.readouterr().out
    assert "lacks scopes (app_mentions:read)" in said
    assert "exports and long answers as files (withheld: files:write)" in said
    assert "look with ./idp check" in said
