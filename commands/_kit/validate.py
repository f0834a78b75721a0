"""From what was typed to a request, or to one short sentence per field that says what to write instead.

pydantic judges, but its words never reach people: they speak of types and carry addresses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from commands._kit.command import Command, base_type, marker
from commands._kit.fields import ChannelField, PersonField, parse_duration
from commands._kit.match import did_you_mean, folded, listed, nearest
from commands._kit.words import counted

YES = frozenset({"yes", "y", "true", "on", "1"})
NO = frozenset({"no", "n", "false", "off", "0"})
NEEDED = "is needed"
_UNUSABLE = "cannot be used"
_DATE = "write a date like 2026-03-31"
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,310}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _boolean(text: str) -> bool:
    word = text.strip().casefold()
    if word not in YES | NO:
        raise ValueError("answer yes or no")
    return word in YES


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError("must be a whole number")
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text.strip()) or not math.isfinite(float(text)):
        raise ValueError("must be a number")
    return float(text)


def _date(text: str) -> date:
    if not _ISO_DATE.fullmatch(text.strip()):
        raise ValueError(_DATE)
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"there is no such day; {_DATE}") from None


def _duration(text: str) -> object:
    return parse_duration(text)


def member_of(kind: type[Enum], text: str) -> Enum | None:
    """Return the enum member that a word names, by value or name, whatever its case."""
    word = folded(text)
    return next((m for m in kind if word in {folded(str(m.value)), folded(m.name)}), None)


def _member(kind: type[Enum], text: str) -> Enum:
    member = member_of(kind, text)
    if member is None:
        names = [str(m.value) for m in kind]
        near = nearest(text, names, limit=1)
        raise ValueError(f"must be {listed(names)}. {did_you_mean(near)}".rstrip(" .") if near else _one_of(names))
    return member


def _one_of(names: list[str]) -> str:
    return f"must be {listed(names)}"


# bool before int: a bool is an int to Python.
_READERS: tuple[tuple[type, Callable[[str], object]], ...] = (
    (bool, _boolean),
    (int, _whole),
    (float, _number),
    (date, _date),
    (timedelta, _duration),
)


def read(info: FieldInfo, text: str) -> object:
    """Return typed text as the field's Python value, bounds unchecked. Raises ValueError with a sentence."""
    kind = base_type(info.annotation)
    if issubclass(kind, Enum):
        return _member(kind, text)
    reader = next((reader for base, reader in _READERS if issubclass(kind, base)), None)
    return text if reader is None else reader(text)


def _counted(context: Mapping[str, Any], key: str) -> str:
    return counted(context.get(key, 0), "character")


def _bound(context: Mapping[str, Any], key: str) -> str:
    return f"{context.get(key):g}" if isinstance(context.get(key), (int, float)) else str(context.get(key))


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: NEEDED,
    "string_too_short": lambda c: "must not be empty" if c["min_length"] == 1 else f"needs {_counted(c, 'min_length')}",
    "string_too_long": lambda c: f"must be at most {_counted(c, 'max_length')} long",
    "string_pattern_mismatch": lambda _: "has characters that cannot be used here",
    "greater_than_equal": lambda c: f"must be at least {_bound(c, 'ge')}",
    "less_than_equal": lambda c: f"must be at most {_bound(c, 'le')}",
    "greater_than": lambda c: f"must be more than {_bound(c, 'gt')}",
    "less_than": lambda c: f"must be less than {_bound(c, 'lt')}",
    "multiple_of": lambda c: f"must be a multiple of {_bound(c, 'multiple_of')}",
    "value_error": lambda c: str(c["error"]) or _UNUSABLE,
    "assertion_error": lambda c: str(c["error"]) or _UNUSABLE,
}


def _sentence(error: ErrorDetails, info: FieldInfo | None) -> str:
    if error["type"] == "string_pattern_mismatch" and info is not None:
        if marker(info, PersonField) is not None:
            return "must be a person, like @alice"
        if marker(info, ChannelField) is not None:
            return "must be a channel, like #general"
    sentence = _SENTENCES.get(error["type"])
    return sentence(error.get("ctx", {})) if sentence else _UNUSABLE


def validate(command: Command, values: Mapping[str, object]) -> tuple[BaseModel | None, dict[str, str]]:
    """Return the request, or None and what is wrong by field; under the empty name what is wrong with it as a whole.

    Values are texts as people type them, or Python values as forms have them. Blank is the same as not given, except
    for a text that may be blank. A name that is no field is refused: the button or form it came from is too old.
    """
    fields = command.request.model_fields
    unknown = [name for name in values if name not in fields]
    problems = {"": f"there is no field {unknown[0][:40]}"} if unknown else {}
    ready: dict[str, object] = {}
    for name, info in fields.items():
        given = values.get(name)
        if given is None:
            continue
        textual = issubclass(base_type(info.annotation), str) and not issubclass(base_type(info.annotation), Enum)
        if isinstance(given, str) and not given.strip() and (info.is_required() or not textual):
            continue
        try:
            ready[name] = read(info, given) if isinstance(given, str) else given
        except ValueError as error:
            problems[name] = str(error)
    try:
        # Bounds of the good fields are checked although others are bad, so that a form shows all that is wrong.
        request = command.request.model_validate(ready)
    except ValidationError as failed:
        for detail in failed.errors(include_url=False):
            where = str(detail["loc"][0]) if detail["loc"] else ""
            problems.setdefault(where, _sentence(detail, fields.get(where)))
        return None, problems
    return (None, problems) if problems else (request, {})


def told(command: Command, problems: Mapping[str, str]) -> str:
    """Return problems as sentences, for front ends that have no form to put them into."""
    return " ".join(
        f"{label_of(name, command.request.model_fields[name])} {text}." if name else f"{text[:1].upper()}{text[1:]}."
        for name, text in problems.items()
        if not name or name in command.request.model_fields
    ).replace("?.", "?")


def label_of(name: str, info: FieldInfo) -> str:
    """Return what a field is called: its title, or its name in words."""
    return info.title or name.replace("_", " ").capitalize()
