"""What a request field can be beyond its Python type: markers that parsers and forms read.

A request is flat: str, int, float, bool, date, StrEnum, `Duration`, and the aliases below. Anything nested is refused
at start-up (see `command.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints

_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Options:
    """The field's values come from a named source as the person types (`services`, `teams`, ...; `discover.py` lists
    them); the value must be one of them unless `free`.
    """

    source: str
    free: bool = False


@dataclass(frozen=True, slots=True)
class Multiline:
    """A text of several lines; in a command line it takes all words that are left."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text on one line that takes all words that are left in a command line: search words need no quotes."""


@dataclass(frozen=True, slots=True)
class After:
    """The field may be introduced by one of these words: `deploy api to staging`, where `to` says which field it is."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonField:
    """A person, by the front end's id (Slack: a user select)."""


@dataclass(frozen=True, slots=True)
class ChannelField:
    """A channel, by the front end's id (Slack: a channel select)."""


@dataclass(frozen=True, slots=True)
class Named:
    """The field is given by name only (`--team x`, `team=x`), never by position; `short` is its one-letter flag."""

    short: str = ""


@dataclass(frozen=True, slots=True)
class FromPlace:
    """The field is filled in from where the command was typed; people see it but rarely type. `source` is an attribute
    of `Place`: `channel`, `thread` or `workspace`.
    """

    source: str = "channel"


def parse_duration(value: object) -> object:
    """Return `90m`, `2h30m`, `7d`, `1w` as a timedelta; other types pass through for pydantic to judge.

    Raises ValueError with a sentence that says the form, for text that is no duration or is longer than 366 days.
    """
    if not isinstance(value, str):
        return value
    text = value.strip().lower().replace(" ", "")
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError("write a duration like 90m, 2h30m or 7d")
    span = timedelta(seconds=sum(int(n) * unit for n, unit in zip(match.groups(), _UNITS.values(), strict=True) if n))
    if not timedelta(0) < span <= _LONGEST:
        raise ValueError("a duration is longer than zero and at most 366 days")
    return span


def format_duration(span: timedelta) -> str:
    """Return a timedelta in the form that `parse_duration` reads (`2h30m`)."""
    left, parts = int(span.total_seconds()), []
    for unit, seconds in list(_UNITS.items())[1:]:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_moment(text: str) -> timedelta | date:
    """Return what a moment is told by: how long ago (`7d`) or a day (`2026-03-31`). Raises ValueError for neither."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else _span(text)
    except ValueError:
        raise ValueError("write a day like 2026-03-31, or how long ago like 7d or 2h30m") from None


def _span(text: str) -> timedelta:
    span = parse_duration(text)
    assert isinstance(span, timedelta)
    return span


def moment_at(text: str, now: datetime, zone: tzinfo, *, ends: bool = False) -> datetime:
    """Return the moment in UTC: so long before `now`, or the day's start in that zone; where it `ends` a time, the
    start of the day after, so that the day itself is within.
    """
    told = parse_moment(text)
    if isinstance(told, timedelta):
        return now - told
    day = told + timedelta(days=1) if ends and told < date.max else told
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _told(text: str) -> str:
    parse_moment(text)
    return text


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration, when_used="json")]
Moment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=32), AfterValidator(_told)]
ServiceName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=63), Options("services")]
TeamName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), Options("teams")]
PersonId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:/.-]{1,64}$"), PersonField()]
ChannelId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,32}$"), ChannelField()]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=3000), Multiline()]
