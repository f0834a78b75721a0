"""The simulator and the client against GitLab's own OpenAPI document, which is known to be wrong in places.

Every known place is listed with its reason, and a test fails when an entry is no longer needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from bot.demo.organisation import FIRST_PROJECT
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.simulator import GitLabSimulator, Logged
from integrations.gitlab.simulator.access import Door
from integrations.gitlab.simulator.entities import Entities
from integrations.gitlab.simulator.rest import PARAMETERS, Rest
from tests.integrations.gitlab.targets import FILE, NOW

Document = dict[str, Any]
_MIXED = "GitLab did not give the field a type, and then the document says string"

PATHS_MISSING = {"/api/v4/user": "the document has the user's address for GitHub's API v3 only"}
PARAMETERS_MISSING = {
    ("/api/v4/projects", "pagination"): "keyset pagination is documented in prose, and added outside of Grape",
}
LISTS_DECLARED_SINGLE = {"/api/v4/projects/{id}/merge_requests": "the document declares one merge request"}
DECLARED_DIFFERENTLY = {
    (
        "/api/v4/projects",
        "API_Entities_BasicProjectDetails",
    ): "without `simple` GitLab answers with API_Entities_Project"
}
PROPERTIES_WRONG = {
    ("API_Entities_Group", "id"): _MIXED,
    ("API_Entities_Group", "parent_id"): _MIXED,
    ("API_Entities_GroupDetail", "id"): _MIXED,
    ("API_Entities_GroupDetail", "parent_id"): _MIXED,
    ("API_Entities_Member", "access_level"): _MIXED,
    ("API_Entities_MergeRequestBasic", "assignees"): "a list, declared as a single object",
    ("API_Entities_MergeRequestBasic", "draft"): _MIXED,
    ("API_Entities_MergeRequestBasic", "labels"): _MIXED,
    ("API_Entities_MergeRequestBasic", "reviewers"): "a list, declared as a single object",
    ("API_Entities_MergeRequestBasic", "work_in_progress"): _MIXED,
}
ADDRESSES = {
    "/api/v4/version": "/version",
    "/api/v4/metadata": "/metadata",
    "/api/v4/personal_access_tokens/self": "/personal_access_tokens/self",
    "/api/v4/projects": "/projects?simple=true",
    "/api/v4/projects/{id}": f"/projects/{FIRST_PROJECT}",
    "/api/v4/projects/{id}/releases": f"/projects/{FIRST_PROJECT}/releases",
    "/api/v4/projects/{id}/environments": f"/projects/{FIRST_PROJECT}/environments",
    "/api/v4/projects/{id}/deployments": f"/projects/{FIRST_PROJECT}/deployments",
    "/api/v4/projects/{id}/pipelines": f"/projects/{FIRST_PROJECT}/pipelines",
    "/api/v4/projects/{id}/merge_requests": f"/projects/{FIRST_PROJECT + 1}/merge_requests",
    "/api/v4/groups": "/groups",
    "/api/v4/groups/{id}": f"/groups/{quote('acme/payments', safe='')}",
    "/api/v4/groups/{id}/members/all": f"/groups/{quote('acme/payments', safe='')}/members/all",
}
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def fits(kind: str, value: object) -> bool:
    return isinstance(value, TYPES[kind]) and not (isinstance(value, bool) and kind != "boolean")


def faults(document: Document, reference: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (definition, property) of what an object has that its definition has not, or has of another type.

    The document does not say what may be null, so null always fits.
    """
    name = reference.rpartition("/")[2]
    properties = document["definitions"][name]["properties"]
    for key, inner in value.items():
        declared = properties.get(key)
        if declared is None:
            yield name, key
        elif inner is None:
            continue
        elif "$ref" in declared:
            if isinstance(inner, dict):
                yield from faults(document, declared["$ref"], inner)
            else:
                yield name, key
        elif not fits(declared["type"], inner):
            yield name, key


async def answer(http: aiohttp.ClientSession, template: str) -> Any:
    async with http.get(f"/api/v4{ADDRESSES[template]}") as found:
        assert found.status == 200
        return await found.json()


