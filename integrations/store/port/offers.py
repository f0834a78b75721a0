"""Offers: what one person may do once, known to a message by a random id alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations.store.port.page import Json


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that one person may do once, behind a button or a form: the message carries only `id`.

    `kind` is `command` (a change that is not planned yet), `consent` (to the plan with `plan_hash`), `draft` (values of
    a form) or `answer` (one that may be kept or shared as it was shown). `payload` is what the kind needs. `person` is
    the stable id of who may take it.
    """

    id: str
    kind: str
    person: str
    payload: Json
    expires_at: datetime
    plan_hash: str = ""
    used: bool = False


class Offers(Protocol):
    async def make(self, *offers: Offer) -> None:
        """Keep these offers. Raises Conflict for an id that is there already: then none was kept."""

    async def look(self, offer_id: str) -> Offer | None:
        """Return an offer, used or expired ones too (they are kept for a week, so that a stale button can say so)."""

    async def open_for(self, person: str, now: datetime) -> tuple[Offer, ...]:
        """Return the person's `consent` offers that are neither used nor expired, newest first."""

    async def use(self, offer_id: str) -> bool:
        """Use the offer up; False where it was used already, has expired, or is not there."""
