"""From whoever clicked to an `Actor`: known, active, of this organisation, with its roles and teams and their sources.

Nobody is matched by e-mail or display name. What is unknown is refused. Answers are kept for 60 seconds, dropped when
Slack says that the person changed, and read afresh before a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.membership import DEVELOPER, REPORTER, Groups, Memberships
from bot.settings import PersonSettings, Settings
from commands._kit.context import Actor, Grant
from commands._kit.errors import Code, Failure, UserError, denied
from commands._kit.roles import Role
from integrations.errors import BackendError, Denied, NotFound
from integrations.slack import Install, Slack, SlackPerson, UserGroup

KEPT = timedelta(seconds=60)
# With so many people in memory, those whose minute is over are let go of.
MOST = 1000


@dataclass(frozen=True, slots=True)
class SlackPrincipal:
    """Who Slack says clicked."""

    team: str
    user: str
    enterprise: str = ""

    @property
    def id(self) -> str:
        return f"slack:{self.team}/{self.user}"


@dataclass(frozen=True, slots=True)
class OsPrincipal:
    """Who the operating system says runs the command."""

    user: str

    @property
    def id(self) -> str:
        return f"os:{self.user}"


Principal = SlackPrincipal | OsPrincipal


def _unknown(why: str) -> UserError:
    return UserError(
        Failure(Code.UNAVAILABLE, f"I could not check who you are: {why}.", "Nothing was done. Try again in a minute.")
    )


class Identity:
    """Resolves principals; holds what was learnt for a minute."""

    def __init__(
        self, slack: Slack, memberships: Memberships, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._slack = slack
        self._memberships = memberships
        self._settings = settings
        self._clock = clock
        self._by_slack = {p.slack: p for p in settings.people}
        self._by_os = {p.os_user: p for p in settings.people if p.os_user}
        self._people: dict[str, tuple[datetime, SlackPerson]] = {}
        self._forgotten = 0
        # None in place of the members: everybody, because the groups may not be read.
        self._lowered: tuple[datetime, frozenset[str] | None] | None = None

    def forget(self, user: str = "") -> None:
        """Drop what is known of a Slack user, or with no user of everybody."""
        self._forgotten += 1
        if user:
            self._people.pop(user, None)
        else:
            self._people.clear()
        self._lowered = None

    def known(self, principal: Principal) -> bool:
        """Return whether `actor` would answer without asking anybody."""
        if isinstance(principal, OsPrincipal):
            return True
        kept = self._people.get(principal.user)
        return kept is not None and self._clock() - kept[0] < KEPT and self._lowered_known()

    def _lowered_known(self) -> bool:
        return not self._settings.lowered_by or (self._lowered is not None and self._clock() - self._lowered[0] < KEPT)

    async def actor(self, principal: Principal, *, fresh: bool = False) -> Actor:
        """Return who that is, asking Slack and GitLab again where `fresh`.

        Raises UserError where the person is deactivated, a guest, of another organisation, a bot, or unknown, and where
        that cannot be told now.
        """
        if isinstance(principal, OsPrincipal):
            link = self._by_os.get(principal.user)
            if link is None:
                grant = Grant("developer, reading only", "no person is mapped to this OS user")
                return Actor(principal.id, principal.user, frozenset({Role.DEVELOPER}), grants=(grant,))
            team, _, user = link.slack.partition("/")
            return await self.actor(SlackPrincipal(team, user), fresh=fresh)
        person, lowered = await asyncio.gather(
            self._person(principal, fresh=fresh), self._is_lowered(principal.user, fresh=fresh)
        )
        _refuse_outsiders(person)
        link = self._by_slack.get(f"{principal.team}/{principal.user}")
        groups = await self._groups(link, fresh=fresh)
        return self._compose(principal, person, link, groups, lowered=lowered)

    async def _person(self, principal: SlackPrincipal, *, fresh: bool) -> SlackPerson:
        install = await self._install()
        if install.team != principal.team and (not install.enterprise or install.enterprise != principal.enterprise):
            raise denied("This platform does not serve your workspace.", hint="Use it from your own workspace.")
        kept = self._people.get(principal.user)
        if kept is not None and not fresh and self._clock() - kept[0] < KEPT:
            return kept[1]
        asked, forgotten = self._clock(), self._forgotten
        try:
            person = await self._slack.person(principal.user)
        except NotFound as error:
            raise denied("Slack does not know you here.", hint="Use the platform from your own workspace.") from error
        except BackendError as error:
            raise _unknown("Slack did not say") from error
        if forgotten == self._forgotten:
            # Otherwise Slack said meanwhile that somebody changed, and this answer may be from before that.
            self._remember(principal.user, asked, person)
        return person

    def _remember(self, user: str, asked: datetime, person: SlackPerson) -> None:
        if len(self._people) >= MOST:
            self._people = {u: kept for u, kept in self._people.items() if asked - kept[0] < KEPT}
        self._people[user] = (asked, person)

    async def _install(self) -> Install:
        try:
            return await self._slack.install()
        except BackendError as error:
            raise _unknown("Slack did not say") from error

    async def _is_lowered(self, user: str, *, fresh: bool) -> bool:
        if not self._settings.lowered_by:
            return False
        if fresh or not self._lowered_known():
            asked = self._clock()
            try:
                groups: list[UserGroup] = list(await self._slack.user_groups())
            except Denied:
                # The scope is withheld: nobody can be told from those who are lowered, so everybody is.
                self._lowered = (asked, None)
                return True
            except BackendError as error:
                raise _unknown("Slack did not tell its user groups") from error
            members = (g.members for g in groups if g.id in self._settings.lowered_by)
            self._lowered = (asked, frozenset().union(*members))
        members_now = self._lowered[1] if self._lowered else frozenset()
        return members_now is None or user in members_now

    async def _groups(self, link: PersonSettings | None, *, fresh: bool) -> Groups | None:
        """Return the person's groups with their access; None where GitLab has not told them for too long."""
        if link is None:
            return {}
        if fresh and not self._memberships.usable:
            # Without their groups managers and auditors would pass for developers, whose changes are not theirs.
            raise _unknown("GitLab has not told its groups")
        if fresh:
            try:
                return await self._memberships.fresh(link.gitlab)
            except BackendError as error:
                raise _unknown("GitLab did not tell your groups") from error
        if not self._memberships.usable:
            return None
        return self._memberships.of(link.gitlab)

    def _compose(
        self,
        principal: SlackPrincipal,
        person: SlackPerson,
        link: PersonSettings | None,
        told: Groups | None,
        *,
        lowered: bool,
    ) -> Actor:
        groups = told or {}
        roles: dict[Role, str] = {}
        for role, setting in self._settings.roles.items():
            group = next((g for g in setting.gitlab_groups if groups.get(g, 0) >= REPORTER), None)
            if group:
                roles[role] = f"GitLab group {group}"
            elif f"{principal.team}/{principal.user}" in setting.people:
                roles[role] = "the platform's settings"
        if not roles:
            roles = {Role.DEVELOPER: "everybody in this Slack workspace"}
        if lowered:
            roles = {Role.DEVELOPER: "a Slack user group lowers rights, or cannot be read (usergroups:read)"}
        teams = {path for path, access in groups.items() if access >= DEVELOPER}
        grants = [Grant(role.words, source) for role, source in roles.items()]
        grants += [Grant(f"team {path}", f"GitLab group {path}") for path in sorted(teams)]
        if told is None:
            grants.append(Grant("no role or team from GitLab", "its groups could not be read; try again in a minute"))
        return Actor(
            principal.id,
            person.name,
            frozenset(roles),
            frozenset(teams),
            link.gitlab if link else None,
            tuple(grants),
            person.time_zone,
        )


def _refuse_outsiders(person: SlackPerson) -> None:
    if person.deactivated:
        raise denied("Your Slack account is deactivated.", hint="A workspace administrator can activate it.")
    if person.bot:
        raise denied("Apps cannot use the platform.", hint="Run the command yourself.")
    if person.stranger:
        raise denied(
            "The platform serves its own organisation only.",
            hint="Ask the person in that organisation who invited you.",
        )
    if person.guest:
        raise denied("Guests cannot use the platform.", hint="A workspace administrator can make you a full member.")
