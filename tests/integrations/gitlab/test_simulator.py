"""The simulated REST API refuses what GitLab refuses, with GitLab's status and body."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.demo.organisation import BOT_TOKEN, FIRST_PROJECT, gitlab_world
from integrations.gitlab.simulator import GitLabSimulator
from integrations.gitlab.simulator.faults import Faults
from tests.integrations.gitlab.targets import NOW


async def get(http: aiohttp.ClientSession, path: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
    async with http.get(f"/api/v4{path}", headers=headers) as answer:
        return answer.status, await answer.json(), dict(answer.headers)


async def test_no_token(simulator: GitLabSimulator) -> None:
    """Without a token the answer is GitLab's 401."""
    async with aiohttp.ClientSession(simulator.url) as http:
        assert (await get(http, "/projects"))[:2] == (401, {"message": "401 Unauthorized"})


@pytest.mark.parametrize(("changed", "text"), [({"revoked": True}, "revoked"), ({"expires_at": NOW}, "expired")])
async def test_dead_token(
    http: aiohttp.ClientSession, simulator: GitLabSimulator, changed: dict[str, Any], text: str
) -> None:
    """A revoked or expired token is refused with the reason, in the OAuth form."""
    for name, value in changed.items():
        setattr(simulator.world.tokens[BOT_TOKEN], name, value)
    status, body, headers = await get(http, "/user")
    assert (status, body["error"]) == (401, "invalid_token")
    assert text in body["error_description"]
    assert "WWW-Authenticate" in headers


async def test_blocked_owner(http: aiohttp.ClientSession, simulator: GitLabSimulator) -> None:
    """A blocked user's token is forbidden everything."""
    simulator.world.tokens[BOT_TOKEN].user.state = "blocked"
    assert (await get(http, "/user"))[0] == 403


async def test_scope(http: aiohttp.ClientSession, simulator: GitLabSimulator) -> None:
    """A token without the scope is told which scopes would do; its own description it may read."""
    simulator.world.tokens[BOT_TOKEN].scopes = ("read_user",)
    status, body, _ = await get(http, "/projects")
    assert (status, body["error"], body["scope"]) == (403, "insufficient_scope", "api read_api")
    assert (await get(http, "/personal_access_tokens/self"))[1]["scopes"] == ["read_user"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/projects/99", {"message": "404 Project Not Found"}),
        ("/projects/acme%2Fnothing", {"message": "404 Project Not Found"}),
        ("/projects/99/pipelines", {"message": "404 Project Not Found"}),
        ("/groups/acme%2Fnothing/members/all", {"message": "404 Group Not Found"}),
        (f"/projects/{FIRST_PROJECT}/repository/files/none/raw", {"message": "404 File Not Found"}),
        ("/no/such/address", {"error": "404 Not Found"}),
        ("/projects/1/2/3", {"error": "404 Not Found"}),
    ],
)
async def test_not_there(http: aiohttp.ClientSession, path: str, body: dict[str, str]) -> None:
    """What is not there, or is no address, is 404 in GitLab's words."""
    assert (await get(http, path))[:2] == (404, body)


async def test_hidden_project(http: aiohttp.ClientSession, simulator: GitLabSimulator) -> None:
    """A private project of others looks as if it were not there."""
    group = simulator.world.group_at("acme/data")
    assert group is not None
    group.parent = None
    hidden = next(p for p in simulator.world.projects.values() if p.group is group)
    assert (await get(http, f"/projects/{hidden.id}"))[0] == 404


async def test_by_path(http: aiohttp.ClientSession) -> None:
    """A project may be named by its encoded path."""
    assert (await get(http, "/projects/acme%2Fpayments%2Fpayments-api"))[1]["id"] == FIRST_PROJECT


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("order_by=owner", "order_by does not have a valid value"),
        ("sort=up", "sort does not have a valid value"),
        ("per_page=many", "per_page is invalid"),
        ("id_after=x", "id_after is invalid"),
        ("last_activity_after=yesterday", "last_activity_after is invalid"),
        ("min_access_level=35", "min_access_level does not have a valid value"),
        ("archived=perhaps", "archived is invalid"),
    ],
)
async def test_wrong_parameter(http: aiohttp.ClientSession, query: str, error: str) -> None:
    """A parameter that does not fit is a 400 that names it."""
    assert (await get(http, f"/projects?{query}"))[:2] == (400, {"error": error})


async def test_unknown_parameter(http: aiohttp.ClientSession) -> None:
    """Parameters that GitLab does not know are ignored, as GitLab does."""
    assert (await get(http, "/projects?nonsense=1"))[0] == 200


async def test_offset_pages(http: aiohttp.ClientSession) -> None:
    """Offset pagination counts, and leads to the next, first and last page."""
    status, items, headers = await get(http, "/projects?membership=true&per_page=10&page=2")
    assert (status, len(items)) == (200, 10)
    assert (headers["X-Total"], headers["X-Total-Pages"], headers["X-Next-Page"]) == ("42", "5", "3")
    assert set(re.findall(r'rel="(\w+)"', headers["Link"])) == {"prev", "next", "first", "last"}