@pytest.fixture
async def sent(simulator: GitLabSimulator, client: GitLabClient) -> list[Logged]:
    """Every request that the client ever sends, of each kind."""
    await client.probe()
    for since in (None, NOW):
        async for _ in client.project_files(FILE, changed_since=since):
            pass
    await client.project_ids()
    await client.releases(FIRST_PROJECT)
    await client.environments(FIRST_PROJECT)
    await client.deployments(FIRST_PROJECT)
    await client.pipelines(FIRST_PROJECT)
    await client.merge_requests(FIRST_PROJECT)
    await client.groups()
    await client.members("acme/payments")
    return [entry for entry in simulator.log.entries if entry.template != "/api/graphql"]


def test_paths(openapi: Document, simulator: GitLabSimulator) -> None:
    """Every address of the simulator is in the document, except those that it is known to lack."""
    rest = Rest(simulator.world, Entities(simulator.world, ""), Door(simulator.world, lambda: NOW), "18")
    ours = {route.path for route in rest.routes()}
    missing = {path for path in ours if "get" not in openapi["paths"].get(path, {})}
    assert missing == set(PATHS_MISSING)


def test_parameters(openapi: Document) -> None:
    """Every parameter that the simulator takes, and each value, is in the document, except the known ones."""
    missing: set[tuple[str, str]] = set()
    for path, ours in PARAMETERS.items():
        declared = {p["name"]: p for p in openapi["paths"][f"/api/v4{path}"]["get"]["parameters"]}
        for name, param in ours.items():
            if name not in declared:
                missing.add((f"/api/v4{path}", name))
            elif param.values and "enum" in declared[name]:
                assert set(param.values) <= set(declared[name]["enum"]), (path, name)
    assert missing == set(PARAMETERS_MISSING)


async def test_requests(openapi: Document, sent: list[Logged]) -> None:
    """Every request of the client goes to a documented address, with documented parameters of the documented type."""
    for entry in sent:
        if entry.template in PATHS_MISSING:
            continue
        described = openapi["paths"][entry.template]["get"].get("parameters", [])
        declared = {each["name"]: each for each in described if each["in"] == "query"}
        for name, value in entry.query:
            if (entry.template, name) in PARAMETERS_MISSING:
                continue
            assert name in declared, (entry.template, name)
            kind = declared[name]["type"]
            assert kind != "integer" or value.isdecimal(), (entry.template, name, value)
            assert kind != "boolean" or value in ("true", "false"), (entry.template, name, value)
            assert value in map(str, declared[name].get("enum", [value])), (entry.template, name, value)


async def test_client_asks_nothing_else(sent: list[Logged]) -> None:
    """The client uses only addresses that are held to the document here."""
    assert {entry.template for entry in sent} <= {*ADDRESSES, *PATHS_MISSING}
    assert {entry.method for entry in sent} == {"GET"}


async def test_answers(openapi: Document, http: aiohttp.ClientSession) -> None:
    """Every answer of the simulator has the documented names and types, at every depth, except in the known places."""
    wrong: set[tuple[str, str]] = set()
    singles: set[str] = set()
    for template in ADDRESSES:
        schema = openapi["paths"][template]["get"]["responses"]["200"]["schema"]
        value = await answer(http, template)
        if isinstance(value, list) and schema.get("type") != "array":
            singles.add(template)
        reference = schema["items"]["$ref"] if schema.get("type") == "array" else schema["$ref"]
        for item in value if isinstance(value, list) else [value]:
            wrong |= set(faults(openapi, reference, item))
    assert singles == set(LISTS_DECLARED_SINGLE)
    assert wrong == set(PROPERTIES_WRONG)


async def test_answers_are_not_empty(http: aiohttp.ClientSession) -> None:
    """There is something in every list that is held to the document."""
    for template in ADDRESSES:
        assert await answer(http, template), template


async def test_whole_projects(openapi: Document, http: aiohttp.ClientSession) -> None:
    """Without `simple` projects have the fields of GitLab's whole entity, which the document declares elsewhere."""
    async with http.get("/api/v4/projects") as found:
        projects = await found.json()
    [(template, declared)] = DECLARED_DIFFERENTLY
    assert openapi["paths"][template]["get"]["responses"]["200"]["schema"]["items"]["$ref"].endswith(declared)
    assert {name for name, _ in faults(openapi, f"#/definitions/{declared}", projects[0])} == {declared}
    assert not list(faults(openapi, "#/definitions/API_Entities_Project", projects[0]))


async def test_user(openapi: Document, http: aiohttp.ClientSession) -> None:
    """The user's own entity, whose address the document lacks, has the fields of the basic one."""
    async with http.get("/api/v4/user") as found:
        assert not list(faults(openapi, "#/definitions/API_Entities_UserBasic", await found.json()))
