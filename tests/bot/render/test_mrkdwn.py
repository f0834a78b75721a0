from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.render import mrkdwn


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("*b* ~s~ `c`", "∗b∗ ∼s∼ ˋcˋ"),
        ("_i_ but snake_case_name", "ˍiˍ but snake_case_name"),
        ("> quote\n  > again, a > b", "› quote\n  › again, a &gt; b"),
        ("@here @Channel @everyone ann@channels", "＠here ＠Channel ＠everyone ann@channels"),
        ("see https://evil.example", "see https:\u200b//evil.example"),
        (":tada: at 10:30:00", "∶tada: at 10∶30:00"),
        ("\x1b[1m", "␛[1m"),
    ],
)
def test_foreign_text_is_inert(given: str, shown: str) -> None:
    """Every character that Slack would act on is escaped or replaced by a look-alike."""
    assert mrkdwn.inert(given) == shown


def test_a_links_label_cannot_end_the_link() -> None:
    """A label with `>` or `|` stays a label."""
    assert mrkdwn.link("https://x.example/?a=1&b=2", "a>b|c") == "<https://x.example/?a=1&amp;b=2|a&gt;b|c>"


def test_a_date_has_a_fallback_in_utc() -> None:
    """A moment is Slack's date token, with the same moment in UTC for clients that cannot show it."""
    at = datetime(2026, 3, 1, 13, 30, tzinfo=timezone(timedelta(hours=1)))
    assert mrkdwn.date(at) == "<!date^1772368200^{date_short_pretty} {time}|2026-03-01 12:30 UTC>"
    assert mrkdwn.date(datetime(1970, 1, 1, tzinfo=UTC), relative=True) == "<!date^0^{ago}|1970-01-01 00:00 UTC>"
