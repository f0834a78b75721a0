from __future__ import annotations

from typing import Any

import pytest

from bot.render.blocks import Rendered, Surface, render
from commands._kit.doc import (
    Attachment,
    Bold,
    Button,
    Buttons,
    Chart,
    ChartKind,
    Code,
    Doc,
    Fields,
    Link,
    Mono,
    Note,
    Person,
    Table,
    Text,
    Tone,
)
from integrations.slack.simulator.blockkit import validate_message, validate_view
from tests.bot.render.documents import HOSTS

LINE = Chart("Line", ChartKind.LINE, ("a", "b"), (("s", (1.0, 2.0)),))
TABLE = Table(("Name", "Count"), (("a", "1"), ("b", "2")))


def show(*parts: Any, surface: Surface = Surface.MESSAGE, **more: Any) -> Rendered:
    made = {"button": lambda one, number: (f"run:{number}", one.command), "allowed_hosts": HOSTS, **more}
    return render(Doc("Title", parts), surface=surface, **made)


def kinds(rendered: Rendered) -> list[str]:
    return [block["type"] for block in rendered.blocks]


def inlines(*parts: Any, **more: Any) -> list[dict[str, Any]]:
    """Return the elements of the first rich text section."""
    found: list[dict[str, Any]] = show(*parts, **more).blocks[1]["elements"][0]["elements"]
    return found


def small(rendered: Rendered) -> list[str]:
    return [one["text"] for block in rendered.blocks if block["type"] == "context" for one in block["elements"]]


def test_a_plain_string_is_a_text_element_as_it_came() -> None:
    """A str becomes rich text's plain text, unescaped, because nobody parses it."""
    assert inlines(Text("<!channel> *b* & `c`")) == [{"type": "text", "text": "<!channel> *b* & `c`"}]


def test_emphasis_is_structure() -> None:
    """Bold and Mono are styles on their own text, not characters in it."""
    assert inlines(Text((Bold("*b*"), Mono("`m`")))) == [
        {"type": "text", "text": "*b*", "style": {"bold": True}},
        {"type": "text", "text": "`m`", "style": {"code": True}},
    ]


def test_a_link_to_a_listed_host_is_a_link() -> None:
    """A link to an allowed host can be clicked."""
    url = "https://gitlab.example.com/acme"
    assert inlines(Text(Link("acme", url))) == [{"type": "link", "url": url, "text": "acme"}]


def test_a_link_elsewhere_shows_its_address_only() -> None:
    """A link to a host that is not allowed becomes words, its address in code, which no client links."""
    assert inlines(Text(Link("acme", "https://evil.example/x"))) == [
        {"type": "text", "text": "acme ("},
        {"type": "text", "text": "https://evil.example/x", "style": {"code": True}},
        {"type": "text", "text": ")"},
    ]


def test_a_person_is_a_user_element() -> None:
    """A person with a Slack id, of any workspace form, is shown as Slack shows people."""
    assert inlines(Text(Person("slack:T1/U123ABC", "Ann"))) == [{"type": "user", "user_id": "U123ABC"}]


def test_without_mentions_a_person_is_a_name() -> None:
    """Where nobody is to be notified, a person is a name."""
    assert inlines(Text(Person("U123ABC", "Ann")), mentions=False) == [{"type": "text", "text": "@Ann"}]


@pytest.mark.parametrize("name", ["<!channel>", "U1|x", "slack:T1/", "W", "U123ABC><!here"])
def test_a_person_of_another_kind_is_a_name(name: str) -> None:
    """An id that is none of Slack's user ids never becomes a user element."""
    assert inlines(Text(Person(name))) == [{"type": "text", "text": f"@{name}"}]


