"""Where it cannot be told who somebody is, nothing is changed in their name."""

from __future__ import annotations

from pathlib import Path

from tests._harness.organisation import QUICK, organisation, said


async def test_no_right_comes_from_groups_that_were_never_read(tmp_path: Path) -> None:
    """While GitLab has not told who is a manager, a manager does not change what only developers may."""
    async with organisation(tmp_path, pace=QUICK, matrix={"platform": {"manager": []}}) as org:
        assert "is for" in said(await org.say("mona", "use checkout"))
        await org.stop_bot()
        await org.control("faults", backend="gitlab", kind="500")
        await org.start_bot()
        plan = await org.say("mona", "use checkout")
        await org.click("mona", plan, "confirm")
        await org.told("mona", "could not check who you are")
        assert not await org.outcomes("use")
