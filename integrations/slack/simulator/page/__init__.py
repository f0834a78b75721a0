"""The workspace page: what a person sees of the simulated Slack in a browser."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from integrations.slack.simulator.acting import Acting
from integrations.slack.simulator.page.blocks import warm
from integrations.slack.simulator.page.reader import zone_of
from integrations.slack.simulator.page.routes import Page
from integrations.slack.simulator.world import World


class Simulated(Protocol):
    """What the page needs of a simulator."""

    world: World
    acting: Acting


def setup(app: web.Application, simulator: Simulated) -> None:
    """Add the page's routes to an application; its streams end when the application shuts down.

    Reads templates and time zones now, so that no request waits for the disk.
    """
    warm()
    for user in simulator.world.users.values():
        zone_of(user.tz)
    Page(simulator.world, simulator.acting).mount(app)
