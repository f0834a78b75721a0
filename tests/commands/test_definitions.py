from __future__ import annotations

import pytest

from commands._kit.command import Effect
from commands._kit.discover import CommandSet
from commands._kit.form import form_for
from commands._kit.parse import format_command, parse
from commands._kit.roles import MATRIX, Role, who_may

EVERYONE = set(Role)
NAMES = ("audit", "feedback", "help", "platform", "service", "survey", "use", "whoami")


def test_these_are_the_commands(product: CommandSet) -> None:
    """Discovery finds the product's commands, each once."""
    assert tuple(sorted(c.name for c in product.commands())) == NAMES


@pytest.mark.parametrize(
    ("word", "name"),
    [("me", "whoami"), ("services", "service"), ("get", "service"), ("describe", "service"), ("doctor", "platform")],
)
def test_the_command_language_has_these_words(word: str, name: str, product: CommandSet) -> None:
    """The aliases of the command language lead to their commands."""
    found = product.find(word)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("help", EVERYONE),
        ("whoami", EVERYONE),
        ("use", EVERYONE),
        ("service", EVERYONE),
        ("feedback", EVERYONE),
        ("survey", {Role.PLATFORM_ENGINEER}),
        ("audit", {Role.PLATFORM_ENGINEER, Role.AUDITOR}),
        ("platform", {Role.PLATFORM_ENGINEER}),
    ],
)
def test_each_command_is_open_to_its_roles(name: str, roles: set[Role], product: CommandSet) -> None:
    """The matrix opens each command to the roles that the product promises it to, and to no other."""
    found = product.find(name)
    assert found is not None
    assert set(who_may(MATRIX, found.may)) == roles


def test_looking_at_the_trail_is_recorded_and_feedback_is_confidential(product: CommandSet) -> None:
    """Reads of the audit trail are audited; feedback leaves no person in logs; nothing else is either."""
    assert {c.name for c in product.commands() if c.audited} == {"audit"}
    assert {c.name for c in product.commands() if c.confidential} == {"feedback"}
    assert {c.name for c in product.commands() if c.effect is Effect.CHANGE} == {"feedback", "use"}


@pytest.mark.parametrize("name", NAMES)
def test_examples_of_help_can_be_typed(name: str, product: CommandSet) -> None:
    """Each command has examples, and each example is a line that the parser takes as it is."""
    found = product.find(name)
    assert found is not None
    assert found.examples
    for example in found.examples:
        parsed = parse(example, product)
        assert (parsed.command, parsed.failure, dict(parsed.errors)) == (found, None, {}), example
        if parsed.request is not None:
            assert parse(format_command(found, parsed.request), product).request == parsed.request


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_a_form(name: str, product: CommandSet) -> None:
    """Each field of a form has a label and says what it is for, without a closing full stop."""
    found = product.find(name)
    assert found is not None
    for field in form_for(found).fields:
        assert field.label
        assert field.hint
        assert not field.hint.endswith(".")


@pytest.mark.parametrize(("name", "submit"), [("feedback", "Show the plan"), ("service", "Show")])
def test_a_forms_button_says_what_comes_next(name: str, submit: str, product: CommandSet) -> None:
    """The form of a change leads to its plan, the form of a look to its answer."""
    found = product.find(name)
    assert found is not None
    assert form_for(found).submit == submit
