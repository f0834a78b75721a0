"""Showing an answer to a channel: only where nobody from outside reads along, and never on a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.front import Front
from bot.frontends.slack.sharing import MOST_MEMBERS, share, why_not
from bot.identity import SlackPrincipal
from integrations.errors import BackendError, Denied, Unavailable
from integrations.slack import Conversation
from integrations.store import Offer
from tests.bot.dispatching import Desk
from tests.bot.rig import NOW

ANN = SlackPrincipal("T1", "U0ANN")
GENERAL = Conversation("C1", "general", member=True, private=False, direct=False, outsiders=False)
BLOCKS = [{"type": "section", "text": {"type": "plain_text", "text": "the answer"}}]
OFFER = Offer("offer-1", "answer", ANN.id, {"text": "the answer", "blocks": BLOCKS, "command": "look checkout"}, NOW)


@pytest.fixture(autouse=True)
def _channel(desk: Desk) -> None:
    desk.slack.channels["C1"] = GENERAL
    desk.slack.in_channel["C1"] = frozenset({"U0ANN", "U0BEA"})
    desk.slack.strangers = frozenset({"U0GUS"})


def said(desk: Desk) -> str:
    return " ".join(str(body["text"]) for _, _, body in desk.slack.whispered)


async def test_an_answer_is_posted_with_who_asked(front: Front, desk: Desk) -> None:
    """The channel sees the answer, in the thread it was asked for, with the asker's name and the command."""
    await share(front, Origin(ANN, "C1", "1.2"), OFFER)
    ((channel, body, thread, key),) = desk.slack.posted
    assert (channel, thread, key) == ("C1", "1.2", "offer-1")
    assert body["text"] == "the answer"
    assert "<@U0ANN>" in str(body["blocks"][0])
    assert "look checkout" in str(body["blocks"][0])
    assert body["blocks"][1:] == BLOCKS


async def test_buttons_that_begin_a_change_are_not_shared(front: Front, desk: Desk) -> None:
    """What was offered to the asker is for the asker; buttons that only look stay."""
    row: dict[str, Any] = {
        "type": "actions",
        "elements": [{"action_id": "run:1", "value": "{}"}, {"action_id": "open:2", "value": "secret-offer"}],
    }
    alone = {"type": "actions", "elements": [{"action_id": "open:3", "value": "secret-offer"}]}
    offer = replace(OFFER, payload={**OFFER.payload, "blocks": [*BLOCKS, row, alone]})
    await share(front, Origin(ANN, "C1"), offer)
    posted = str(desk.slack.posted)
    assert "run:1" in posted
    assert "secret-offer" not in posted


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"outsiders": True}, "another organisation"),
        ({"member": False}, "/invite @idp"),
    ],
)
async def test_a_channel_that_is_not_fit_is_refused(
    front: Front, desk: Desk, changed: dict[str, bool], words: str
) -> None:
    """Where outsiders read, or where the bot is no member, nothing is posted and it is said why."""
    desk.slack.channels["C1"] = replace(GENERAL, **changed)  # type: ignore[arg-type]  # flags only
    await share(front, Origin(ANN, "C1"), OFFER)
    assert desk.slack.posted == []
    assert words in said(desk)


async def test_a_channel_that_the_bot_does_not_see_is_refused(front: Front, desk: Desk) -> None:
    """A private channel without the bot cannot be seen, and how to invite it is said."""
    await share(front, Origin(ANN, "C9"), OFFER)
    assert desk.slack.posted == []
    assert "/invite @idp" in said(desk)


async def test_where_guests_read_nothing_is_shared(front: Front, desk: Desk) -> None:
    """One guest among the members is enough to refuse."""
    desk.slack.in_channel["C1"] = frozenset({"U0ANN", "U0GUS"})
    assert "Guests read this channel" in await why_not(front, "C1")


async def test_a_channel_too_large_to_check_is_refused(front: Front, desk: Desk) -> None:
    """Members that cannot all be looked at are not assumed to be colleagues."""
    desk.slack.in_channel["C1"] = frozenset(f"U{n}" for n in range(MOST_MEMBERS + 1))
    assert "cannot check them all" in await why_not(front, "C1")


@pytest.mark.parametrize("method", ["conversation", "members", "guests"])
@pytest.mark.parametrize(
    "error", [Unavailable("no answer", backend="slack"), Denied("no", backend="slack", rights=("channels:read",))]
)
async def test_what_cannot_be_checked_is_not_shared(front: Front, desk: Desk, method: str, error: BackendError) -> None:
    """Whatever Slack does not say, nothing is posted, and the person is told."""
    desk.slack.broken[method] = error
    await share(front, Origin(ANN, "C1"), OFFER)
    assert desk.slack.posted == []
    assert said(desk)


async def test_a_withheld_scope_is_named(front: Front, desk: Desk) -> None:
    """Without the scopes to see a channel, sharing is off, and which scope is missing is said."""
    desk.slack.broken["conversation"] = Denied("missing_scope", backend="slack", rights=("groups:read",))
    assert "groups:read" in await why_not(front, "C1")


async def test_without_a_channel_there_is_nothing_to_share_into(front: Front, desk: Desk) -> None:
    """From the home tab there is no channel, which is said in the direct messages."""
    await share(front, Origin(ANN), OFFER)
    ((channel, body, _, _),) = desk.slack.posted
    assert channel == "U0ANN"
    assert "no channel" in body["text"]


async def test_a_post_that_fails_is_told(front: Front, desk: Desk) -> None:
    """Where posting fails the person is told to look before sharing again, because it may be there."""
    desk.slack.broken["post"] = [Unavailable("no answer", backend="slack")]
    await share(front, Origin(ANN, "C1"), OFFER)
    assert "may not have been shared" in said(desk)
