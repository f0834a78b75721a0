"""Pages of a long answer: which one is asked for, and the buttons to the others."""

from __future__ import annotations

from collections.abc import Mapping

from commands._kit.doc import Button


def pages_of(total: int, size: int) -> int:
    """Return how many pages there are; an empty answer is one page."""
    return max(1, -(-total // size))


def range_words(offset: int, shown: int, total: int) -> str:
    """Return where a page is, in words: `21–40 of 133`."""
    return f"{offset + 1:,}–{offset + shown:,} of {total:,}" if shown < total else f"{total:,} in all"


def page_buttons(command: str, arguments: Mapping[str, str], page: int, pages: int) -> tuple[Button, ...]:
    """Return the buttons to the page before and after, which ask the same with another page."""
    others = {key: value for key, value in arguments.items() if key != "page"}
    back = (Button("Previous page", command, {**others, "page": str(page - 1)}),) if page > 1 else ()
    on = (Button("Next page", command, {**others, "page": str(page + 1)}),) if page < pages else ()
    return (*back, *on)
