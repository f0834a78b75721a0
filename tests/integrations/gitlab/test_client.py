"""How the client sends: bounds, threads, tokens, what it tells metrics, and how many calls the catalogue takes."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import aiohttp
import pytest
import structlog

from bot.demo.organisation import BOT_TOKEN, FIRST_PROJECT, gitlab_world
from integrations.errors import Unauthenticated
from integrations.gitlab import ProjectFile
from integrations.gitlab.client import THREADS, GitLabClient
from integrations.gitlab.settings import GitLabSettings
from integrations.gitlab.simulator import GitLabSimulator
from integrations.gitlab.simulator.schema import MOST_COMPLEX
from integrations.gitlab.simulator.world import SimPipeline
from tests.integrations.gitlab.targets import FILE, NOW, settings_for


async def files(client: GitLabClient) -> dict[int, ProjectFile]:
    return {file.project.id: file async for page in client.project_files(FILE) for file in page}


async def test_observed(simulator: GitLabSimulator) -> None:
    """Each request is observed once, with the operation's name and how it ended, retries included."""
    seen: list[tuple[str, str]] = []
    client = GitLabClient(
        settings_for(simulator.url, attempts=2), observe=lambda operation, _, outcome: seen.append((operation, outcome))
    )
    simulator.faults.set_fault("500", count=1)
    await client.releases(FIRST_PROJECT)
    assert seen == [("releases", "Unavailable"), ("releases", "ok")]
    await client.close()


