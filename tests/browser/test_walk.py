"""The product as each role sees it in the browser: help, services, who one is, and what is somebody else's."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests._harness import pictures
from tests._harness.window import app_home, app_messages, asked, fits, give

pytestmark = pytest.mark.browser
Open = Callable[..., Awaitable[Page]]
Shoot = Callable[[Page, str], Awaitable[None]]
ROLES = {"alice": "developer", "petra": "platform engineer", "mona": "manager", "audrey": "auditor"}
MAY = {"alice": (), "petra": ("audit", "platform", "survey"), "mona": (), "audrey": ("audit",)}


@pytest.mark.parametrize("person", ROLES)
async def test_help_shows_what_the_role_may_use(walk: Open, shoot: Shoot, person: str) -> None:
    """Help names the commands that one may use, and no others."""
    page = await walk(f"as={person}")
    help_ = await asked(page, "", "Your commands")
    await expect(help_).to_contain_text("whoami")
    commands = help_.locator("code")
    for name in ("audit", "platform", "survey"):
        assert (await commands.filter(has_text=name).count() > 0) == (name in MAY[person])
    await shoot(page, f"help-{person}")


@pytest.mark.parametrize("person", ROLES)
async def test_whoami_says_the_role(walk: Open, shoot: Shoot, person: str) -> None:
    """`whoami` says the person's name and role, and where each comes from."""
    page = await walk(f"as={person}")
    whoami = await asked(page, "whoami", "Who you are here")
    await expect(whoami).to_contain_text(ROLES[person])
    await expect(whoami).to_contain_text(await page.locator("#people-button .wide-only").inner_text())
    await expect(whoami.locator("table")).to_contain_text("Because of")
    await shoot(page, f"whoami-{person}")


async def test_services_are_listed_and_filtered(walk: Open, shoot: Shoot) -> None:
    """The list goes on to its next page, and a team's and a lifecycle's services are that alone."""
    page = await walk()
    services = await asked(page, "services", "Services")
    await expect(services.locator("tbody tr")).to_have_count(20)
    await expect(services).to_contain_text("1–20 of 35")
    await shoot(page, "services")
    await services.get_by_role("button", name="Next page").click()
    await expect(page.locator("#log .message").last).to_contain_text("21–35 of 35")
    team = await asked(page, "services --team payments", "Services: team acme/payments")
    owners = await team.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert owners
    assert all(owner.startswith("acme/payments") for owner in owners)
    early = await asked(page, "services --lifecycle experimental", "Services: lifecycle experimental")
    assert set(await early.locator("tbody tr td:nth-child(3)").all_inner_texts()) == {"experimental"}
    await shoot(page, "services-filtered")


async def test_a_services_card(walk: Open, shoot: Shoot) -> None:
    """A service's card has owner, repository, release, pipeline and what runs where, and leads on."""
    page = await walk()
    card = await asked(page, "service checkout", "checkout")
    for words in ("Owner", "acme/storefront", "Repository", "Last release", "Last pipeline", "merge requests"):
        await expect(card).to_contain_text(words)
    await expect(card.locator("tbody tr")).to_have_count(3)
    await expect(card.locator("tbody tr").first).to_contain_text("production")
    await expect(card.get_by_role("link", name="production")).to_have_attribute("href", re.compile("acme.example"))
    await shoot(page, "service-card")
    await card.get_by_role("button", name="All services").click()
    await expect(page.locator("#log .message").last).to_contain_text("1–20 of 35")


async def test_a_misspelt_service_is_one_click_away(walk: Open, shoot: Shoot) -> None:
    """An unknown service is answered with the ones that could be meant, and a click opens one."""
    page = await walk()
    unknown = await asked(page, "service chekout", "Not found")
    await expect(unknown).to_contain_text("There is no service chekout")
    await shoot(page, "unknown-service")
    await unknown.get_by_role("button", name="service checkout").click()
    await expect(page.locator("#log .message").last).to_contain_text("acme/storefront/checkout")


async def test_a_developer_is_denied_the_platform(walk: Open, shoot: Shoot) -> None:
    """A denial says who may, what one is oneself, and who can change that."""
    page = await walk()
    denied = await asked(page, "platform", "Not allowed")
    await expect(denied).to_contain_text("platform engineers")
    await expect(denied).to_contain_text("developer")
    await expect(denied).to_contain_text("acme/platform")
    await shoot(page, "denied")


async def test_a_guest_is_refused_everywhere(walk: Open, shoot: Shoot) -> None:
    """A guest gets no answer but a refusal: in a channel, in a direct message and on the home tab."""
    page = await walk("as=gus&c=contractors")
    refused = await asked(page, "services", "Not allowed")
    await expect(refused).to_contain_text("Guests cannot use the platform")
    home = await app_home(page)
    await expect(home).to_contain_text("Guests cannot use the platform")
    await expect(home.get_by_role("button")).to_have_count(0)
    await shoot(page, "home-gus")
    messages = await app_messages(page)
    await give(page, "services")
    await expect(messages.last).to_contain_text("Guests cannot use the platform")


