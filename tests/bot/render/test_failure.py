from __future__ import annotations

import pytest

from bot.render import text
from bot.render.failure import TITLES, show_failure
from commands._kit.doc import Button, Buttons, Mono, Text, Tone
from commands._kit.errors import Code, Failure


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_title_and_a_tone(code: Code) -> None:
    """Whatever failed, people see a title in words, a tone, and the message."""
    doc = show_failure(Failure(code, "It did not work."))
    assert doc.title == TITLES[code]
    assert doc.tone in (Tone.WARN, Tone.BAD)
    assert "It did not work." in doc.summary


def test_all_parts_are_shown() -> None:
    """Hint, other fields, suggestions, waiting time and incident all appear."""
    failure = Failure(Code.LIMITED, "Slow down.", "Ask less.", {"team": "unknown"}, ("a", "b"), 1.2, "9f3c")
    shown = text.render(show_failure(failure))
    for part in ("Slow down.", "Ask less.", "team  unknown", "Did you mean a, b?", "Try again in 2 s.", "9f3c"):
        assert part in shown


def test_a_field_that_says_the_same_is_not_repeated() -> None:
    """A message that is also a field's is shown once."""
    shown = text.render(show_failure(Failure(Code.INVALID, "No such team.", fields={"team": "No such team."})))
    assert shown.count("No such team.") == 1


def test_an_endless_wait_is_not_promised() -> None:
    """A waiting time that is no number is not shown."""
    shown = text.render(show_failure(Failure(Code.LIMITED, "m", retry_after=float("inf"))))
    assert "Try again" not in shown


def test_what_is_quoted_is_code() -> None:
    """Names between backticks are shown as code, and the summary has them without marks."""
    doc = show_failure(Failure(Code.DENIED, "`platform` is for others.", "Try `help`."))
    assert Text((Mono("platform"), " is for others.")) in doc.blocks
    assert Text(("Try ", Mono("help"), ".")) in doc.blocks
    assert "`" not in doc.summary


def test_buttons_stand_in_place_of_suggestions() -> None:
    """Where what could be meant can be pressed, it is not said as well."""
    button = Button("service checkout", "service", {"name": "checkout"})
    failure = Failure(Code.NOT_FOUND, "There is none.", suggestions=("service checkout",))
    doc = show_failure(failure, (button,))
    assert Buttons((button,)) in doc.blocks
    assert "Did you mean service" not in text.render(doc)
