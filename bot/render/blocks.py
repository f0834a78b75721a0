"""A `Doc` as Slack's blocks: every limit kept, nothing foreign alive, and a count of whatever was left out.

It never fails, whatever the document. It posts nothing and decides nothing: what a button stands for comes from the
caller, and so do the hosts that may be linked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import Any, assert_never

from bot.render import charts, mrkdwn, plot, tables, tabular
from bot.render import text as terminal
from bot.render.foreign import ELLIPSIS, EMPTY, clean, clip, length, one_line
from bot.render.links import clickable
from bot.render.packing import Limits, Unit, pack
from bot.render.richtext import Inline, preformatted, rich_text, text
from bot.render.spans import plain, shorten, signed, spans, titled
from bot.render.tables import more
from commands._kit.doc import (
    Attachment,
    Block,
    Bold,
    Button,
    Buttons,
    ButtonStyle,
    Chart,
    Code,
    Doc,
    Fields,
    Heading,
    Link,
    Mono,
    Note,
    Span,
    Table,
    Text,
    Time,
)

Json = dict[str, Any]
MakeButton = Callable[[Button, int], tuple[str, str]]

HEADER, FALLBACK = 150, 1000
TEXT, VALUE, LABEL, FIELDS, CODE = 4000, 1000, 150, 50, 2900
GROUP = 1500
RECORDS, NOTHING = 8, ("", "–")
FIXED_WIDTH, FIXED_LINES, FILE_WIDTH = 72, 40, 120
BUTTONS, ACTION_ID, BUTTON_LABEL, BUTTON_VALUE = 25, 255, 75, 2000
CONTEXT_ELEMENTS, CONTEXT = 10, 1000


class Surface(StrEnum):
    """Where the blocks go: a message, a modal or the home tab, each with limits of its own."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


