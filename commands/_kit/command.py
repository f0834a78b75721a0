"""How a command is defined, and what is refused at start-up when a definition is wrong.

One `@command` gives every front end what it needs: parser, form, help, rights and view all come from here.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from typing import Annotated, Any, Concatenate, Literal, TypeVar, Union, get_args, get_origin, overload

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from commands._kit.context import Context
from commands._kit.definition import DefinitionError, signature_of
from commands._kit.doc import Doc
from commands._kit.plan import Plan, Results
from commands._kit.roles import Permission

SCALARS = (str, int, float, bool, date, timedelta)


class Effect(StrEnum):
    """What running a command does to the world: READ runs at once, CHANGE goes by plan, consent and operation."""

    READ = "read"
    CHANGE = "change"


class Section(StrEnum):
    """Where `help` lists a command."""

    LOOK = "Look"
    RESPOND = "Respond"
    SHIP = "Ship"
    MAKE = "Make"
    DECIDE = "Decide"
    REPORT = "Report"
    PLATFORM = "Platform"
    ME = "Me"


@dataclass(frozen=True, slots=True)
class Command:
    """A command as every front end sees it. `confidential` commands are logged without person or request id; an
    `audited` READ is recorded in the audit trail, as every change and denial is.
    """

    name: str
    summary: str
    request: type[BaseModel]
    handler: Callable[..., Awaitable[Any]]
    view: Callable[[Any], Doc]
    may: Permission
    effect: Effect
    section: Section
    ports: Mapping[str, type[Any]]
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    confidential: bool = False
    audited: bool = False


Q = TypeVar("Q", bound=BaseModel)
T = TypeVar("T")
M = TypeVar("M")


def base_type(annotation: Any) -> Any:
    """Return a field's type without `None`: `str | None` is `str`. Raises DefinitionError for other unions."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [a for a in get_args(annotation) if a is not type(None)]
        if len(inner) != 1:
            raise DefinitionError("a field has one type, or one type and None")
        annotation = inner[0]
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def metadata(info: FieldInfo) -> list[Any]:
    """Return a field's constraints and markers, also those inside `X | None`."""
    inside = (a for a in get_args(info.annotation) if get_origin(a) is Annotated)
    found = [*info.metadata, *(m for a in inside for m in a.__metadata__)]
    return [m for one in found for m in (one.metadata if isinstance(one, FieldInfo) else (one,))]


def marker(info: FieldInfo, kind: type[M]) -> M | None:
    """Return the field's marker of that kind (`Options`, `Multiline`, ...), also where the type is `X | None`."""
    return next((m for m in metadata(info) if isinstance(m, kind)), None)


def _check_request(what: str, request: type[BaseModel]) -> None:
    for name, info in request.model_fields.items():
        where = f"{what}: field {name}"
        if not info.description:
            raise DefinitionError(f"{where} has no description; people see it as the field's label")
        try:
            kind = base_type(info.annotation)
        except DefinitionError as error:
            raise DefinitionError(f"{where}: {error}") from error
        if not (inspect.isclass(kind) and issubclass(kind, (*SCALARS, Enum))):
            raise DefinitionError(
                f"{where} is {kind!r}; requests are flat: str, int, float, bool, date, enum or Duration"
            )


@overload
def command(
    name: str,
    *,
    may: Permission,
    effect: Literal[Effect.READ],
    view: Callable[[T], Doc],
    section: Section,
    aliases: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    confidential: bool = False,
    audited: bool = False,
) -> Callable[[Callable[Concatenate[Q, Context, ...], Awaitable[T]]], Command]: ...


@overload
def command(
    name: str,
    *,
    may: Permission,
    effect: Literal[Effect.CHANGE],
    view: Callable[[Results], Doc],
    section: Section,
    aliases: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    confidential: bool = False,
    audited: bool = False,
) -> Callable[[Callable[Concatenate[Q, Context, ...], Awaitable[Plan]]], Command]: ...


def command(
    name: str,
    *,
    may: Permission,
    effect: Effect,
    view: Callable[[Any], Doc],
    section: Section,
    aliases: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    confidential: bool = False,
    audited: bool = False,
) -> Callable[[Callable[Concatenate[Q, Context, ...], Awaitable[Any]]], Command]:
    """Make a command of `async def name(req: Request, ctx: Context, port: Port, ...) -> Result`.

    A READ returns its result, which `view` shows. A CHANGE returns a `Plan`; `view` then gets the steps' `Results`.
    Raises DefinitionError, with the command's name, where the form is not kept.
    """

    def define(handler: Callable[Concatenate[Q, Context, ...], Awaitable[Any]]) -> Command:
        what = f"command {name}"
        signature = signature_of(what, handler, Context, shown_as="the help text")
        if (signature.returns is Plan) != (effect is Effect.CHANGE):
            raise DefinitionError(f"{what}: a CHANGE returns a Plan, a READ does not")
        _check_request(what, signature.model)
        if may.owns and may.owns not in signature.model.model_fields:
            raise DefinitionError(f"{what}: it is bound to the owner of {may.owns!r}, which is no field")
        return Command(
            name=name,
            summary=signature.summary,
            request=signature.model,
            handler=handler,
            view=view,
            may=may,
            effect=effect,
            section=section,
            ports=signature.ports,
            aliases=aliases,
            examples=examples,
            confidential=confidential,
            audited=audited,
        )

    return define
