"""Who asks, from where, and when: what a handler may know of the call besides its request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from commands._kit.doc import Doc
from commands._kit.roles import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """One role or team that a person has, and where it comes from (`GitLab group acme/platform`, `settings`)."""

    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts. `id` is stable and unique over workspaces (`slack:T1/U1`, `os:name`); `teams` are GitLab
    group paths. An unlinked person (`gitlab_user_id` is None) reads only.
    """

    id: str
    name: str
    roles: frozenset[Role]
    teams: frozenset[str] = frozenset()
    gitlab_user_id: int | None = None
    grants: tuple[Grant, ...] = ()
    time_zone: str = "UTC"

    @property
    def linked(self) -> bool:
        return self.gitlab_user_id is not None

    def owns(self, team: str) -> bool:
        """Return whether a service of this team is the person's own; people own what their group's subgroups own."""
        return Role.PLATFORM_ENGINEER in self.roles or any(
            team == mine or team.startswith(f"{mine}/") for mine in self.teams
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command was given: `private` where nobody else reads the answer by default (DM, terminal)."""

    workspace: str = ""
    channel: str = ""
    thread: str = ""
    private: bool = True


async def silent(text: str) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler knows of the call. `progress` shows one line while a long answer is made; `asked` is the query as
    the person could type it again.
    """

    actor: Actor
    request_id: str
    now: datetime
    place: Place = field(default_factory=Place)
    progress: Callable[[str], Awaitable[None]] = silent
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that a step wants delivered: to a person (`slack:T1/U1`) or a channel id, through the outbox."""

    to: str
    doc: Doc


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step knows: whose operation it serves, the key that makes its effect happen once, and the notices that
    are stored together with its result.
    """

    operation_id: str
    key: str
    actor: Actor | None
    now: datetime
    notices: list[Notice] = field(default_factory=list)
    progress: Callable[[str], Awaitable[None]] = silent

    def notify(self, to: str, doc: Doc) -> None:
        """Have a message delivered once the step's result is committed."""
        self.notices.append(Notice(to, doc))
