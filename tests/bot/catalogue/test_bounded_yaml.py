from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.bounded_yaml import DEEPEST, LARGEST, MOST_VALUES, Unreadable, documents


def test_everything_is_text() -> None:
    """Numbers, dates and booleans stay as they are written; only nothing is nothing."""
    text = "a: 1.0\nb: 2020-01-01\nc: yes\nd:\ne: ~\nf: 'null'\ng: [1, {h: i}]\n"
    expected = {"a": "1.0", "b": "2020-01-01", "c": "yes", "d": None, "e": None, "f": "null", "g": ["1", {"h": "i"}]}
    assert documents(text) == [expected]


def test_several_documents() -> None:
    """Documents come in order, empty ones as nothing."""
    assert documents("a: b\n---\n---\n- c\n") == [{"a": "b"}, None, ["c"]]


def test_empty_file() -> None:
    """An empty file has no document."""
    assert documents("# only a comment\n") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x 1\nb: *x\n", "line 1: anchors and aliases"),
        ("a: 1\nb: *x\n", "line 2: "),
        ("a: !!python/object/apply:os.system [id]\n", "line 1: tags"),
        ("a: !custom 1\n", "line 1: tags"),
        ("!!map {a: 1}\n", "line 1: tags"),
        ("a: 1\nb: 2\na: 3\n", "line 3: 'a' is there twice"),
        ("? [a, b]\n: c\n", "a key must be plain text"),
        ("? {a: b}\n: c\n", "a key must be plain text"),
        ("a: [1\n", "no valid YAML"),
        ("a: \t- b: c: d\n", "no valid YAML"),
        ("a: \x00\n", "no valid YAML"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), f"deeper than {DEEPEST}"),
        ("- a\n" * (MOST_VALUES + 1), f"more than {MOST_VALUES} values"),
        ("---\na\n" * 101, "more than 100 documents"),
        ("x" * (LARGEST + 1), "larger than 64 KiB"),
        ("é" * (LARGEST // 2 + 1), "larger than 64 KiB"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    """What is hostile or broken is refused with a sentence that says what and where."""
    with pytest.raises(Unreadable, match="(?s)" + reason.replace("(", r"\(").replace("[", r"\[")):
        documents(text)


def test_many_levels_are_refused_quickly() -> None:
    """Thirty thousand opened brackets are refused at the twenty-first."""
    with pytest.raises(Unreadable, match="line 1: nested deeper"):
        documents("[" * 30_000)


def test_half_characters() -> None:
    """Text that is no valid Unicode is read with replacements."""
    assert documents("a: x\ud800\n") == [{"a": "x?"}]


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    """Whatever the text, it is read or refused, and nothing else happens."""
    with contextlib.suppress(Unreadable):
        assert isinstance(documents(text), list)


# Without what YAML folds into line breaks or does not allow.
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Cf", "Zl", "Zp"))


@given(
    st.recursive(
        st.text(CHARACTERS, max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS, max_size=8), inner, max_size=4),
        max_leaves=20,
    )
)
def test_json_is_read_as_it_is(value: object) -> None:
    """JSON of texts, lists and mappings, which is YAML too, comes out as it went in."""
    assert documents(json.dumps(value, ensure_ascii=False)) == [value]
