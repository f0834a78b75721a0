"""Who may do what: the product's permission matrix, as data.

`MATRIX` is the table that the README prints. An operator may replace cells in the settings file. Nothing else in the
code compares roles, but for `Actor.owns`: platform engineers own every service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    PLATFORM_ENGINEER = "platform_engineer"
    DEVELOPER = "developer"
    MANAGER = "manager"
    AUDITOR = "auditor"

    @property
    def words(self) -> str:
        """The role as people say it."""
        return self.value.replace("_", " ")


class Component(StrEnum):
    PLATFORM = "platform"
    EXPERIENCE = "developer experience"
    PROJECT = "new project"
    CICD = "ci/cd"
    OBSERVABILITY = "observability"
    SECURITY = "security"


class Verb(StrEnum):
    USE = "use"
    MAINTAIN = "maintain"
    FEEDBACK = "give feedback"
    IMPROVE = "improve"
    ONBOARD = "onboard"
    FOLLOW = "follow"
    CUSTOMISE = "customise"
    OWN_TEMPLATES = "own templates"
    INSIGHT = "get insights"
    TUNE = "tune"
    AUDIT = "audit"
    HARDEN = "harden"


Matrix = Mapping[Component, Mapping[Role, frozenset[Verb]]]


def _row(
    engineer: tuple[Verb, ...], developer: tuple[Verb, ...], manager: tuple[Verb, ...], auditor: tuple[Verb, ...]
) -> Mapping[Role, frozenset[Verb]]:
    """A row of the matrix. A platform engineer is also a developer, so has the developer's verbs too."""
    return {
        Role.PLATFORM_ENGINEER: frozenset(engineer) | frozenset(developer),
        Role.DEVELOPER: frozenset(developer),
        Role.MANAGER: frozenset(manager),
        Role.AUDITOR: frozenset(auditor),
    }


MATRIX: Matrix = {
    Component.PLATFORM: _row((Verb.MAINTAIN,), (Verb.USE,), (Verb.USE,), (Verb.USE,)),
    Component.EXPERIENCE: _row((Verb.IMPROVE,), (Verb.FEEDBACK,), (Verb.FEEDBACK,), (Verb.FEEDBACK,)),
    Component.PROJECT: _row((Verb.ONBOARD,), (Verb.FOLLOW,), (), ()),
    Component.CICD: _row((Verb.OWN_TEMPLATES,), (Verb.CUSTOMISE,), (), ()),
    Component.OBSERVABILITY: _row(
        (Verb.TUNE, Verb.INSIGHT), (Verb.TUNE, Verb.INSIGHT), (Verb.INSIGHT,), (Verb.AUDIT, Verb.INSIGHT)
    ),
    Component.SECURITY: _row((Verb.HARDEN,), (Verb.HARDEN,), (), (Verb.AUDIT,)),
}


@dataclass(frozen=True, slots=True)
class Right:
    """One cell's verb that opens a command."""

    component: Component
    verb: Verb

    @property
    def words(self) -> str:
        return f"{self.verb.value} · {self.component.value}"


@dataclass(frozen=True, slots=True)
class Permission:
    """Any one of `rights` opens the command. With `owns`, the request field of that name must name a service that one
    of the person's teams owns (platform engineers, who maintain the platform, own every service).
    """

    rights: tuple[Right, ...]
    owns: str = ""

    def __or__(self, other: Permission) -> Permission:
        return Permission(self.rights + other.rights, self.owns or other.owns)


def on(component: Component, verb: Verb, *, owns: str = "") -> Permission:
    """Return the permission that one cell of the matrix gives."""
    return Permission((Right(component, verb),), owns)


def allows(matrix: Matrix, roles: frozenset[Role], permission: Permission) -> bool:
    """Return whether any of the roles has any of the rights; ownership is looked at elsewhere, by the request."""
    return any(right.verb in matrix[right.component][role] for role in roles for right in permission.rights)


def who_may(matrix: Matrix, permission: Permission) -> tuple[Role, ...]:
    """Return the roles that the permission is open to, for a denial that says who could."""
    return tuple(role for role in Role if allows(matrix, frozenset({role}), permission))
