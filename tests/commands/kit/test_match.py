from __future__ import annotations

import pytest

from commands._kit.match import did_you_mean, listed, nearest

NAMES = ("deploy", "feedback", "promote", "rollback", "service")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("dpeloy", "deploy"),
        ("SERVCE", "service"),
        ("feed", "feedback"),
        ("roll-back", "rollback"),
        ("promot", "promote"),
    ],
)
def test_a_slip_finds_the_name(typed: str, expected: str) -> None:
    """Swapped, missing and additional letters, another case or only a beginning lead to the name."""
    assert nearest(typed, NAMES)[0] == expected


@pytest.mark.parametrize("typed", ["", "x", "zebra", "👍", "a" * 4000])
def test_what_is_far_from_all_names_finds_none(typed: str) -> None:
    """Nothing is proposed for a word that is like no name."""
    assert nearest(typed, NAMES) == ()


def test_names_are_listed_as_a_sentence_has_them() -> None:
    """A list ends in `or`, a question ends in a question mark, and no names make no question."""
    assert (listed(["a", "b", "c"]), did_you_mean(("a", "b")), did_you_mean(())) == (
        "a, b or c",
        "Did you mean a or b?",
        "",
    )
