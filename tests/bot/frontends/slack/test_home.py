"""The App Home: what it holds, and who gets it again when something changed."""

from __future__ import annotations

from bot.frontends.slack import home
from bot.frontends.slack.front import Front
from bot.identity import SlackPrincipal
from integrations.slack.simulator.blockkit import validate_view
from tests.bot.dispatching import Desk, a_service

ANN, PIA, UNA, GUS = (SlackPrincipal("T1", user) for user in ("U0ANN", "U0PIA", "U0UNA", "U0GUS"))


def shown(desk: Desk, user: str) -> str:
    view = desk.slack.homes[user]
    assert validate_view(view) == []
    return str(view["blocks"])


async def test_my_services_are_there_and_nobody_elses(front: Front, desk: Desk) -> None:
    """The home has the services of one's own teams."""
    await home.opened(front, ANN)
    assert "checkout" in shown(desk, "U0ANN")
    assert "search" not in shown(desk, "U0ANN")


async def test_a_service_of_a_team_within_a_team_is_there_once(front: Front, desk: Desk) -> None:
    """Who is in a group and in its subgroup sees the subgroup's services once."""
    await desk.store.catalogue.put([a_service("ledger", 3, "acme/payments/ledger")], ())
    desk.gitlab.people["acme/payments/ledger"] = {1: 30}
    await desk.memberships.refresh(await desk.store.catalogue.teams())
    await home.opened(front, ANN)
    assert shown(desk, "U0ANN").count('"name":"ledger"') == 1


async def test_only_the_commands_that_i_may_use_are_there(front: Front, desk: Desk) -> None:
    """A command that one's roles do not open is not in one's home, and is in that of who may use it."""
    await home.opened(front, ANN)
    await home.opened(front, PIA)
    assert "tune" not in shown(desk, "U0ANN")
    assert "tune" in shown(desk, "U0PIA")


async def test_what_waits_for_me_is_there_until_it_is_done(front: Front, desk: Desk) -> None:
    """A plan that waits for one's consent is in one's home, nobody else's, and gone once it was used."""
    plan = await desk.plan("label checkout hello")
    await home.opened(front, ANN)
    await home.opened(front, PIA)
    assert plan.offer in shown(desk, "U0ANN")
    assert plan.offer not in shown(desk, "U0PIA")
    await desk.consent(plan)
    await home.publish(front, ANN)
    assert plan.offer not in shown(desk, "U0ANN")


async def test_who_is_not_linked_is_told(front: Front, desk: Desk) -> None:
    """Somebody who reads only is told so, and why."""
    await home.opened(front, UNA)
    assert "not linked" in shown(desk, "U0UNA")


async def test_a_guests_home_says_why_it_is_empty(front: Front, desk: Desk) -> None:
    """Who is not served sees that, and no command or service."""
    await home.opened(front, GUS)
    assert "Guests cannot" in shown(desk, "U0GUS")
    assert "checkout" not in shown(desk, "U0GUS")


async def test_a_change_is_shown_to_those_who_looked_lately(front: Front, desk: Desk) -> None:
    """Who opened the home within ten minutes gets it again; who did longer ago does not."""
    await home.opened(front, ANN)
    desk.clock.move(minutes=5)
    await home.opened(front, PIA)
    desk.slack.homes.clear()
    desk.clock.move(minutes=5)
    await home.changed(front)
    assert set(desk.slack.homes) == {"U0PIA"}


async def test_a_change_of_one_person_is_shown_to_that_person(front: Front, desk: Desk) -> None:
    """What concerns one person is published to that person only."""
    await home.opened(front, ANN)
    await home.opened(front, PIA)
    desk.slack.homes.clear()
    await home.changed(front, "U0ANN")
    assert set(desk.slack.homes) == {"U0ANN"}


async def test_nobody_who_looked_means_no_call(front: Front, desk: Desk) -> None:
    """Where nobody opened a home nothing is asked or published."""
    await home.changed(front)
    assert desk.slack.asked == []
