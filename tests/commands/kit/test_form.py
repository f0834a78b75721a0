from __future__ import annotations

import pytest

from commands._kit.context import Place
from commands._kit.discover import CommandSet
from commands._kit.form import FieldKind, Form, FormField, form_for


def form(
    commands: CommandSet,
    name: str,
    values: dict[str, object] | None = None,
    *,
    errors: dict[str, str] | None = None,
    place: Place | None = None,
) -> Form:
    command = commands.find(name)
    assert command is not None
    return form_for(command, values, errors, place=place)


def fields(made: Form) -> dict[str, FormField]:
    return {field.name: field for field in made.fields}


@pytest.mark.parametrize(
    ("command", "name", "kind"),
    [
        ("everything", "level", FieldKind.CHOICE),
        ("everything", "count", FieldKind.NUMBER),
        ("everything", "share", FieldKind.NUMBER),
        ("everything", "owner", FieldKind.PERSON),
        ("everything", "channel", FieldKind.CHANNEL),
        ("everything", "day", FieldKind.DATE),
        ("everything", "since", FieldKind.DURATION),
        ("everything", "title", FieldKind.TEXT),
        ("everything", "loud", FieldKind.BOOLEAN),
        ("say", "text", FieldKind.MULTILINE),
        ("find", "team", FieldKind.OPTIONS),
    ],
)
def test_each_type_has_its_kind_of_input(command: str, name: str, kind: FieldKind, commands: CommandSet) -> None:
    """The model's type and markers decide the kind of input, optional fields included."""
    assert fields(form(commands, command))[name].kind is kind


def test_a_field_carries_what_an_input_needs(commands: CommandSet) -> None:
    """Label, hint, bounds, lengths, choices and source come from the model."""
    everything, find = fields(form(commands, "everything")), fields(form(commands, "find"))
    level, count, share, title = (everything[n] for n in ("level", "count", "share", "title"))
    assert (level.label, level.hint, level.choices) == (
        "Urgency",
        "How urgent",
        (("low", "Low"), ("very-high", "Very-high")),
    )
    assert (count.label, count.minimum, count.maximum, count.decimal, count.initial) == ("Count", 1, 100, False, "25")
    assert (share.minimum, share.maximum, share.decimal, share.initial) == (0, 1, True, None)
    assert (title.min_length, title.max_length, title.required) == (3, 20, False)
    assert (find["team"].source, find["team"].free) == ("teams", False)


def test_what_was_typed_is_there_again_with_what_was_wrong(commands: CommandSet) -> None:
    """Values and errors return on their fields; a choice that does not exist cannot be preselected."""
    made = form(
        commands,
        "everything",
        {"count": "500", "level": "VERY-HIGH", "title": "x"},
        errors={"count": "must be at most 100", "": "not today"},
    )
    got = fields(made)
    assert (got["count"].initial, got["count"].error, got["level"].initial, got["title"].initial, made.error) == (
        "500",
        "must be at most 100",
        "very-high",
        "x",
        "not today",
    )
    assert fields(form(commands, "everything", {"level": "lw"}))["level"].initial is None


def test_python_values_become_texts(commands: CommandSet) -> None:
    """A checkbox's value and the defaults of the model read as the parser reads them."""
    got = fields(form(commands, "everything", {"loud": False}))
    assert (got["loud"].initial, got["since"].initial) == ("no", "1h")


def test_the_place_is_filled_in(commands: CommandSet) -> None:
    """A field that the place knows starts with it."""
    assert fields(form(commands, "set", place=Place("T1", "C1")))["channel"].initial == "C1"


def test_the_title_and_button_say_what_happens(commands: CommandSet) -> None:
    """A look shows at once; the title is the command's name in words."""
    made = form(commands, "deploy")
    assert (made.title, made.submit, made.summary) == ("Deploy", "Show", "Do something harmless.")
