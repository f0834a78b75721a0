"""The refresh against the simulated GitLab and the real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.catalogue.refresh import CATALOGUE_FILE, CatalogueRefresh
from bot.demo.organisation import BOT_TOKEN, FIRST_PROJECT, gitlab_world
from integrations.errors import Unavailable
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.simulator import GitLabSimulator
from integrations.gitlab.simulator.world import SimProject
from integrations.store import Service, ServiceQuery, Store
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests.integrations.gitlab.targets import NOW, settings_for

SERVICES = 120
# Of the forty written services: one archived project, three unusable files, one name that is taken.
LESS = 5


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def simulator() -> AsyncIterator[GitLabSimulator]:
    server = GitLabSimulator(gitlab_world(SERVICES, now=NOW))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    opened = await open_store(StoreSettings(data_dir=tmp_path / "data", reserve_mib=0), key=b"k" * 32, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
async def gitlab(simulator: GitLabSimulator) -> AsyncIterator[GitLabClient]:
    client = GitLabClient(settings_for(simulator.url))
    yield client
    await client.close()


@pytest.fixture
def refresh(gitlab: GitLabClient, store: Store, clock: Clock) -> CatalogueRefresh:
    return CatalogueRefresh(gitlab, store.catalogue, clock)


async def names(store: Store) -> set[str]:
    return {service.name for service in (await store.catalogue.search(ServiceQuery(limit=1000))).items}


def project(simulator: GitLabSimulator, slug: str) -> SimProject:
    return next(each for each in simulator.world.projects.values() if each.slug == slug)


def describe(simulator: GitLabSimulator, slug: str, text: str | None, at: datetime) -> None:
    """Change or remove a project's file, with the activity that a push leaves."""
    changed = project(simulator, slug)
    files = simulator.world.contents(changed).files
    files.pop(CATALOGUE_FILE, None)
    if text is not None:
        files[CATALOGUE_FILE] = text.encode()
    simulator.world.touch(changed, at)


def component(name: str) -> str:
    head = "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
    return f"{head}metadata: {{name: {name}}}\nspec: {{type: service, lifecycle: production}}\n"


async def test_first_refresh_is_full(refresh: CatalogueRefresh, store: Store) -> None:
    """The first refresh reads every project, and reports what it found."""
    report = await refresh.run()
    assert report.full
    assert (report.projects, report.services, report.problems, report.dropped) == (SERVICES + 2, SERVICES - LESS, 4, 0)
    assert (await store.catalogue.search(ServiceQuery())).total == SERVICES - LESS
    assert await store.catalogue.refreshed_at() == NOW


async def test_problems_are_kept_for_their_owners(refresh: CatalogueRefresh, store: Store) -> None:
    """Each unusable file is a problem of its project's group."""
    await refresh.run()
    found = {problem.path: problem.message for problem in await store.catalogue.problems()}
    assert set(found) == {
        "acme/storefront/newsletter",
        "acme/data/schema-registry",
        "acme/data/model-store",
        "acme/logistics/tracking-v2",
    }
    assert {p.team for p in await store.catalogue.problems(teams=frozenset({"acme/data"}))} == {"acme/data"}


async def test_the_older_project_has_the_name(refresh: CatalogueRefresh, store: Store) -> None:
    """Of two projects that claim one name, the older one has it."""
    await refresh.run()
    tracking = await store.catalogue.service("tracking")
    assert tracking is not None
    assert tracking.path == "acme/logistics/tracking"


async def test_archived_projects_are_no_services(refresh: CatalogueRefresh, store: Store) -> None:
    """An archived project is not in the catalogue."""
    await refresh.run()
    assert "legacy-shop" not in await names(store)


async def test_second_refresh_reads_what_changed(
    refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator, clock: Clock
) -> None:
    """A later refresh reads only projects with activity since a little before the last one."""
    for each in simulator.world.projects.values():
        each.last_activity_at = NOW - timedelta(days=1)
    await refresh.run()
    clock.now = NOW + timedelta(hours=2)
    describe(simulator, "cart", component("basket"), NOW + timedelta(hours=1))
    report = await refresh.run()
    assert (report.full, report.projects, report.services) == (False, 1, 1)
    assert {"basket"} == await names(store) & {"cart", "basket"}
    assert await store.catalogue.refreshed_at() == clock.now


async def test_activity_that_gitlab_notes_late(
    refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator, clock: Clock
) -> None:
    """A change is seen though GitLab notes activity only once an hour, so that its time is before the last refresh."""
    await refresh.run()
    clock.now = NOW + timedelta(minutes=2)
    describe(simulator, "cart", component("basket"), NOW - timedelta(minutes=59))
    await refresh.run()
    assert "basket" in await names(store)


async def test_removed_file(refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator, clock: Clock) -> None:
    """A service whose file was removed is dropped by the next refresh, full or not."""
    await refresh.run()
    describe(simulator, "cart", None, NOW)
    clock.now = NOW + timedelta(minutes=2)
    assert (await refresh.run()).dropped == 1
    assert "cart" not in await names(store)