async def test_the_platform_for_its_engineers(walk: Open, shoot: Shoot) -> None:
    """A platform engineer sees how each backend is, and gets on from there."""
    page = await walk("as=petra")
    platform = await asked(page, "platform", "The platform")
    await expect(platform).to_contain_text("All backends are fine")
    await expect(platform.locator("tbody tr")).to_have_count(3)
    await shoot(page, "platform")
    await platform.get_by_role("button", name="Feedback").click()
    await expect(page.locator("#log .message").last).to_contain_text("Nobody has said anything yet")


async def test_an_auditor_reads_and_exports_the_trail(walk: Open, shoot: Shoot) -> None:
    """The auditor sees a denial, exports the trail from there, and saves the file."""
    await asked(await walk(), "platform", "Not allowed")
    page = await walk("as=audrey")
    trail = await asked(page, "audit --result denied", "Who did what")
    await expect(trail.locator("tbody tr")).to_have_count(1)
    await expect(trail.locator("tbody tr")).to_contain_text("Alice Andersson")
    await shoot(page, "audit")
    await trail.get_by_role("button", name="Export").click()
    await expect(page.locator("#log .message").last).to_contain_text("in your direct messages")
    messages = await app_messages(page)
    await expect(messages.filter(has_text="Audit trail exported")).to_be_visible()
    await shoot(page, "audit-export")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").first.click()
    with (await (await download.value).path()).open(encoding="utf-8") as file:
        assert "audit export" in file.read()


@pytest.mark.parametrize("person", ROLES)
async def test_the_home_tab(walk: Open, shoot: Shoot, person: str) -> None:
    """The home tab greets the person, shows their services and only the commands that they may use, and its buttons
    answer in the app's messages.
    """
    page = await walk(f"as={person}", height=1000)
    home = await app_home(page)
    await expect(home).to_contain_text(await page.locator("#people-button .wide-only").inner_text())
    await expect(home).to_contain_text(ROLES[person])
    await expect(home).to_contain_text("My services")
    for name in ("audit", "platform", "survey"):
        await expect(home.get_by_text(f"/idp {name}")).to_have_count(1 if name in MAY[person] else 0)
    await shoot(page, f"home-{person}")
    await home.get_by_role("button", name="Who am I").click()
    await expect(page.locator("#sidebar .row", has_text="idp").locator(".badge")).to_contain_text("1")
    messages = await app_messages(page)
    await expect(messages.last).to_contain_text("Who you are here")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(walk: Open, shoot: Shoot, scheme: str) -> None:
    """On a phone nothing runs over the edge: a card, a plan, a form and the home tab, light and dark."""
    page = await walk(width=360, height=780, color_scheme=scheme)
    await asked(page, "service checkout", "checkout")
    assert await fits(page)
    await shoot(page, f"phone-card-{scheme}")
    await asked(page, "use checkout", "Use checkout")
    assert await fits(page)
    await shoot(page, f"phone-plan-{scheme}")
    await give(page, "/idp feedback")
    await expect(page.get_by_role("dialog", name="Feedback")).to_be_visible()
    assert await fits(page)
    await shoot(page, f"phone-form-{scheme}")
    await page.keyboard.press("Escape")
    await page.locator("#drawer-button").click()
    await app_home(page)
    assert await fits(page)
    await shoot(page, f"phone-home-{scheme}")


async def _service_card(walk: Open) -> Page:
    page = await walk("as=alice&c=payments", width=pictures.WIDTH, height=pictures.HEIGHT)
    await asked(page, "service payments-api", "payments-api")
    return page


async def _plan(walk: Open) -> Page:
    petra = await walk("as=petra&c=payments")
    await give(petra, "Can we make `payments-api` this channel's default? Then `/idp service` is enough in here.")
    page = await walk("as=alice&c=payments", width=pictures.WIDTH, height=pictures.HEIGHT, color_scheme="dark")
    await give(page, "Good idea, one moment.")
    await asked(page, "use payments-api", "Use payments-api")
    return page


async def _feedback_form(walk: Open) -> Page:
    page = await walk("as=mona", width=pictures.WIDTH, height=pictures.HEIGHT)
    await asked(page, "services --team payments", "Services")
    await give(page, "/idp feedback")
    form = page.get_by_role("dialog", name="Feedback")
    await form.get_by_label("Rating").fill("4")
    await form.get_by_label("Text").fill(
        "Finding a service takes seconds now. I would like a weekly summary of my teams."
    )
    return page


async def _app_home(walk: Open) -> Page:
    page = await walk("as=alice&c=payments", width=pictures.WIDTH, height=pictures.HEIGHT)
    await asked(page, "use payments-api", "Use payments-api")
    await expect(await app_home(page)).to_contain_text("Waits for your confirmation")
    return page


SCENES = {"service-card": _service_card, "plan": _plan, "feedback-form": _feedback_form, "app-home": _app_home}


@pytest.mark.parametrize("name", pictures.PICTURES)
async def test_the_readmes_pictures_can_be_taken(walk: Open, root: Path, name: str) -> None:
    """Each picture of the README is of a scene that can be had, and small; `IDP_REGENERATE=1` takes them anew."""
    picture = await pictures.taken(await SCENES[name](walk))
    assert picture[8:12] == b"WEBP"
    assert len(picture) <= pictures.MOST_BYTES
    if os.environ.get("IDP_REGENERATE") and not os.environ.get("CI"):
        path = root / pictures.path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
