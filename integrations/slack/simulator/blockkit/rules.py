"""The small rules that Block Kit's tables are written with, and the wording that Slack gives each fault.

A rule looks at one value and reports to the scope; it never raises, whatever the value is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.slack.simulator.blockkit.problem import Problem


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


@dataclass(slots=True)
class Scope:
    """One validation: the surface it is for, and what was found so far."""

    surface: Surface
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: str, message: str, error: str = "") -> None:
        self.problems.append(Problem(path, message, error))


Rule = Callable[[Scope, str, Any], None]
Fields = Mapping[str, Rule]


def string(most: int = 0, *, least: int = 1) -> Rule:
    """Take text of `least` to `most` characters; 0 for no upper limit."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if not isinstance(value, str):
            scope.report(path, "must provide a string")
        elif len(value) < least:
            scope.report(path, f"must be more than {least - 1} characters")
        elif most and len(value) > most:
            scope.report(path, f"must be less than {most + 1} characters")

    return check


def boolean(scope: Scope, path: str, value: Any) -> None:
    """Take true or false."""
    if not isinstance(value, bool):
        scope.report(path, "must provide a boolean")


def number(scope: Scope, path: str, value: Any) -> None:
    """Take a JSON number; Python also reads NaN and Infinity, which JSON does not have."""
    if not is_number(value):
        scope.report(path, "must provide a number")


def is_number(value: Any) -> bool:
    """Return whether a decoded value is a number that JSON can hold."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def integer(low: int | None = None, high: int | None = None) -> Rule:
    """Take a whole number within bounds."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            scope.report(path, "must provide an integer")
        elif low is not None and value < low:
            scope.report(path, f"must be greater than {low - 1}")
        elif high is not None and value > high:
            scope.report(path, f"must be less than {high + 1}")

    return check


def choice(*values: object) -> Rule:
    """Take one of the given values."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if isinstance(value, list | dict | bool) or value not in values:
            scope.report(path, "must be a valid enum value")

    return check


def array(rule: Rule, most: int = 0, *, least: int = 0) -> Rule:
    """Take a list of `least` to `most` items (0 for no upper limit), each judged by `rule`."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if not isinstance(value, list):
            scope.report(path, "must provide an array")
            return
        if len(value) < least:
            scope.report(path, f"must provide at least {least} items")
        if most and len(value) > most:
            scope.report(path, f"no more than {most} items allowed")
        for index, item in enumerate(value):
            rule(scope, f"{path}/{index}", item)

    return check


def record(required: Fields, optional: Fields, *then: Rule) -> Rule:
    """Take an object with exactly these fields; `then` are rules on the object as a whole, run where it is sound."""
    known = {**required, **optional}

    def check(scope: Scope, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            scope.report(path, "must provide an object")
            return
        before = len(scope.problems)
        for name in required:
            if name not in value:
                scope.report(path, f"missing required field: {name}")
        for name, item in value.items():
            rule = known.get(name)
            if rule is None:
                scope.report(path, f"invalid additional property: {name}")
            else:
                rule(scope, f"{path}/{name}", item)
        if len(scope.problems) == before:
            for rule in then:
                rule(scope, path, value)

    return check


def kind(required: Fields, optional: Fields, *then: Rule) -> Rule:
    """Take an object of a kind that its `type` has already named."""
    return record({"type": string(), **required}, optional, *then)


def variant(kinds: Mapping[str, Rule]) -> Rule:
    """Take an object whose `type` is one of the given kinds."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            scope.report(path, "must provide an object")
        elif "type" not in value:
            scope.report(path, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            scope.report(f"{path}/type", f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](scope, path, value)

    return check


def one_of(*names: str) -> Rule:
    """Require at least one of these fields."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if not any(name in value for name in names):
            scope.report(path, f"missing required field: {names[0]}")

    return check


def not_both(first: str, second: str) -> Rule:
    """Refuse these two fields together."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if first in value and second in value:
            scope.report(path, f"cannot provide both `{first}` and `{second}`")

    return check


def only_on(*surfaces: Surface) -> Rule:
    """Refuse an object on other surfaces than these."""

    def check(scope: Scope, path: str, value: Any) -> None:
        if scope.surface not in surfaces:
            scope.report(f"{path}/type", f"unsupported type: {value['type']}")

    return check
