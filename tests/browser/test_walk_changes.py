"""Changes in the browser: plan, consent, result; forms with their errors; by mouse and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, expect

from integrations.store import Phase
from tests._harness.organisation import Organisation
from tests._harness.window import app_home, asked, give

pytestmark = pytest.mark.browser
Open = Callable[..., Awaitable[Page]]
Shoot = Callable[[Page, str], Awaitable[None]]


async def feedback_form(page: Page) -> Locator:
    """Open the feedback form and return the dialog."""
    await give(page, "/idp feedback")
    form = page.get_by_role("dialog", name="Feedback")
    await expect(form).to_be_visible()
    return page.get_by_role("dialog")


async def test_a_plan_is_confirmed_and_gives_way_to_its_result(walk: Open, shoot: Shoot) -> None:
    """From *Use in this channel* on a card to the plan, and on *Confirm* the result stands in the plan's place."""
    page = await walk("as=alice&c=payments")
    card = await asked(page, "service checkout", "checkout")
    await card.get_by_role("button", name="Use in this channel").click()
    plan = page.locator("#log .message", has_text="Nothing has happened yet")
    await expect(plan.locator("tbody tr")).to_contain_text("checkout")
    await shoot(page, "plan")
    await plan.get_by_role("button", name="Confirm").click()
    await expect(page.locator("#log .message", has_text="Default service set")).to_be_visible()
    await expect(plan).to_have_count(0)
    await shoot(page, "plan-done")
    bare = await asked(page, "service", "checkout")
    await expect(bare).to_contain_text("acme/storefront/checkout")


async def test_a_double_click_on_confirm_acts_once(walk: Open, org: Organisation) -> None:
    """Two clicks on *Confirm* change something once, and the second is told that it was decided already."""
    page = await walk("as=alice&c=payments")
    plan = await asked(page, "use checkout", "Use checkout")
    await plan.get_by_role("button", name="Confirm").dblclick()
    await expect(page.locator("#log .message", has_text="Default service set")).to_have_count(1)
    await expect(page.locator("#log .message", has_text="already")).to_be_visible()
    await org.settled()
    assert len(await org.outcomes("use", Phase.OUTCOME)) == 1


async def test_a_plan_can_be_let_go(walk: Open, org: Organisation) -> None:
    """*Cancel* says that nothing was changed, and nothing was."""
    page = await walk("as=alice&c=payments")
    plan = await asked(page, "use checkout", "Use checkout")
    await plan.get_by_role("button", name="Cancel").click()
    await expect(page.locator("#log .message", has_text="Nothing was changed")).to_be_visible()
    await expect(page.get_by_role("button", name="Confirm")).to_have_count(0)
    await org.settled()
    assert not await org.outcomes("use", Phase.OUTCOME)


async def test_a_plan_waits_on_the_home_tab(walk: Open, shoot: Shoot) -> None:
    """A plan that was not decided is on the home tab, where it can be seen and confirmed."""
    page = await walk("as=alice&c=payments")
    await asked(page, "use checkout", "Use checkout")
    home = await app_home(page)
    await expect(home).to_contain_text("Waits for your confirmation: Use checkout")
    await shoot(page, "home-waiting")
    await home.get_by_role("button", name="See the plan").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Nothing has happened yet")
    await dialog.get_by_role("button", name="Confirm").click()
    await expect(dialog).to_contain_text("Default service set")
    await expect(home).to_contain_text("Nothing waits for you")


async def test_feedback_with_a_name(walk: Open, shoot: Shoot) -> None:
    """A rating out of bounds is told at its field and nothing typed is lost; then plan, consent and thanks follow, and
    the platform engineers read it with the name.
    """
    page = await walk("as=mona")
    form = await feedback_form(page)
    await form.get_by_label("Rating").fill("9")
    await form.get_by_label("Text").fill("Deployments are quick now")
    await form.get_by_role("button", name="Show the plan").click()
    await expect(form.locator(".error", has_text="5")).to_be_visible()
    await expect(form.get_by_label("Text")).to_have_value("Deployments are quick now")
    await shoot(page, "feedback-error")
    await form.get_by_label("Rating").fill("5")
    await form.get_by_role("button", name="Show the plan").click()
    await expect(form).to_contain_text("Nothing has happened yet")
    await shoot(page, "feedback-plan")
    await form.get_by_role("button", name="Confirm").click()
    await expect(form).to_contain_text("Your feedback was kept: 5 of 5")
    await shoot(page, "feedback-done")
    await form.get_by_role("button", name="Close").last.click()
    await expect(form).to_be_hidden()
    survey = await asked(await walk("as=petra"), "survey", "Feedback")
    await expect(survey).to_contain_text("Deployments are quick now")
    await expect(survey).to_contain_text("Mona Meier")


async def test_feedback_without_a_name(walk: Open, shoot: Shoot) -> None:
    """An anonymous answer is kept without a name, and is not shown before there are five."""
    page = await walk("as=audrey")
    form = await feedback_form(page)
    await form.get_by_label("Rating").fill("2")
    await form.get_by_label("Text").fill("Too many clicks")
    await form.get_by_role("checkbox").check()
    await form.get_by_role("button", name="Show the plan").click()
    await expect(form).to_contain_text("No name")
    await shoot(page, "feedback-anonymous")
    await form.get_by_role("button", name="Confirm").click()
    await expect(form).to_contain_text("without your name")
    survey = await asked(await walk("as=petra"), "survey", "Feedback")
    await expect(survey).not_to_contain_text("Audrey")
    await expect(survey).not_to_contain_text("Too many clicks")


async def test_a_form_by_keyboard_alone(walk: Open) -> None:
    """From the message box through form, plan and result back to the message box without a mouse."""
    page = await walk()
    keys = page.keyboard
    await expect(page.locator("#composer")).to_be_focused()
    await keys.type("/idp use")
    await keys.press("Enter")
    form = page.get_by_role("dialog", name="Use")
    service = form.get_by_role("combobox", name="Service")
    await expect(service).to_be_focused()
    await keys.type("check")
    await expect(form.get_by_role("option", name="checkout")).to_be_visible()
    await keys.press("Enter")
    await expect(service).to_have_value(re.compile("checkout"))
    for _ in range(10):
        await keys.press("Tab")
        if await page.evaluate("document.activeElement.type === 'submit'"):
            break
    await keys.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Nothing has happened yet")
    for _ in range(10):
        await keys.press("Tab")
        if await page.evaluate("document.activeElement.type === 'submit'"):
            break
    await keys.press("Enter")
    await expect(dialog).to_contain_text("Default service set")
    await keys.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#composer")).to_be_focused()
