"""The GitLab that the suites run against: the simulator, or a real one named by environment variables.

A real server is used where IDP_TEST_GITLAB_URL is set; it needs IDP_TEST_GITLAB_TOKEN (`read_api`, the role Reporter),
IDP_TEST_GITLAB_PROJECT (the number of a project with a `catalog-info.yaml`, a release, an environment with a deployment
and a pipeline) and IDP_TEST_GITLAB_GROUP (the full path of its group). Only what plants faults or looks inside is left
to the simulator then.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bot.demo.organisation import BOT_TOKEN, FIRST_PROJECT, gitlab_world
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.simulator import GitLabSimulator
from tests.integrations.gitlab.targets import NOW, Target, settings_for


@pytest.fixture
async def simulator() -> AsyncIterator[GitLabSimulator]:
    server = GitLabSimulator(gitlab_world(40, now=NOW))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    url = os.environ.get("IDP_TEST_GITLAB_URL")
    if url:
        yield Target(
            url,
            os.environ["IDP_TEST_GITLAB_TOKEN"],
            int(os.environ["IDP_TEST_GITLAB_PROJECT"]),
            os.environ["IDP_TEST_GITLAB_GROUP"],
        )
        return
    server = GitLabSimulator(gitlab_world(40, now=NOW))
    await server.start()
    yield Target(server.url, BOT_TOKEN, FIRST_PROJECT, "acme/payments")
    await server.stop()


@pytest.fixture
async def gitlab(target: Target) -> AsyncIterator[GitLabClient]:
    """The client against whichever server is under test."""
    client = GitLabClient(settings_for(target.url, target.token, attempts=3))
    yield client
    await client.close()


@pytest.fixture
async def client(simulator: GitLabSimulator) -> AsyncIterator[GitLabClient]:
    """The client against the simulator, without retries."""
    made = GitLabClient(settings_for(simulator.url))
    yield made
    await made.close()


@pytest.fixture
async def http(simulator: GitLabSimulator) -> AsyncIterator[aiohttp.ClientSession]:
    """Plain HTTP to the simulator, as the bot."""
    async with aiohttp.ClientSession(simulator.url, headers={"PRIVATE-TOKEN": BOT_TOKEN}) as session:
        yield session


@pytest.fixture(scope="session")
def openapi(data_dir: Path) -> dict[str, Any]:
    """GitLab's own description of its REST API."""
    path = data_dir / "gitlab" / "openapi_v2.yaml"
    # The loader of safe_load, in C: the document is large.
    document: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return document
