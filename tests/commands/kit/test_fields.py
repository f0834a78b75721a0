from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commands._kit.fields import format_duration, moment_at, parse_duration, parse_moment

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), ("2h30m", 9000), ("7d", 604800), ("1w", 604800), ("2H 30M", 9000), ("5s", 5)]
)
def test_a_duration_is_read_and_written(text: str, seconds: int) -> None:
    """Durations are read as kubectl users write them, and written so that they read the same."""
    span = parse_duration(text)
    assert isinstance(span, timedelta)
    assert span.total_seconds() == seconds
    assert parse_duration(format_duration(span)) == span


@pytest.mark.parametrize("text", ["", "h", "2", "1y", "-1h", "0s", "400d", "two hours"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Anything else is refused with the form to write."""
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_a_moment_is_a_day_or_so_long_ago() -> None:
    """A moment is told by a day or by how long ago it was."""
    assert (parse_moment("2026-03-31"), parse_moment("7d")) == (date(2026, 3, 31), timedelta(days=7))


@pytest.mark.parametrize("text", ["31.3.2026", "2026-13-01", "tomorrow", "", "20260331"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Anything else is refused with both forms."""
    with pytest.raises(ValueError, match="a day like 2026-03-31, or how long ago"):
        parse_moment(text)


def test_days_begin_in_the_persons_zone_and_an_end_includes_its_day() -> None:
    """A day is that of the person's time zone, summer time included; an end is the start of the next day."""
    zone = ZoneInfo("Europe/Berlin")
    assert moment_at("2026-03-29", NOW, zone) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert moment_at("2026-03-29", NOW, zone, ends=True) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert moment_at("2h", NOW, zone) == NOW - timedelta(hours=2)
