"""What a button carries: a read's command, and of a change nothing but the id of a stored offer."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from bot.frontends.slack.buttons import LONGEST_VALUE, OFFER_LIFE, ButtonBook, consent_row
from bot.replies import Consent
from commands._kit.doc import Button, Doc
from tests.bot.rig import NOW, Clock
from tests.bot.sample_commands import label, sample_set

ANN = "slack:T1/U0ANN"


@pytest.fixture
def book() -> ButtonBook:
    return ButtonBook(sample_set(), ANN, Clock())


def test_a_read_carries_its_command(book: ButtonBook) -> None:
    """A button for a read carries command and arguments, and needs nothing stored."""
    action, value = book(Button("Look", "look", {"service": "checkout"}), 3)
    assert action == "run:3"
    assert orjson.loads(value) == {"c": "look", "a": {"service": "checkout"}}
    assert book.offers == []


def test_a_change_carries_an_id_only(book: ButtonBook) -> None:
    """A button for a change carries the random id of an offer to this person, for a day."""
    action, value = book(Button("Label", "label", {"service": "checkout", "text": "hello"}), 1)
    (offer,) = book.offers
    assert action == "open:1"
    assert value == offer.id
    assert (offer.kind, offer.person, offer.used) == ("command", ANN, False)
    assert offer.payload == {"command": "label", "values": {"service": "checkout", "text": "hello"}}
    assert offer.expires_at == NOW + OFFER_LIFE == NOW + timedelta(days=1)


def test_ids_cannot_be_guessed(book: ButtonBook) -> None:
    """Two offers of the same thing have ids of their own, each of 18 random bytes."""
    first, second = (book(Button("Label", "label", {"service": "x"}), 1)[1] for _ in range(2))
    assert first != second
    assert len(first) == 24


def test_an_unknown_command_is_no_read(book: ButtonBook) -> None:
    """A button whose command is not known is treated as a change."""
    assert book(Button("Gone", "gone", {}), 1)[0] == "open:1"


def test_arguments_too_long_for_a_button_are_stored(book: ButtonBook) -> None:
    """Slack takes 2,000 characters in a button: longer arguments are kept as an offer."""
    action, value = book(Button("Look", "look", {"service": "x" * LONGEST_VALUE}), 1)
    assert action == "open:1"
    assert len(value) == 24


def test_a_plans_buttons_carry_its_offer_only() -> None:
    """Under a plan both buttons carry the offer's id and nothing else."""
    row = consent_row(Consent(label, Doc("Plan"), "offer-1", "hash", NOW))
    elements = row["elements"]
    assert isinstance(elements, list)
    assert [(e["action_id"], e["value"]) for e in elements] == [("confirm", "offer-1"), ("cancel", "offer-1")]