# A message's blocks have 50 places and, measured, some 13,000 characters (`msg_blocks_too_long`); a view's have 100
# places and 250 KB, of which this leaves most to forms.
LIMITS = {
    Surface.MESSAGE: Limits(blocks=50, characters=10_000),
    Surface.MODAL: Limits(blocks=100, characters=25_000),
    Surface.HOME: Limits(blocks=100, characters=25_000),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is posted. `text` is the fallback, as mrkdwn; `overflow` is the whole answer as a text file where some of
    it was left out of the blocks; `files` are the document's own.
    """

    text: str
    blocks: list[Json]
    overflow: Attachment | None = None
    files: tuple[Attachment, ...] = ()

    def body(self) -> Json:
        """Return the message's content as Slack's methods take it."""
        return {"text": self.text, "blocks": self.blocks}


def render(
    doc: Doc,
    *,
    button: MakeButton,
    allowed_hosts: frozenset[str],
    surface: Surface = Surface.MESSAGE,
    reserve: int = 0,
    mentions: bool = True,
) -> Rendered:
    """Return the document for a surface, `reserve` blocks of its limit left to the caller.

    `button` gives a button's action_id and value, from the button and its number in the document; a button whose ids
    Slack would refuse is left out and counted. Without `mentions`, people and channels are names only.
    """
    limits = LIMITS[surface]
    limits = replace(limits, blocks=max(2, limits.blocks - reserve))
    build = _Build(surface, button, Inline(allowed_hosts, mentions=mentions))
    units = list(build.units(doc))
    hint = " The whole answer is in the file." if surface is Surface.MESSAGE else ""
    blocks, dropped = pack(units, limits, hint)
    overflow = None
    if build.cut or dropped:
        whole = terminal.render(doc, width=FILE_WIDTH, whole=True).encode()
        overflow = Attachment("answer.txt", whole, alt_text="The whole answer as text")
    return Rendered(fallback(doc), blocks, overflow, doc.files)


def fallback(doc: Doc) -> str:
    """Return the one line for notifications and screen readers, as mrkdwn without life."""
    line = one_line(doc.summary) or one_line(doc.title) or "Answer"
    return clip(mrkdwn.inert(signed(doc.tone) + clip(line, FALLBACK // 5)), FALLBACK)


@dataclass(slots=True)
class _Build:
    """One document on its way: counts what a message may have only so many of, and remembers whether text was cut."""

    surface: Surface
    make: MakeButton
    inline: Inline
    cut: bool = False
    tables: int = 0
    charts: int = 0
    buttons: int = 0

    def units(self, doc: Doc) -> Iterator[Unit]:
        yield from self._title(doc)
        for block in doc.blocks:
            yield from self._block(block)

    def _title(self, doc: Doc) -> Iterator[Unit]:
        words = one_line(doc.title)
        title = signed(doc.tone) + words if words else titled(doc.tone, "")
        if not title:
            return
        yield Unit({"type": "header", "text": _plain(clip(title, HEADER))})
        if length(title) > HEADER:
            yield from self._spans((Bold(one_line(doc.title)),))

    def _block(self, block: Block) -> Iterator[Unit]:
        match block:
            case Text():
                words = signed(block.tone)
                yield from self._spans((words, *spans(block.text)) if words else spans(block.text))
            case Heading():
                yield from self._spans((Bold(one_line(block.text)),))
            case Note():
                yield Unit(self._note(spans(block.text)))
            case Fields():
                yield from self._fields(block)
            case Table():
                yield from self._table(block)
            case Chart():
                yield from self._chart(block)
            case Code():
                yield from self._fixed(clean(block.text).strip("\n"), CODE)
            case Buttons():
                yield from self._buttons(block)
            case _:
                assert_never(block)

    def _spans(self, given: tuple[Span, ...]) -> Iterator[Unit]:
        kept, over = shorten(given, TEXT)
        self.cut = self.cut or bool(over)
        yield Unit(rich_text(self.inline.section((*kept, f" {more(over, 'characters')}") if over else kept)))

    def _fields(self, fields: Fields) -> Iterator[Unit]:
        sections: list[Json] = []
        size = 0
        for label, value in fields.items[:FIELDS]:
            name, (kept, over) = clip(one_line(label) or EMPTY, LABEL), shorten(value, VALUE)
            self.cut = self.cut or bool(over)
            rest = (f" {more(over, 'characters')}",) if over else ()
            size += length(name) + length(plain(kept))
            if sections and size > GROUP:
                # Several blocks, so that a long list is left out in parts, not as a whole.
                yield Unit(rich_text(*sections))
                sections, size = [], length(name) + length(plain(kept))
            shown = self.inline.elements((*kept, *rest))
            elements = [*text(f"{name}: ", bold=True), *shown, *text("\n")]
            sections.append({"type": "rich_text_section", "elements": elements})
        if sections:
            yield Unit(rich_text(*sections))
        if len(fields.items) > FIELDS:
            self.cut = True
            yield Unit(_context(more(len(fields.items) - FIELDS, "fields")))

    def _table(self, table: Table) -> Iterator[Unit]:
        if not table.rows:
            yield from self._spans(("Nothing to list.",))
            return
        if self.surface is not Surface.MODAL and not self.tables:
            made = tables.table_block(table, self.inline)
            if made:
                self.tables += 1
                block, notes, cut = made
                self.cut = self.cut or cut
                yield Unit(block, counted=False)
                yield from self._remarks(notes)
                return
        if self.surface is Surface.MODAL and len(table.rows) <= RECORDS and table.columns:
            yield from self._records(table)
        else:
            yield from self._text_table(table)

    def _records(self, table: Table) -> Iterator[Unit]:
        """Show a short table row by row, as names and values: a modal has neither tables nor room for their text."""
        for row in table.rows:
            named = zip_longest(table.columns, row, fillvalue="")
            known = tuple((str(column), cell) for column, cell in named if plain(cell).strip() not in NOTHING)
            yield from self._fields(Fields(known or ((table.columns[0], EMPTY),)))
        over = tables.left_out(table, len(table.rows))
        yield from self._remarks([more(over, "rows")] if over > 0 else [])

    def _text_table(self, table: Table) -> Iterator[Unit]:
        rows = tabular.grid(replace(table, rows=table.rows[:FIXED_LINES]))
        if not rows[0]:
            yield from self._spans(("Nothing to list.",))
            return
        laid = tabular.layout(rows, FIXED_WIDTH)
        kept, shown = list(laid.head), 0
        for lines in laid.rows:
            if sum(length(one) + 1 for one in (*kept, *lines)) > CODE or len(kept) > FIXED_LINES:
                break
            kept += lines
            shown += 1
        self.cut = self.cut or shown < len(table.rows) or any(ELLIPSIS in line for line in kept)
        yield Unit(rich_text(preformatted("\n".join(kept).rstrip())))
        over = tables.left_out(table, shown)
        yield from self._remarks([more(over, "rows")] if over > 0 else [])

    def _chart(self, chart: Chart) -> Iterator[Unit]:
        made = (
            charts.chart_block(chart) if self.surface is Surface.MESSAGE and self.charts < charts.PER_MESSAGE else None
        )
        if made is None:
            yield from self._fixed("\n".join(plot.lines(chart, FIXED_WIDTH)), CODE)
            return
        self.charts += 1
        block, notes = made
        yield Unit(block)
        yield from self._remarks(notes)

    def _fixed(self, content: str, most: int) -> Iterator[Unit]:
        """Show text in fixed width: whole lines as far as they fit, then a count of the rest."""
        if length(content) <= most:
            yield Unit(rich_text(preformatted(content)))
            return
        self.cut = True
        lines = content.split("\n")
        room, count = most, 0
        for line in lines:
            room -= length(line) + 1
            if room < 0:
                break
            count += 1
        shown = "\n".join(lines[:count]) if count else clip(lines[0], most)
        yield Unit(rich_text(preformatted(shown)))
        over = len(lines) - max(1, count)
        yield from self._remarks([more(over, "lines")] if over else [])

    def _remarks(self, notes: list[str]) -> Iterator[Unit]:
        if notes:
            yield Unit(_context(" · ".join(notes)))

    def _note(self, given: tuple[Span, ...]) -> Json:
        """Show small print. Context takes no rich text: words go in as plain text, and only what we made as mrkdwn."""
        kept, over = shorten(given, CONTEXT)
        self.cut = self.cut or bool(over)
        elements = [one for one in map(self._small, kept) if one]
        if over:
            elements.append(_plain(more(over, "characters")))
        if len(elements) > CONTEXT_ELEMENTS or not elements:
            return _context(plain(kept) + (f" {more(over, 'characters')}" if over else ""))
        return {"type": "context", "elements": elements}

    def _small(self, span: Span) -> Json | None:
        if isinstance(span, Time):
            return _mrkdwn(mrkdwn.date(span.at, relative=span.relative))
        if isinstance(span, Link) and clickable(span.url, self.inline.allowed_hosts):
            return _mrkdwn(mrkdwn.link(span.url, one_line(span.text) or span.url))
        if isinstance(span, Bold | Mono) and one_line(span.text):
            shown = mrkdwn.bold(one_line(span.text)) if isinstance(span, Bold) else mrkdwn.mono(one_line(span.text))
            return _mrkdwn(shown) if length(shown) <= 3000 else _plain(clean(span.text))
        content = plain(span)
        return _plain(content.strip("\n")) if content.strip() else None

    def _buttons(self, block: Buttons) -> Iterator[Unit]:
        row: list[Json] = []
        refused = 0
        for one in block.items:
            action_id, value = self.make(one, self.buttons)
            self.buttons += 1
            if not 0 < length(action_id) <= ACTION_ID or length(value) > BUTTON_VALUE:
                refused += 1
                continue
            if len(row) == BUTTONS or any(action_id == other["action_id"] for other in row):
                yield Unit({"type": "actions", "elements": row}, kept=True)
                row = []
            row.append(_button(one, action_id, value))
        if row:
            yield Unit({"type": "actions", "elements": row}, kept=True)
        yield from self._remarks([more(refused, "actions")] if refused else [])


def _button(button: Button, action_id: str, value: str) -> Json:
    label = clip(one_line(button.label) or one_line(button.command) or EMPTY, BUTTON_LABEL)
    made: Json = {"type": "button", "text": _plain(label), "action_id": action_id}
    if value:
        made["value"] = value
    if button.style is not ButtonStyle.PLAIN:
        made["style"] = button.style.value
    return made


def _plain(content: str) -> Json:
    """Return cleaned text as a plain text object; without `emoji`, `:tada:` in foreign text stays what it is."""
    return {"type": "plain_text", "text": content if content.strip() else EMPTY, "emoji": False}


def _mrkdwn(content: str) -> Json:
    """Return our own mrkdwn; `verbatim` keeps Slack from finding links and names in it."""
    return {"type": "mrkdwn", "text": content, "verbatim": True}


def _context(content: str) -> Json:
    return {"type": "context", "elements": [_plain(clip(content, CONTEXT))]}
