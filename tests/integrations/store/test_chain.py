from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import Invalid, Unavailable
from integrations.store.chain import COLUMNS, check_key, mac_of, record_of, row_of
from integrations.store.moments import from_micros, to_micros
from tests.integrations.store.samples import KEY, NOW, entry

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.dictionaries(
    TEXT, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT | st.lists(TEXT, max_size=3)
)


@given(arguments=JSON, detail=TEXT, at=st.datetimes(timezones=st.just(UTC)), of=st.none() | st.integers(1, 2**40))
def test_a_record_is_its_columns(arguments: dict[str, object], detail: str, at: datetime, of: int | None) -> None:
    """Any entry can be told from its columns, to the microsecond."""
    written = entry(arguments=arguments, detail=detail, at=at, of=of)
    assert record_of(row_of(3, written), "mac").entry == written


@given(column=st.sampled_from(COLUMNS))
def test_every_column_counts(column: str) -> None:
    """The MAC depends on each column."""
    row = list(row_of(3, entry()))
    before = mac_of(KEY, "0" * 64, row)
    row[COLUMNS.index(column)] = "another value"
    assert mac_of(KEY, "0" * 64, row) != before


def test_the_mac_is_as_it_always_was() -> None:
    """A change of the canonical form would break every chain there is."""
    assert (
        mac_of(b"k" * 32, "0" * 64, row_of(1, entry(arguments={"b": 1, "a": "ü"})))
        == "f3ca9159a9311c5e40393cdd89ed6132d2108635056ae7c05c16907ca4727f59"
    )


def test_texts_cannot_move_between_columns() -> None:
    """The same characters in other columns make another MAC."""
    one, other = entry(actor="ab", actor_name="c"), entry(actor="a", actor_name="bc")
    assert mac_of(KEY, "", row_of(1, one)) != mac_of(KEY, "", row_of(1, other))


def test_an_unreadable_record_is_said() -> None:
    """A record that somebody made unreadable points to the verification."""
    row = list(row_of(1, entry()))
    row[COLUMNS.index("arguments")] = "{"
    with pytest.raises(Unavailable, match="audit verify"):
        record_of(row, "mac")


def test_a_time_has_a_zone() -> None:
    """Times of any zone are kept as the same moment; a time without one is refused."""
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    assert from_micros(to_micros(east)) == NOW
    assert from_micros(to_micros(east)).tzinfo is UTC
    with pytest.raises(Invalid):
        to_micros(NOW.replace(tzinfo=None))


def test_a_short_key_is_refused() -> None:
    """Fifteen bytes are too few."""
    assert check_key(b"x" * 16)
    with pytest.raises(Invalid):
        check_key(b"x" * 15)
