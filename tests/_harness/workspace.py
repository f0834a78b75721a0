"""A small simulated workspace with the scripted app behind it: what the page's tests look at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from integrations.slack.simulator.server import SlackSimulator
from integrations.slack.simulator.state import Channel, Kind, Message, Shortcut
from integrations.slack.simulator.world import World
from tests._harness.scripted_app import ScriptedApp

PEOPLE = (
    ("alice", "Alice Anders", "Developer, payments"),
    ("bob", "Bob Berg", "Developer, storefront"),
    ("petra", "Petra Palm", "Platform engineer"),
    ("mona", "Mona Meier", "Manager"),
    ("audrey", "Audrey Adler", "Auditor"),
)


@dataclass(frozen=True, slots=True)
class Workspace:
    slack: SlackSimulator
    app: ScriptedApp

    @property
    def world(self) -> World:
        return self.slack.world

    def channel(self, name: str) -> Channel:
        found = self.world.channel(name)
        assert found is not None
        return found

    def say(self, user: str, channel: str, text: str, **details: str) -> Message:
        """Put a message there, as if it had been written; the app hears nothing of it."""
        message = Message(self.world.new_ts(), self.channel(channel).id, user, text)
        for key, value in details.items():
            setattr(message, key, value)
        self.world.put_message(message)
        return message


def build_world() -> World:
    world = World()
    app = world.app
    app.usage_hint, app.description = "help | service [name] | whoami", "Your developer platform"
    app.shortcuts = (Shortcut("Ask about this message", "ask"),)
    bot = world.add_bot().id
    for name, real_name, title in PEOPLE:
        world.add_user(name, real_name, id=f"U0{name.upper()}", title=title)
    world.add_user("gus", "Gus Gast", id="U0GUS", title="Contractor", is_restricted=True)
    world.add_user("dora", "Dora Dorn", id="U0DORA", title="Left in May", deleted=True)
    everyone = [f"U0{name.upper()}" for name, _, _ in PEOPLE]
    world.add_channel("general", [*everyone, "U0GUS", bot], id="C0GENERAL", is_general=True, topic="Company-wide")
    world.add_channel("payments", ["U0ALICE", "U0PETRA", bot], id="C0PAYMENTS", kind=Kind.PRIVATE)
    world.add_channel("storefront", ["U0BOB", bot], id="C0STOREFRONT")
    world.add_channel("partners", ["U0ALICE", bot], id="C0PARTNERS", is_ext_shared=True)
    world.open_direct("U0ALICE", "U0BOB")
    return world


@asynccontextmanager
async def workspace(*, ack_timeout: float = 3.0) -> AsyncIterator[Workspace]:
    """Run a workspace and its app on ephemeral ports of the loopback interface."""
    app = ScriptedApp()
    slack = SlackSimulator(build_world(), strict_rates=False, ack_timeout=ack_timeout)
    await app.start()
    await slack.start()
    slack.app_url, app.api, app.token = app.url, slack.url, slack.world.app.bot_token
    try:
        yield Workspace(slack, app)
    finally:
        app.slow.set()
        await slack.stop()
        await app.stop()
