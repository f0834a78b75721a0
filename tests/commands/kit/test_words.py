from __future__ import annotations

import pytest

from commands._kit.words import clipped, counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (20_000, "20,000 records")]
)
def test_a_count_agrees_with_its_noun(number: int, said: str) -> None:
    """One is singular, everything else plural, and thousands are parted."""
    assert counted(number, "record") == said


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    """Irregular plurals are given."""
    assert (counted(1, "entry", "entries"), counted(2, "entry", "entries")) == ("1 entry", "2 entries")


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("four", "four"), ("fiver", "fiv…")])
def test_a_long_text_is_cut_to_its_length(text: str, shown: str) -> None:
    """What fits stays as it is; what does not ends in an ellipsis and is as long as allowed."""
    assert clipped(text, 4) == shown
