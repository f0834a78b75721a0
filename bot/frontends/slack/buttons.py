"""What a button carries. A READ button carries its command; a change's button only the random id of a stored offer.

So whoever can post as the bot can show buttons, but none that makes a genuine click change anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import orjson

from bot.frontends.slack.elements import Json, button, row
from bot.replies import Consent
from commands._kit.command import Effect
from commands._kit.discover import CommandSet
from commands._kit.doc import Button
from integrations.store import Offer

RUN = "run"
OPEN = "open"
FILL = "fill"
REVIEW = "review"
CONFIRM = "confirm"
CANCEL = "cancel"
KEEP = "keep"
SHARE = "share"
OFFER_LIFE = timedelta(days=1)
LONGEST_VALUE = 1900


class ButtonBook:
    """Makes action ids and values for the buttons of one message to one person; `offers` must be stored before it is
    sent.
    """

    def __init__(self, commands: CommandSet, person: str, clock: Callable[[], datetime]) -> None:
        self._commands = commands
        self._person = person
        self._clock = clock
        self.offers: list[Offer] = []

    def __call__(self, wanted: Button, number: int) -> tuple[str, str]:
        """Return the action id and value of a document's button."""
        command = self._commands.find(wanted.command)
        value = orjson.dumps({"c": wanted.command, "a": dict(wanted.arguments)}).decode()
        if command is not None and command.effect is Effect.READ and len(value) <= LONGEST_VALUE:
            return f"{RUN}:{number}", value
        payload = {"command": wanted.command, "values": dict(wanted.arguments)}
        return f"{OPEN}:{number}", self.offer("command", payload)

    def offer(self, kind: str, payload: Mapping[str, object]) -> str:
        """Make an offer to this person and return its id."""
        offer_id = secrets.token_urlsafe(18)
        self.offers.append(Offer(offer_id, kind, self._person, payload, self._clock() + OFFER_LIFE))
        return offer_id


def consent_row(consent: Consent) -> Json:
    """Return the buttons under a plan in a message."""
    return row(
        button("Confirm", CONFIRM, consent.offer, "primary"),
        button("Cancel", CANCEL, consent.offer),
    )
