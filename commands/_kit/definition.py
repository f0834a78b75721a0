"""What the signature of a handler or a step says: its model, its ports, what it returns.

Commands and steps have one form, and this is the only reader of it. It judges form alone; what a command's fields and
names may be is judged where those are known (`command.py`, `discover.py`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel


class DefinitionError(TypeError):
    """A command or step is defined wrongly; the message names it and says how to put it right."""


@dataclass(frozen=True, slots=True)
class Signature:
    """`async def name(model, context, port, ...) -> returns`, with its docstring as `summary`."""

    model: type[BaseModel]
    ports: Mapping[str, type[Any]]
    returns: Any
    summary: str


def signature_of(what: str, function: Callable[..., Any], context: type[Any], *, shown_as: str) -> Signature:
    """Return the signature of `what` (`command deploy`), whose docstring people see as `shown_as`.

    Raises DefinitionError where the form is not kept.
    """
    hints = get_type_hints(function)
    names = list(inspect.signature(function).parameters)
    model = hints.get(names[0]) if names else None
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        raise DefinitionError(f"{what}: its first parameter must be a pydantic model")
    if len(names) < 2 or hints.get(names[1]) is not context:
        raise DefinitionError(f"{what}: its second parameter must be a {context.__name__}")
    for name in names[2:]:
        if name not in hints:
            raise DefinitionError(f"{what}: parameter {name!r} names no port; annotate it with one")
    summary = inspect.getdoc(function)
    if not summary:
        raise DefinitionError(f"{what}: it needs a docstring; it is {shown_as}")
    return Signature(model, {name: hints[name] for name in names[2:]}, hints.get("return"), summary)