@pytest.mark.parametrize(("tone", "start"), [(Tone.GOOD, "✅ "), (Tone.WARN, "⚠️ "), (Tone.BAD, "❌ ")])
def test_a_tone_is_an_icon(tone: Tone, start: str) -> None:
    """A tone is readable without colour, on a line, in the title and in the fallback."""
    rendered = render(
        Doc("Title", (Text("line", tone),), tone=tone), button=lambda _one, _number: ("a", ""), allowed_hosts=HOSTS
    )
    assert rendered.blocks[0]["text"]["text"] == f"{start}Title"
    assert rendered.blocks[1]["elements"][0]["elements"][0]["text"] == start
    assert rendered.text == f"{start}Title"


def test_the_fallback_is_the_summary() -> None:
    """Notifications show the document's summary where it has one."""
    rendered = render(
        Doc("Title", summary="Two\nlines <!here>"), button=lambda _one, _number: ("a", ""), allowed_hosts=HOSTS
    )
    assert rendered.text == "Two lines &lt;!here&gt;"


def test_a_long_text_says_how_much_is_missing() -> None:
    """A text beyond 4,000 characters is cut with a count, and the whole answer is attached."""
    rendered = show(Text("x" * 4_100))
    assert rendered.blocks[1]["elements"][0]["elements"][-1]["text"] == " … and 100 more characters"
    assert rendered.overflow
    assert b"x" * 100 in rendered.overflow.content


def test_4000_characters_are_shown_whole() -> None:
    """A text of 4,000 characters is split over elements, nothing of it lost."""
    rendered = show(Text("x" * 4_000))
    elements = rendered.blocks[1]["elements"][0]["elements"]
    assert "".join(one["text"] for one in elements) == "x" * 4_000
    assert rendered.overflow is None


def test_a_long_title_is_repeated_in_full() -> None:
    """A title that a header cannot hold is cut there and follows in full."""
    title = "word " * 60
    rendered = render(Doc(title), button=lambda _one, _number: ("a", ""), allowed_hosts=HOSTS)
    assert len(rendered.blocks[0]["text"]["text"]) <= 150
    assert rendered.blocks[1]["elements"][0]["elements"][0]["text"] == title.strip()


def test_the_first_table_is_slacks_own() -> None:
    """The first table of a message is a table block, the others are text, because Slack takes one."""
    assert kinds(show(TABLE, TABLE)) == ["header", "table", "rich_text"]


@pytest.mark.parametrize(("surface", "kind"), [(Surface.HOME, "table"), (Surface.MODAL, "rich_text")])
def test_a_table_is_where_slack_allows_it(surface: Surface, kind: str) -> None:
    """The home tab has tables, a modal has none and gets text."""
    assert set(kinds(show(TABLE, surface=surface))[1:]) == {kind}


def test_a_short_table_in_a_modal_is_read_row_by_row() -> None:
    """A modal is too narrow for columns: a few rows are names and values, without what is empty; many are text."""
    short = show(Table(("What", "Now"), (("the default", "–"), ("the rest", "x")), total=3), surface=Surface.MODAL)
    sections = [section for block in short.blocks[1:3] for section in block["elements"]]
    told = ["".join(element["text"] for element in section["elements"]).strip() for section in sections]
    assert told == ["What: the default", "What: the rest", "Now: x"]
    assert small(short) == ["… and 1 more row"]
    long = show(Table(("n",), tuple((str(n),) for n in range(9))), surface=Surface.MODAL)
    assert long.blocks[1]["elements"][0]["type"] == "rich_text_preformatted"


def test_a_table_of_500_rows_is_counted() -> None:
    """A table shows 99 rows under its header, says how many more there are, and attaches all that were given."""
    rendered = show(Table(("n",), tuple((str(n),) for n in range(500)), total=700))
    assert len(rendered.blocks[1]["rows"]) == 100
    assert small(rendered) == ["… and 601 more rows"]
    assert rendered.overflow
    assert b"499" in rendered.overflow.content


def test_the_attached_answer_is_whole() -> None:
    """The attached file shortens nothing: cells that a message cuts are there in full."""
    rendered = show(Table(("a", "b"), (("x" * 900, "y" * 900),)))
    assert rendered.overflow
    assert b"x" * 900 + b"  " + b"y" * 900 in rendered.overflow.content


