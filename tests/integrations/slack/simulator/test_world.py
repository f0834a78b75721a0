"""The workspace itself: what it tells, keeps, and shows to whom."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from integrations.slack.simulator import text
from integrations.slack.simulator.api.views import made
from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from integrations.slack.simulator.state import Message
from integrations.slack.simulator.world import QUEUE_LENGTH, Change, World
from tests.integrations.slack.simulator.conftest import Client, RecordedApp, workspace
from tests.integrations.slack.simulator.surfaces import home, modal


async def test_changes_are_told(slack: SlackSimulator, client: Client) -> None:
    """A listener hears of a message with its place."""
    changes = slack.world.subscribe()
    posted = await client.ok("chat.postMessage", channel="C0GENERAL", text="x")
    assert changes.get_nowait() == Change("message", channel="C0GENERAL", ts=posted["ts"])
    slack.world.unsubscribe(changes)
    await client.ok("chat.postMessage", channel="C0GENERAL", text="y")
    assert changes.empty()


async def test_a_slow_listener_loads_everything(clock: ManualClock) -> None:
    """A listener that lets its queue fill up is told once to load everything."""
    world = workspace(clock)
    changes = world.subscribe()
    for _ in range(QUEUE_LENGTH + 1):
        world.tell(Change("message"))
    assert changes.get_nowait() == Change("resync")
    assert changes.empty()


async def test_a_workspace_survives_a_restart(clock: ManualClock, bot: RecordedApp, tmp_path: Path) -> None:
    """Messages, open views and what ids are made from are the same after stopping and loading."""
    path = tmp_path / "workspace.json"
    async with SlackSimulator(workspace(clock), app_url=bot.url, data=path) as simulator:
        world = simulator.world
        await simulator.acting.message("ada", "general", "שלום & 🎉")
        world.put_view(made(world, "U0ADA", modal()))
    loaded = await asyncio.to_thread(World.load, path, clock=clock)
    assert loaded.state.channels == world.state.channels
    assert loaded.state.views == world.state.views
    assert (loaded.state.sequence, loaded.state.last_ts) == (world.state.sequence, world.state.last_ts)


async def test_threads_are_known_after_a_restart(clock: ManualClock) -> None:
    """Replies are found under their thread in a workspace that was loaded, and not once they are deleted."""
    world = workspace(clock)
    first, reply = Message(world.new_ts(), "C0GENERAL", "U0ADA"), Message(world.new_ts(), "C0GENERAL", "U0BEN")
    reply.thread_ts = first.ts
    world.put_message(first)
    world.put_message(reply)
    loaded = World.parse(world.dump(), clock=clock)
    assert [m.ts for m in loaded.replies("C0GENERAL", first.ts)] == [reply.ts]
    loaded.drop_message("C0GENERAL", reply.ts)
    assert loaded.replies("C0GENERAL", first.ts) == []


async def test_another_sites_page_is_refused(slack: SlackSimulator, client: Client) -> None:
    """A request that carries another site's origin does nothing; the page's own is taken."""
    body = {"user": "ada", "channel": "general", "text": "x"}
    for origin, status in (("https://evil.test", 403), (slack.url, 200)):
        async with client.session.post(f"{slack.url}/_sim/command", json=body, headers={"Origin": origin}) as answer:
            assert answer.status == status


async def test_public_channels_are_for_full_members(clock: ManualClock) -> None:
    """A member sees public channels, a guest and a stranger only those they are in, nobody others' private ones."""
    world = workspace(clock)
    assert {c.name for c in world.channels_of("U0ADA")} == {"general", "random", "team", "old", "partner"}
    assert world.channels_of("U0GUS") == []
    assert [c.name for c in world.channels_of("U0OLAF")] == ["partner"]


async def test_timestamps_grow_even_when_the_clock_goes_back(clock: ManualClock) -> None:
    """A clock that is set back does not make a message older than the one before."""
    world = workspace(clock)
    before = world.new_ts()
    clock.shift(-600)
    assert world.new_ts() > before


async def test_state_shows_no_secret(slack: SlackSimulator, client: Client) -> None:
    """The control API's state has neither tokens nor the signing secret."""
    await client.ok("views.publish", user_id="U0ADA", view=home())
    state = str(await client.state())
    for secret in (slack.world.app.secret, slack.world.app.bot_token, slack.world.app.app_token):
        assert secret not in state


@given(st.text())
def test_what_an_app_escapes_stays_as_it_is(said: str) -> None:
    """Text that an app escaped itself is stored unchanged, whatever it says."""
    escaped = text.escape(said)
    assert text.from_app(escaped) == escaped
    assert text.unescape(escaped) == said


@given(st.text(alphabet="<>&@#!|abc :/htps."))
def test_what_a_person_types_cannot_break_out(said: str) -> None:
    """Outside of tokens no bracket is left in what a person typed."""
    stored = text.from_person(said, World())
    outside = text.TOKEN.sub("", stored)
    assert "<" not in outside
    assert ">" not in outside
