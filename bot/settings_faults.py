"""What is told about settings that cannot be used: one line per fault, with where it is and how to put it right.

No line shows what was written, because it may be a secret in the wrong place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

Place = tuple[Any, ...]


def told(error: ValidationError, model: type[BaseModel], file: str) -> list[str]:
    """Return the lines for these faults of the settings that `model` describes and `file` should hold."""
    return [line for fault in error.errors(include_input=False) for line in _lines(fault, model, file)]


def _lines(fault: Any, model: type[BaseModel], file: str) -> Iterator[str]:
    """Yield what is told of a fault: of a section that is missing, each setting that it must have."""
    place = tuple(fault["loc"])
    field = _field(model, place)
    section = field.annotation if field else None
    if fault["type"] == "missing" and isinstance(section, type) and issubclass(section, BaseModel):
        try:
            section()
        except ValidationError as error:
            for inner in error.errors(include_input=False):
                yield from _lines({**inner, "loc": (*place, *inner["loc"])}, model, file)
            return
    yield f"{'.'.join(map(str, place))}{_said(fault, place, model, file)}"


def _said(fault: Any, place: Place, model: type[BaseModel], file: str) -> str:
    field = _field(model, place)
    match fault["type"]:
        case "missing":
            secret = field is not None and field.annotation is SecretStr
            where = "it is a secret: put it in" if secret else f"put it in {file} or in"
            return f" is not set; {where} IDP_{'__'.join(map(str, place)).upper()}"
        case "extra_forbidden":
            section = _model(model, place[:-1])
            near = difflib.get_close_matches(str(place[-1]), section.model_fields if section else (), n=1)
            meant = f"; did you mean {'.'.join(map(str, (*place[:-1], *near)))}?" if near else ""
            return f": there is no such setting{meant}"
        case "too_short":
            return f": must have at least {fault['ctx']['min_length']} characters"
        case "string_pattern_mismatch":
            return f": does not have the form that is wanted: {field.description if field else 'see the README'}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f": {re.sub('^(Input|Value) should ', 'must ', message)}"


def _field(model: type[BaseModel], place: Place) -> FieldInfo | None:
    section = _model(model, place[:-1])
    return section.model_fields.get(str(place[-1])) if section and place else None


def _model(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """Return the model that a path leads to; list positions and role names lead into what the list or mapping holds."""
    found: Any = model
    for part in place:
        if isinstance(found, type) and issubclass(found, BaseModel):
            info = found.model_fields.get(str(part))
            found = info.annotation if info else None
        else:
            held = [one for one in get_args(found) if one is not Ellipsis]
            found = held[-1] if held else None
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None
