from __future__ import annotations

import pytest

from bot.render.foreign import clean, clip, length, one_line, pieces


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x9b31m", "\ufffd31m"),
        ("bell\x07 null\x00 delete\x7f", "bell␇ null␀ delete␡"),
        ("a\r\nb\rc\u2028d\u2029e\x85f\x0bg", "a\nb\nc\nd\ne\nf\ng"),
        ("a\tb", "a    b"),
        ("gpj\u202eexe", "gpj\ufffdexe"),
        ("\u2066a\u2069\u200eb\u200b\u00ad\ufeff", "ab"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("👩‍👧 שלום مرحبا", "👩‍👧 שלום مرحبا"),
    ],
)
def test_text_is_cleaned(given: str, shown: str) -> None:
    """Control and override characters become visible, invisible ones vanish, and scripts and emoji stay."""
    assert clean(given) == shown


def test_a_line_is_one_line() -> None:
    """White space of any kind collapses, so that a name cannot begin a new line."""
    assert one_line("  a\n\n b\t c\u2028") == "a b c"


def test_length_counts_what_a_client_may_count() -> None:
    """A character outside the basic plane counts twice, as in UTF-16."""
    assert (length("abc"), length("日本"), length("🎉")) == (3, 2, 2)


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8])
def test_clip_keeps_its_limit(most: int) -> None:
    """A clipped text is never longer than the limit and ends in an ellipsis."""
    shown = clip("🎉🎉🎉🎉🎉", most)
    assert length(shown) <= most
    assert shown.endswith("…")


def test_clip_leaves_no_joiner_behind() -> None:
    """An emoji that is cut loses the joiner that would bind it to what follows."""
    assert clip("👩‍👧", 4) == "👩…"


def test_pieces_make_the_whole() -> None:
    """The pieces of a text are within their size and are the text when put together."""
    text = "a🎉b" * 50 + "\u200d" * 9
    found = pieces(text, 7)
    assert "".join(found) == text
    assert all(0 < length(piece) <= 7 for piece in found)
