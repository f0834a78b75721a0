"""Who works at the seeded organisation, on the Slack side and on the GitLab side; the numbers and ids never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from commands._kit.roles import Role
from integrations.gitlab.simulator.world import DEVELOPER, MAINTAINER, OWNER, REPORTER

WORKSPACE = "T0ACME"
OUTSIDE_WORKSPACE = "T0OTHER"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person. `gitlab_id` is None where they have no GitLab user; `groups` maps a group's full path to the access
    level given there; `linked` is whether the settings connect the Slack person with the GitLab user.
    """

    name: str
    username: str
    slack_id: str
    title: str
    gitlab_id: int | None = None
    roles: frozenset[Role] = frozenset()
    groups: Mapping[str, int] = field(default_factory=dict)
    linked: bool = False
    guest: bool = False
    outsider: bool = False
    deactivated: bool = False
    workspace: str = WORKSPACE
    time_zone: str = "Europe/Berlin"


PEOPLE = (
    DemoPerson(
        "Alice Andersson",
        "alice",
        "U0ALICE",
        "Developer, Payments",
        101,
        frozenset({Role.DEVELOPER}),
        {"acme/payments": DEVELOPER},
        linked=True,
    ),
    DemoPerson(
        "Bob Brandt",
        "bob",
        "U0BOB",
        "Developer, Storefront",
        102,
        frozenset({Role.DEVELOPER}),
        {"acme/storefront": DEVELOPER},
        linked=True,
        time_zone="America/New_York",
    ),
    DemoPerson(
        "Petra Petrova",
        "petra",
        "U0PETRA",
        "Platform engineer",
        103,
        frozenset({Role.PLATFORM_ENGINEER}),
        {"acme/platform": OWNER},
        linked=True,
    ),
    DemoPerson(
        "Mona Meier",
        "mona",
        "U0MONA",
        "Engineering manager",
        104,
        frozenset({Role.MANAGER}),
        {"acme/management": REPORTER},
        linked=True,
    ),
    DemoPerson(
        "Audrey Abara",
        "audrey",
        "U0AUDREY",
        "Auditor",
        105,
        frozenset({Role.AUDITOR}),
        {"acme/compliance": REPORTER},
        linked=True,
        time_zone="Europe/London",
    ),
    DemoPerson("Gus Garcia", "gus", "U0GUS", "Contractor (guest)", guest=True),
    DemoPerson("Olaf Olsen", "olaf", "U0OLAF", "Partner company", outsider=True, workspace=OUTSIDE_WORKSPACE),
    DemoPerson(
        "Dora Dvorak",
        "dora",
        "U0DORA",
        "Left the company",
        106,
        frozenset({Role.DEVELOPER}),
        {"acme/logistics": DEVELOPER},
        linked=True,
        deactivated=True,
    ),
    DemoPerson(
        "Nina Novak",
        "nina",
        "U0NINA",
        "New developer, Logistics",
        107,
        groups={"acme/logistics": DEVELOPER},
    ),
)

# People who are in GitLab only; they open merge requests and deploy.
COLLEAGUES: tuple[tuple[int, str, str, Mapping[str, int]], ...] = (
    (111, "chen", "Chen Wei", {"acme/data": MAINTAINER}),
    (112, "ines", "Inês Duarte", {"acme/storefront": MAINTAINER}),
    (113, "tomasz", "Tomasz Wójcik", {"acme/payments": MAINTAINER}),
    (114, "yara", "Yara Haddad", {"acme/logistics": MAINTAINER}),
)


def person(username: str) -> DemoPerson:
    """Return a person by their short name. Raises KeyError where there is none."""
    return {each.username: each for each in PEOPLE}[username]
