"""Answers with files: in the direct messages, linked from where they were asked for; and without, where that is off."""

from __future__ import annotations

from pathlib import Path

from integrations.slack.simulator.world import World
from tests._harness.organisation import Organisation, organisation, said


async def recorded(org: Organisation) -> None:
    """Have something in the audit trail."""
    await org.say("alice", "platform")


async def test_an_export_is_in_the_direct_messages(either: Organisation) -> None:
    """An export comes as a file in the direct messages, and the ephemeral answer links to it."""
    await recorded(either)
    await either.control("command", user="audrey", channel="general", text="audit export")
    linked = await either.told("audrey", "in your direct messages")
    assert linked.ephemeral
    await either.settled()
    files = list(either.world.state.files.values())
    direct = either.world.direct("U0AUDREY")
    assert direct is not None
    assert files
    assert all(file.complete and file.channels == [direct.id] for file in files)
    assert {file.name.rpartition(".")[2] for file in files} == {"csv", "jsonl"}


async def test_an_export_by_message_stays_there(org: Organisation) -> None:
    """Asked for in the direct messages, files come there and nothing is linked."""
    await recorded(org)
    await org.control("message", user="audrey", channel="dm", text="audit export --format csv")
    await org.until(lambda: any(f.complete for f in org.world.state.files.values()), "the file")
    await org.settled()
    assert not any("in your direct messages" in said(m) for m in org.answers("audrey"))


def _without_files(world: World) -> None:
    world.app.scopes = tuple(s for s in world.app.scopes if s != "files:write")


async def test_withheld_files_disable_files_alone(tmp_path: Path) -> None:
    """Without the scope for files an export says which scope is withheld, `platform` shows it, and all else works."""
    async with organisation(tmp_path, prepare=_without_files) as org:
        await recorded(org)
        await org.control("command", user="audrey", channel="general", text="audit export")
        await org.told("audrey", "could not be uploaded", "files:write")
        assert "files:write" in said(await org.say("petra", "platform"))
        assert "acme/" in said(await org.say("alice", "services"))


async def test_files_that_slack_does_not_take_are_told(org: Organisation) -> None:
    """Where Slack fails while a file is uploaded, people learn that the file is not there."""
    await recorded(org)
    await org.control("faults", backend="slack", kind="500", method="files.completeUploadExternal")
    await org.control("command", user="audrey", channel="general", text="audit export --format csv")
    await org.told("audrey", "could not be uploaded")
