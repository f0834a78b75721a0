import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from tests._harness.workspace import Workspace, workspace

PATIENCE = 5.0


@dataclass
class Browser:
    """What a browser does with the page, without drawing: one load of it, its stream, and what its script asks."""

    http: aiohttp.ClientSession
    url: str
    window: str
    html: str
    lines: aiohttp.StreamReader | None = None
    instructions: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, name: str, **body: Any) -> dict[str, Any]:
        headers = {"X-Window": self.window}
        async with self.http.post(f"{self.url}/page/{name}", json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
        return answer

    async def until(self, *words: str) -> dict[str, Any]:
        """Return the first instruction of the stream whose HTML (or other content) has all the words."""
        assert self.lines is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                while self.instructions:
                    one = self.instructions.pop(0)
                    if all(word in json.dumps(one, ensure_ascii=False).replace('\\"', '"') for word in words):
                        return one
                line = await self.lines.readline()
                assert line, "the stream ended"
                if line.startswith(b"data: "):
                    self.instructions += json.loads(line[6:])


@asynccontextmanager
async def opened(http: aiohttp.ClientSession, url: str, query: str) -> AsyncIterator[Browser]:
    """Load the page and follow its stream."""
    async with http.get(f"{url}/?{query}") as response:
        html = await response.text()
    found = re.search(r'data-window="([^"]+)"', html)
    assert found, html[:300]
    browser = Browser(http, url, found[1], html)
    async with http.get(f"{url}/page/stream/{browser.window}") as stream:
        browser.lines = stream.content
        assert await stream.content.readline() == b": welcome\n"
        yield browser


@pytest.fixture
async def place() -> AsyncIterator[Workspace]:
    async with workspace(ack_timeout=0.5) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(read_bufsize=1 << 22) as session:
        yield session


@pytest.fixture
async def alice(place: Workspace, http: aiohttp.ClientSession) -> AsyncIterator[Browser]:
    async with opened(http, place.slack.url, "as=alice&c=general") as browser:
        yield browser
