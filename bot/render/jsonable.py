"""A `Doc` as plain JSON data: what a program reads. Texts are as they came, only such that every encoder takes them.

Files are named and measured, not carried: an export is downloaded, not embedded.
"""

from __future__ import annotations

import math
import re
from typing import Any, assert_never

from bot.render.moment import aware
from bot.render.spans import spans
from commands._kit.doc import (
    Block,
    Bold,
    Button,
    Buttons,
    Channel,
    Chart,
    Code,
    Doc,
    Fields,
    Heading,
    Inline,
    Link,
    Mono,
    Note,
    Person,
    Span,
    Table,
    Text,
    Time,
)

Json = dict[str, Any]
_SURROGATES = re.compile("[\ud800-\udfff]")


def jsonable(doc: Doc) -> Json:
    """Return the document as dicts, lists, strings, finite numbers, booleans and None."""
    files = [
        {"name": _text(f.name), "media_type": f.media_type, "bytes": len(f.content), "alt_text": _text(f.alt_text)}
        for f in doc.files
    ]
    return {
        "title": _text(doc.title),
        "summary": _text(doc.summary or doc.title),
        "tone": doc.tone.value,
        "blocks": [_block(block) for block in doc.blocks],
        "files": files,
    }


def _text(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)


def _inline(inline: Inline) -> list[Json]:
    return [_span(span) for span in spans(inline)]


def _span(span: Span) -> Json:
    match span:
        case str():
            return {"type": "text", "text": _text(span)}
        case Bold() | Mono():
            return {"type": type(span).__name__.lower(), "text": _text(span.text)}
        case Link():
            return {"type": "link", "text": _text(span.text), "url": _text(span.url)}
        case Person() | Channel():
            return {"type": type(span).__name__.lower(), "id": _text(span.id), "name": _text(span.name)}
        case Time():
            return {"type": "time", "at": aware(span.at).isoformat(), "relative": span.relative}
        case _:
            assert_never(span)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _block(block: Block) -> Json:
    match block:
        case Text():
            data: Json = {"text": _inline(block.text), "tone": block.tone.value}
        case Note():
            data = {"text": _inline(block.text)}
        case Heading():
            data = {"text": _text(block.text)}
        case Fields():
            data = {"items": [{"label": _text(label), "value": _inline(value)} for label, value in block.items]}
        case Table():
            data = _table(block)
        case Chart():
            data = _chart(block)
        case Code():
            data = {"text": _text(block.text), "language": _text(block.language)}
        case Buttons():
            data = {"items": [_button(button) for button in block.items]}
        case _:
            assert_never(block)
    return {"type": type(block).__name__.lower(), **data}


def _table(table: Table) -> Json:
    return {
        "columns": [_text(name) for name in table.columns],
        "rows": [[_inline(cell) for cell in row] for row in table.rows],
        "total": len(table.rows) if table.total is None else table.total,
    }


def _chart(chart: Chart) -> Json:
    return {
        "kind": chart.kind.value,
        "title": _text(chart.title),
        "unit": _text(chart.unit),
        "categories": [_text(name) for name in chart.categories],
        "series": [{"name": _text(name), "values": [_number(v) for v in values]} for name, values in chart.series],
    }


def _button(button: Button) -> Json:
    arguments = {_text(name): _text(value) for name, value in button.arguments.items()}
    return {
        "label": _text(button.label),
        "command": _text(button.command),
        "arguments": arguments,
        "style": button.style.value,
    }
