from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from integrations.slack.simulator.state import File
from tests._harness.workspace import Workspace

pytestmark = pytest.mark.browser
Open = Callable[..., Awaitable[Page]]
Shoot = Callable[[Page, str], Awaitable[None]]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000"
    "1ff89993d1d0000000049454e44ae426082"
)


async def give(page: Page, text: str) -> None:
    """Type into the message box and send."""
    box = page.locator("#composer")
    await box.fill(text)
    await box.press("Enter")


async def focused(page: Page) -> Any:
    return await page.evaluate("document.activeElement.id || document.activeElement.className")


async def test_two_people_talk(window: Open, place: Workspace, shoot: Shoot) -> None:
    """Two windows are two people: what one writes appears in the other, with marks, threads, reactions and edits."""
    alice, bob = await window("as=alice"), await window("as=bob")
    await give(alice, "Is *checkout* slow for you, @bob?")
    await expect(bob.locator(".message strong", has_text="checkout")).to_be_visible()
    await expect(bob.locator(".mention-me")).to_have_text("@Bob Berg")
    await bob.locator(".message").first.hover()
    await bob.get_by_role("link", name="Reply in thread").click()
    await expect(bob.locator("#reply")).to_be_focused()
    await bob.keyboard.type("yes")
    await bob.keyboard.press("Enter")
    await expect(alice.locator(".thread-link")).to_contain_text("1 reply")
    await alice.locator("#composer").press("ArrowUp")
    await alice.keyboard.press("End")
    await alice.keyboard.type(" Today?")
    await alice.keyboard.press("Enter")
    await expect(bob.locator("#log .edited")).to_be_visible()
    message = next(iter(place.channel("general").messages.values()))
    message.reactions = {"eyes": ["U0ALICE", "U0MONA"]}
    place.world.put_message(message)
    await expect(bob.locator("#log .reactions li")).to_contain_text("2")
    await shoot(bob, "thread")
    await bob.keyboard.press("Escape")
    await expect(bob.locator("#thread")).to_be_hidden()
    assert await focused(bob) != ""


async def test_commands_are_completed(window: Open, shoot: Shoot) -> None:
    """A slash offers the registered command with its hint; arrows and Enter choose; Shift+Enter is a new line."""
    page = await window()
    box = page.locator("#composer")
    await box.press_sequentially("/i")
    options = page.locator("#composer-list [role=option]")
    await expect(options).to_have_count(2)
    await expect(options.first).to_contain_text("help | service [name] | whoami")
    await shoot(page, "completion")
    await box.press("ArrowDown")
    await expect(options.nth(1)).to_have_class("active")
    await box.press("ArrowUp")
    await box.press("Enter")
    await expect(box).to_have_value("/idp ")
    await box.press_sequentially("hello")
    await box.press("Enter")
    await expect(page.locator(".ephemeral")).to_contain_text("You said: hello")
    await box.press_sequentially("/idp h")
    await expect(options.first).to_contain_text("used before")
    await box.fill("one")
    await box.press("Shift+Enter")
    await expect(box).to_have_value("one\n")


async def test_ephemeral_answers_die_with_the_window(window: Open, shoot: Shoot) -> None:
    """An ephemeral answer can be dismissed, survives going elsewhere, and is gone after a reload."""
    page = await window()
    await give(page, "/idp help")
    await expect(page.locator(".only-you")).to_be_visible()
    await shoot(page, "ephemeral")
    await page.locator("#sidebar .row", has_text="payments").click()
    await expect(page.locator("#main h1")).to_contain_text("payments")
    await page.locator("#sidebar .row", has_text="general").click()
    await expect(page.locator(".only-you")).to_be_visible()
    await give(page, "/idp again")
    await expect(page.locator(".only-you")).to_have_count(2)
    await page.get_by_role("button", name="Dismiss message").last.click()
    await expect(page.locator(".only-you")).to_have_count(1)
    await page.reload()
    await expect(page.locator("#composer")).to_be_visible()
    await expect(page.locator(".only-you")).to_have_count(0)


async def test_a_late_app_is_said_to_be_late(window: Open) -> None:
    """A command that is not acknowledged in time shows Slack's error."""
    page = await window()
    await give(page, "/idp slow")
    await expect(page.locator(".ephemeral")).to_contain_text("operation_timeout")


async def test_a_double_click_sends_twice(window: Open, place: Workspace) -> None:
    """Both clicks of a double click reach the app, and the message shows the result in place."""
    page = await window()
    await give(page, "/idp gallery")
    await page.get_by_role("button", name="Count").dblclick()
    await expect(page.locator(".message", has_text="Pressed 2 times")).to_be_visible()
    assert len(place.app.actions("count")) == 2


