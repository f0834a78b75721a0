"""A `Doc` as text for a terminal: aligned, within a width, and without a single escape sequence from outside."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot.render import plot, tabular
from bot.render.foreign import clean, one_line
from bot.render.moment import absolute, distance
from bot.render.spans import plain, titled, toned
from bot.render.tabular import cells, pad
from commands._kit.doc import (
    Block,
    Button,
    Buttons,
    Chart,
    Code,
    Doc,
    Fields,
    Heading,
    Inline,
    Note,
    Table,
    Text,
    Time,
)

NARROWEST = 20
LABEL = 30


def render(doc: Doc, *, width: int = 80, now: datetime | None = None, whole: bool = False) -> str:
    """Return the document as lines ending in a newline; tables and prose keep `width` cells, code keeps its own lines.

    With `now`, relative times read `3 min ago`; without, all times are in UTC. A `whole` text is for a file: its
    tables are as wide as their cells, so that nothing is shortened.
    """
    width = max(NARROWEST, width)
    page = Page(width, sys.maxsize if whole else width, _clock(now))
    parts = [_title(doc, width), *(["\n".join(_block(block, page))] for block in doc.blocks)]
    body = "\n\n".join(text for part in parts for text in part if text)
    files = "\n".join(f"File: {one_line(file.name)} ({len(file.content)} bytes)" for file in doc.files)
    return "\n\n".join(text for text in (body, files) if text) + "\n"


@dataclass(frozen=True, slots=True)
class Page:
    """How wide prose and tables may be, in cells, and how times read."""

    width: int
    table_width: int
    when: Callable[[Time], str]


def _clock(now: datetime | None) -> Callable[[Time], str]:
    return lambda time: distance(time.at, now) if time.relative and now is not None else absolute(time.at)


def _title(doc: Doc, width: int) -> list[str]:
    title = titled(doc.tone, one_line(doc.title))
    return ["\n".join(_underlined(wrap(title, width), "═"))]


def _underlined(lines: list[str], rule: str) -> list[str]:
    return [*lines, rule * max(map(cells, lines))] if lines else []


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Return cleaned text in lines of at most `width` cells; words longer than a line are cut across lines."""
    found: list[str] = []
    for paragraph in text.split("\n"):
        line, used = (indent if found else ""), len(indent) if found else 0
        empty = True
        for word in paragraph.split(" "):
            size = cells(word)
            if empty and used + size <= width:
                line, used, empty = line + word, used + size, False
            elif not empty and used + 1 + size <= width:
                line, used = f"{line} {word}", used + 1 + size
            else:
                if not empty and line.strip():
                    found.append(line.rstrip())
                *whole, rest = _cuts(word, width - len(indent))
                found += [f"{indent if found else ''}{part}" for part in whole]
                line = f"{indent if found else ''}{rest}"
                used, empty = cells(line), False
        found.append(line.rstrip())
    return found if any(found) else []


def _cuts(word: str, width: int) -> list[str]:
    """Return a word in parts of at most `width` cells, each of at least one character."""
    found: list[str] = []
    start, size = 0, 0
    for index, character in enumerate(word):
        size += cells(character)
        if size > width and index > start:
            found.append(word[start:index])
            start, size = index, cells(character)
    return [*found, word[start:]]


def _block(block: Block, page: Page) -> Iterator[str]:
    match block:
        case Text():
            yield from wrap(toned(block.tone) + plain(block.text, page.when), page.width)
        case Heading():
            yield from _underlined(wrap(one_line(block.text), page.width), "─")
        case Note():
            yield from wrap(f"· {plain(block.text, page.when)}", page.width, "  ")
        case Fields():
            yield from _fields(block.items, page)
        case Table():
            yield from _table(block, page)
        case Chart():
            yield from plot.lines(block, page.width)
        case Code():
            yield from (f"    {line}".rstrip() for line in clean(block.text).strip("\n").split("\n"))
        case Buttons():
            yield from (f"→ {_next(button)}" for button in block.items)
        case _:
            assert_never(block)


def _fields(items: tuple[tuple[str, Inline], ...], page: Page) -> Iterator[str]:
    labels = [tabular.fit(one_line(label), min(LABEL, page.width // 2)) for label, _ in items]
    widest = max(map(cells, labels), default=0)
    for label, (_, value) in zip(labels, items, strict=True):
        lines = wrap(plain(value, page.when), page.width - widest - 2) or ["–"]
        yield f"{pad(label, widest)}  {lines[0]}"
        yield from (f"{' ' * widest}  {line}" for line in lines[1:])


def _table(table: Table, page: Page) -> Iterator[str]:
    rows = tabular.grid(table, page.when)
    if not table.rows or not rows[0]:
        yield "Nothing to list."
        return
    lines = tabular.layout(rows, page.table_width).lines()
    yield from lines if lines[-1] else lines[:-1]
    over = (table.total or 0) - len(table.rows)
    if over > 0:
        yield f"… and {over} more row{'s' if over != 1 else ''}"


def _next(button: Button) -> str:
    """Return what a person types instead of pressing the button."""
    words = [button.command, *(f"{name}={_quoted(one_line(value))}" for name, value in button.arguments.items())]
    label = one_line(button.label)
    return f"{label}: idp {' '.join(map(one_line, words))}" if label else f"idp {' '.join(map(one_line, words))}"


def _quoted(value: str) -> str:
    return (
        value
        if value and not set(value) & set(" \"'\\")
        else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )
