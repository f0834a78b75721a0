"""What dispatch answers; each front end turns these into its own gestures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.identity import Principal
from commands._kit.command import Command
from commands._kit.context import Place, silent
from commands._kit.doc import Doc
from commands._kit.errors import Failure

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, from where and through what."""

    principal: Principal
    front_end: str
    place: Place
    request_id: str
    progress: Callable[[str], Awaitable[None]] = silent


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a command; `asked` is how a person would type it again."""

    command: str
    doc: Doc
    asked: str = ""
    shareable: bool = True


@dataclass(frozen=True, slots=True)
class FormNeeded:
    """Fields are missing or wrong: open the form, prefilled with `values`."""

    command: Command
    values: Values
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """A plan that waits for a click. `offer` is the id that the button carries, `plan_hash` what it is bound to."""

    command: Command
    doc: Doc
    offer: str
    plan_hash: str
    expires_at: datetime
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing (more) was done; `failure` says why and what to do next. `begun` is whether a change was under way."""

    failure: Failure
    command: str = ""
    begun: bool = False


Reply = Answer | FormNeeded | Consent | Failed
