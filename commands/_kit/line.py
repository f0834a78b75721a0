"""One command's part of a line: its values, what is missing, what is wrong; judged, but never lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import BaseModel

from commands._kit.assign import assign
from commands._kit.command import Command
from commands._kit.context import Place
from commands._kit.errors import Failure
from commands._kit.place import from_place
from commands._kit.tokens import Tokens
from commands._kit.validate import validate


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a line says. `command` is None where its first `word` names none: then `failure` says so, and the word may
    still be something else, a service's name for one. `failure` is about the line as a whole (a quote not closed, a
    field that is not there); `errors` are by field. `request` is there where the command could run as typed.
    """

    text: str
    command: Command | None = None
    word: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    help: bool = False
    request: BaseModel | None = None


def read_line(command: Command, text: str, tokens: Tokens, first: int, *, place: Place | None = None) -> Parsed:
    """Return what the words from `first` on say to this command."""
    given = assign(command, text, tokens, first)
    values = {**from_place(command, place), **given.values}
    request, problems = validate(command, values)
    missing = tuple(
        name
        for name, info in command.request.model_fields.items()
        if info.is_required() and not values.get(name, "").strip() and name not in given.errors
    )
    errors = {name: problem for name, problem in problems.items() if name not in missing} | given.errors
    runs = not (given.help or given.errors or given.failure)
    return Parsed(
        text=text,
        command=command,
        word=command.name,
        values=MappingProxyType(values),
        missing=missing,
        errors=MappingProxyType(errors),
        failure=given.failure,
        help=given.help,
        request=request if runs else None,
    )