async def test_request_id_is_passed_on(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """The request id of the log goes along to GitLab, and each call has its own."""
    with structlog.contextvars.bound_contextvars(request_id="r-42"):
        await client.releases(FIRST_PROJECT)
    await client.releases(FIRST_PROJECT)
    assert [entry.request_id for entry in simulator.log.entries] == ["r-42", ""]


async def test_threads_are_bounded(client: GitLabClient) -> None:
    """However many questions come at once, there are at most eight threads."""
    await asyncio.gather(*(client.releases(FIRST_PROJECT + place) for place in range(40)))
    assert sum(thread.name.startswith("gitlab") for thread in threading.enumerate()) <= THREADS


async def test_large_file(client: GitLabClient) -> None:
    """A file of more than 64 KiB comes without its text and marked."""
    found = await files(client)
    [large] = [file for file in found.values() if file.too_large]
    assert large.text is None
    assert large.project.path == "acme/data/model-store"


async def test_huge_files(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """Files that together exceed what one answer may be do not hide the small ones beside them."""
    world = simulator.world
    for project in list(world.projects.values())[:3]:
        world.contents(project).files[FILE] = b"x" * 8_000_000
    found = await files(client)
    assert {file.too_large for file in list(found.values())[:3]} == {True}
    assert "kind: Component" in (found[FIRST_PROJECT + 3].text or "")
    assert len(found) == len(world.projects)


async def test_archived_projects_come_marked(client: GitLabClient) -> None:
    """An archived project's file comes, and says that the project is archived."""
    archived = [file.project.path for file in (await files(client)).values() if file.project.archived]
    assert archived == ["acme/storefront/legacy-shop"]


async def test_project_without_the_file(client: GitLabClient) -> None:
    """A project without the file has no text, and is not too large."""
    [plain] = [file for file in (await files(client)).values() if file.project.path == "acme/platform/docs"]
    assert (plain.text, plain.too_large) == (None, False)


async def test_binary_file(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """A file that is no text comes as an empty one."""
    simulator.world.contents(simulator.world.projects[FIRST_PROJECT]).files[FILE] = b"\0\1\2"
    assert (await files(client))[FIRST_PROJECT].text == ""


async def test_project_in_no_group_of_the_bot(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """Projects that the bot is no member of are left out, though everybody may see them."""
    world = simulator.world
    group = world.group_at("acme/data")
    assert group is not None
    group.parent = None
    for project in world.projects.values():
        project.visibility = "public"
    world.add_projects([])
    assert "acme/data" not in {file.project.group for file in (await files(client)).values()}
    assert "acme/data" not in {each.path for each in await client.groups()}
    everything = GitLabClient(settings_for(simulator.url, membership=False))
    assert "acme/data" in {file.project.group for file in (await files(everything)).values()}
    await everything.close()


async def test_abandoned_walk() -> None:
    """Whoever stops reading the catalogue stops its calls."""
    server = GitLabSimulator(gitlab_world(2000, now=NOW))
    await server.start()
    client = GitLabClient(settings_for(server.url))
    pages = client.project_files(FILE)
    await anext(pages)
    await pages.aclose()  # type: ignore[attr-defined] # the port's iterator is a generator
    assert server.log.total < 20
    assert len(asyncio.all_tasks()) < 10
    await client.close()
    await server.stop()


async def test_twenty_thousand_services() -> None:
    """20,000 services take about four hundred calls, several at a time, none of which GitLab finds too complex."""
    server = GitLabSimulator(gitlab_world(20_000, now=NOW))
    await server.start()
    client = GitLabClient(settings_for(server.url))
    found = [file async for page in client.project_files(FILE) for file in page]
    assert len(found) == 20_002
    assert server.log.total <= 405
    assert max(server.complexities) < MOST_COMPLEX / 2
    await client.close()
    await server.stop()


async def test_many_pages_of_members(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """Lists longer than a page come whole."""
    world = simulator.world
    group = world.group_at("acme/data")
    assert group is not None
    person = world.users[101]
    for number in range(1000, 1250):
        world.add_user(type(person)(number, f"user{number}", f"User {number}"))
        group.members[number] = 30
    assert len(await client.members("acme/data")) == 250 + 2


async def test_newer_pipelines_of_other_branches_do_not_count(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """The last pipeline of the default branch is not the last one of all."""
    contents = simulator.world.contents(simulator.world.projects[FIRST_PROJECT])
    last = contents.pipelines[0]
    contents.pipelines.append(SimPipeline(last.id + 1, 99, "feature", last.sha, "failed", NOW, NOW))
    [found] = await client.pipelines(FIRST_PROJECT)
    assert found.id == last.id


async def test_pipelines_with_a_ref_take_one_call(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """With the branch given, no call goes to learn it."""
    await client.pipelines(FIRST_PROJECT, ref="main")
    assert simulator.log.total == 1


async def test_empty_repository(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """A project without a default branch has no pipelines, and no file."""
    simulator.world.projects[FIRST_PROJECT].default_branch = ""
    assert await client.pipelines(FIRST_PROJECT) == ()


async def test_deactivated_member(client: GitLabClient) -> None:
    """A blocked person is in the list, and not active."""
    active = {member.username: member.active for member in await client.members("acme/logistics")}
    assert active["dora"] is False
    assert active["nina"] is True


async def test_replaced_token_file(simulator: GitLabSimulator, tmp_path: Path) -> None:
    """A token that was replaced in its file is used after the old one was refused, without a restart."""
    path = tmp_path / "token"
    path.write_text("an-old-one\n", encoding="utf-8")
    settings = GitLabSettings(url=simulator.url, token_file=path, requests_per_second=0, attempts=1)
    client = GitLabClient(settings)
    with pytest.raises(Unauthenticated):
        await client.groups()
    path.write_text(f"{BOT_TOKEN}\n", encoding="utf-8")
    assert await client.groups()
    await client.close()


async def test_refusals_do_not_pile_up_connections(simulator: GitLabSimulator) -> None:
    """However often GitLab refuses the token, there is one connection for each thread at most."""
    client = GitLabClient(settings_for(simulator.url, "wrong"))
    for _ in range(4):
        answers = await asyncio.gather(*(client.groups() for _ in range(16)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {Unauthenticated}
    assert len(client._opened) <= THREADS
    await client.close()


async def test_missing_token_file(simulator: GitLabSimulator, tmp_path: Path) -> None:
    """A token file that is not there is said to be the fault, not GitLab."""
    settings = GitLabSettings(url=simulator.url, token_file=tmp_path / "none", attempts=1)
    client = GitLabClient(settings)
    with pytest.raises(Unauthenticated, match="cannot be read"):
        await client.groups()
    await client.close()


async def test_links_that_no_browser_should_follow(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """An environment's address that is no web address is not passed on."""
    contents = simulator.world.contents(simulator.world.projects[FIRST_PROJECT])
    contents.environments[0].external_url = "javascript:alert(1)"
    found = {environment.name: environment for environment in await client.environments(FIRST_PROJECT)}
    assert found["dev"].external_url is None
    assert found["production"].external_url == "https://payments-api.acme.example"


async def test_strange_names_pass_through(client: GitLabClient) -> None:
    """Emoji, right-to-left text and what looks like markup arrive as they are."""
    names = {file.project.name for file in (await files(client)).values()}
    assert {"🎉 Confetti 🎊", "בדיקת כתובות", "*Mailer* _with_ `markup`"} <= names


async def test_closed_client(simulator: GitLabSimulator) -> None:
    """A closed client holds no connection to GitLab."""
    client = GitLabClient(settings_for(simulator.url))
    await client.groups()
    await client.close()
    assert not client._opened


async def test_links_lead_to_the_simulator(client: GitLabClient) -> None:
    """A link from the simulated GitLab opens a page that says what would be there."""
    [release] = await client.releases(FIRST_PROJECT)
    async with aiohttp.ClientSession() as session, session.get(release.web_url) as page:
        assert page.status == 200
        assert release.tag in await page.text()
