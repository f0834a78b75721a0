"""Windows of a real browser on the workspace page. A window in which a script failed or the content security policy had
to step in fails its test.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

from tests._harness.organisation import Organisation, organisation
from tests._harness.workspace import Workspace, workspace

SCREENSHOTS = Path(__file__).parent / "screenshots"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 8_000
Open = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium; Playwright's own download is not used."""
    path = os.environ.get("IDP_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("needs Chromium: apt-get install chromium, or set IDP_TEST_CHROMIUM")
    return path


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield running
        await running.close()


@pytest.fixture
async def place() -> AsyncIterator[Workspace]:
    async with workspace(ack_timeout=1.0) as running:
        yield running


@pytest.fixture
async def org(tmp_path: Path) -> AsyncIterator[Organisation]:
    """The whole product, with its seeded organisation."""
    async with organisation(tmp_path) as made:
        yield made


@asynccontextmanager
async def windows(browser: Browser, url: str) -> AsyncIterator[Open]:
    """Yield what opens a workspace's page as somebody, in a window of its own with the given size and colour scheme."""
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refused request is an answer that the page shows; anything else on the error console is a fault of the page.
        if message.type == "error" and "status of 4" not in message.text:
            faults.append(message.text)

    def failed(error: Error) -> None:
        faults.append(str(error))

    async def opened(query: str = "as=alice", *, width: int = 1280, height: int = 800, **details: Any) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, **details)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("console", heard)
        page.on("pageerror", failed)
        await page.goto(f"{url}/?{query}")
        await page.wait_for_selector("body[data-live]", state="attached")
        return page

    yield opened
    assert not faults


@pytest.fixture
async def window(browser: Browser, place: Workspace) -> AsyncIterator[Open]:
    """Windows on the small workspace with the scripted app."""
    async with windows(browser, place.slack.url) as opened:
        yield opened


@pytest.fixture
async def walk(browser: Browser, org: Organisation) -> AsyncIterator[Open]:
    """Windows on the organisation's workspace, in which the product answers."""
    async with windows(browser, org.slack.url) as opened:
        yield opened


@pytest.fixture
def shoot() -> Callable[[Page, str], Awaitable[None]]:
    """Keep a picture of a window, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)

    async def shot(page: Page, name: str) -> None:
        await page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return shot