async def test_confirmation_comes_before_the_press(window: Open, place: Workspace, shoot: Shoot) -> None:
    """A button with a confirmation sends nothing until the person agrees, and the focus returns to it."""
    page = await window()
    await give(page, "/idp gallery")
    await page.get_by_role("button", name="Roll back").click()
    dialog = page.get_by_role("dialog", name="Roll back?")
    await expect(dialog).to_be_visible()
    await shoot(page, "confirm")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert place.app.actions("danger") == []
    await page.get_by_role("button", name="Roll back").click()
    await dialog.get_by_role("button", name="Roll back").click()
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="More options").click()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.locator(".combo input").click()
    await page.get_by_role("option", name="staging").click()
    await expect(page.locator(".combo input")).to_have_value("staging")
    await page.wait_for_function("!document.querySelector('.busy')")
    assert len(place.app.actions("danger")) == 1
    assert place.app.actions("more")[0]["actions"][0]["selected_option"]["value"] == "Cancel"
    assert place.app.actions("pick")[0]["actions"][0]["selected_option"]["value"] == "staging"


async def test_a_form_by_keyboard(window: Open, place: Workspace, shoot: Shoot) -> None:
    """A modal traps the focus, tells errors at their fields, keeps what was typed when the app rebuilds it, asks for
    options, stacks, submits, and gives the focus back.
    """
    page = await window()
    await give(page, "/idp form")
    dialog = page.get_by_role("dialog", name="New service")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label("Name")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog.locator(".error", has_text="required")).to_have_count(2)
    await shoot(page, "form-errors")
    await dialog.get_by_label("Name").fill("taken")
    environment = dialog.get_by_role("combobox", name="Environment")
    await environment.press("ArrowDown")
    await page.keyboard.type("stag")
    await page.keyboard.press("Enter")
    await expect(environment).to_have_value("staging")
    depends = dialog.get_by_role("combobox", name="Depends on")
    await depends.fill("pay")
    await expect(dialog.get_by_role("option", name="payments-api")).to_be_visible()
    await shoot(page, "form-options")
    await page.keyboard.press("Enter")
    await expect(dialog.locator(".many .chip")).to_have_text(["payments-api×"])
    await dialog.get_by_role("button", name="Check").click()
    await expect(dialog).to_contain_text("Rebuilt by the app")
    await expect(dialog.get_by_label("Name")).to_have_value("taken")
    await dialog.get_by_role("button", name="Look up").click()
    await expect(page.get_by_role("dialog", name="On top")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog.get_by_label("Name")).to_have_value("taken")
    for _ in range(40):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog.locator(".error", has_text="That name is taken.")).to_be_visible()
    await expect(dialog.get_by_label("Name")).to_be_focused()
    await dialog.get_by_label("Name").fill("payments-api")
    await dialog.get_by_role("checkbox", name="Public").check()
    await dialog.get_by_label("Due").fill("2026-12-01")
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#composer")).to_be_focused()
    sent = [p for kind, p in place.app.received if kind == "view_submission"][-1]["view"]["state"]["values"]
    assert [o["value"] for o in sent["depends"]["depends"]["selected_options"]] == ["payments-api"]
    assert [o["value"] for o in sent["flags"]["flags"]["selected_options"]] == ["public"]
    assert sent["due"]["due"]["selected_date"] == "2026-12-01"
    await expect(page.locator("#sidebar .row", has_text="idp").locator(".badge")).to_contain_text("1")


async def test_a_form_waits_and_then_says_that_the_app_is_late(window: Open) -> None:
    """While a submission waits the form says so; when no answer comes it shows Slack's complaint and stays."""
    page = await window()
    await give(page, "/idp form")
    dialog = page.get_by_role("dialog", name="New service")
    await dialog.get_by_label("Name").fill("slow")
    await dialog.get_by_role("combobox", name="Environment").click()
    await dialog.get_by_role("option", name="dev").click()
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog.locator(".working")).to_have_text("Working…")
    await expect(dialog.locator(".problem")).to_contain_text("We had some trouble connecting")
    await expect(dialog.get_by_label("Name")).to_have_value("slow")


async def test_a_form_that_turns_into_something_else_keeps_the_focus(window: Open) -> None:
    """When the app replaces the form by another view, the focus moves into it instead of being lost."""
    page = await window()
    await give(page, "/idp form")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("next")
    await dialog.get_by_role("combobox", name="Environment").click()
    await dialog.get_by_role("option", name="dev").click()
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("dialog", name="Checking")).to_contain_text("One moment…")
    assert await page.evaluate("document.querySelector('.view').contains(document.activeElement)")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_the_app_home(window: Open, shoot: Shoot) -> None:
    """The app's home is published when it is opened, and its tabs have addresses of their own."""
    page = await window()
    await page.locator("#sidebar .row", has_text="idp").click()
    await page.get_by_role("link", name="Home", exact=True).click()
    await expect(page.locator(".home")).to_contain_text("My services")
    assert "tab=home" in page.url
    await shoot(page, "home")
    await page.go_back()
    await expect(page.locator("#composer")).to_be_visible()
    await give(page, "help")
    await expect(page.locator(".thread-link")).to_contain_text("1 reply")


