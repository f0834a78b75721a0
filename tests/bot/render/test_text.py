from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.render.text import render
from commands._kit.doc import (
    Attachment,
    Button,
    Buttons,
    Chart,
    ChartKind,
    Code,
    Doc,
    Fields,
    Link,
    Note,
    Table,
    Text,
    Time,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def body(*parts: object, width: int = 40) -> str:
    return render(Doc("", tuple(parts)), width=width, now=NOW)  # type: ignore[arg-type]  # any block, in any order


def test_columns_are_aligned_by_cells() -> None:
    """Wide characters take two cells, combining ones none, so that columns stay straight."""
    shown = body(Table(("Name", "N"), (("日本", "1"), ("e\u0301te", "10"), ("🎉", "100"))))
    assert shown == "Name    N\n────  ───\n日本    1\ne\u0301te    10\n🎉    100\n"


def test_the_widest_column_gives_way() -> None:
    """A table that is too wide shortens its widest column with an ellipsis, and no line is wider than asked for."""
    shown = body(Table(("Name", "Log"), (("payments", "x" * 100),))).splitlines()
    assert max(map(len, shown)) == 40
    assert shown[-1] == "payments  " + "x" * 29 + "…"


def test_a_table_of_too_many_columns_becomes_lists() -> None:
    """Where columns cannot be read in the width, each row is a list of named cells."""
    shown = body(Table(tuple(f"column {n}" for n in range(20)), (tuple(str(n) for n in range(20)),)))
    assert shown.splitlines()[:2] == ["column 0   0", "column 1   1"]


def test_a_table_counts_what_it_does_not_show() -> None:
    """Rows that were not given are counted."""
    assert body(Table(("n",), (("1",),), total=38)).endswith("… and 37 more rows\n")


def test_text_wraps_at_words_and_long_words_at_the_edge() -> None:
    """Prose wraps between words; a word longer than the line is cut across lines, nothing lost."""
    assert body(Text("one two three four"), width=20) == "one two three four\n"
    assert body(Text("seven words that do not fit here"), width=20) == "seven words that do\nnot fit here\n"
    assert body(Text("x" * 45), width=20) == f"{'x' * 20}\n{'x' * 20}\n{'x' * 5}\n"


def test_labels_are_aligned() -> None:
    """Values of fields stand under each other, over several lines too."""
    assert body(Fields((("Owner", "acme"), ("Id", "a\nb"), ("None", "")))) == (
        "Owner  acme\nId     a\n       b\nNone   –\n"
    )


def test_a_link_shows_its_address() -> None:
    """A link is its text and its address, since a terminal has nothing to click."""
    assert body(Text(Link("acme", "https://x.example/"))) == "acme (https://x.example/)\n"


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-30), "30 s ago"),
        (timedelta(minutes=-3), "3 min ago"),
        (timedelta(hours=5), "in 5 h"),
        (timedelta(days=-1), "1 day ago"),
        (timedelta(days=40), "in 40 days"),
        (timedelta(0), "now"),
    ],
)
def test_a_relative_time_is_a_distance(away: timedelta, words: str) -> None:
    """A relative time is its distance from now in the largest unit."""
    assert body(Text(Time(NOW + away, relative=True))) == f"{words}\n"


def test_a_time_is_in_utc() -> None:
    """Without a now, and where it is not relative, a time is shown in UTC; a time without zone is UTC."""
    assert render(Doc("", (Text(Time(NOW, relative=True)),))) == "2026-03-01 12:00 UTC\n"
    assert body(Text(Time(NOW.replace(tzinfo=None)))) == "2026-03-01 12:00 UTC\n"


def test_a_line_is_a_sparkline() -> None:
    """A line chart is one line of levels for each series, with its range and last value."""
    shown = body(Chart("Load", ChartKind.LINE, ("a", "b", "c"), (("cpu", (0.0, 1.0, 2.0)),), "%"), width=60)
    assert shown == "Load [%]\ncpu  ▁▅█  0–2 %, last 2\n     a … c\n"


def test_bars_are_bars() -> None:
    """A bar chart is one bar for each value, the largest as wide as there is room."""
    shown = body(Chart("", ChartKind.BAR, ("a", "b"), (("n", (1.0, 2.0)),)), width=20)
    assert shown == "a  ████████ 1\nb  ███████████████ 2\n"


def test_code_keeps_its_lines() -> None:
    """Code is indented and never wrapped."""
    assert body(Code("a = 1\n" + "b" * 60)) == f"    a = 1\n    {'b' * 60}\n"


def test_a_button_is_what_to_type() -> None:
    """A button is the command that it stands for, its arguments quoted where they need it."""
    button = Button("Deploy", "deploy", {"service": 'a "b"', "to": "prod"})
    assert body(Buttons((button,))) == '→ Deploy: idp deploy service="a \\"b\\"" to=prod\n'


def test_files_are_named() -> None:
    """Files are named with their size."""
    assert render(Doc("", (Note("n"),), files=(Attachment("a.csv", b"123"),))) == "· n\n\nFile: a.csv (3 bytes)\n"
