"""The Slack front end's shared parts over the test desk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.frontends.slack.deliver import Delivery
from bot.frontends.slack.front import Front
from bot.frontends.slack.once import Once
from bot.frontends.slack.present import Presenter
from bot.pace import Pace
from bot.tasks import Tasks
from tests.bot.dispatching import Desk


@pytest.fixture
async def front(desk: Desk) -> AsyncIterator[Front]:
    presenter = Presenter(desk.commands, frozenset(), desk.clock)
    tasks = Tasks()
    delivery = Delivery(desk.slack, desk.store, presenter, Pace(), desk.sleeps)
    once = Once(desk.store.keys, desk.clock)
    made = Front(desk.dispatch, desk.slack, desk.store, presenter, delivery, once, tasks, desk.failures, desk.clock)
    async with made.courtesy.kept():
        yield made
        await tasks.drain(10)
