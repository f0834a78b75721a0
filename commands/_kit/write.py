"""From a request back to text: values as a form or a button has them, and the line that a person could type again."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import Enum

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from commands._kit.assign import slots_of
from commands._kit.command import Command
from commands._kit.fields import format_duration
from commands._kit.line import read_line
from commands._kit.tokens import tokenise

_SAFE = re.compile(r"[\w@%+:,./#*-]+")
_ESCAPED = re.compile(r'[\\"<&]')


def written(value: object) -> str:
    """Return a field's value as text that the parser reads as the same value."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case timedelta():
            return format_duration(value)
        case date():
            return value.isoformat()
        case float():
            return repr(value)
        case _:
            return str(value)


def default_of(info: FieldInfo) -> object:
    """Return what the field has where nothing is given; None where it must be given."""
    return None if info.is_required() else info.get_default(call_default_factory=True)


def values_of(request: BaseModel) -> dict[str, str]:
    """Return the request's values by field, without those that are the default: a button's arguments."""
    fields = type(request).model_fields.items()
    given = {name: getattr(request, name) for name, info in fields if getattr(request, name) != default_of(info)}
    return {name: written(value) for name, value in given.items() if value is not None}


def format_command(command: Command, request: BaseModel) -> str:
    """Return the line that asks for this request; `parse` reads it as the same request.

    It is written as people would: required fields by position, the others by name. Where that would be read otherwise
    (a search for the word `to`), every field is named.
    """
    values = values_of(request)
    slots = slots_of(command)
    placed: list[str] = []
    for slot in slots:
        if not slot.positional or slot.name not in values:
            break
        placed.append(slot.name)
    named = [name for name in values if name not in placed]
    flags = {s.name for s in slots if s.boolean}
    first_words = [_quoted(values[name]) for name in placed]
    by_name = [_by_name(name, values[name], flags) for name in named]
    # A long text takes the rest of the line, so it comes last.
    parts = [*by_name, *first_words] if any(s.rest for s in slots) else [*first_words, *by_name]
    friendly = " ".join([command.name, *parts])
    tokens = tokenise(friendly)
    first = len(command.name.split())
    if placed and read_line(command, friendly, tokens, first).request == request:
        return friendly
    return " ".join([command.name, *(_by_name(name, value, flags) for name, value in values.items())])


def _by_name(name: str, value: str, flags: set[str]) -> str:
    key = name.replace("_", "-")
    if name in flags:
        return f"--{key}" if value == "yes" else f"--no-{key}"
    return f"--{key}={_quoted(value)}"


def _quoted(value: str) -> str:
    if _SAFE.fullmatch(value) and not value.startswith("-"):
        return value
    return '"' + _ESCAPED.sub(lambda match: f"\\{match[0]}", value) + '"'
