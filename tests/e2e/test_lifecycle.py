"""The production process as an orchestrator sees it: started, stopped in the middle of work, and started again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from commands._kit.plan import Action, Change, Plan
from commands.use import set_default
from integrations.store import AuditEntry, Operation, Phase
from tests._harness.organisation import Organisation, organisation, said

PROJECTS = "/api/v4/projects"


@pytest.fixture
async def stopped(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Organisation]:
    """The organisation with its bot stopped, so that a child can be it."""
    async with organisation(tmp_path, shutdown=getattr(request, "param", "20s")) as org:
        await org.stop_bot()
        yield org


async def is_ready(org: Organisation) -> bool:
    try:
        return (await org.ready())[0] == 200
    except aiohttp.ClientError:
        return False


async def serve(org: Organisation) -> asyncio.subprocess.Process:
    """Start the bot as a child and wait until it is ready."""
    child = await org.child("serve")
    await org.until(lambda: is_ready(org), "readiness")
    return child


async def slow(org: Organisation, seconds: float) -> None:
    await org.control("faults", backend="gitlab", kind="delay", path=PROJECTS, seconds=seconds)


async def test_sigterm_finishes_what_runs(stopped: Organisation) -> None:
    """On SIGTERM readiness goes false first, nothing new is taken, what runs is answered, and the status is 0."""
    child = await serve(stopped)
    await stopped.say("alice", "whoami")
    await slow(stopped, 1.5)
    await stopped.control("command", user="alice", channel="general", text="service checkout")
    await stopped.until(lambda: stopped.gitlab.faults and _asked(stopped), "work under way")
    child.send_signal(signal.SIGTERM)

    async def refuses() -> bool:
        status, body = await stopped.ready()
        return status == 503 and body["reason"] == "stopping"

    await stopped.until(refuses, "readiness to go")
    late = await stopped.control("command", user="bob", channel="general", text="whoami")
    assert late["status"] == 503
    await stopped.told("alice", "production", "checkout")
    output, _ = await child.communicate()
    assert child.returncode == 0
    assert b"cut off" not in output
    assert b"Traceback" not in output


def _asked(org: Organisation) -> bool:
    return any("Working" in m.text for m in org.answers("alice"))


@pytest.mark.parametrize("stopped", ["1s"], indirect=True)
async def test_sigterm_names_what_is_cut_off(stopped: Organisation) -> None:
    """What does not finish within the deadline is cut off and named in the log; the person is told; the status is 0."""
    child = await serve(stopped)
    await stopped.say("alice", "whoami")
    await slow(stopped, 3.5)
    await stopped.control("command", user="alice", channel="general", text="service checkout")
    await stopped.until(lambda: _asked(stopped), "work under way")
    child.send_signal(signal.SIGTERM)
    output, _ = await child.communicate()
    assert child.returncode == 0
    assert b"cut off at the deadline" in output
    assert b"work: service" in output
    assert any("restart" in said(m) for m in stopped.answers("alice"))


async def test_a_killed_process_is_taken_over(stopped: Organisation) -> None:
    """After SIGKILL the next process starts on the same data, and a plan from before can be confirmed."""
    child = await serve(stopped)
    plan = await stopped.say("alice", "use checkout", "payments")
    os.kill(child.pid, signal.SIGKILL)
    await child.communicate()
    child = await serve(stopped)
    await stopped.click("alice", plan, "confirm")
    await stopped.told("alice", "Default service set")
    child.send_signal(signal.SIGTERM)
    await child.communicate()
    assert child.returncode == 0


async def test_an_interrupted_change_is_finished_and_told_once(org: Organisation) -> None:
    """A change whose process died before its step ran is finished by the next one, and told to whoever asked, once."""
    assert org.process is not None
    now = datetime.now(UTC)
    who = "slack:T0ACME/U0ALICE"
    step = set_default.with_(workspace="T0ACME", channel="C0PAYMENTS", service="checkout")
    plan = Plan("Use checkout", (Change(Action.CREATE, "default", after="checkout"),), (step,))
    place = {"workspace": "T0ACME", "channel": "C0PAYMENTS", "thread": "", "front_end": "slack", "target": "checkout"}
    actor = {"name": "Alice", "roles": ["developer"], "teams": []}
    operation = Operation("0badc0de", "use", who, actor, "r1", plan.canonical(), plan.hash, place, now)
    intent = AuditEntry(now, Phase.INTENT, who, "Alice", "use", "r1", "slack", operation_id=operation.id)
    await org.process.core.store.operations.start(operation, intent)
    for _ in range(2):
        await org.restart_bot()
        await org.delivered()
    told = [m for m in org.answers("alice") if "Default service set" in said(m)]
    assert len(told) == 1
    assert len(await org.outcomes("use", Phase.OUTCOME)) == 1
    assert "checkout" in said(await org.say("alice", "service", "payments"))


async def test_a_terminal_command_goes_through_the_running_process(org: Organisation) -> None:
    """`idp run` answers from the process that holds the data, as the person whom the settings map the OS user to."""
    status, output = await org.run("run", "whoami")
    assert status == 0
    assert "platform engineer" in output


async def test_a_terminal_command_works_without_a_process(stopped: Organisation) -> None:
    """Where no process runs the command runs on the store itself."""
    status, output = await stopped.run("run", "services", "--team", "acme/payments")
    assert status == 0
    assert "payments-api" in output


async def test_check_says_how_each_connection_is(org: Organisation) -> None:
    """`idp check` tries every connection and names what is wrong with each."""
    status, output = await org.run("check")
    assert "slack" in output
    assert "gitlab" in output
    await org.control("faults", backend="gitlab", kind="401")
    status, output = await org.run("check")
    assert status != 0
    assert "wrong credentials" in output