def test_a_page_of_a_table_attaches_nothing() -> None:
    """Rows that were never given are counted, but there is no file of them."""
    rendered = show(Table(("n",), (("1",),), total=2))
    assert small(rendered) == ["… and 1 more row"]
    assert rendered.overflow is None


def test_a_table_without_rows_says_so() -> None:
    """A table of nothing is a sentence."""
    assert inlines(Table(("n",), ())) == [{"type": "text", "text": "Nothing to list."}]


def test_numbers_are_set_to_the_right() -> None:
    """A column of numbers is aligned right, another one left."""
    assert show(TABLE).blocks[1]["column_settings"] == [{"align": "left"}, {"align": "right"}]


def test_a_message_draws_two_charts() -> None:
    """The third chart of a message is text, because Slack takes two."""
    assert kinds(show(LINE, LINE, LINE)) == ["header", "data_visualization", "data_visualization", "rich_text"]


@pytest.mark.parametrize("surface", [Surface.HOME, Surface.MODAL])
def test_a_view_draws_charts_as_text(surface: Surface) -> None:
    """Views take no chart block, so a chart there is text."""
    assert kinds(show(LINE, surface=surface)) == ["header", "rich_text"]


def test_a_long_series_is_downsampled_and_says_so() -> None:
    """A line of 100 points shows 20, the first and the last among them, and says so."""
    labels, values = tuple(f"p{n}" for n in range(100)), tuple(float(n) for n in range(100))
    rendered = show(Chart("Long", ChartKind.LINE, labels, (("s", values),)))
    data = rendered.blocks[1]["chart"]["series"][0]["data"]
    assert (len(data), data[0]["value"], data[-1]["value"]) == (20, 0.0, 99.0)
    assert small(rendered) == ["20 of 100 points are drawn, evenly spread"]


def test_names_of_series_are_made_distinct() -> None:
    """Series whose names are the same when cut to 20 characters are numbered."""
    names = [f"the same long beginning {n}" for n in range(3)]
    chart = Chart("Names", ChartKind.LINE, ("a",), tuple((name, (1.0,)) for name in names))
    shown = [one["name"] for one in show(chart).blocks[1]["chart"]["series"]]
    assert len(set(shown)) == 3
    assert all(len(name) <= 20 for name in shown)


def test_a_pie_adds_up_its_smallest() -> None:
    """A pie of more than six slices keeps the five largest and adds up the others."""
    chart = Chart("Pie", ChartKind.PIE, tuple("abcdefgh"), (("s", tuple(float(n) for n in range(1, 9))),))
    segments = show(chart).blocks[1]["chart"]["segments"]
    assert [one["label"] for one in segments] == ["h", "g", "f", "e", "d", "3 others"]
    assert segments[-1]["value"] == 6.0


def test_a_chart_without_values_is_text() -> None:
    """A chart that Slack could not draw is text."""
    chart = Chart("None", ChartKind.LINE, ("a",), (("s", (float("nan"),)),))
    assert kinds(show(chart)) == ["header", "rich_text"]


def test_long_code_ends_at_a_line() -> None:
    """Code is cut after a whole line, with a count of the lines that are missing."""
    rendered = show(Code("x = 1\n" * 1_000))
    shown = rendered.blocks[1]["elements"][0]["elements"][0]["text"]
    assert set(shown.split("\n")) == {"x = 1"}
    assert small(rendered) == [f"… and {1_000 - len(shown.split(chr(10)))} more lines"]


def test_a_note_keeps_foreign_text_out_of_mrkdwn() -> None:
    """In small print only what we made is mrkdwn; words are plain text."""
    rendered = show(Note(("*a* ", Link("b", "https://gitlab.example.com/"))))
    assert [(one["type"], one["text"]) for one in rendered.blocks[1]["elements"]] == [
        ("plain_text", "*a* "),
        ("mrkdwn", "<https://gitlab.example.com/|b>"),
    ]