async def test_message_shortcuts(window: Open, place: Workspace) -> None:
    """A message's menu offers the app's shortcuts, which get the message."""
    place.say("U0BOB", "general", "Why is the pipeline red?")
    page = await window()
    await page.locator(".message").hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Ask about this message").click()
    await expect(page.get_by_role("dialog", name="From a message")).to_contain_text("Why is the pipeline red?")


async def test_files_can_be_seen_and_saved(window: Open, place: Workspace, shoot: Shoot) -> None:
    """A picture is previewed with its alternative text, and every file has a download."""
    file = File(
        "F1", "errors.png", len(PIXEL), "k", "U0SIMBOT", 0, "Errors by hour", "A rising line", "image/png", PIXEL
    )
    file.channels = ["C0GENERAL"]
    place.world.put_file(file)
    message = place.say("U0SIMBOT", "general", "Your export")
    message.bot_id, message.files = "B0SIMBOT", ["F1"]
    place.world.put_message(message)
    page = await window()
    await expect(page.get_by_alt_text("A rising line")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download errors.png").click()
    assert (await download.value).suggested_filename == "errors.png"
    await shoot(page, "file")


async def test_hostile_content_is_inert(window: Open) -> None:
    """Markup in messages, blocks and forms is shown as text and runs nothing."""
    page = await window()
    await give(page, "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>")
    await give(page, "/idp gallery")
    await expect(page.locator(".table-frame")).to_contain_text("<script>alert(1)</script>")
    assert await page.locator("#log script, #log img").count() == 0
    assert "owned" not in await page.title()


async def test_a_long_channel_stays_quick(window: Open, place: Workspace) -> None:
    """Thousands of messages show the last hundred; earlier ones come on request without losing the place."""
    for number in range(4000):
        place.say("U0BOB", "general", f"line {number}.")
    page = await window()
    await expect(page.locator("#log .entry")).to_have_count(100)
    await expect(page.get_by_text("line 3999.")).to_be_in_viewport()
    await page.locator("#scroll").evaluate("element => element.scrollTop = 0")
    first = page.get_by_text("line 3900.")
    await page.get_by_role("button", name="Show earlier messages").click()
    await expect(page.locator("#log .entry")).to_have_count(200)
    await expect(first).to_be_in_viewport()


async def test_somebody_else_at_the_top(window: Open, shoot: Shoot) -> None:
    """The switch at the top offers every person, says who they are, and leads to their own view."""
    page = await window()
    await page.locator("#people-button").click()
    await shoot(page, "people")
    await expect(page.get_by_role("menuitem")).to_have_count(7)
    await page.keyboard.press("Escape")
    await expect(page.locator("#people-button")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Audrey Adler").click()
    await page.wait_for_url("**/?as=audrey*")
    await expect(page.locator("#people-button")).to_contain_text("Audrey Adler")


async def test_inviting_the_app(window: Open, place: Workspace) -> None:
    """`/invite` brings the app into a channel, as its own hint tells people to do."""
    place.channel("payments").members.remove(place.world.app.bot_user)
    page = await window("as=alice&c=payments")
    await give(page, "/invite @idp")
    await expect(page.locator(".system")).to_contain_text("has joined the channel")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_it_fits_the_screen(window: Open, place: Workspace, shoot: Shoot, scheme: str, width: int) -> None:
    """Wide and as narrow as a phone, light and dark: nothing runs over the edge, and the sidebar becomes a drawer."""
    place.say("U0BOB", "general", "Good morning! `checkout` is :fire: again, <@U0ALICE>")
    page = await window(width=width, height=780, color_scheme=scheme)
    await give(page, "/idp charts")
    await expect(page.locator(".chart")).to_have_count(2)
    await give(page, "/idp gallery")
    await expect(page.locator(".table-frame")).to_be_visible()
    await shoot(page, f"messages-{scheme}-{width}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(
        "document.getElementById('scroll').scrollWidth <= document.getElementById('scroll').clientWidth"
    )
    if width == 360:
        row = page.locator("#sidebar .row", has_text="payments")
        await expect(row).to_be_hidden()
        await page.locator("#drawer-button").click()
        await expect(row).to_be_visible()
        await shoot(page, f"drawer-{scheme}-{width}")
        await page.keyboard.press("Escape")
        await expect(row).to_be_hidden()
    await give(page, "/idp form")
    await expect(page.get_by_role("dialog", name="New service")).to_be_visible()
    await shoot(page, f"form-{scheme}-{width}")
    assert await page.evaluate(
        "document.querySelector('.modal-body').scrollWidth <= document.querySelector('.modal-body').clientWidth"
    )


async def test_the_theme_can_be_chosen(window: Open) -> None:
    """The theme button overrides the system's choice and is remembered."""
    page = await window(color_scheme="light")
    before = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.get_by_role("button", name="Switch between light and dark").click()
    after = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    await page.reload()
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == after


async def test_a_lost_connection_is_said(window: Open, place: Workspace) -> None:
    """While the simulator is away the page says that it is not connected."""
    page = await window()
    await place.slack.stop()
    await expect(page.locator("body.offline")).to_have_count(1)
