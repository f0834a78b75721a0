"""Tables as Slack's `table` block, brought within its limits.

https://docs.slack.dev/reference/block-kit/blocks/table-block
"""

from __future__ import annotations

from typing import Any

from bot.render.foreign import EMPTY, clip, length, one_line
from bot.render.richtext import Inline, rich_text
from bot.render.spans import plain, shorten, spans
from bot.render.tabular import numeric
from commands._kit.doc import Inline as Cell
from commands._kit.doc import Table

ROWS, COLUMNS = 100, 20
# All cells of a message may have 10,000 characters together; some room is left for how Slack counts.
CHARACTERS = 9_500
CELL = 300
WRAPPED = 30

Json = dict[str, Any]


def more(count: int, what: str) -> str:
    """Return the count of what was left out: `… and 37 more rows`."""
    return f"… and {count} more {what if count != 1 else what.removesuffix('s')}"


def left_out(table: Table, shown: int) -> int:
    """Return how many rows there are beyond those shown."""
    return max(len(table.rows), table.total or 0) - shown


def table_block(table: Table, inline: Inline) -> tuple[Json, list[str], bool] | None:
    """Return the block, what was left out of it in words, and whether anything given was cut; None without a cell."""
    count = max([len(table.columns), *(len(row) for row in table.rows)])
    if not count:
        return None
    columns = min(count, COLUMNS)
    # A whole row of the longest cells must fit, or a table could end up without rows.
    longest = min(CELL, CHARACTERS // 2 // columns)
    cut = count > columns
    rows: list[list[Json]] = [[_raw(_at(table.columns, c), longest) for c in range(columns)]]
    room = CHARACTERS - sum(length(cell["text"]) for cell in rows[0])
    for row in table.rows[: ROWS - 1]:
        built = [_cell(row[c] if c < len(row) else "", inline, longest) for c in range(columns)]
        room -= sum(size for _, size, _ in built)
        if room < 0:
            break
        cut = cut or any(clipped for _, _, clipped in built)
        rows.append([cell for cell, _, _ in built])
    shown = len(rows) - 1
    notes = [more(left_out(table, shown), "rows")] if left_out(table, shown) > 0 else []
    if count > columns:
        notes.append(more(count - columns, "columns"))
    block = {"type": "table", "rows": rows, "column_settings": _settings(table, columns)}
    return block, notes, cut or shown < len(table.rows)


def _at(names: tuple[str, ...], index: int) -> str:
    return names[index] if index < len(names) else ""


def _raw(text: str, most: int) -> Json:
    return {"type": "raw_text", "text": clip(one_line(text) or EMPTY, most)}


def _cell(cell: Cell, inline: Inline, most: int) -> tuple[Json, int, bool]:
    """Return a cell, how many characters it has, and whether it was cut."""
    if isinstance(cell, str):
        raw = _raw(cell, most)
        return raw, length(raw["text"]), length(one_line(cell)) > most
    kept, over = shorten(tuple(one_line_span(span) for span in spans(cell)), most)
    elements = inline.elements((*kept, "…") if over else kept)
    size = sum(length(str(one.get("text", one.get("fallback", "")))) + length(one.get("url", "")) for one in elements)
    return rich_text({"type": "rich_text_section", "elements": elements}), size, bool(over)


def one_line_span(span: Any) -> Any:
    """Return a string span on one line, its outer spaces kept; other spans as they are."""
    if not isinstance(span, str):
        return span
    text = one_line(span)
    before = " " if span[:1].isspace() else ""
    return f"{before}{text}{' ' if text and span[-1:].isspace() else ''}"


def _settings(table: Table, columns: int) -> list[Json]:
    found: list[Json] = []
    for column in range(columns):
        texts = [one_line(plain(row[column])) for row in table.rows[: ROWS - 1] if column < len(row)]
        setting: Json = {"align": "right"} if numeric(texts) else {"align": "left"}
        if any(length(text) > WRAPPED for text in texts):
            setting["is_wrapped"] = True
        found.append(setting)
    return found
