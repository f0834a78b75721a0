"""The organisation's Slack workspace: its people, channels and user groups, and the app installed from the manifest."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.demo.people import OUTSIDE_WORKSPACE, PEOPLE, WORKSPACE, DemoPerson
from integrations.slack.simulator.state import Kind, Shortcut, User
from integrations.slack.simulator.world import World

MANIFEST = Path(__file__).resolve().parents[2] / "manifest.yml"
EVERYONE = [p.slack_id for p in PEOPLE if not (p.guest or p.outsider or p.deactivated)]


def slack_world(*, socket_mode: bool) -> World:
    """Return the workspace as it is on its first day."""
    world = World()
    workspace = world.workspace
    workspace.id, workspace.name, workspace.domain = WORKSPACE, "Acme", "acme"
    _install(world, socket_mode=socket_mode)
    for person in PEOPLE:
        _person(world, person)
    bot = world.app.bot_user
    world.add_channel("general", [*EVERYONE, bot], id="C0GENERAL", is_general=True, purpose="Everybody")
    world.add_channel("payments", ["U0ALICE", "U0PETRA", bot], id="C0PAYMENTS", purpose="Team Payments")
    world.add_channel("storefront", ["U0BOB", "U0PETRA"], id="C0STOREFRONT", purpose="The bot is not in here")
    world.add_channel("contractors", ["U0PETRA", "U0ALICE", "U0GUS", bot], id="C0CONTRACTORS", purpose="With guests")
    world.add_channel("platform-team", ["U0PETRA", bot], id="C0PLATFORM", kind=Kind.PRIVATE)
    world.add_channel(
        "acme-partner",
        ["U0ALICE", "U0PETRA", "U0OLAF", bot],
        id="C0PARTNER",
        is_ext_shared=True,
        connected_teams=[OUTSIDE_WORKSPACE],
        purpose="Shared with a partner company",
    )
    world.add_channel("", ["U0ALICE", "U0BOB", "U0MONA"], id="C0GROUPDM", kind=Kind.MPIM)
    world.add_group("platform", ["U0PETRA"], name="Platform engineers", id="S0PLATFORM")
    world.add_group("on-leave", [], name="On leave", id="S0ONLEAVE")
    for person in PEOPLE:
        if not (person.deactivated or person.outsider):
            world.open_direct(person.slack_id)
    return world


def _install(world: World, *, socket_mode: bool) -> None:
    """Install the app as the manifest describes it."""
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    command = manifest["features"]["slash_commands"][0]
    scopes = manifest["oauth_config"]["scopes"]
    app = world.app
    app.description, app.usage_hint = command["description"], command.get("usage_hint", "")
    app.shortcuts = tuple(Shortcut(s["name"], s["callback_id"]) for s in manifest["features"].get("shortcuts", ()))
    app.scopes = tuple(sorted({*scopes["bot"], *scopes.get("bot_optional", ())}))
    app.events = tuple(manifest["settings"]["event_subscriptions"]["bot_events"])
    app.escape_commands = bool(command.get("should_escape"))
    app.socket_mode = socket_mode
    world.add_bot()


def _person(world: World, person: DemoPerson) -> User:
    return world.add_user(
        person.username,
        person.name,
        id=person.slack_id,
        title=person.title,
        tz=person.time_zone,
        team_id=person.workspace,
        deleted=person.deactivated,
        is_restricted=person.guest,
        is_stranger=person.outsider,
    )
