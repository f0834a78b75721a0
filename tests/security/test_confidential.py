"""What is said in confidence is stored nowhere on the way to its consent, whatever goes wrong meanwhile."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
import structlog

from bot.telemetry import log as telemetry
from tests._harness.organisation import Organisation, organisation

SECRET = "Xylophones everywhere please"


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_an_anonymous_plan_never_waits_in_the_outbox(org: Organisation) -> None:
    """Where the form was closed and Slack is away, the plan is lost rather than kept with its person's name."""
    await org.control("command", user="alice", channel="general", text="feedback")
    form = await org.view("alice", "form")
    assert org.process is not None
    org.process.core.dispatch.identity.forget()
    await org.control("faults", backend="slack", kind="delay", method="users.info", seconds=0.4, count=1)
    await org.control("faults", backend="slack", kind="500", method="chat.postMessage")
    await org.control("faults", backend="slack", kind="500", method="views.update")
    values = {"rating": "2", "text": SECRET, "anonymous": ["true"]}
    answer = await org.control("submit", user="alice", view_id=form.id, values=values)
    assert "Checking" in str(answer)
    await org.settled()
    assert org.calls("chat.postMessage")
    assert not await org.process.core.store.outbox.waiting()
    assert SECRET.encode() not in await asyncio.to_thread(stored, org.settings.store.data_dir)


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket"])
async def test_no_level_of_logging_writes_down_what_people_say(tmp_path: Path, *, socket_mode: bool) -> None:
    """At `debug` too, no library logs the bodies that Slack sends, nor the answers to them, nor a token."""
    stream = io.StringIO()
    before = structlog.get_config()
    telemetry.configure(as_json=True, level="debug", stream=stream)
    try:
        async with organisation(tmp_path, socket_mode=socket_mode) as org:
            await org.control("command", user="alice", channel="general", text="feedback")
            form = await org.view("alice", "form")
            values = {"rating": "2", "text": SECRET, "anonymous": ["true"]}
            await org.control("submit", user="alice", view_id=form.id, values=values)
            await org.view("alice", "consent")
            tokens = (org.world.app.bot_token, org.world.app.secret, org.world.app.app_token)
    finally:
        structlog.configure(**before)
    assert SECRET not in stream.getvalue()
    assert not any(token in stream.getvalue() for token in tokens if token)


async def test_metrics_do_not_tell_when_something_was_said(org: Organisation) -> None:
    """Between two scrapes an anonymous answer, and its plan, move no counter of commands."""
    await org.say("alice", "whoami")
    before = [line for line in (await org.metrics()).splitlines() if line.startswith("idp_command")]
    plan = await org.say("alice", f"feedback 2 {SECRET} --anonymous")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "without your name")
    await org.settled()
    assert [line for line in (await org.metrics()).splitlines() if line.startswith("idp_command")] == before
