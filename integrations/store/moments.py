"""Times as the store keeps them: whole microseconds since 1970 in UTC, which sort, compare and round-trip exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from integrations.errors import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Return the time as a number. Raises Invalid for a time without a zone, which could mean any of 38 hours."""
    if at.tzinfo is None:
        raise Invalid("a time without a time zone cannot be stored", backend="store")
    return (at - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the time, in UTC, that `to_micros` stored."""
    return EPOCH + timedelta(microseconds=micros)