async def test_archived_later(refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator) -> None:
    """A project that was archived or deleted, which leaves no activity, is dropped by the next full refresh."""
    await refresh.run()
    project(simulator, "cart").archived = True
    simulator.world.remove_project(project(simulator, "search").id)
    report = await refresh.run(full=True)
    assert report.dropped == 2
    assert not {"cart", "search"} & await names(store)


async def test_broken_later(refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator, clock: Clock) -> None:
    """A file that breaks leaves its service where it was, with the problem on it; repaired, the problem is gone."""
    await refresh.run()
    describe(simulator, "cart", "a: [", NOW)
    clock.now = NOW + timedelta(minutes=2)
    await refresh.run()
    kept = await store.catalogue.service("cart")
    assert kept is not None
    assert kept.problems
    assert "acme/storefront/cart" in {problem.path for problem in await store.catalogue.problems()}
    describe(simulator, "cart", component("cart"), NOW + timedelta(minutes=3))
    clock.now = NOW + timedelta(minutes=4)
    await refresh.run()
    repaired = await store.catalogue.service("cart")
    assert repaired is not None
    assert not repaired.problems
    assert "acme/storefront/cart" not in {problem.path for problem in await store.catalogue.problems()}


async def test_a_newcomer_does_not_take_a_name(
    refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator, clock: Clock
) -> None:
    """A project that claims a name later, even an older one, leaves it with whoever has it."""
    await refresh.run()
    describe(simulator, "payments-api", component("cart"), NOW)
    clock.now = NOW + timedelta(minutes=2)
    report = await refresh.run()
    assert report.problems >= 1
    cart = await store.catalogue.service("cart")
    assert cart is not None
    assert cart.path == "acme/storefront/cart"


async def test_a_free_name_goes_to_whoever_asked(
    refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator
) -> None:
    """When the holder of a name is gone, the same full refresh gives it to the project that claims it too."""
    await refresh.run()
    simulator.world.remove_project(project(simulator, "tracking").id)
    report = await refresh.run(full=True)
    tracking = await store.catalogue.service("tracking")
    assert tracking is not None
    assert tracking.path == "acme/logistics/tracking-v2"
    assert (report.services, report.problems) == (SERVICES - LESS, 3)


async def test_failure_half_way(
    refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator, clock: Clock
) -> None:
    """A refresh that fails half-way loses nothing, remembers no success, and the next one completes."""
    await refresh.run()
    before = await names(store)
    simulator.world.remove_project(project(simulator, "cart").id)
    clock.now = NOW + timedelta(hours=1)
    # The second page of the list is the one that fails.
    simulator.faults.set_fault("500", path="/api/graphql", count=1)
    with pytest.raises(Unavailable):
        await refresh.run(full=True)
    assert await names(store) == before
    assert await store.catalogue.refreshed_at() == NOW
    await refresh.run(full=True)
    assert await names(store) == before - {"cart"}


async def test_one_refresh_at_a_time(refresh: CatalogueRefresh) -> None:
    """Two refreshes at once run one after the other; the second only looks for changes."""
    first, second = await asyncio.gather(refresh.run(), refresh.run())
    assert (first.full, second.full) == (True, False)
    assert not refresh.running


async def test_a_blind_token_does_not_empty_the_catalogue(
    refresh: CatalogueRefresh, store: Store, simulator: GitLabSimulator
) -> None:
    """When GitLab suddenly shows no project at all, the catalogue stays and the fault is said."""
    await refresh.run()
    group = simulator.world.group_at("acme")
    assert group is not None
    simulator.world.set_member(group, simulator.world.tokens[BOT_TOKEN].user, 0)
    with pytest.raises(Unavailable, match="no project any more"):
        await refresh.run(full=True)
    assert len(await names(store)) == SERVICES - LESS


async def test_an_empty_gitlab_is_fine_at_first(store: Store, clock: Clock) -> None:
    """A GitLab without any project gives an empty catalogue."""
    world = gitlab_world(1, now=NOW)
    for number in list(world.projects):
        world.remove_project(number)
    server = GitLabSimulator(world)
    await server.start()
    client = GitLabClient(settings_for(server.url))
    report = await CatalogueRefresh(client, store.catalogue, clock).run()
    assert (report.projects, report.services) == (0, 0)
    await client.close()
    await server.stop()


async def test_another_file(gitlab: GitLabClient, store: Store, clock: Clock, simulator: GitLabSimulator) -> None:
    """The file's name is a setting."""
    contents = simulator.world.contents(simulator.world.projects[FIRST_PROJECT])
    contents.files[".idp.yaml"] = component("other").encode()
    await CatalogueRefresh(gitlab, store.catalogue, clock, file=".idp.yaml").run()
    assert await names(store) == {"other"}


async def test_services_are_what_projects_say(refresh: CatalogueRefresh, store: Store) -> None:
    """A refreshed service has its project's team, link and branch."""
    await refresh.run()
    service = await store.catalogue.service("payments-api")
    assert isinstance(service, Service)
    assert (service.team, service.default_branch, service.project_id) == ("acme/payments", "main", FIRST_PROJECT)
