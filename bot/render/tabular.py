"""Tables in fixed width, for terminals and for where Slack's own table block does not fit.

Widths are those of a terminal: wide (East Asian, emoji) characters take two cells, combining ones none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.render.foreign import ELLIPSIS, EMPTY, one_line
from bot.render.spans import in_utc, plain
from commands._kit.doc import Table, Time

GAP = "  "
NARROWEST = 3
_NUMERIC = re.compile(r"[-+]?[\d.,]+\s?(?:%|[a-zA-Zµ]{1,4})?")


def cells(text: str) -> int:
    """Return how many cells a terminal gives a text."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


@lru_cache(maxsize=8192)
def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """Return the text, cut to a width in cells with an ellipsis where it is wider."""
    if cells(text) <= width:
        return text
    used, kept = 0, []
    for character in text:
        used += _cell(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept) + ELLIPSIS


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return the text filled with spaces to a width in cells."""
    space = " " * (width - cells(text))
    return space + text if right else text + space


def numeric(texts: Sequence[str]) -> bool:
    """Return whether a column reads as numbers, so that it is set to the right."""
    found = [text for text in texts if text not in ("", EMPTY)]
    return bool(found) and all(_NUMERIC.fullmatch(text) for text in found)


def grid(table: Table, when: Callable[[Time], str] = in_utc) -> list[list[str]]:
    """Return a table's header and rows as single lines of text, all rows as long as the longest."""
    rows: list[list[str]] = [[one_line(name) for name in table.columns]]
    rows += [[one_line(plain(cell, when)) for cell in row] for row in table.rows]
    count = max(len(row) for row in rows)
    return [[cell or EMPTY for cell in row] + [EMPTY] * (count - len(row)) for row in rows]


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return a width for each column: the widest give way until the line fits."""
    widths = [max(cells(cell) for cell in column) for column in zip(*rows, strict=True)]
    room = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROWEST:
        widest = widths.index(max(widths))
        runner_up = max([NARROWEST, *(w for w in widths if w < widths[widest])])
        tied = widths.count(widths[widest])
        excess = sum(widths) - room
        widths[widest] = max(runner_up, widths[widest] - max(1, -(-excess // tied)), NARROWEST)
    return widths


@dataclass(frozen=True, slots=True)
class Layout:
    """A table in lines: the header's, and each row's, so that a row is shown whole or not at all."""

    head: list[str]
    rows: list[list[str]]

    def lines(self) -> list[str]:
        return [*self.head, *(line for row in self.rows for line in row)]


def layout(rows: Sequence[Sequence[str]], width: int) -> Layout:
    """Return a header and rows as aligned lines under a rule, or, where that many columns cannot be read in the
    width, each row as a list of its named cells.
    """
    widths = _widths(rows, width)
    if sum(widths) + len(GAP) * (len(widths) - 1) > width:
        return Layout([], [_named(rows[0], row, width) for row in rows[1:]])
    rights = [numeric(column[1:]) for column in zip(*rows, strict=True)]

    def line(row: Sequence[str]) -> str:
        parts = [pad(fit(c, w), w, right=r) for c, w, r in zip(row, widths, rights, strict=True)]
        return GAP.join(parts).rstrip()

    return Layout([line(rows[0]), GAP.join("─" * w for w in widths)], [[line(row)] for row in rows[1:]])


def _named(names: Sequence[str], row: Sequence[str], width: int) -> list[str]:
    widest = min(max(map(cells, names)), width // 3)
    return [
        fit(f"{pad(fit(name, widest), widest)}{GAP}{cell}", width) for name, cell in zip(names, row, strict=True)
    ] + [""]
