from __future__ import annotations

from commands._kit.doc import Button
from commands._kit.paging import page_buttons, pages_of, range_words


def test_pages_are_counted_up() -> None:
    """A rest is a page, and an empty answer is one."""
    assert [pages_of(total, 20) for total in (0, 1, 20, 21)] == [1, 1, 1, 2]


def test_buttons_lead_to_the_pages_there_are() -> None:
    """The first page has none before it, the last none after; the rest of the question stays."""
    ask = {"team": "a", "page": "2"}
    assert page_buttons("service", ask, 2, 3) == (
        Button("Previous page", "service", {"team": "a", "page": "1"}),
        Button("Next page", "service", {"team": "a", "page": "3"}),
    )
    assert page_buttons("service", ask, 1, 1) == ()


def test_a_page_says_where_it_is() -> None:
    """A page tells its range and the total; a whole answer only the total."""
    assert (range_words(20, 20, 1133), range_words(0, 3, 3)) == ("21–40 of 1,133", "3 in all")
