from __future__ import annotations

import pytest

from commands._kit.command import Command
from commands._kit.discover import CommandSet
from commands._kit.validate import told, validate


@pytest.fixture
def everything(commands: CommandSet) -> Command:
    found = commands.find("everything")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("count", "0", "must be at least 1"),
        ("count", "101", "must be at most 100"),
        ("count", "two", "must be a whole number"),
        ("count", "1.5", "must be a whole number"),
        ("count", "9" * 4000, "must be a whole number"),
        ("share", "0", "must be more than 0"),
        ("share", "1", "must be less than 1"),
        ("share", "half", "must be a number"),
        ("share", "nan", "must be a number"),
        ("share", "1e999", "must be a number"),
        ("loud", "maybe", "answer yes or no"),
        ("day", "31.3.2026", "write a date like 2026-03-31"),
        ("day", "1700000000", "write a date like 2026-03-31"),
        ("day", "2026-02-30", "there is no such day; write a date like 2026-03-31"),
        ("since", "soon", "write a duration like 90m, 2h30m or 7d"),
        ("since", "0m", "a duration is longer than zero and at most 366 days"),
        ("until", "later", "write a day like 2026-03-31, or how long ago like 7d or 2h30m"),
        ("level", "lw", "must be low or very-high. Did you mean low?"),
        ("level", "zzzzzz", "must be low or very-high"),
        ("owner", "a b", "must be a person, like @alice"),
        ("channel", "general", "must be a channel, like #general"),
        ("title", "ab", "needs 3 characters"),
        ("title", "a" * 21, "must be at most 20 characters long"),
        ("body", "secret", "must not be the secret"),
        ("gone", "x", "there is no field gone"),
    ],
)
def test_a_wrong_value_gives_one_short_sentence(field: str, value: str, sentence: str, everything: Command) -> None:
    """What is wrong with a value is said in words of ours: what to write instead, no type names, no addresses."""
    request, problems = validate(everything, {field: value})
    assert request is None
    assert problems == {"" if field == "gone" else field: sentence}


@pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "on", "1"])
def test_yes_has_several_words(word: str, everything: Command) -> None:
    """Yes and no may be said as people and forms say them."""
    request, _ = validate(everything, {"loud": word})
    assert request is not None
    assert request.model_dump()["loud"] is True


@pytest.mark.parametrize("word", ["VERY-HIGH", "very_high", "Very-High"])
def test_a_choice_is_found_in_any_case(word: str, everything: Command) -> None:
    """Choices are found whatever their case, with a hyphen or an underscore."""
    request, _ = validate(everything, {"level": word})
    assert request is not None
    assert request.model_dump(mode="json")["level"] == "very-high"


def test_all_wrong_fields_are_told_at_once(everything: Command) -> None:
    """A form shows everything that is wrong, what cannot be read and what is out of bounds alike."""
    _, problems = validate(everything, {"count": "500", "share": "x", "title": "a"})
    assert set(problems) == {"count", "share", "title"}


def test_what_is_wrong_with_the_whole_stands_under_no_field(everything: Command) -> None:
    """A rule over several fields is told under the empty name."""
    _, problems = validate(everything, {"count": "99", "level": "very-high"})
    assert problems == {"": "99 is too many for something urgent"}


def test_values_of_a_form_are_taken_as_they_are(everything: Command) -> None:
    """Python values, as checkboxes give them, need no text; what is blank is not given."""
    request, problems = validate(everything, {"loud": False, "count": 7, "day": "", "share": None})
    assert request is not None, problems
    assert request.model_dump(include={"loud", "count", "day", "share"}) == {
        "loud": False,
        "count": 7,
        "day": None,
        "share": None,
    }


def test_a_required_field_that_is_blank_is_needed(commands: CommandSet) -> None:
    """Blanks do not fill a required field."""
    command = commands.find("deploy")
    assert command is not None
    assert validate(command, {"service": "  ", "env": "prod"}) == (None, {"service": "is needed"})


def test_problems_read_as_sentences(everything: Command) -> None:
    """Front ends without forms get the problems as sentences, under the fields' labels."""
    assert told(everything, {"level": "must be low", "count": "must be at least 1", "": "no"}) == (
        "Urgency must be low. Count must be at least 1. No."
    )
