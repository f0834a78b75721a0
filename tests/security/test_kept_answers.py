"""What stands under an answer is for its reader, as long as that person may read it."""

from __future__ import annotations

import pytest

from tests._harness.organisation import Organisation, said

KINDS = pytest.mark.parametrize("kind", ["keep", "share"])


async def refused(org: Organisation, user: str, kind: str, *words: str) -> None:
    """Have the person press the button under an answer in #payments; fail unless these words answer, and only they."""
    answer = next(m for m in reversed(org.answers(user)) if kind in str(m.blocks))
    seen, posted = org.shown(user), len(org.posted(answer.channel))
    await org.click(user, answer, kind)
    told = await org.next_answer(user, seen)
    assert all(word in said(told) for word in words), said(told)
    await org.settled()
    assert len(org.posted(answer.channel)) == posted


@KINDS
async def test_somebody_who_became_a_guest_gets_no_kept_answer(org: Organisation, kind: str) -> None:
    """Who clicks is looked at on every click, so a guest neither keeps nor shares what was shown before."""
    await org.say("alice", "services", "payments")
    org.world.users["U0ALICE"].is_restricted = True
    assert org.process is not None
    org.process.core.dispatch.identity.forget()
    await refused(org, "alice", kind, "Guests cannot use the platform")


@KINDS
async def test_a_lost_role_closes_kept_answers(org: Organisation, kind: str) -> None:
    """An answer of a command that is no longer one's own is neither kept nor shared."""
    await org.say("petra", "audit", "payments")
    org.world.state.groups["S0ONLEAVE"].users.append("U0PETRA")
    assert org.process is not None
    org.process.core.dispatch.identity.forget()
    await refused(org, "petra", kind, "audit is for")


async def test_sharing_is_limited_per_person(org: Organisation) -> None:
    """Nobody fills a channel by pressing *Share* again and again."""
    answer = await org.say("alice", "whoami", "payments")
    for _ in range(30):
        await org.click("alice", answer, "share")
    await org.told("alice", "a lot at once")
    await org.settled()
    assert len(org.posted("payments")) < 30
