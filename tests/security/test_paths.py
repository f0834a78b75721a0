"""Where things are on the bot's machine is for those who run it, not for everybody who asks."""

from __future__ import annotations

import asyncio
import errno
import os

from integrations.store.sqlite.connection import translate
from tests._harness.organisation import Organisation, said


async def refusal(org: Organisation) -> str:
    """Return what a developer is told who wants to change something."""
    plan = await org.say("bob", "use checkout")
    if "Nothing has happened yet" in said(plan):
        seen = org.shown("bob")
        await org.click("bob", plan, "confirm")
        plan = await org.next_answer("bob", seen)
    return said(plan)


async def test_a_lost_anchor_file_is_told_without_its_path(org: Organisation) -> None:
    """A store that is read-only says why, and not where it is."""
    plan = await org.say("bob", "use checkout")
    await org.click("bob", plan, "confirm")
    await org.told("bob", "Default service set")
    await org.stop_bot()
    await asyncio.to_thread(org.settings.store.anchor_file.unlink)
    await org.start_bot()
    told = await refusal(org)
    assert "there is no anchor" in told
    assert str(org.settings.store.data_dir.parent) not in told


def test_an_error_of_the_disk_is_told_without_its_path() -> None:
    """A disk that is full says so, and not where it is mounted."""
    told = str(translate(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/secret/idp.sqlite")))
    assert "No space left" in told
    assert "secret" not in told
