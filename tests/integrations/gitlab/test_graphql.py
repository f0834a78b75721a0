"""The simulated GraphQL is as strict as GitLab's, and the platform's queries stay below its limits."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from graphql import parse

from bot.demo.organisation import BOT_TOKEN, FIRST_PROJECT
from integrations.errors import Invalid
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.files_query import PAGE, SIZES, TEXTS, request
from integrations.gitlab.simulator import GitLabSimulator
from integrations.gitlab.simulator.schema import MOST_COMPLEX, Complexity
from tests.integrations.gitlab.targets import FILE, Target


async def ask(http: aiohttp.ClientSession, query: str, **variables: Any) -> dict[str, Any]:
    async with http.post("/api/graphql", json={"query": query, "variables": variables}) as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


@pytest.mark.parametrize("query", [TEXTS, SIZES])
def test_complexity_of_our_queries(query: str) -> None:
    """A full page of projects costs less than half of what GitLab allows, in the version that charged most."""
    body = request(query, range(1, PAGE + 1), FILE)
    score = Complexity(parse(query), body["variables"]).score()
    assert score < MOST_COMPLEX / 2


def test_reported_complexity() -> None:
    """The costs reproduce, to one per cent, what GitLab 18.4.2 was reported to charge for 100 blobs with their text
    (1421; sveltia/sveltia-cms issue 525).
    """
    query = """query($fullPath: ID!, $paths: [String!]!) { project(fullPath: $fullPath) { repository {
      blobs(paths: $paths) { nodes { size rawTextBlob } } } } }"""
    score = Complexity(parse(query), {"fullPath": "a/b", "paths": [str(n) for n in range(100)]}).score()
    assert score == pytest.approx(1421, rel=0.01)


def test_too_many_projects() -> None:
    """A query for more projects than a page holds is never sent."""
    with pytest.raises(ValueError, match="at most 100"):
        request(TEXTS, range(101), FILE)


async def test_real_server_takes_the_query(gitlab: GitLabClient, target: Target) -> None:
    """Whatever server is under test answers the catalogue's query for a project by number."""
    [node] = await gitlab._file_nodes(TEXTS, [target.project_id], FILE)
    assert node.number == target.project_id


async def test_unknown_field(http: aiohttp.ClientSession) -> None:
    """A field that GitLab does not have is refused in GitLab's words, without data."""
    found = await ask(http, "{ projects { nodes { id owner } } }")
    assert found == {"errors": [{"message": "Field 'owner' doesn't exist on type 'Project'"}]}


async def test_missing_variable(http: aiohttp.ClientSession) -> None:
    """A required variable that is missing is refused."""
    found = await ask(http, "query($path: ID!) { project(fullPath: $path) { id } }")
    assert "$path" in found["errors"][0]["message"]


async def test_too_complex(http: aiohttp.ClientSession) -> None:
    """A query above the limit is refused with both figures."""
    query = (
        "query($paths: [String!]!) { projects { nodes { repository { blobs(paths: $paths) { nodes { path } } } } } }"
    )
    found = await ask(http, query, paths=[str(n) for n in range(20)])
    assert found["errors"][0]["message"].endswith("which exceeds max complexity of 250")
    assert "data" not in found


async def test_own_complexity(http: aiohttp.ClientSession, simulator: GitLabSimulator) -> None:
    """A query can ask what it costs, as with GitLab."""
    found = await ask(http, "{ queryComplexity { score limit } currentUser { username } }")
    assert found["data"]["queryComplexity"] == {"score": simulator.complexities[-1], "limit": 250}
    assert found["data"]["currentUser"]["username"] == "idp-bot"


async def test_wrong_token(simulator: GitLabSimulator) -> None:
    """A wrong token is refused in GraphQL's own shape."""
    headers = {"PRIVATE-TOKEN": "wrong"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{simulator.url}/api/graphql", json={"query": "{ currentUser { id } }"}) as answer,
    ):
        assert answer.status == 401
        assert await answer.json() == {"errors": [{"message": "Invalid token"}]}


async def test_bearer_token(simulator: GitLabSimulator) -> None:
    """A token may come as a bearer token too."""
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        found = await ask_at(session, simulator.url, "{ currentUser { username } }")
    assert found["data"]["currentUser"]["username"] == "idp-bot"


async def ask_at(session: aiohttp.ClientSession, url: str, query: str) -> dict[str, Any]:
    async with session.post(f"{url}/api/graphql", json={"query": query}) as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def test_wrong_id(http: aiohttp.ClientSession) -> None:
    """An id that is none of a project's is refused."""
    found = await ask(http, '{ projects(ids: ["gid://gitlab/User/1"]) { nodes { id } } }')
    assert found["data"] == {"projects": None}
    assert "is not a valid GitLab ID" in found["errors"][0]["message"]


async def test_pages(http: aiohttp.ClientSession) -> None:
    """Pages follow one another by cursor, without a gap or a repetition, the newest project first."""
    query = """query($after: String) { projects(membership: true, first: 15, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } }"""
    ids: list[str] = []
    after = None
    while True:
        page = (await ask(http, query, after=after))["data"]["projects"]
        ids += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    numbers = [int(each.rpartition("/")[2]) for each in ids]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 42


async def test_repository_needs_a_role(http: aiohttp.ClientSession, simulator: GitLabSimulator) -> None:
    """A guest sees the project, but not its repository."""
    world = simulator.world
    group = world.group_at("acme")
    assert group is not None
    world.set_member(group, world.tokens[BOT_TOKEN].user, 10)
    query = "query($ids: [ID!]) { projects(ids: $ids) { nodes { name repository { rootRef } } } }"
    found = await ask(http, query, ids=[f"gid://gitlab/Project/{FIRST_PROJECT}"])
    assert found["data"]["projects"]["nodes"] == [{"name": "Payments API", "repository": None}]


async def test_no_query(http: aiohttp.ClientSession) -> None:
    """A body without a query is a malformed request."""
    async with http.post("/api/graphql", data=b"{") as answer:
        assert answer.status == 400


async def test_refused_query_is_our_fault(
    client: GitLabClient, simulator: GitLabSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where GitLab finds a query too complex, the error is Invalid, so that nobody retries it."""
    monkeypatch.setattr("integrations.gitlab.simulator.graphql.MOST_COMPLEX", 10)
    with pytest.raises(Invalid, match="exceeds max complexity"):
        [page async for page in client.project_files(FILE)]
    assert simulator.log.count("/api/graphql") >= 1
