"""What is remembered of people is never older than what Slack has said of them, and never grows without end."""

from __future__ import annotations

import asyncio

import pytest

from bot import identity
from bot.identity import SlackPrincipal
from bot.replies import Failed
from tests.bot.dispatching import Desk
from tests.bot.rig import slack_person

ANN = SlackPrincipal("T1", "U0ANN")


async def test_an_answer_from_before_a_change_is_not_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who is deactivated while Slack is being asked about them is refused at the next look."""
    asked, go_on = asyncio.Event(), asyncio.Event()
    ask = desk.slack.person

    async def slowly(user: str) -> object:
        person = await ask(user)
        asked.set()
        await go_on.wait()
        return person

    monkeypatch.setattr(desk.slack, "person", slowly)
    looking = asyncio.create_task(desk.dispatch.actor(desk.call()))
    await asked.wait()
    desk.slack.people["U0ANN"] = slack_person("U0ANN", "deactivated")
    desk.identity.forget("U0ANN")
    go_on.set()
    await looking
    assert isinstance(await desk.dispatch.actor(desk.call()), Failed)


async def test_people_are_let_go_of_after_their_minute(desk: Desk) -> None:
    """A whole organisation that looks in once leaves nothing behind."""
    for number in range(identity.MOST):
        user = f"U0P{number}"
        desk.slack.people[user] = slack_person(user)
        await desk.identity.actor(SlackPrincipal("T1", user))
    desk.clock.move(seconds=61)
    await desk.identity.actor(ANN)
    assert len(desk.identity._people) == 1