def test_buttons_carry_what_the_caller_gave() -> None:
    """A button has the action_id and value that the front end made for it, by its number in the document."""
    rendered = show(Buttons((Button("Go", "deploy"),)), Buttons((Button("On", "service"),)))
    assert [block["elements"][0]["action_id"] for block in rendered.blocks[1:]] == ["run:0", "run:1"]
    assert rendered.blocks[1]["elements"][0]["value"] == "deploy"


def test_buttons_that_slack_would_refuse_are_counted() -> None:
    """A button whose value or id is too long is left out and counted."""
    rendered = show(
        Buttons((Button("Go", "x"), Button("On", "y"))),
        button=lambda one, _number: (one.command, "v" * (2001 if one.command == "x" else 1)),
    )
    assert len(rendered.blocks[1]["elements"]) == 1
    assert small(rendered) == ["… and 1 more action"]


def test_equal_action_ids_go_into_separate_blocks() -> None:
    """Buttons with one action_id do not share a block, where Slack wants them distinct."""
    assert kinds(show(Buttons((Button("a", "x"), Button("b", "x"))), button=lambda _one, _number: ("same", ""))) == [
        "header",
        "actions",
        "actions",
    ]


def test_what_does_not_fit_is_counted_and_buttons_stay() -> None:
    """A document beyond a message's size says how much is missing, keeps its buttons, and attaches the whole."""
    parts = tuple(part for n in range(60) for part in (Text(f"{n} " + "x" * 300), Note("small")))
    rendered = show(*parts, Buttons((Button("Next", "service"),)))
    assert len(rendered.blocks) <= 50
    assert kinds(rendered)[-1] == "actions"
    assert "more parts of this answer. The whole answer is in the file." in small(rendered)[-1]
    assert rendered.overflow
    assert b"\n59\n" in rendered.overflow.content


def test_even_buttons_have_an_end() -> None:
    """Buttons beyond half of a message's size are left out and counted, so that the answer itself is still seen."""
    rows = tuple(Buttons(tuple(Button("label " * 12, "x") for _ in range(25))) for _ in range(20))
    rendered = show(Text("the answer"), *rows)
    assert kinds(rendered)[:4] == ["header", "rich_text", "context", "actions"]
    assert "more parts of this answer" in small(rendered)[0]
    assert validate_message(rendered.body()) == []


def test_many_short_texts_are_joined_before_any_is_lost() -> None:
    """Neighbouring texts share blocks where there are more of them than places."""
    rendered = show(*(Text(f"line {n}") for n in range(300)))
    assert rendered.overflow is None
    assert sum(len(block["elements"]) for block in rendered.blocks[1:]) == 300


def test_places_can_be_reserved() -> None:
    """The caller can keep places for blocks of its own."""
    parts = tuple(Note(str(n)) for n in range(80))
    assert len(show(*parts, reserve=3).blocks) == 47


def test_a_view_has_100_places() -> None:
    """A view holds twice the blocks of a message."""
    assert len(show(*(Note(str(n)) for n in range(150)), surface=Surface.HOME).blocks) == 100


def test_a_view_keeps_its_bytes() -> None:
    """A view of many buttons with long values stays below 250 KB; what is left out is counted."""
    rows = tuple(Buttons(tuple(Button("go", "x" * 2_000) for _ in range(25))) for _ in range(9))
    rendered = show(*rows, Text("the answer"), surface=Surface.HOME)
    assert validate_view({"type": "home", "blocks": rendered.blocks}) == []
    assert "more parts of this answer." in small(rendered)[0]


def test_files_pass_through() -> None:
    """A document's own files come with what is rendered."""
    file = Attachment("a.csv", b"a")
    assert render(Doc("T", files=(file,)), button=lambda _one, _number: ("a", ""), allowed_hosts=HOSTS).files == (file,)


def test_fields_beyond_50_are_counted() -> None:
    """Fields are labels and values; beyond 50 they are counted."""
    rendered = show(Fields(tuple((f"l{n}", f"v{n}") for n in range(51))))
    assert small(rendered) == ["… and 1 more field"]
    assert validate_message(rendered.body()) == []
