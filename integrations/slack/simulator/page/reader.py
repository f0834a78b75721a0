"""Who reads: the names that a person may see behind ids, and the clock on that person's wall.

Rendering is a function of what is shown and of the reader; nothing here looks at the world by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """Return the time zone, or UTC where the name or the zone database is missing."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


@dataclass(frozen=True, slots=True)
class Reader:
    """Display names by id. `people` and `channels` are also the choices in selects of people and of channels."""

    id: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def at(self, seconds: float) -> datetime:
        """Return the moment in the reader's time zone; a moment that no calendar has becomes the epoch."""
        try:
            return datetime.fromtimestamp(seconds, self.zone)
        except (OverflowError, OSError, ValueError):
            return datetime.fromtimestamp(0, self.zone)


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def day(moment: datetime, now: datetime) -> str:
    """Return the day as Slack's dividers name it: Today, Yesterday, or the date."""
    distance = (now.astimezone(moment.tzinfo).date() - moment.date()).days
    if distance in (0, 1):
        return ("Today", "Yesterday")[distance]
    return f"{moment:%A}, {moment.day} {moment:%B}" + ("" if moment.year == now.year else f" {moment.year}")


def ago(moment: datetime, now: datetime) -> str:
    """Return the distance in words, as `{ago}` in Slack's dates does."""
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if size >= length:
            count = int(size // length)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds >= 0 else f"in {words}"
    return "now"
