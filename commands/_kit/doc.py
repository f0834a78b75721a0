"""A `Doc` is an answer before it has a look: front ends turn it into Block Kit, text or JSON.

A plain `str` in a Doc is always data: renderers escape it, and nothing in it can become a mention, a link or markup.
Emphasis and links are values of their own (`Bold`, `Mono`, `Link`, ...). A Doc knows no limits; renderers keep those of
their medium by splitting, and by truncating with a count of what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Mono:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link that we made or a backend's own: http(s) only, its host checked by the renderer against the allow-list."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person by front-end id (`U123`): shown as the front end shows people, without notifying them."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    """A moment, shown in the reader's own time zone where the medium can."""

    at: datetime
    relative: bool = False


Span = str | Bold | Mono | Link | Person | Channel | Time
Inline = Span | tuple[Span, ...]


class Tone(StrEnum):
    """How a line is meant; shown as an icon and a word, never by colour alone."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Text:
    text: Inline
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Note:
    """Small print under an answer: age of the data, what was left out, what to try next."""

    text: Inline


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Label and value pairs."""

    items: tuple[tuple[str, Inline], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names; `total` counts all rows there are, where `rows` is only a page of them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    total: int | None = None


class ChartKind(StrEnum):
    LINE = "line"
    BAR = "bar"
    AREA = "area"
    PIE = "pie"


@dataclass(frozen=True, slots=True)
class Chart:
    """Named series over shared categories; for a pie, one series whose points are the slices."""

    title: str
    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    language: str = ""


class ButtonStyle(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True)
class Button:
    """Names another command and its arguments; what it becomes (a stored offer for a change) is the front end's."""

    label: str
    command: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    style: ButtonStyle = ButtonStyle.PLAIN


@dataclass(frozen=True, slots=True)
class Buttons:
    items: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the answer: an export, a full diff, a picture."""

    name: str
    content: bytes
    media_type: str = "text/plain"
    alt_text: str = ""


Block = Text | Note | Heading | Fields | Table | Chart | Code | Buttons


@dataclass(frozen=True, slots=True)
class Doc:
    """What people read. `summary` is the one line for notifications and screen readers; by default the title."""

    title: str
    blocks: tuple[Block, ...] = ()
    summary: str = ""
    tone: Tone = Tone.PLAIN
    files: tuple[Attachment, ...] = ()
