"""Moments in words and in seconds; a time without a zone is taken as UTC, as all of ours are."""

from __future__ import annotations

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = (("day", 86400), ("h", 3600), ("min", 60), ("s", 1))


def aware(at: datetime) -> datetime:
    """Return the moment with its zone."""
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def seconds(at: datetime) -> int:
    """Return whole seconds since 1970."""
    return int((aware(at) - _EPOCH).total_seconds())


def absolute(at: datetime) -> str:
    """Return the moment as `2026-03-01 09:30 UTC`."""
    at = aware(at)
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        return at.isoformat(sep=" ", timespec="minutes")
    return f"{at.year:04}-{at:%m-%d %H:%M} UTC"


def distance(at: datetime, now: datetime) -> str:
    """Return how far a moment is from now, in its largest unit: `3 min ago`, `in 2 days`."""
    left = seconds(at) - seconds(now)
    for unit, size in _UNITS:
        count = abs(left) // size
        if count:
            words = f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
            return f"in {words}" if left > 0 else f"{words} ago"
    return "now"
