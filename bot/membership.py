"""Who is in which GitLab group: a snapshot of the groups that matter, read again every minute.

Only groups that own services or give a role are read. A person's groups can be read afresh before a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from integrations.errors import BackendError, NotFound
from integrations.gitlab import GitLab

REPORTER = 20
DEVELOPER = 30
USABLE = timedelta(hours=1)
log = structlog.get_logger(__name__)

Groups = Mapping[str, int]


class Memberships:
    """`of(user)` answers from the snapshot; `fresh(user)` asks GitLab about what the snapshot believes."""

    def __init__(self, gitlab: GitLab, role_groups: Iterable[str], clock: Callable[[], datetime]) -> None:
        self._gitlab = gitlab
        self._role_groups = frozenset(role_groups)
        self._clock = clock
        self._by_group: dict[str, dict[int, int]] = {}
        self._by_user: dict[int, dict[str, int]] = {}
        self._read_at: dict[str, datetime] = {}

    def _recent(self, group: str) -> bool:
        """Whether what is known of the group is recent enough to answer reads from."""
        read_at = self._read_at.get(group)
        return read_at is not None and self._clock() - read_at < USABLE

    @property
    def usable(self) -> bool:
        """Whether it is known who has which role: each group that gives one answered within the hour."""
        return all(map(self._recent, self._role_groups))

    async def _ask(self, group: str) -> dict[int, int]:
        """Return access by user id; nobody is in a group that is gone. Raises BackendError where GitLab is silent."""
        try:
            members = await self._gitlab.members(group)
        except NotFound:
            return {}
        return {m.user_id: m.access for m in members if m.active}

    async def _members(self, group: str) -> dict[int, int] | None:
        """Return access by user id; None where GitLab did not say, so that what is known stays."""
        try:
            return await self._ask(group)
        except BackendError as error:
            log.warning("group members could not be read", group=group, error=str(error))
            return None

    async def refresh(self, teams: Iterable[str]) -> bool:
        """Read all groups again; return whether every one of them answered."""
        started = self._clock()
        paths = sorted(self._role_groups | frozenset(teams))
        answers = await asyncio.gather(*(self._members(path) for path in paths))
        answered = {path: answer for path, answer in zip(paths, answers, strict=True) if answer is not None}
        self._read_at.update(dict.fromkeys(answered, started))
        # A group that is silent keeps what was known of it, for as long as that is recent; the others lose nothing.
        self._use({path: answered.get(path, self._by_group.get(path, {})) for path in paths if self._recent(path)})
        return len(answered) == len(paths)

    def _use(self, by_group: dict[str, dict[int, int]]) -> None:
        by_user: dict[int, dict[str, int]] = {}
        for path, members in by_group.items():
            for user, access in members.items():
                by_user.setdefault(user, {})[path] = access
        self._by_group, self._by_user = by_group, by_user

    def of(self, user: int) -> Groups:
        """Return the person's groups with their access, as read within the hour."""
        return {path: access for path, access in self._by_user.get(user, {}).items() if self._recent(path)}

    async def fresh(self, user: int) -> Groups:
        """Return the person's groups, each asked again now. Raises BackendError where GitLab does not say."""
        paths = list(self.of(user))
        answers = await asyncio.gather(*(self._ask(path) for path in paths))
        self._read_at.update(dict.fromkeys(paths, self._clock()))
        self._use({**self._by_group, **dict(zip(paths, answers, strict=True))})
        return self.of(user)
