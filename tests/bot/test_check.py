"""`idp check`: each connection is fine, unreachable, refuses the credentials, or lacks a right, and which."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.check import check
from bot.demo.organisation import BOT_TOKEN
from integrations.store.sqlite.client import open_store
from tests.bot.simulated import Simulated

Capture = pytest.CaptureFixture[str]


async def lines(simulated: Simulated, capsys: Capture, status: int, **changed: dict[str, Any]) -> list[str]:
    """Check with these settings changed, and return what was printed, one space between words."""
    assert await check(await simulated.settings(**changed)) == status
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def about(said: list[str], what: str) -> str:
    (found,) = [line for line in said if line.startswith(f"{what} ")]
    return found


async def test_everything_is_fine(simulated: Simulated, capsys: Capture) -> None:
    """Where all is well there is one line for each connection, and the status is 0."""
    said = await lines(simulated, capsys, 0)
    assert [" ".join(line.split()[:2]) for line in said] == ["slack fine", "gitlab fine", "store fine"]


async def test_an_unreachable_gitlab_is_told(simulated: Simulated, capsys: Capture) -> None:
    """A GitLab that hangs up is unreachable, with what to look at; the others are still checked."""
    simulated.gitlab.faults.set_fault("drop")
    said = await lines(simulated, capsys, 1)
    assert about(said, "gitlab").startswith("gitlab unreachable")
    assert "network" in said[said.index(about(said, "gitlab")) + 1]
    assert about(said, "slack").startswith("slack fine")


async def test_an_unreachable_slack_is_told(simulated: Simulated, capsys: Capture) -> None:
    """A Slack that cannot be reached is unreachable."""
    said = await lines(simulated, capsys, 1, slack={"api_url": "http://127.0.0.1:9/api/"})
    assert about(said, "slack").startswith("slack unreachable")


@pytest.mark.parametrize("section", ["gitlab", "slack"])
async def test_wrong_credentials_are_told_with_their_variable(
    simulated: Simulated, capsys: Capture, section: str
) -> None:
    """A token that is refused is told apart from silence, with where a new one goes; the token is not shown."""
    name = {"gitlab": "token", "slack": "bot_token"}[section]
    said = await lines(simulated, capsys, 1, **{section: {name: "xoxb-wrong-token"}})
    assert about(said, section).startswith(f"{section} wrong credentials")
    assert f"IDP_{section.upper()}__{name.upper()}" in said[said.index(about(said, section)) + 1]
    assert "xoxb-wrong-token" not in " ".join(said)


async def test_wrong_credentials_of_socket_mode_are_told(simulated: Simulated, capsys: Capture) -> None:
    """In Socket Mode the app-level token is tried as well."""
    said = await lines(simulated, capsys, 1, slack={"mode": "socket", "app_token": "xapp-wrong"})
    assert about(said, "slack socket mode").startswith("slack socket mode wrong credentials")
    said = await lines(simulated, capsys, 0, slack={"mode": "socket"})
    assert about(said, "slack socket mode").startswith("slack socket mode fine")


async def test_a_scope_that_slack_withholds_is_named(simulated: Simulated, capsys: Capture) -> None:
    """A required scope that the token lacks is a missing right, by name."""
    app = simulated.slack.world.app
    app.scopes = tuple(scope for scope in app.scopes if scope != "users:read")
    said = await lines(simulated, capsys, 1)
    assert about(said, "slack").startswith("slack lacking a right")
    assert "users:read" in about(said, "slack")


async def test_a_scope_that_gitlab_withholds_is_told(simulated: Simulated, capsys: Capture) -> None:
    """A GitLab token without the scope that reads is a missing right, by name."""
    world = simulated.gitlab.world
    world.tokens[BOT_TOKEN] = replace(world.tokens[BOT_TOKEN], scopes=("read_user",))
    said = await lines(simulated, capsys, 1)
    assert about(said, "gitlab").startswith("gitlab lacking a right")
    assert "read_api" in about(said, "gitlab")


async def test_a_withheld_feature_is_no_fault(simulated: Simulated, capsys: Capture) -> None:
    """An optional scope that is withheld is told with its feature, and the status stays 0."""
    app = simulated.slack.world.app
    app.scopes = tuple(scope for scope in app.scopes if scope != "files:write")
    said = await lines(simulated, capsys, 0)
    assert any("feature off" in line and "files:write" in line for line in said)


async def test_a_store_in_use_is_fine(simulated: Simulated, capsys: Capture) -> None:
    """While the bot runs its store is in use, which is as it should be."""
    settings = await simulated.settings()
    store = await open_store(settings.store, key=settings.audit_key.get_secret_value().encode())
    try:
        said = await lines(simulated, capsys, 0)
    finally:
        await store.close()
    assert about(said, "store").startswith("store fine")


async def test_a_store_that_cannot_be_used_is_told(simulated: Simulated, capsys: Capture) -> None:
    """A data folder that is none is unreachable, with why."""
    await asyncio.to_thread((simulated.folder / "bot").write_text, "a file")
    said = await lines(simulated, capsys, 1)
    assert about(said, "store").startswith("store unreachable")


async def test_a_store_with_another_key_is_read_only(simulated: Simulated, capsys: Capture) -> None:
    """A store whose chain does not fit the key is read-only, and the next step is to verify it."""
    settings = await simulated.settings()
    store = await open_store(settings.store, key=b"another key, of thirty-two characters or more")
    await store.audit.append(*[_entry()] * 2)
    await store.close()
    said = await lines(simulated, capsys, 1)
    assert about(said, "store").startswith("store read-only")
    assert "audit verify" in said[-1]


def _entry() -> Any:
    from tests.integrations.store.samples import entry  # noqa: PLC0415

    return entry()


async def test_a_role_group_that_gitlab_does_not_show_is_told(simulated: Simulated, capsys: Capture) -> None:
    """A group that should give a role and that is not there is told, because nobody would have the role."""
    said = await lines(simulated, capsys, 1, roles={"auditor": {"gitlab_groups": ["acme/nowhere"]}})
    assert any("acme/nowhere" in line for line in said)
