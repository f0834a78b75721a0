"""What the client makes of a GitLab that fails, slows down, or answers nonsense."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.demo.organisation import BOT_TOKEN, FIRST_PROJECT
from integrations.errors import BackendError, Denied, Invalid, Unauthenticated, Unavailable
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.simulator import GitLabSimulator
from tests.integrations.gitlab.targets import FILE, settings_for

Question = Callable[[GitLabClient], Awaitable[object]]


async def catalogue(gitlab: GitLabClient) -> object:
    return [page async for page in gitlab.project_files(FILE)]


QUESTIONS: dict[str, Question] = {
    "probe": lambda gitlab: gitlab.probe(),
    "project_files": catalogue,
    "project_ids": lambda gitlab: gitlab.project_ids(),
    "releases": lambda gitlab: gitlab.releases(FIRST_PROJECT),
    "environments": lambda gitlab: gitlab.environments(FIRST_PROJECT),
    "deployments": lambda gitlab: gitlab.deployments(FIRST_PROJECT),
    "pipelines": lambda gitlab: gitlab.pipelines(FIRST_PROJECT),
    "merge_requests": lambda gitlab: gitlab.merge_requests(FIRST_PROJECT),
    "groups": lambda gitlab: gitlab.groups(),
    "members": lambda gitlab: gitlab.members("acme/payments"),
}
FAULTS: dict[str, tuple[str, dict[str, Any], type[BackendError]]] = {
    "500": ("500", {}, Unavailable),
    "429": ("429", {"retry_after": 7}, Unavailable),
    "401": ("401", {}, Unauthenticated),
    "403": ("403", {}, Denied),
    "drop": ("drop", {}, Unavailable),
    "truncate": ("truncate", {}, Unavailable),
    "truncate, with a fitting length": ("truncate", {"honest": True}, Unavailable),
    "a proxy's page": ("html", {"status": 200}, Unavailable),
    "a proxy's error": ("html", {"status": 502}, Unavailable),
    "redirect": ("redirect", {"location": "http://127.0.0.1:1/elsewhere"}, Invalid),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_for_every_question(
    simulator: GitLabSimulator, client: GitLabClient, question: str, fault: str
) -> None:
    """Each fault becomes its one kind of error, whatever was asked, and never shows the token."""
    kind, options, expected = FAULTS[fault]
    simulator.faults.set_fault(kind, **options)
    with pytest.raises(expected) as caught:
        await QUESTIONS[question](client)
    assert BOT_TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_wait_is_told(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """A 429 carries the seconds that GitLab asks for."""
    simulator.faults.set_fault("429", retry_after=7)
    with pytest.raises(Unavailable) as caught:
        await client.groups()
    assert caught.value.retry_after == 7


async def test_pause_holds_for_everybody(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """After a 429 whose wait is longer than a call's deadline, other calls fail at once without asking GitLab."""
    simulator.faults.set_fault("429", retry_after=60, count=1)
    with pytest.raises(Unavailable):
        await client.groups()
    sent = simulator.log.total
    with pytest.raises(Unavailable) as caught:
        await client.releases(FIRST_PROJECT)
    assert simulator.log.total == sent
    assert caught.value.retry_after == pytest.approx(60, abs=2)


async def test_reads_are_tried_again(simulator: GitLabSimulator) -> None:
    """A read survives as many passing faults as there are further attempts."""
    client = GitLabClient(settings_for(simulator.url, attempts=3))
    simulator.faults.set_fault("500", count=1)
    simulator.faults.set_fault("drop", count=1, path="/api/v4/groups/")
    assert await client.members("acme/payments")
    await client.close()


async def test_refusals_are_not_tried_again(simulator: GitLabSimulator) -> None:
    """What GitLab refuses for good is asked once."""
    client = GitLabClient(settings_for(simulator.url, attempts=3))
    simulator.faults.set_fault("403")
    with pytest.raises(Denied):
        await client.releases(FIRST_PROJECT)
    assert simulator.log.total == 1
    await client.close()


async def test_deadline(simulator: GitLabSimulator) -> None:
    """A GitLab that is slower than the deadline is Unavailable when the deadline is over, not when it answers."""
    client = GitLabClient(settings_for(simulator.url, deadline=0.2))
    simulator.faults.set_fault("delay", seconds=30)
    started = asyncio.get_running_loop().time()
    with pytest.raises(Unavailable):
        await client.releases(FIRST_PROJECT)
    assert asyncio.get_running_loop().time() - started < 2
    await client.close()


async def test_one_slow_part_does_not_hold_up_others(simulator: GitLabSimulator) -> None:
    """A fault on one address leaves the others as they are."""
    client = GitLabClient(settings_for(simulator.url, deadline=0.3))
    simulator.faults.set_fault("delay", seconds=30, path=f"/api/v4/projects/{FIRST_PROJECT}/releases")
    slow, fast = await asyncio.gather(
        client.releases(FIRST_PROJECT), client.deployments(FIRST_PROJECT), return_exceptions=True
    )
    assert isinstance(slow, Unavailable)
    assert isinstance(fast, tuple)
    await client.close()


async def test_nobody_listens() -> None:
    """A GitLab that is down is Unavailable, in words."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    client = GitLabClient(settings_for(f"http://127.0.0.1:{port}"))
    with pytest.raises(Unavailable, match="cannot be reached: no connection"):
        await client.probe()
    await client.close()


async def test_failure_in_the_middle_of_the_catalogue(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """A failing page ends the catalogue's read with its error, and nothing is sent afterwards."""
    simulator.faults.set_fault("500", path="/api/graphql")
    with pytest.raises(Unavailable):
        await catalogue(client)
    sent = simulator.log.total
    await asyncio.sleep(0)
    assert simulator.log.total == sent


async def test_missing_scope(simulator: GitLabSimulator) -> None:
    """A token without the scope is Denied, and the error names the scopes that would do."""
    token = simulator.world.tokens[BOT_TOKEN]
    token.scopes = ("read_user",)
    client = GitLabClient(settings_for(simulator.url))
    with pytest.raises(Denied) as caught:
        await client.groups()
    assert caught.value.rights == ("api", "read_api")
    with pytest.raises(Denied) as probed:
        await client.probe()
    assert "read_api" in probed.value.rights
    await client.close()


async def test_missing_role(simulator: GitLabSimulator, client: GitLabClient) -> None:
    """A bot that is only a guest is Denied what needs Reporter, and the error says so."""
    world = simulator.world
    group = world.group_at("acme")
    assert group is not None
    world.set_member(group, world.tokens[BOT_TOKEN].user, 10)
    with pytest.raises(Denied) as caught:
        await client.pipelines(FIRST_PROJECT)
    assert caught.value.rights == ("the Reporter role",)


async def test_the_token_is_not_logged(
    simulator: GitLabSimulator, client: GitLabClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing that is logged on the way, down to the debug level, has the token in it."""
    with caplog.at_level(logging.DEBUG):
        await client.probe()
        simulator.faults.set_fault("401")
        with pytest.raises(Unauthenticated):
            await client.groups()
    assert BOT_TOKEN not in caplog.text
