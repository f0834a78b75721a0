from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.frontends.slack.bolt import SHORTCUT
from bot.frontends.slack.events import Events
from integrations.slack.scopes import SCOPES

# https://docs.slack.dev/reference/events names the scope that each event needs.
EVENT_SCOPES = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "message.im": "im:history",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "tokens_revoked": "",
    "user_change": "users:read",
}


@pytest.fixture(scope="module")
def manifest(root: Path) -> Any:
    return yaml.safe_load((root / "manifest.yml").read_text(encoding="utf-8"))


def test_schema(manifest: Any, data_dir: Path) -> None:
    """The manifest is valid by Slack's own schema."""
    schema = json.loads((data_dir / "slack" / "manifest.schema.2.0.0.json").read_text(encoding="utf-8"))
    jsonschema.validate(manifest, schema, cls=jsonschema.Draft7Validator)


def test_scopes_are_the_table(manifest: Any) -> None:
    """The manifest asks for exactly the scopes of the table, each once, in its order."""
    assert manifest["oauth_config"]["scopes"]["bot"] == [scope.name for scope in SCOPES]


def test_optional_scopes_are_the_table(manifest: Any) -> None:
    """Scopes of optional features are declared optional, and only those; Slack wants them in both lists."""
    optional = manifest["oauth_config"]["scopes"]["bot_optional"]
    assert optional == [scope.name for scope in SCOPES if not scope.required]
    assert set(optional) < set(manifest["oauth_config"]["scopes"]["bot"])


def test_no_user_scopes(manifest: Any) -> None:
    """The app never acts as a person: it asks for no user scopes."""
    assert set(manifest["oauth_config"]["scopes"]) == {"bot", "bot_optional"}


def test_events_have_their_scopes(manifest: Any) -> None:
    """Every event that is subscribed to is covered by a scope that is asked for."""
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    needed = {EVENT_SCOPES[event] for event in events} - {""}
    assert needed <= {scope.name for scope in SCOPES}


def test_events_are_those_listened_to(manifest: Any) -> None:
    """The app subscribes to the events that the front end acts on, and to no other."""
    listened = re.findall(r'"(\w+)": self\._', inspect.getsource(Events.__init__))
    subscribed = {event.partition(".")[0] for event in manifest["settings"]["event_subscriptions"]["bot_events"]}
    assert subscribed == set(listened)


def test_one_command(manifest: Any) -> None:
    """There is one slash command, and Slack escapes people, channels and links in its text."""
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == "/idp"
    assert command["should_escape"] is True


def test_shortcut(manifest: Any) -> None:
    """The message shortcut has the callback id that the front end listens to."""
    assert [(s["type"], s["callback_id"]) for s in manifest["features"]["shortcuts"]] == [("message", SHORTCUT)]


def test_one_address(manifest: Any) -> None:
    """All deliveries go to one path, selects that load their options included."""
    settings = manifest["settings"]
    addresses = {
        manifest["features"]["slash_commands"][0]["url"],
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        settings["interactivity"]["message_menu_options_url"],
    }
    assert addresses == {"https://idp.example.com/slack/events"}


def test_organisation_wide(manifest: Any) -> None:
    """The app can be deployed to a whole Enterprise organisation, and its home and messages tabs are on."""
    assert manifest["settings"]["org_deploy_enabled"] is True
    home = manifest["features"]["app_home"]
    assert home["home_tab_enabled"]
    assert home["messages_tab_enabled"]
    assert not home["messages_tab_read_only_enabled"]
