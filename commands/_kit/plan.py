"""What a change will do, as data: listed, hashed, shown, consented to, and only then run step by step."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Concatenate, Generic, TypeVar, cast

import orjson
from pydantic import BaseModel

from commands._kit.context import StepContext
from commands._kit.definition import DefinitionError, signature_of
from commands._kit.doc import Bold, Doc, Note, Table, Text, Tone


class Action(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that will be created, changed or removed; `before` and `after` are what a person compares."""

    action: Action
    target: str
    before: str = ""
    after: str = ""
    risk: Risk = Risk.LOW


@dataclass(frozen=True, slots=True)
class StepCall:
    """A step and its arguments, as they are stored: by name and JSON."""

    step: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What will change and the ordered steps that do it. A plan without changes has nothing to consent to.

    An `anonymous` plan leaves no person, request id or exact time behind: it is never stored, it runs at consent or
    is gone, and only its effect remains.
    """

    title: str
    changes: tuple[Change, ...]
    steps: tuple[StepCall, ...]
    notes: tuple[str, ...] = ()
    anonymous: bool = False

    def canonical(self) -> bytes:
        """Return the plan as JSON with sorted keys: what is hashed, and what is stored."""
        return orjson.dumps(self, option=orjson.OPT_SORT_KEYS)

    @property
    def hash(self) -> str:
        """The SHA-256 of the canonical form, in hex; consent is bound to it."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @classmethod
    def parse(cls, canonical: bytes) -> Plan:
        """Return the plan that `canonical` wrote."""
        data = orjson.loads(canonical)
        return cls(
            title=data["title"],
            changes=tuple(
                Change(Action(c["action"]), c["target"], c["before"], c["after"], Risk(c["risk"]))
                for c in data["changes"]
            ),
            steps=tuple(StepCall(s["step"], s["arguments"]) for s in data["steps"]),
            notes=tuple(data["notes"]),
            anonymous=data["anonymous"],
        )


def show_plan(plan: Plan) -> Doc:
    """Return the plan as people see it before they consent."""
    rows = tuple((c.action.value, c.target, c.before or "–", c.after or "–", c.risk.value) for c in plan.changes)
    head = (
        (Text((Bold("Nothing has happened yet."), " This is what will change:")),)
        if rows
        else (Text("Nothing to do."),)
    )
    table = (Table(("Action", "What", "Now", "Then", "Risk"), rows),) if rows else ()
    return Doc(plan.title, (*head, *table, *(Note(n) for n in plan.notes)), tone=Tone.PLAIN)


A = TypeVar("A", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Step(Generic[A, R]):
    """A function that ensures one thing: looks at the world, acts on the difference, returns what is there now."""

    name: str
    arguments: type[A]
    result: type[R]
    run: Callable[..., Awaitable[R]]
    ports: Mapping[str, type[Any]]
    summary: str

    def with_(self, **arguments: Any) -> StepCall:
        """Return the call of this step with these arguments, validated."""
        return StepCall(self.name, self.arguments(**arguments).model_dump(mode="json"))


def step(function: Callable[Concatenate[A, StepContext, ...], Awaitable[R]]) -> Step[A, R]:
    """Make a step of `async def name(args: Model, ctx: StepContext, port: Port, ...) -> Result`.

    Raises DefinitionError, with the step's name, where that form is not kept.
    """
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
    signature = signature_of(f"step {name}", function, StepContext, shown_as="what people see as the step's name")
    returned = signature.returns
    if not (inspect.isclass(returned) and issubclass(returned, BaseModel)):
        raise DefinitionError(f"step {name}: it must return a pydantic model")
    return Step(
        name,
        cast("type[A]", signature.model),
        cast("type[R]", returned),
        function,
        signature.ports,
        signature.summary,
    )


@dataclass(frozen=True, slots=True)
class Results:
    """What the steps of an operation returned, in order; a command's view reads its answer from here."""

    calls: Sequence[StepCall]
    values: Sequence[Mapping[str, Any]]

    def of(self, which: Step[A, R]) -> R:
        """Return the result of the first call of that step. Raises LookupError where it did not run."""
        for call, value in zip(self.calls, self.values, strict=False):
            if call.step == which.name:
                return which.result.model_validate(value)
        raise LookupError(f"step {which.name} has no result")
