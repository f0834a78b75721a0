"""The home tab: my services, what waits for me, what I may do; and when it is published again."""

from __future__ import annotations

from typing import Any

from integrations.slack.simulator.state import View
from tests._harness.organisation import Organisation, buttons_of, text_of

QUARTER = 900


async def home(org: Organisation, user: str) -> View:
    """Open the home tab as that person and return it."""
    person = org.world.user(user)
    assert person is not None
    opened = await org.control("home", user=user)
    assert opened["status"] == 200
    found: View = await org.until(lambda: org.world.state.homes.get(person.id), f"home of {user}")
    await org.settled()
    return found


def shown(view: View) -> str:
    return text_of(view.body["blocks"])


async def press(org: Organisation, user: str, button: dict[str, Any]) -> None:
    done = await org.control("action", user=user, home=True, action_id=button["action_id"], value=button["value"])
    assert done["status"] == 200, done


async def test_home_shows_my_services(either: Organisation) -> None:
    """A developer sees the services of their own teams, and no others."""
    text = shown(await home(either, "alice"))
    assert "payments-api" in text
    assert "storefront-web" not in text


async def test_home_lists_only_commands_that_i_may_use(org: Organisation) -> None:
    """A developer's home has no command of platform engineers or auditors; theirs has."""
    developer, engineer, auditor = [shown(await home(org, who)) for who in ("alice", "petra", "audrey")]
    assert "/idp platform" not in developer
    assert "/idp audit" not in developer
    assert "/idp platform" in engineer
    assert "/idp audit" in auditor


async def test_home_of_an_unlinked_person_offers_no_change(org: Organisation) -> None:
    """Somebody who reads only is told so, and is offered nothing that changes."""
    text = shown(await home(org, "nina"))
    assert "read only" in text
    assert "/idp feedback" not in text


async def test_a_guests_home_says_why_it_is_empty(org: Organisation) -> None:
    """A guest's home shows the refusal and nothing of the organisation."""
    text = shown(await home(org, "gus"))
    assert "Guests cannot use" in text
    assert "payments" not in text


async def test_home_shows_what_waits_for_me(org: Organisation) -> None:
    """A plan that waits for consent stands on the home, can be confirmed from there, and is gone when decided."""
    await home(org, "alice")
    plan = await org.say("alice", "use checkout", "payments")
    await org.settled()
    view = await org.until(lambda: _waiting(org, "U0ALICE"), "the plan on the home")
    (review,) = buttons_of(view.body["blocks"], "review")
    await press(org, "alice", review)
    modal = await org.view("alice", "consent")
    assert "checkout" in text_of(modal.body["blocks"])
    await org.control("submit", user="alice", view_id=modal.id)
    await org.view("alice", "done")
    await org.until(lambda: not _waiting(org, "U0ALICE"), "a home on which nothing waits")
    assert len(await org.outcomes("use")) == 1
    seen = org.shown("alice")
    await org.click("alice", plan, "confirm")
    assert "used already" in text_of((await org.next_answer("alice", seen)).blocks)


def _waiting(org: Organisation, user: str) -> View | None:
    view = org.world.state.homes.get(user)
    return view if view is not None and buttons_of(view.body["blocks"], "review") else None


async def test_consent_republishes_home(org: Organisation) -> None:
    """After a plan was confirmed in its message it waits on the home no more."""
    await home(org, "alice")
    plan = await org.say("alice", "use checkout", "payments")
    await org.until(lambda: _waiting(org, "U0ALICE"), "the plan on the home")
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Default service set")
    await org.until(lambda: not _waiting(org, "U0ALICE"), "a home on which nothing waits")


async def test_a_cancelled_plan_waits_no_more(org: Organisation) -> None:
    """After *Cancel* the plan is gone from the home."""
    await home(org, "alice")
    plan = await org.say("alice", "use checkout", "payments")
    await org.until(lambda: _waiting(org, "U0ALICE"), "the plan on the home")
    await org.click("alice", plan, "cancel")
    await org.until(lambda: not _waiting(org, "U0ALICE"), "a home on which nothing waits")


async def test_a_lowered_role_republishes_home(org: Organisation) -> None:
    """A platform engineer who joins the group that lowers rights sees a developer's home at once."""
    assert "/idp platform" in shown(await home(org, "petra"))
    await org.control("group", group="S0ONLEAVE", users=["petra"])
    view = org.world.state.homes["U0PETRA"]
    await org.until(lambda: "/idp platform" not in shown(view), "a developer's home")


async def test_a_deactivated_person_loses_their_home(org: Organisation) -> None:
    """A change of a person republishes their home."""
    await home(org, "alice")
    await org.control("user", user="alice", is_restricted=True)
    view = org.world.state.homes["U0ALICE"]
    await org.until(lambda: "Guests cannot use" in shown(view), "a guest's home")


async def test_home_is_republished_to_recent_visitors_only(org: Organisation) -> None:
    """Who opened the home more than ten minutes ago gets a new one when they open it, not before."""
    await org.on_slack_time()
    await home(org, "alice")
    await org.pass_time(QUARTER)
    before = len(org.calls("views.publish"))
    await org.say("alice", "use checkout", "payments")
    await org.settled()
    assert len(org.calls("views.publish")) == before


async def test_quick_actions_work_from_home(org: Organisation) -> None:
    """*Give feedback* opens its form, and a service's button answers in the direct messages."""
    view = await home(org, "alice")
    buttons = buttons_of(view.body["blocks"], "open") + buttons_of(view.body["blocks"], "run")
    by_label = {b["text"]["text"]: b for b in buttons}
    await press(org, "alice", by_label["Give feedback"])
    await org.view("alice", "form")
    org.world.drop_views("U0ALICE")
    await press(org, "alice", by_label["Who am I"])
    answer = await org.told("alice", "Who you are")
    assert answer.channel.startswith("D")


async def test_the_other_tabs_publish_nothing(org: Organisation) -> None:
    """Opening the messages tab is no reason to publish a home."""
    await org.control("home", user="alice", tab="messages")
    await org.settled()
    assert not org.calls("views.publish")
