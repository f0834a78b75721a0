"""What commands may ask of the process itself; the process provides these as it provides backends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from commands._kit.command import Command
from commands._kit.context import Actor


class CommandIndex(Protocol):
    """The commands there are; `help` lists from here."""

    def commands(self) -> Sequence[Command]:
        """Return every command, in the order of sections and names."""

    def find(self, name: str) -> Command | None:
        """Return the command of that name or alias."""

    def allowed(self, command: Command, actor: Actor) -> bool:
        """Return whether this person's roles open the command (ownership apart)."""


class State(StrEnum):
    FINE = "fine"
    UNREACHABLE = "unreachable"
    CREDENTIALS = "wrong credentials"
    RIGHTS = "lacking a right"
    READ_ONLY = "read-only"


@dataclass(frozen=True, slots=True)
class Health:
    """How one backend is: `detail` is its version where fine, else what is wrong and what to do."""

    backend: str
    state: State
    detail: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """An unexpected error: the id that people were shown, when, and the command; never the trace."""

    id: str
    at: datetime
    command: str
    kind: str


@dataclass(frozen=True, slots=True)
class PlatformState:
    """The process, as its operators see it. `queues` are lengths by name; `disabled` maps an idle feature to why."""

    version: str
    started_at: datetime
    backends: tuple[Health, ...]
    versions: Mapping[str, str]
    queues: Mapping[str, int]
    incidents: tuple[Incident, ...]
    disabled: Mapping[str, str] = field(default_factory=dict)


class Platform(Protocol):
    """The running process."""

    async def state(self) -> PlatformState:
        """Return how backends, queues and versions are now; a slow backend is reported, not waited for."""
