from __future__ import annotations

import pytest

from commands._kit.roles import MATRIX, Component, Permission, Right, Role, Verb, allows, on, who_may

ENGINEER, DEVELOPER, MANAGER, AUDITOR = Role.PLATFORM_ENGINEER, Role.DEVELOPER, Role.MANAGER, Role.AUDITOR

# The table of the architecture document, cell by cell. A platform engineer is also a developer and a user.
TABLE: dict[tuple[Component, Role], set[Verb]] = {
    (Component.PLATFORM, ENGINEER): {Verb.MAINTAIN, Verb.USE},
    (Component.PLATFORM, DEVELOPER): {Verb.USE},
    (Component.PLATFORM, MANAGER): {Verb.USE},
    (Component.PLATFORM, AUDITOR): {Verb.USE},
    (Component.EXPERIENCE, ENGINEER): {Verb.IMPROVE, Verb.FEEDBACK},
    (Component.EXPERIENCE, DEVELOPER): {Verb.FEEDBACK},
    (Component.EXPERIENCE, MANAGER): {Verb.FEEDBACK},
    (Component.EXPERIENCE, AUDITOR): {Verb.FEEDBACK},
    (Component.PROJECT, ENGINEER): {Verb.ONBOARD, Verb.FOLLOW},
    (Component.PROJECT, DEVELOPER): {Verb.FOLLOW},
    (Component.PROJECT, MANAGER): set(),
    (Component.PROJECT, AUDITOR): set(),
    (Component.CICD, ENGINEER): {Verb.OWN_TEMPLATES, Verb.CUSTOMISE},
    (Component.CICD, DEVELOPER): {Verb.CUSTOMISE},
    (Component.CICD, MANAGER): set(),
    (Component.CICD, AUDITOR): set(),
    (Component.OBSERVABILITY, ENGINEER): {Verb.TUNE, Verb.INSIGHT},
    (Component.OBSERVABILITY, DEVELOPER): {Verb.TUNE, Verb.INSIGHT},
    (Component.OBSERVABILITY, MANAGER): {Verb.INSIGHT},
    (Component.OBSERVABILITY, AUDITOR): {Verb.AUDIT, Verb.INSIGHT},
    (Component.SECURITY, ENGINEER): {Verb.HARDEN},
    (Component.SECURITY, DEVELOPER): {Verb.HARDEN},
    (Component.SECURITY, MANAGER): set(),
    (Component.SECURITY, AUDITOR): {Verb.AUDIT},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("component", Component)
def test_a_cell_of_the_matrix_opens_what_the_table_says_and_nothing_else(component: Component, role: Role) -> None:
    """For each component and role, each verb is open exactly where the table has it."""
    opened = {verb for verb in Verb if allows(MATRIX, frozenset({role}), on(component, verb))}
    assert opened == TABLE[component, role]


def test_no_role_opens_nothing() -> None:
    """Somebody without a role may do nothing."""
    every = Permission(tuple(Right(component, verb) for component in Component for verb in Verb))
    assert not allows(MATRIX, frozenset(), every)


def test_a_permission_without_rights_is_open_to_nobody() -> None:
    """A permission that was left empty by mistake opens nothing."""
    assert who_may(MATRIX, Permission(())) == ()


def test_any_right_of_a_permission_opens_it_and_who_may_tells_the_roles() -> None:
    """Rights are alternatives; a denial can name the roles."""
    permission = on(Component.SECURITY, Verb.AUDIT) | on(Component.PLATFORM, Verb.MAINTAIN)
    assert who_may(MATRIX, permission) == (ENGINEER, AUDITOR)


def test_several_roles_add_up() -> None:
    """Somebody with two roles may do what either opens."""
    roles = frozenset({MANAGER, AUDITOR})
    assert allows(MATRIX, roles, on(Component.SECURITY, Verb.AUDIT))
    assert allows(MATRIX, roles, on(Component.OBSERVABILITY, Verb.INSIGHT))
    assert not allows(MATRIX, roles, on(Component.PLATFORM, Verb.MAINTAIN))
