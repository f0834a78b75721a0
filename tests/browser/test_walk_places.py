"""Where answers are given and stay: ephemeral messages, direct messages, threads, shared answers, shortcuts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests._harness.window import app_messages, asked, give

pytestmark = pytest.mark.browser
Open = Callable[..., Awaitable[Page]]
Shoot = Callable[[Page, str], Awaitable[None]]


async def test_quick_answers_are_gone_on_reload(walk: Open) -> None:
    """An answer is for one person in one window, and gone when they reload."""
    page, other = await walk(), await walk("as=bob")
    answer = await asked(page, "service checkout", "checkout")
    await expect(answer.locator(".only-you")).to_be_visible()
    await expect(other.locator("#log .message")).to_have_count(0)
    await page.reload()
    await expect(page.locator("#composer")).to_be_visible()
    await expect(page.locator("#log .message")).to_have_count(0)


async def test_an_answer_is_kept(walk: Open) -> None:
    """*Keep in DM* puts the answer where it lasts."""
    page = await walk()
    answer = await asked(page, "service checkout", "checkout")
    await answer.get_by_role("button", name="Keep in DM").click()
    await expect(page.locator("#log .message").last).to_contain_text("Kept in your direct messages")
    messages = await app_messages(page)
    await expect(messages).to_have_count(1)
    await page.reload()
    await expect(messages).to_contain_text("acme/storefront/checkout")


async def test_an_answer_is_shared(walk: Open, shoot: Shoot) -> None:
    """*Share* shows the answer to the channel and says who asked, without buttons that only the asker could use."""
    page, petra = await walk("as=alice&c=payments"), await walk("as=petra&c=payments")
    answer = await asked(page, "service checkout", "checkout")
    await answer.get_by_role("button", name="Share").click()
    shared = petra.locator("#log .message")
    await expect(shared).to_contain_text("Alice Andersson shared the answer")
    await expect(shared).to_contain_text("acme/storefront/checkout")
    await expect(shared.get_by_role("button", name="All services")).to_be_visible()
    await expect(shared.get_by_role("button", name="Use in this channel")).to_have_count(0)
    await shoot(petra, "shared")


@pytest.mark.parametrize(
    ("channel", "reason"),
    [
        ("contractors", "Guests read this channel"),
        ("acme-partner", "People of another organisation read this channel"),
    ],
)
async def test_an_answer_is_not_shared_with_strangers(walk: Open, channel: str, reason: str) -> None:
    """Where guests or another organisation read, nothing is shared, and the reason is said to the asker."""
    page, petra = await walk(f"as=alice&c={channel}"), await walk(f"as=petra&c={channel}")
    answer = await asked(page, "service checkout", "checkout")
    await answer.get_by_role("button", name="Share").click()
    await expect(page.locator("#log .message").last).to_contain_text(reason)
    await expect(petra.locator("#log .message")).to_have_count(0)


async def test_where_the_app_is_not_it_says_how_to_invite_it(walk: Open) -> None:
    """Sharing into a channel without the app says how to invite it, and works once it is invited."""
    page = await walk("as=bob&c=storefront")
    answer = await asked(page, "service checkout", "checkout")
    await answer.get_by_role("button", name="Share").click()
    await expect(page.locator("#log .message").last).to_contain_text("/invite @idp")
    await give(page, "/invite @idp")
    await expect(page.locator(".system")).to_contain_text("joined")
    await answer.get_by_role("button", name="Share").click()
    await expect(page.locator("#log .message", has_text="Bob Brandt shared the answer")).to_be_visible()


async def test_a_direct_message_is_a_command(walk: Open, shoot: Shoot) -> None:
    """Written to the app, a command needs no slash, and its answer lasts."""
    page = await walk()
    messages = await app_messages(page)
    await give(page, "service checkout")
    await expect(messages.last).to_contain_text("acme/storefront/checkout")
    await expect(messages.last.locator(".only-you")).to_have_count(0)
    await page.reload()
    await expect(messages.last).to_contain_text("acme/storefront/checkout")
    await shoot(page, "direct-message")


async def test_a_mention_in_a_thread_asks_for_what_is_missing(walk: Open, shoot: Shoot) -> None:
    """Mentioned in a thread the app answers there; what is missing is filled in by a form behind a button."""
    page = await walk("as=alice&c=payments")
    await give(page, "Which service is this channel about?")
    await page.locator("#log .message").first.hover()
    await page.get_by_role("link", name="Reply in thread").click()
    await give(page, "@idp use", "reply")
    ask = page.locator("#thread-log .message", has_text="Fill in")
    await expect(ask).to_be_visible()
    await shoot(page, "thread-fill-in")
    await ask.get_by_role("button", name="Fill in").click()
    form = page.get_by_role("dialog", name="Use")
    await form.get_by_role("combobox", name="Service").fill("check")
    await form.get_by_role("option", name="checkout").click()
    await form.get_by_role("button", name="Show the plan").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Nothing has happened yet")


async def test_a_command_on_a_message(walk: Open, shoot: Shoot) -> None:
    """The message shortcut offers the commands and takes the message along into the form."""
    page = await walk()
    await give(page, "The new card is a delight")
    await page.locator("#log .message").hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Command on this message").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("The new card is a delight")
    await shoot(page, "shortcut")
    await dialog.get_by_role("combobox", name="Command").click()
    await dialog.get_by_role("option", name="feedback").click()
    await dialog.get_by_role("button", name="Next").click()
    await expect(page.get_by_role("dialog", name="Feedback")).to_be_visible()
    await expect(dialog.get_by_label("Text")).to_have_value("The new card is a delight")
