from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from integrations.slack.simulator.page.mrkdwn import mrkdwn, plain
from integrations.slack.simulator.page.reader import Reader

READER = Reader(
    id="U1",
    people={"U1": "Alice", "U2": "Bob <b>"},
    channels={"C1": "general"},
    groups={"S1": "platform"},
    zone=ZoneInfo("Europe/Berlin"),
    now=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold*", "<strong>bold</strong>"),
        ("_italic_", "<em>italic</em>"),
        ("~gone~", "<s>gone</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("`co*d*e`", "<code>co*d*e</code>"),
        ("```\n*as is*\n```", "<pre>*as is*</pre>"),
        ("a\nb", "a<br>b"),
        (":rocket: :nonesuch:", "🚀 :nonesuch:"),
    ],
)
def test_marks(text: str, html: str) -> None:
    """Each of Slack's marks becomes its HTML, and code stays literal."""
    assert mrkdwn(text, READER) == html


@pytest.mark.parametrize("text", ["2*3*4", "snake_case_name", "a ~ b ~ c", "* not bold *", "5 * 3 = 15"])
def test_marks_inside_words_and_beside_spaces_are_text(text: str) -> None:
    """What Slack would not take for a mark stays as it was typed."""
    assert mrkdwn(text, READER) == text


def test_quoted_lines_are_one_quotation() -> None:
    """Neighbouring quoted lines share a quotation, whether the sign came escaped or not."""
    assert mrkdwn("&gt; one\n> two\nafter", READER) == "<blockquote>one<br>two</blockquote>after"


def test_links_open_beside_the_page() -> None:
    """A web link shows its label and never hands the opener or the address of the page on."""
    assert (
        mrkdwn("<https://example.com/?a=1&amp;b=2|see &lt;here&gt;>", READER)
        == '<a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">see &lt;here&gt;</a>'
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", "//evil", "file:///etc"]
)
def test_only_web_and_mail_are_links(url: str) -> None:
    """Any other scheme stays text."""
    assert "<a" not in mrkdwn(f"<{url}|press me>", READER)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<@U1>", '<span class="mention mention-me">@Alice</span>'),
        ("<@U2>", '<span class="mention">@Bob &lt;b&gt;</span>'),
        ("<@U9|carol>", '<span class="mention">@carol</span>'),
        ("<#C1>", '<span class="mention">#general</span>'),
        ("<#C9>", '<span class="mention">#private channel</span>'),
        ("<!channel>", '<span class="mention mention-me">@channel</span>'),
        ("<!subteam^S1>", '<span class="mention">@platform</span>'),
    ],
)
def test_mentions_show_names(text: str, html: str) -> None:
    """Ids become the names that the reader may see, and a mention of the reader stands out."""
    assert mrkdwn(text, READER) == html


def test_dates_are_in_the_readers_time() -> None:
    """A date token is shown in the reader's time zone, with day words where the form asks for them."""
    shown = mrkdwn("<!date^1795431600^{date_short_pretty} at {time}|never>", READER)
    assert ">today at 12:00</time>" in shown


def test_dates_with_an_unknown_form_show_the_fallback() -> None:
    """A placeholder that Slack does not know makes the fallback show."""
    assert ">soon</time>" in mrkdwn("<!date^1795431600^{nonesuch}|soon>", READER)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '*<b onclick="x">*',
        '`"><svg onload=1>`',
        '<https://a.b/"onmouseover="x|y>',
        "<!date^1^{date}^javascript:alert(1)|<i>>",
        "```<iframe>```",
    ],
)
def test_hostile_text_adds_no_markup(text: str) -> None:
    """Nothing in foreign text becomes a tag or an attribute of its own."""
    shown = mrkdwn(text, READER)
    for forbidden in ("<script", "<img", "<b ", "<svg", "<iframe", "<i>", '"onmouseover', 'href="javascript'):
        assert forbidden not in shown


def test_entities_are_undone_once() -> None:
    """An escaped entity shows as typed and does not turn into the character it stands for."""
    assert plain("&amp;lt;b&amp;gt;") == "&amp;lt;b&amp;gt;"
