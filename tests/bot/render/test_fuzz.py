"""Any document renders to what Slack takes, and nothing in its texts comes alive, whatever they are."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render import blocks, text
from bot.render.blocks import Rendered, Surface
from bot.render.foreign import length
from bot.render.jsonable import jsonable
from commands._kit.doc import (
    Bold,
    Button,
    Buttons,
    ButtonStyle,
    Channel,
    Chart,
    ChartKind,
    Code,
    Doc,
    Fields,
    Heading,
    Link,
    Mono,
    Note,
    Person,
    Table,
    Text,
    Time,
    Tone,
)
from integrations.slack.simulator.blockkit import Problem, validate_message, validate_view
from tests.bot.render.documents import HOSTILE, HOSTS

# A document that fails is long; that its print is must not hide what failed.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

ALPHABET = st.characters(codec=None, max_codepoint=0x1F9FF)
HARD = st.sampled_from([*HOSTILE, "", " ", "\n", "\ud800", "x" * 4_000, "🎉" * 800, "a b " * 90, "\u202e", "&" * 200])
texts = st.one_of(st.text(ALPHABET, max_size=40), HARD, st.text("*_~`<>@#&|!: \n", max_size=12))
times = st.builds(Time, st.datetimes(), st.booleans())
words = st.one_of(texts, st.builds(Bold, texts), st.builds(Mono, texts), times)
spans = st.one_of(
    words,
    st.builds(Link, texts, st.one_of(texts, st.just("https://gitlab.example.com/a"), st.just("https://evil.example/"))),
    st.builds(Person, st.one_of(texts, st.just("slack:T1/U123ABC")), texts),
    st.builds(Channel, st.one_of(texts, st.just("C123ABC")), texts),
)
floats = st.floats(allow_nan=True, allow_infinity=True)


def inline(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(of, st.lists(of, max_size=5).map(tuple))


def tuples(of: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return a few different items, or up to `most` of a kind: long lists of different ones are rarely drawn."""
    count = st.one_of(st.just(most), st.integers(0, most))
    alike = st.tuples(of, count).map(lambda made: (made[0],) * made[1])
    return st.one_of(st.lists(of, max_size=4).map(tuple), alike)


def full_chart(name: str, kind: ChartKind, points: int, series: int) -> Chart:
    """Return a chart without gaps, its names all alike."""
    values = tuple(float(n + 1) for n in range(points))
    return Chart(name, kind, (name,) * points, ((name, values),) * series, name)


def some_blocks(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return any block of a document, its inlines made of the given spans."""
    short = st.one_of(st.text(ALPHABET, max_size=8), st.sampled_from(["", "same", "x" * 30]))
    total = st.one_of(st.none(), st.integers(0, 10_000))
    series = tuples(st.tuples(short, tuples(st.one_of(st.floats(0, 10), floats), 30)), 9)
    button = st.builds(Button, texts, texts, style=st.sampled_from(ButtonStyle))
    return st.one_of(
        st.builds(Text, inline(of), st.sampled_from(Tone)),
        st.builds(Note, inline(of)),
        st.builds(Heading, texts),
        st.builds(Fields, tuples(st.tuples(texts, inline(of)), 60)),
        st.builds(Table, tuples(texts, 25), tuples(tuples(inline(of), 22), 8), total),
        st.builds(Table, tuples(short, 4), tuples(tuples(st.one_of(short, inline(of)), 4), 120), total),
        st.builds(Chart, texts, st.sampled_from(ChartKind), tuples(short, 30), series, texts),
        st.builds(full_chart, short, st.sampled_from(ChartKind), st.integers(1, 30), st.integers(1, 9)),
        st.builds(Code, texts, texts),
        st.builds(Buttons, tuples(button, 30)),
    )


def docs(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Doc]:
    part = some_blocks(of)
    few = st.lists(part, max_size=5).map(tuple)
    many = st.tuples(few, st.integers(1, 20)).map(lambda made: made[0] * made[1])
    return st.builds(Doc, texts, st.one_of(few, many), texts, st.sampled_from(Tone))


def problems(rendered: Rendered, surface: Surface) -> list[Problem]:
    if surface is Surface.MESSAGE:
        return validate_message(rendered.body())
    frame: dict[str, Any] = {"type": surface.value, "blocks": rendered.blocks or [{"type": "divider"}]}
    return validate_view(
        {**frame, "title": {"type": "plain_text", "text": "Title"}} if surface is Surface.MODAL else frame
    )


def render(doc: Doc, surface: Surface = Surface.MESSAGE) -> Rendered:
    return blocks.render(
        doc, button=lambda one, number: (f"run:{number % 40}", one.command), allowed_hosts=HOSTS, surface=surface
    )


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


@pytest.mark.parametrize("surface", Surface)
@given(doc=docs(spans))
def test_any_document_is_taken_by_slack(surface: Surface, doc: Doc) -> None:
    """Whatever a document holds, its blocks keep every limit of the surface, and its fallback says something."""
    rendered = render(doc, surface)
    assert problems(rendered, surface) == []
    assert rendered.text
    json.dumps(rendered.body(), allow_nan=False).encode("utf-8")


@given(doc=docs(words))
def test_words_never_come_alive(doc: Doc) -> None:
    """A document without links and people renders to none: no mention, link, emoji or broadcast comes from words."""
    rendered = render(doc)
    for one in objects(rendered.blocks):
        assert one.get("type") not in ("user", "usergroup", "channel", "broadcast", "link", "emoji", "team", "color")
        assert "url" not in one
        if one.get("type") == "mrkdwn":
            assert_inert(one["text"])
    assert_inert(rendered.text)


def assert_inert(mrkdwn: str) -> None:
    """Fail where mrkdwn has a live token besides a date, or more formatting than one of ours around the whole."""
    rest = mrkdwn
    if rest.startswith("<!date^") and rest.endswith(">"):
        rest = rest[1:-1]
    for mark in "*`":
        if len(rest) > 2 and rest.startswith(mark) and rest.endswith(mark):
            rest = rest[1:-1]
    assert not set(rest) & set("<>*`~")
    assert "://" not in rest
    assert "@here" not in rest.lower()
    assert "@channel" not in rest.lower()
    assert "@everyone" not in rest.lower()


@given(doc=docs(words))
def test_only_our_own_text_is_formatted(doc: Doc) -> None:
    """A plain `str` is never bold or code: styles appear only on spans that asked for them, labels and headings."""
    plain = Doc(
        doc.title,
        tuple(Text(block.text) for block in doc.blocks if isinstance(block, Text) and isinstance(block.text, str)),
    )
    if length(plain.title) > blocks.HEADER:
        return
    assert all("style" not in one for one in objects(render(plain).blocks))


@given(doc=docs(spans), width=st.integers(1, 200))
def test_terminal_text_has_no_control_characters(doc: Doc, width: int) -> None:
    """Terminal text has no escape sequence, control or override character, whatever the document holds."""
    shown = text.render(doc, width=width, now=datetime(2026, 3, 1, tzinfo=UTC))
    assert not [c for c in shown if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    shown.encode("utf-8")


@given(doc=docs(spans))
def test_any_document_is_json(doc: Doc) -> None:
    """Whatever a document holds, as data it is strict JSON in UTF-8."""
    json.dumps(jsonable(doc), allow_nan=False, ensure_ascii=False).encode("utf-8")
