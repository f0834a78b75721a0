"""What somebody does in a window of the workspace page, and where they look."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect


async def give(page: Page, text: str, box: str = "composer") -> None:
    """Type into the message box, or another one, and send."""
    field = page.locator(f"#{box}")
    await field.fill(text)
    await field.press("Enter")


async def asked(page: Page, text: str, title: str) -> Locator:
    """Give `/idp text` and return the newest answer, once it has this title."""
    await give(page, f"/idp {text}")
    return await answered(page, title)


async def answered(page: Page, title: str) -> Locator:
    """Return the app's newest message, once its title begins so."""
    newest = page.locator("#log .message:has(.app-badge)").last
    await expect(newest.locator(".header-text").first).to_contain_text(title)
    entry = await newest.locator("xpath=..").get_attribute("id")
    return page.locator(f"[id='{entry}'] .message")


async def app_home(page: Page) -> Locator:
    """Open the app's home tab and return it once it is published."""
    await page.locator("#sidebar .row", has_text="idp").click()
    await page.get_by_role("link", name="Home", exact=True).click()
    home = page.locator(".home-blocks")
    await expect(home).to_be_visible()
    return home


async def app_messages(page: Page) -> Locator:
    """Open the direct message with the app and return its messages."""
    await page.locator("#sidebar .row", has_text="idp").click()
    messages = page.get_by_role("link", name="Messages", exact=True)
    await messages.click()
    await expect(page.locator("#composer")).to_be_visible()
    return page.locator("#log .message")


async def fits(page: Page) -> bool:
    """Return whether nothing runs over the window's edge."""
    whole: bool = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inside: bool = await page.evaluate(
        "[...document.querySelectorAll('.scroll, .modal-body')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    return whole and inside
