"""YAML from a stranger's project, read with bounds.

Everything is text, a list or a mapping: no numbers, dates or other types are made, since making them is what hostile
files abuse. Aliases and anchors, tags, repeated keys, keys that are no text, and files that are large, deep or have
very many values are refused, each with a sentence that says where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

LARGEST = 64 * 1024
DEEPEST = 20
MOST_VALUES = 5_000
MOST_DOCUMENTS = 100

Value = str | list[Any] | dict[str, Any] | None


class Unreadable(ValueError):
    """The file cannot be used; the message says what is wrong, for whoever owns it."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being filled; `key` waits for its value."""

    into: list[Any] | dict[str, Any]
    key: str | None = None

    def add(self, value: Value, line: int) -> None:
        if isinstance(self.into, list):
            self.into.append(value)
        elif self.key is None:
            if not isinstance(value, str):
                raise Unreadable(f"line {line}: a key must be plain text")
            if value in self.into:
                raise Unreadable(f"line {line}: {value[:40]!r} is there twice")
            self.key = value
        else:
            self.into[self.key] = value
            self.key = None


@dataclass(slots=True)
class _Reader:
    documents: list[Value] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    values: int = 0

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, NodeEvent):
            self._check(event, line)
        if isinstance(event, DocumentStartEvent):
            if len(self.documents) >= MOST_DOCUMENTS:
                raise Unreadable(f"more than {MOST_DOCUMENTS} documents")
            self.stack = [_Open([])]
        elif isinstance(event, DocumentEndEvent):
            self.documents += self.stack[0].into
        elif isinstance(event, ScalarEvent):
            # The first of the two says that it was written without quotes.
            plain_null = event.implicit[0] and event.value in ("", "~", "null", "Null", "NULL")
            # A mapping's key stays text, whatever it is.
            is_key = isinstance(self.stack[-1].into, dict) and self.stack[-1].key is None
            self.stack[-1].add(None if plain_null and not is_key else event.value, line)
        elif isinstance(event, CollectionStartEvent):
            if len(self.stack) > DEEPEST:
                raise Unreadable(f"line {line}: nested deeper than {DEEPEST} levels")
            into: list[Any] | dict[str, Any] = {} if isinstance(event, MappingStartEvent) else []
            self.stack[-1].add(into, line)
            self.stack.append(_Open(into))
        elif isinstance(event, CollectionEndEvent):
            self.stack.pop()

    def _check(self, event: NodeEvent, line: int) -> None:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise Unreadable(f"line {line}: anchors and aliases (& and *) are not read; write the value out")
        if getattr(event, "tag", None) is not None:
            raise Unreadable(f"line {line}: tags (!) are not read")
        self.values += 1
        if self.values > MOST_VALUES:
            raise Unreadable(f"more than {MOST_VALUES} values")


def documents(text: str) -> list[Value]:
    """Return the file's documents. Raises Unreadable."""
    data = text.encode("utf-8", "replace")
    if len(data) > LARGEST:
        raise Unreadable(f"larger than {LARGEST // 1024} KiB")
    reader = _Reader()
    try:
        for event in yaml.parse(data, Loader=yaml.CBaseLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise Unreadable(f"{where}no valid YAML ({error.problem})") from error
    except yaml.YAMLError as error:
        raise Unreadable("no valid YAML (a character that may not be in it)") from error
    return reader.documents
