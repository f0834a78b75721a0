"""Anonymous feedback: afterwards nothing that is kept anywhere ties it to whoever gave it."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.telemetry import log as telemetry
from tests._harness.organisation import Organisation, organisation, said

SECRET = "Xylophones everywhere please"
PERSON = ("U0ALICE", "Alice", "alice")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as production writes it."""
    stream = io.StringIO()
    before = structlog.get_config()
    telemetry.configure(as_json=True, level="debug", stream=stream)
    yield stream
    structlog.configure(**before)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return every file of the bot's, by name: database, journal, anchors."""
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".yaml")}


async def give(org: Organisation, user: str, text: str, *, form: bool = False) -> None:
    """Give anonymous feedback to its end."""
    if not form:
        plan = await org.say(user, f"feedback 2 {text} --anonymous")
        await org.click(user, plan, "confirm")
        await org.told(user, "without your name")
    else:
        await org.control("command", user=user, channel="general", text="feedback")
        view = await org.view(user, "form")
        values = {"rating": "2", "text": text, "anonymous": ["true"]}
        await org.control("submit", user=user, view_id=view.id, values=values)
        view = await org.view(user, "consent")
        await org.control("submit", user=user, view_id=view.id)
        await org.view(user, "done")
    await org.settled()


@pytest.mark.parametrize("form", [False, True], ids=["line", "form"])
async def test_nothing_kept_ties_the_answer_to_the_person(tmp_path: Path, log: io.StringIO, *, form: bool) -> None:
    """The text stands in the feedback table alone: not in the audit trail, offers, keys, outbox, journal or log; and no
    record tells that the person gave feedback.
    """
    async with organisation(tmp_path) as org:
        await org.say("alice", "whoami")
        await give(org, "alice", SECRET, form=form)
        assert not [r for r in await org.records() if r.entry.command == "feedback"]
        requests = {r.entry.request_id for r in await org.records()}
        database = org.settings.store.database
        running = bytes_of(tmp_path)
        await org.stop_bot()
        for kept in (running, bytes_of(tmp_path)):
            everything = b"".join(kept.values())
            assert everything.count(SECRET.encode()) == 1, {n: c.count(SECRET.encode()) for n, c in kept.items()}
        with sqlite3.connect(database) as connection:
            rows = connection.execute("SELECT * FROM anonymous_answers").fetchall()
            dump = "\n".join(connection.iterdump())
        connection.close()
    ((_, day, rating, text),) = rows
    assert (rating, text) == (2, SECRET)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", day)
    assert not any(request in str(rows) for request in requests if request)
    lines = [line for line in dump.splitlines() if "feedback" in line.lower() and any(p in line for p in PERSON)]
    assert not lines
    logged = log.getvalue()
    assert "whoami" in logged
    assert SECRET not in logged
    assert not [line for line in logged.splitlines() if "feedback" in line and any(p in line for p in PERSON)]


async def test_an_anonymous_plan_is_never_stored(tmp_path: Path) -> None:
    """While an anonymous plan waits for its consent nothing of it is on the disk; a restart forgets it."""
    async with organisation(tmp_path) as org:
        plan = await org.say("alice", f"feedback 2 {SECRET} --anonymous")
        assert not any(SECRET.encode() in content for content in bytes_of(tmp_path).values())
        await org.restart_bot()
        seen = org.shown("alice")
        await org.click("alice", plan, "confirm")
        assert "expired" in said(await org.next_answer("alice", seen))
        assert not any(SECRET.encode() in content for content in bytes_of(tmp_path).values())


async def test_what_was_typed_into_a_form_that_failed_is_not_stored(tmp_path: Path) -> None:
    """Where the form cannot be opened, *Fill in* offers it without what was typed."""
    async with organisation(tmp_path) as org:
        await org.control("message", user="alice", channel="dm", text=f"feedback 9 {SECRET} --anonymous")
        offered = await org.told("alice", "Fill in")
        assert not any(SECRET.encode() in content for content in bytes_of(tmp_path).values())
        await org.click("alice", offered, "fill")
        await org.view("alice", "form")


async def test_an_anonymous_answer_counts_once(org: Organisation) -> None:
    """Two clicks on an anonymous plan keep one answer."""
    plan = await org.say("alice", f"feedback 2 {SECRET} --anonymous")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "without your name")
    assert (await org.control("replay"))["status"] == 200
    await org.settled()
    assert org.process is not None
    summary = await org.process.core.store.feedback.summary(anonymous_from=0)
    assert summary.anonymous_count == 1


async def test_an_anonymous_plan_can_be_cancelled(org: Organisation) -> None:
    """*Cancel* lets an anonymous plan go, and nothing is kept."""
    plan = await org.say("alice", f"feedback 2 {SECRET} --anonymous")
    await org.click("alice", plan, "cancel")
    await org.told("alice", "Cancelled")
    assert org.process is not None
    assert not (await org.process.core.store.feedback.summary(anonymous_from=0)).anonymous_count


async def test_somebody_else_cannot_consent_to_it(org: Organisation) -> None:
    """An anonymous plan is its person's to confirm."""
    plan = await org.say("alice", f"feedback 2 {SECRET} --anonymous", "payments")
    (value,) = [e["value"] for b in plan.blocks for e in b.get("elements", []) if e.get("action_id") == "confirm"]
    payload = {
        "type": "block_actions",
        "team": {"id": "T0ACME"},
        "user": {"id": "U0PETRA", "team_id": "T0ACME"},
        "container": {"type": "message", "channel_id": "C0PAYMENTS", "is_ephemeral": False},
        "channel": {"id": "C0PAYMENTS"},
        "actions": [{"action_id": "confirm", "block_id": "b", "type": "button", "value": value}],
    }
    await org.control("deliver", kind="interactive", payload=payload)
    await org.told("petra", "somebody else")
    assert org.process is not None
    assert not (await org.process.core.store.feedback.summary(anonymous_from=0)).anonymous_count


async def test_anonymous_answers_are_shown_from_five_on(org: Organisation) -> None:
    """Four anonymous answers show nowhere, not in a count either; five do, with their day and no name."""
    people = ("alice", "bob", "petra", "mona", "audrey")
    for number, user in enumerate(people[:4]):
        await give(org, user, f"Remark number {number}")
    shown = said(await org.say("petra", "survey"))
    assert "Remark" not in shown
    assert "Nobody has said anything yet" in shown
    await give(org, people[4], "Remark number 4")
    shown = said(await org.say("petra", "survey"))
    assert all(f"Remark number {number}" in shown for number in range(5))
    assert "U0" not in shown.replace("U0SIM", "")


async def test_feedback_with_a_name_is_recorded(org: Organisation) -> None:
    """Feedback under one's name is a change like any other: its intent and outcome are in the audit trail."""
    plan = await org.say("alice", "feedback 5 Splendid")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Thank you")
    assert len(await org.outcomes("feedback")) == 1
