"""The seeded organisation `acme` as a GitLab: groups, people, and as many services as wanted, always the same ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.demo.furnishing import furnish
from bot.demo.people import COLLEAGUES, PEOPLE
from bot.demo.services import GROUPS, Condition, DemoService, services, squads
from integrations.gitlab.simulator.world import (
    REPORTER,
    Contents,
    SimGroup,
    SimProject,
    SimToken,
    SimUser,
    World,
)

BOT_USERNAME = "idp-bot"
BOT_ID = 100
BOT_TOKEN = "demo-gitlab-token"  # noqa: S105 - opens the simulator only
MOST_SERVICES = 20_000
FIRST_PROJECT = 1001
_WITHOUT_FILE = ("docs", "scratch")


def gitlab_world(services_wanted: int, *, now: datetime | None = None) -> World:
    """Return acme's GitLab with that many services (1 to 20,000) and two projects that are none.

    Everything but the times is the same at every call; the times are counted back from `now`. Raises ValueError for a
    number out of range.
    """
    if not 1 <= services_wanted <= MOST_SERVICES:
        raise ValueError(f"an organisation has 1 to {MOST_SERVICES} services")
    at = now or datetime.now(UTC)
    founded = at - timedelta(days=1500)
    chosen: dict[int, DemoService] = {}
    people: list[SimUser] = []

    def contents(project: SimProject) -> Contents:
        service = chosen.get(project.id)
        if service is None:
            return Contents(files={"README.md": b"# Notes\n"})
        return furnish(service, project, people, at)

    world = World(furnish=contents)
    bot = world.add_user(SimUser(BOT_ID, BOT_USERNAME, "Internal Developer Platform"))
    world.add_token(SimToken(1, BOT_TOKEN, bot, ("read_api",), founded))
    groups = _groups(world, services_wanted, founded)
    groups["acme"].members[bot.id] = REPORTER
    people.extend(_people(world, groups))
    projects: list[SimProject] = []
    for place, service in enumerate(services(services_wanted)):
        project = SimProject(
            FIRST_PROJECT + place,
            groups[service.group],
            service.slug,
            service.title,
            founded + timedelta(hours=place % 20_000),
            at - timedelta(minutes=37 + 611 * (place % 97)),
            archived=service.condition is Condition.ARCHIVED,
            description=service.description,
        )
        chosen[project.id] = service
        projects.append(project)
    for place, slug in enumerate(_WITHOUT_FILE):
        number = FIRST_PROJECT + MOST_SERVICES + place
        projects.append(
            SimProject(number, groups["acme/platform"], slug, slug.title(), founded, at - timedelta(days=9))
        )
    world.add_projects(projects)
    return world


def _groups(world: World, services_wanted: int, founded: datetime) -> dict[str, SimGroup]:
    found: dict[str, SimGroup] = {}
    for place, (path, name) in enumerate((*GROUPS, *squads(services_wanted))):
        parent = found.get(path.rpartition("/")[0])
        found[path] = world.add_group(SimGroup(10 + place, path, name, founded, parent))
    return found


def _people(world: World, groups: dict[str, SimGroup]) -> list[SimUser]:
    """Put everybody who has a GitLab user into it; return those who work there now."""
    active: list[SimUser] = []
    for person in PEOPLE:
        if person.gitlab_id is None:
            continue
        state = "blocked" if person.deactivated else "active"
        user = world.add_user(SimUser(person.gitlab_id, person.username, person.name, state))
        for path, access in person.groups.items():
            groups[path].members[user.id] = access
        if not person.deactivated:
            active.append(user)
    for number, username, name, memberships in COLLEAGUES:
        user = world.add_user(SimUser(number, username, name))
        for path, access in memberships.items():
            groups[path].members[user.id] = access
        active.append(user)
    return active
