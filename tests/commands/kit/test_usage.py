from __future__ import annotations

import pytest

from commands._kit.discover import CommandSet
from commands._kit.doc import Code, Note, Table
from commands._kit.roles import Role
from commands._kit.usage import allowed_words, field_usages, help_doc, usage_line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("deploy", "deploy <service> [ref] to <env>"),
        ("say", "say <rating> [text …] [--anonymous]"),
        ("find", "find [text …] [--team <team>]"),
        ("set", "set <service> [channel]"),
        ("ci lint", "ci lint"),
    ],
)
def test_the_usage_line_shows_how_a_command_is_written(name: str, line: str, commands: CommandSet) -> None:
    """Needed fields stand in angles, others in brackets, filler and flags as they are typed."""
    command = commands.find(name)
    assert command is not None
    assert usage_line(command) == line


def test_the_short_usage_leaves_named_fields_out(commands: CommandSet) -> None:
    """A list of commands shows positions only."""
    command = commands.find("everything")
    assert command is not None
    assert usage_line(command, full=False) == "everything [low|very-high] [count]"


def test_fields_tell_what_they_take(commands: CommandSet) -> None:
    """Each field says its meaning, the values that it takes and its default."""
    command = commands.find("everything")
    assert command is not None
    told = {usage.written: (usage.meaning, usage.takes, usage.default) for usage in field_usages(command)}
    assert told["level"] == ("How urgent", "low or very-high", "low")
    assert told["--since"] == ("How far back", "duration like 90m, 2h30m or 7d", "1h")
    assert told["-o, --owner"] == ("Whose", "@person", "")


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (tuple(Role), "everyone"),
        ((Role.AUDITOR,), "auditors"),
        ((Role.PLATFORM_ENGINEER, Role.AUDITOR), "platform engineers and auditors"),
        ((), "nobody"),
    ],
)
def test_who_may_reads_as_a_sentence(roles: tuple[Role, ...], words: str) -> None:
    """Roles are named in the plural."""
    assert allowed_words(roles) == words


def test_help_has_the_usage_the_fields_and_who_may(commands: CommandSet) -> None:
    """One document tells all; somebody who may not use the command is told so."""
    command = commands.find("deploy")
    assert command is not None
    doc = help_doc(command, (Role.AUDITOR,), mine=False)
    assert Code("deploy <service> [ref] to <env>") in doc.blocks
    assert any(isinstance(block, Table) and block.rows[0][0] == "service" for block in doc.blocks)
    assert any(isinstance(block, Note) and "do not open" in str(block.text) for block in doc.blocks)
