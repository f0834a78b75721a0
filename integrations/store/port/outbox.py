"""The outbox: messages that must arrive, and where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations.store.port.page import Json


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that must arrive: `body` is what the front end posts (Slack: text and blocks), `to` a person's stable
    id or a channel id, `key` makes it appear once.
    """

    key: str
    workspace: str
    to: str
    body: Json
    thread: str = ""
    important: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox row on its way: `attempts` so far; `ambiguous` where the last attempt may have arrived."""

    message: Outgoing
    attempts: int
    ambiguous: bool
    created_at: datetime


class Outbox(Protocol):
    async def put(self, *messages: Outgoing, ambiguous: bool = False) -> None:
        """Keep messages for delivery; a key that is there already is left as it is. `ambiguous` ones may have arrived
        by another road already, and come out marked so.
        """

    async def due(self, now: datetime, *, limit: int = 50) -> tuple[Delivery, ...]:
        """Return messages to be attempted now, longest due first, and mark them as being attempted; a message that was
        being attempted when the process ended, or of whose attempt nothing was heard for ten minutes, comes again,
        `ambiguous`. None while the store is read-only.
        """

    async def sent(self, key: str, receipt: str) -> None:
        """Mark a message as delivered; the receipt is the front end's id of it."""

    async def retry(self, key: str, at: datetime, error: str, *, ambiguous: bool) -> None:
        """Have a message attempted again at that time."""

    async def give_up(self, key: str, error: str) -> None:
        """Mark a message as undeliverable."""

    async def waiting(self) -> int:
        """Return how many messages are not delivered and not given up."""
