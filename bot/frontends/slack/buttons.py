"""What a button carries. A READ button carries its command; a change's button only the random id of a stored offer.

So whoever can post as the bot can show buttons, but none that makes a genuine click change anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import orjson

from bot.replies import Consent
from commands._kit.command import Effect
from commands._kit.discover import CommandSet
from commands._kit.doc import Button
from integrations.store import Offer

RUN, OPEN, CONFIRM, CANCEL, KEEP, SHARE, FILL, HERE = (
    "run",
    "open",
    "confirm",
    "cancel",
    "keep",
    "share",
    "fill",
    "here",
)
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

    def __call__(self, button: Button, number: int) -> tuple[str, str]:
        """Return the action id and value of a document's button."""
        command = self._commands.find(button.command)
        value = orjson.dumps({"c": button.command, "a": dict(button.arguments)}).decode()
        if command is not None and command.effect is Effect.READ and len(value) <= LONGEST_VALUE:
            return f"{RUN}:{number}", value
        payload = {"command": button.command, "values": dict(button.arguments)}
        return f"{OPEN}:{number}", self.offer("command", payload)

    def offer(self, kind: str, payload: Mapping[str, object]) -> str:
        """Make an offer to this person and return its id."""
        offer_id = secrets.token_urlsafe(18)
        self.offers.append(Offer(offer_id, kind, self._person, payload, self._clock() + OFFER_LIFE))
        return offer_id


def row(*elements: dict[str, object], block_id: str = "") -> dict[str, object]:
    """Return an actions block."""
    return {"type": "actions", "elements": list(elements), **({"block_id": block_id} if block_id else {})}


def button(label: str, action: str, value: str, style: str = "") -> dict[str, object]:
    """Return a button element."""
    made: dict[str, object] = {
        "type": "button",
        "text": {"type": "plain_text", "text": label, "emoji": True},
        "action_id": action,
        "value": value,
    }
    return {**made, "style": style} if style else made


def consent_row(consent: Consent) -> dict[str, object]:
    """Return the buttons under a plan in a message."""
    return row(
        button("Confirm", CONFIRM, consent.offer, "primary"),
        button("Cancel", CANCEL, consent.offer),
    )