async def test_large_pages_are_cut(http: aiohttp.ClientSession) -> None:
    """A page never has more than a hundred items, however many were asked for."""
    assert (await get(http, "/projects?per_page=1000"))[2]["X-Per-Page"] == "100"


async def test_no_counting_beyond_ten_thousand() -> None:
    """Beyond 10,000 items GitLab does not count them."""
    server = GitLabSimulator(gitlab_world(11_000, now=NOW))
    await server.start()
    async with aiohttp.ClientSession(server.url, headers={"PRIVATE-TOKEN": BOT_TOKEN}) as http:
        headers = (await get(http, "/projects?membership=true&simple=true&per_page=1"))[2]
    assert "X-Total" not in headers
    assert 'rel="last"' not in headers["Link"]
    assert 'rel="next"' in headers["Link"]
    await server.stop()


async def test_keyset(http: aiohttp.ClientSession) -> None:
    """Keyset pagination leads on by id, without counts, until a page is not full."""
    query = "/projects?membership=true&simple=true&pagination=keyset&order_by=id&sort=asc&per_page=30"
    status, first, headers = await get(http, query)
    assert (status, len(first)) == (200, 30)
    assert "X-Total" not in headers
    following = re.search(r"<[^>]*/api/v4(/[^>]*)>", headers["Link"])
    assert following is not None
    _, rest, headers = await get(http, following[1])
    assert len(rest) == 12
    assert "Link" not in headers
    assert first[-1]["id"] < rest[0]["id"]


async def test_keyset_by_something_else(http: aiohttp.ClientSession) -> None:
    """Keyset pagination in another order than by id is refused as GitLab refuses it."""
    assert (await get(http, "/projects?pagination=keyset&order_by=name"))[0] == 405


async def test_rate_limit() -> None:
    """Above the rate limit the answer is GitLab's 429, with the wait; a new minute is a new start."""
    now = NOW
    server = GitLabSimulator(gitlab_world(1, now=NOW), rate_limit=2, clock=lambda: now)
    await server.start()
    async with aiohttp.ClientSession(server.url, headers={"PRIVATE-TOKEN": BOT_TOKEN}) as http:
        assert (await get(http, "/user"))[2]["RateLimit-Remaining"] == "1"
        await get(http, "/user")
        async with http.get("/api/v4/user") as refused:
            assert refused.status == 429
            assert refused.headers["Retry-After"] == "60"
            assert await refused.text() == "Retry later\n"
        now += timedelta(minutes=1)
        assert (await get(http, "/user"))[0] == 200
    await server.stop()


async def test_another_method(http: aiohttp.ClientSession) -> None:
    """A method that an address does not have is refused; the simulator does not pretend to write."""
    async with http.post("/api/v4/projects", json={"name": "x"}) as answer:
        assert answer.status in (404, 405)


async def test_raw_file(http: aiohttp.ClientSession) -> None:
    """A file's raw content is what is in the project."""
    async with http.get(f"/api/v4/projects/{FIRST_PROJECT}/repository/files/catalog-info.yaml/raw") as answer:
        assert (await answer.text()).startswith("apiVersion: backstage.io/v1alpha1")


async def test_log(http: aiohttp.ClientSession, simulator: GitLabSimulator) -> None:
    """Every request is in the log, with its address's template."""
    await get(http, f"/projects/{FIRST_PROJECT}/releases?per_page=1")
    [entry] = simulator.log.entries
    assert entry.template == "/api/v4/projects/{id}/releases"
    assert entry.query == (("per_page", "1"),)
    assert simulator.log.count("/api/v4/projects", method="GET") == 1


@pytest.mark.parametrize(("kind", "options"), [("explode", {}), ("delay", {"minutes": 1}), ("500", {"retry_after": 1})])
def test_unknown_fault(kind: str, options: dict[str, Any]) -> None:
    """A fault or an option that there is not is refused."""
    with pytest.raises(ValueError, match="no"):
        Faults().set_fault(kind, **options)


def test_counted_fault() -> None:
    """A fault with a count is gone after so many requests, and only for its paths."""
    faults = Faults()
    faults.set_fault("500", path="/api/v4/user", count=2)
    found = [bool(faults.due(path)) for path in ("/api/v4/user", "/api/v4/groups", "/api/v4/user", "/api/v4/user")]
    assert found == [True, False, True, False]


async def test_contents_can_be_changed(http: aiohttp.ClientSession, simulator: GitLabSimulator) -> None:
    """What a test changes in a project stays changed."""
    project = simulator.world.projects[FIRST_PROJECT]
    simulator.world.contents(project).releases.clear()
    assert (await get(http, f"/projects/{FIRST_PROJECT}/releases"))[1] == []
