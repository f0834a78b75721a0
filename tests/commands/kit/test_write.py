from __future__ import annotations

from typing import Any

import pytest

from commands._kit.discover import CommandSet
from commands._kit.write import format_command, values_of
from tests.commands.kit.samples import Deploy, Everything, Find, Level, Say


@pytest.mark.parametrize(
    ("name", "request_model", "line"),
    [
        ("deploy", Deploy(service="api", ref="v1", env="prod"), "deploy api v1 prod"),
        ("deploy", Deploy(service="api", env="prod"), "deploy api --env=prod"),
        ("say", Say(rating=5, text="it's fine", anonymous=True), 'say --anonymous 5 "it\'s fine"'),
        ("find", Find(text="pay"), "find pay"),
        ("find", Find(text="to"), "find to"),
        ("find", Find(text="--team"), 'find "--team"'),
        ("everything", Everything(), "everything"),
        ("everything", Everything(level=Level.VERY_HIGH, loud=False), "everything very-high --no-loud"),
    ],
)
def test_a_request_is_written_as_people_would(name: str, request_model: Any, line: str, commands: CommandSet) -> None:
    """Fields come by position where that reads the same, defaults are left out, and only what needs quotes has them."""
    command = commands.find(name)
    assert command is not None
    assert format_command(command, request_model) == line


def test_values_are_texts_without_the_defaults() -> None:
    """A button's arguments are the values that differ from the defaults, as text."""
    assert values_of(Everything(count=3, loud=False)) == {"count": "3", "loud": "no"}
