from __future__ import annotations

import json
from pathlib import Path

from integrations.slack.simulator.blockkit import validate_message, validate_view
from tests.integrations.slack.blockkit.payloads import message


def test_every_official_view_is_accepted(sample_views: list[Path]) -> None:
    """Every sample view of Slack's own SDK is accepted as it is."""
    for path in sample_views:
        view = json.loads(path.read_text(encoding="utf-8"))
        assert view["blocks"], path.name
        assert validate_view(view) == [], path.name


def test_the_blocks_of_official_views_are_accepted_in_messages(sample_views: list[Path]) -> None:
    """The blocks of the official home views are as good in a message, within its limit of 50."""
    for path in sample_views:
        view = json.loads(path.read_text(encoding="utf-8"))
        if view["type"] == "home":
            assert validate_message(message(*view["blocks"][:50])) == [], path.name


def test_an_official_view_with_one_key_too_many_is_refused(sample_views: list[Path]) -> None:
    """A sample is refused as soon as any of its blocks carries a key that Slack does not know."""
    for path in sample_views:
        view = json.loads(path.read_text(encoding="utf-8"))
        view["blocks"][0]["colour"] = "red"
        assert [str(problem) for problem in validate_view(view)] == [
            "invalid additional property: colour [json-pointer:/view/blocks/0]"
        ], path.name
