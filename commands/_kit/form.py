"""From a request model to a form that any front end can draw; what was typed and what was wrong with it go in.

A form holds texts, never looks: front ends choose the widgets, and keep the limits of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from typing import Any

from pydantic.fields import FieldInfo

from commands._kit.command import Command, Effect, base_type, marker, metadata
from commands._kit.context import Place
from commands._kit.fields import ChannelField, Multiline, Options, PersonField
from commands._kit.place import from_place
from commands._kit.validate import label_of, member_of
from commands._kit.write import default_of, written


class FieldKind(StrEnum):
    TEXT = "text"
    MULTILINE = "multiline"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    PERSON = "person"
    CHANNEL = "channel"
    DATE = "date"
    DURATION = "duration"
    OPTIONS = "options"


@dataclass(frozen=True, slots=True)
class FormField:
    """One input. `initial` is text as the parser reads it, and what was typed where that was wrong too; `choices` are
    pairs of value and label; `source` names where options come from, and `free` says that others may be typed.
    """

    name: str
    label: str
    hint: str
    kind: FieldKind
    required: bool
    initial: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    decimal: bool = False
    min_length: int | None = None
    max_length: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    source: str = ""
    free: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A command's form; `error` is about the request as a whole."""

    command: str
    title: str
    submit: str
    summary: str
    fields: tuple[FormField, ...]
    error: str = ""


def form_for(
    command: Command,
    values: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    place: Place | None = None,
) -> Form:
    """Return the command's form, with these values and errors in place. A change's button leads to its plan first."""
    known: Mapping[str, object] = {**from_place(command, place), **(values or {})}
    wrong = errors or {}
    return Form(
        command=command.name,
        title=command.name.replace("-", " ").capitalize(),
        submit="Show the plan" if command.effect is Effect.CHANGE else "Show",
        summary=command.summary.partition("\n")[0],
        fields=tuple(
            _field(name, info, known.get(name), wrong.get(name, ""))
            for name, info in command.request.model_fields.items()
        ),
        error=wrong.get("", ""),
    )


def kind_of(info: FieldInfo) -> FieldKind:
    """Return what kind of input a field needs; its markers speak before its type."""
    for mark, kind in _MARKED:
        if marker(info, mark) is not None:
            return kind
    of = base_type(info.annotation)
    return next((kind for base, kind in _TYPED if issubclass(of, base)), FieldKind.TEXT)


_MARKED: tuple[tuple[type[Any], FieldKind], ...] = (
    (PersonField, FieldKind.PERSON),
    (ChannelField, FieldKind.CHANNEL),
    (Multiline, FieldKind.MULTILINE),
    (Options, FieldKind.OPTIONS),
)
# Enum before str and bool before int: each is the other to Python, too.
_TYPED: tuple[tuple[type, FieldKind], ...] = (
    (Enum, FieldKind.CHOICE),
    (bool, FieldKind.BOOLEAN),
    (int, FieldKind.NUMBER),
    (float, FieldKind.NUMBER),
    (date, FieldKind.DATE),
    (timedelta, FieldKind.DURATION),
)


def _field(name: str, info: FieldInfo, given: object, error: str) -> FormField:
    of, options = base_type(info.annotation), marker(info, Options)
    constraints = metadata(info)
    lowest, highest = _bounds(constraints, whole=issubclass(of, int))
    return FormField(
        name=name,
        label=label_of(name, info),
        hint=info.description or "",
        kind=kind_of(info),
        required=info.is_required(),
        initial=_initial(info, of, given),
        minimum=lowest,
        maximum=highest,
        decimal=issubclass(of, float),
        min_length=_first(constraints, "min_length"),
        max_length=_first(constraints, "max_length"),
        choices=_choices(of) if issubclass(of, Enum) else (),
        source=options.source if options else "",
        free=options is not None and options.free,
        error=error,
    )


def _choices(of: type[Enum]) -> tuple[tuple[str, str], ...]:
    return tuple((str(m.value), str(m.value).replace("_", " ").capitalize()) for m in of)


def _initial(info: FieldInfo, of: type[Any], given: object) -> str | None:
    value = default_of(info) if given is None else given
    if value is None:
        return None
    text = written(value)
    if issubclass(of, Enum):
        # A select can only start at one of its choices; a slip is told by the error beside it.
        member = member_of(of, text)
        return str(member.value) if member else None
    return text


def _bounds(constraints: list[Any], *, whole: bool) -> tuple[float | None, float | None]:
    """Return the least and the most that a number may be; an open bound of a `whole` number moves by one."""
    lowest, highest = _first(constraints, "ge"), _first(constraints, "le")
    above, below = _first(constraints, "gt"), _first(constraints, "lt")
    if lowest is None and above is not None:
        lowest = above + 1 if whole else above
    if highest is None and below is not None:
        highest = below - 1 if whole else below
    return lowest, highest


def _first(constraints: list[Any], name: str) -> Any:
    return next((value for c in constraints if (value := getattr(c, name, None)) is not None), None)
