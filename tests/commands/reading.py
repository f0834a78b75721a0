"""A document as plain lines, so that a test can say what people read; knows no medium and no limits."""

from __future__ import annotations

from typing import assert_never

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
    Tone,
)


def _span(span: Span) -> str:  # noqa: PLR0911 - a line for each kind
    match span:
        case str():
            return span
        case Bold(text):
            return f"*{text}*"
        case Mono(text):
            return f"`{text}`"
        case Link(text, url):
            return f"[{text}]({url})"
        case Person(_, name):
            return f"@{name}"
        case Channel(identity, _):
            return f"#{identity}"
        case Time(at, relative):
            return f"{at:%Y-%m-%d %H:%M}{'~' if relative else ''}"
        case _:
            assert_never(span)


def words(inline: Inline) -> str:
    return "".join(_span(span) for span in (inline if isinstance(inline, tuple) else (inline,)))


def _block(block: Block) -> list[str]:  # noqa: PLR0911 - a line for each kind
    match block:
        case Text(text, tone):
            return [words(text) if tone is Tone.PLAIN else f"<{tone.value}> {words(text)}"]
        case Note(text):
            return [f"({words(text)})"]
        case Heading(text):
            return [f"# {text}"]
        case Fields(items):
            return [f"{label}: {words(value)}" for label, value in items]
        case Table(columns, rows, total):
            count = [] if total is None else [f"of {total}"]
            return [" | ".join(columns), *(" | ".join(words(cell) for cell in row) for row in rows), *count]
        case Chart(title, kind, categories, series, _):
            return [f"{kind.value} {title}", " | ".join(categories), *(f"{name}: {values}" for name, values in series)]
        case Code(text, _):
            return [f"```{text}```"]
        case Buttons(items):
            return [f"[{b.label}] {b.command} {dict(b.arguments)}" for b in items]
        case _:
            assert_never(block)


def lines(doc: Doc) -> str:
    """Return the document's lines, its files by name and size in lines."""
    head = doc.title if doc.tone is Tone.PLAIN else f"<{doc.tone.value}> {doc.title}"
    body = [line for block in doc.blocks for line in _block(block)]
    files = [f"file {file.name}: {len(file.content.splitlines()):,} lines, {file.media_type}" for file in doc.files]
    return "\n".join([head, f"summary: {doc.summary}", *body, *files]) + "\n"


def buttons(doc: Doc) -> dict[str, Button]:
    """Return the document's buttons by label."""
    return {b.label: b for block in doc.blocks if isinstance(block, Buttons) for b in block.items}
