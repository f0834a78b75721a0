from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands._kit.tokens import readable, tokenise


def words(text: str) -> list[str]:
    return [token.text for token in tokenise(text).words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b  c", ["a", "b", "c"]),
        ("a\u00a0b\u2003c\u200bd\ufeffe", ["a", "b", "c", "d", "e"]),
        ("a\nb\tc", ["a", "b", "c"]),
        ("", []),
        ("   ", []),
        ("👩‍👩‍👧 ok", ["👩‍👩‍👧", "ok"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("\u200fpayments\u200e", ["payments"]),
    ],
)
def test_spaces_of_every_kind_separate_words(text: str, expected: list[str]) -> None:
    """No-break, zero-width and other spaces separate words; joiners in emoji and letters of any script do not."""
    assert words(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"a b" c',
        "“a b” c",
        "”a b” c",
        "„a b“ c",
        "«a b» c",
        "»a b« c",
        "'a b' c",
        "‘a b’ c",
        "‚a b‘ c",
        "`a b` c",
        '“a b" c',
    ],
)
def test_quotes_of_every_kind_hold_words_together(text: str) -> None:
    """Quotes of all kinds hold words together, also where a phone changed only one of a pair."""
    assert words(text) == ["a b", "c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it's o'brien", ["it's", "o'brien"]),
        ("'it's fine' b", ["it's fine", "b"]),
        ('5" disk', ['5"', "disk"]),
        ('say "a \\"b\\" \\\\ c"', ["say", 'a "b" \\ c']),
        ('""', [""]),
        ('--text="a b" c', ["--text=a b", "c"]),
        ("text=“a b” c", ["text=a b", "c"]),
    ],
)
def test_apostrophes_and_quotes_inside_words_are_letters(text: str, expected: list[str]) -> None:
    """A quote opens at the start of a word or after `name=` only, and a backslash takes its meaning away."""
    assert words(text) == expected


def test_a_quote_that_is_not_closed_is_reported_with_its_place() -> None:
    """A quote without its end holds the rest together, and where it opens is told."""
    tokens = tokenise('say "oh no')
    assert (tokens.unclosed, [t.text for t in tokens.words]) == (4, ["say", "oh no"])


@pytest.mark.parametrize(
    ("text", "read", "value"),
    [
        ("<@U123|alice>", "@alice", "U123"),
        ("<@W9>", "@W9", "W9"),
        ("<@U123|alice smith>", "@alice smith", "U123"),
        ("<#C9|general>", "#general", "C9"),
        ("<#C9|>", "#C9", "C9"),
        ("<https://x.example/a?b=1&amp;c=2|x>", "https://x.example/a?b=1&c=2", "https://x.example/a?b=1&c=2"),
        ("<http://readme.md|readme.md>", "readme.md", "readme.md"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example", "a@x.example"),
        ("<!channel>", "@channel", "@channel"),
        ("<!subteam^S1|@team>", "@team", "@team"),
        ("a&lt;b&gt;&amp;amp;", "a<b>&amp;", "a<b>&amp;"),
        ("owner=<@U123|alice>", "owner=@alice", "owner=U123"),
    ],
)
def test_references_read_as_names_and_stand_for_ids(text: str, read: str, value: str) -> None:
    """What Slack escapes reads as people typed it, and a person or channel is known by id as well."""
    token = tokenise(text).words[0]
    assert (len(tokenise(text).words), token.text, token.value) == (1, read, value)


@pytest.mark.parametrize("text", ["a < b", "<b>", "a <- b", "<javascript:x>"])
def test_other_angle_brackets_are_letters(text: str) -> None:
    """Angle brackets that hold no reference stay as they are."""
    assert readable(text) == text


@given(st.text(max_size=300))
def test_any_text_becomes_words(text: str) -> None:
    """No text fails, and words come in order, within the line and without overlap."""
    tokens = tokenise(text)
    at = 0
    for token in tokens.words:
        assert at <= token.start < token.end <= len(text)
        at = token.end


@pytest.mark.parametrize("piece", ["'a", "'a'a", '"', "“ ", "`a ", "<@U1|", "&amp;", "\\"])
def test_a_long_line_of_openings_is_read_quickly(piece: str) -> None:
    """4,000 characters of half-open quotes and references are read in one go, not again for each."""
    assert tokenise((piece * 4000)[:4000]) is not None
