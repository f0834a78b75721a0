"""What people type wrongly, and what strangers write into names: told on the spot, never lost, never alive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests._harness.organisation import Organisation, buttons_of, said

BROADCASTS = ("<!channel", "<!here", "<!everyone", "<!subteam")


def mrkdwn_in(found: Any) -> Iterator[str]:
    """Yield every text in blocks that Slack would parse."""
    if isinstance(found, dict):
        if found.get("type") == "mrkdwn":
            yield str(found["text"])
        for value in found.values():
            yield from mrkdwn_in(value)
    elif isinstance(found, list):
        for value in found:
            yield from mrkdwn_in(value)


def kinds_in(found: Any) -> set[str]:
    """Return every `type` in blocks."""
    if isinstance(found, dict):
        inner = set().union(*(kinds_in(v) for v in found.values())) if found else set()
        return inner | ({str(found["type"])} if "type" in found else set())
    return set().union(*(kinds_in(v) for v in found)) if isinstance(found, list) and found else set()


def assert_inert(blocks: list[Any], text: str = "") -> None:
    """Fail where something in blocks or fallback text would call people or be formatted."""
    for alive in (text, *mrkdwn_in(blocks)):
        assert not any(b in alive for b in BROADCASTS), alive
        assert "*Mailer*" not in alive
    assert not kinds_in(blocks) & {"broadcast", "usergroup"}


async def test_an_unknown_command_says_so_and_what_helps(org: Organisation) -> None:
    """An unknown command is named, the nearest one is offered and `help` is pointed at."""
    shown = said(await org.say("alice", "feedbakc 5"))
    assert "feedbakc" in shown
    assert "feedback 5" in shown
    assert "help" in shown


async def test_an_unknown_field_is_told_with_those_there_are(org: Organisation) -> None:
    """A field that a command does not have is named, with the fields that it has."""
    shown = said(await org.say("alice", "services --taem acme/payments"))
    assert "--taem" in shown
    assert "--team" in shown


async def test_an_unknown_value_is_told_with_what_could_be_meant(org: Organisation) -> None:
    """A value that there is not comes back with what could be meant."""
    shown = said(await org.say("alice", "services --team paymnets"))
    assert "paymnets" in shown
    assert "acme/payments" in shown


async def test_a_wrong_value_opens_the_form_with_its_error(org: Organisation) -> None:
    """A value out of range opens the form: what was typed is in it, and the error stands by its field."""
    await org.control("command", user="alice", channel="general", text="feedback 9 quite good")
    form = await org.view("alice", "form")
    shown = str(form.body["blocks"])
    assert "quite good" in shown
    assert "must be at most 5 (you wrote: 9)" in shown


async def test_a_missing_quote_is_shown_where_it_opens(org: Organisation) -> None:
    """A quote that is opened and never closed is shown with its place in the line."""
    shown = said(await org.say("alice", 'services --query "card vault'))
    assert "never closed" in shown
    assert "▸" in shown


@pytest.mark.parametrize("text", ["x" * 4000, "services --query " + "y" * 180, '"' * 4000])
async def test_four_thousand_characters_are_answered(org: Organisation, text: str) -> None:
    """The longest line that Slack sends is answered, whatever it says."""
    assert said(await org.say("alice", text))


@pytest.mark.parametrize("text", ["services " + "y " * 1990, "feedback 5 " + "z" * 3900])
async def test_four_thousand_characters_too_many_come_back_in_the_form(org: Organisation, text: str) -> None:
    """What is too long for a field opens the form, which says how long it may be."""
    await org.control("command", user="alice", channel="general", text=text)
    form = await org.view("alice", "form")
    assert "characters long" in str(form.body["blocks"])


@pytest.mark.parametrize("command", ["services", "services --team acme/payments", "mailer", "confetti"])
async def test_hostile_names_are_inert_in_lists_and_cards(org: Organisation, command: str) -> None:
    """`<!channel>`, `*bold*` and links in names and descriptions are text and nothing else."""
    message = await org.say("alice", command)
    assert_inert(message.blocks, message.text)


async def test_a_card_shows_hostile_names_as_they_are(org: Organisation) -> None:
    """A service's name with markup in it is shown letter by letter."""
    shown = said(await org.say("alice", "mailer"))
    assert "*Mailer* _with_ `markup`" in shown
    assert "evil.example" in shown


async def test_right_to_left_names_are_shown(org: Organisation) -> None:
    """Hebrew and Arabic names arrive whole."""
    shown = said(await org.say("alice", "address-check"))
    assert "בדיקת כתובות" in shown
    assert "فحص العناوين" in shown


async def test_hostile_names_are_inert_in_option_labels(org: Organisation) -> None:
    """The options of a select are plain text, hostile names too."""
    await org.control("command", user="alice", channel="general", text="use")
    form = await org.view("alice", "form")
    found = await org.control("suggest", user="alice", view_id=form.id, action_id="service", value="mail")
    assert [o["value"] for o in found["options"]] == ["mailer", "notifications"]
    assert_inert(found["options"])


async def test_what_a_person_types_is_inert_in_the_answer(org: Organisation) -> None:
    """A mention or a broadcast in what somebody typed calls nobody when it is quoted back."""
    for text in ("<!channel> all", "service <!everyone>", "service *Mailer*", "--help <!here>"):
        message = await org.say("alice", text)
        assert_inert(message.blocks, message.text)


async def test_what_a_person_types_is_inert_in_the_plan_and_the_result(org: Organisation) -> None:
    """Feedback with markup in it is shown as text in its plan and in `survey`."""
    plan = await org.say("alice", "feedback 5 *great* <!channel> _work_")
    assert_inert(plan.blocks, plan.text)
    await org.click("alice", plan, "confirm")
    await org.told("alice", "Thank you")
    survey = await org.say("petra", "survey")
    assert "great" in said(survey)
    assert_inert(survey.blocks, survey.text)


async def test_a_hostile_name_in_the_home_is_inert(org: Organisation) -> None:
    """The home tab shows hostile names as text."""
    await org.control("home", user="alice")
    home = await org.until(lambda: org.world.state.homes.get("U0ALICE"), "home")
    assert_inert(home.body["blocks"])


async def test_emoji_and_smart_quotes_are_understood(org: Organisation) -> None:
    """What phones make of quotes and hyphens is read as what was meant."""
    shown = said(await org.say("alice", "services —query “card vault”"))
    assert "card-vault" in shown


async def test_a_guess_can_be_taken_by_its_words(org: Organisation) -> None:
    """A misspelt service comes with the one that was meant, and no button changes anything."""
    message = await org.say("alice", "service chekout")
    assert "checkout" in said(message)
    assert not buttons_of(message.blocks, "confirm")
