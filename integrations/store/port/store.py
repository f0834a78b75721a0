"""The whole store, made of the parts beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations.store.port.audit import AuditLog, Head
from integrations.store.port.catalogue import CatalogueIndex
from integrations.store.port.feedback import Feedback
from integrations.store.port.keys import UniqueKeys
from integrations.store.port.offers import Offers
from integrations.store.port.operations import Operations
from integrations.store.port.outbox import Outbox
from integrations.store.port.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows a sweep removed."""

    keys: int
    offers: int
    messages: int


class Store(Protocol):
    """The whole store, as the composition root sees it; everyone else is handed one of its parts."""

    @property
    def catalogue(self) -> CatalogueIndex: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def operations(self) -> Operations: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def keys(self) -> UniqueKeys: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def preferences(self) -> Preferences: ...
    @property
    def feedback(self) -> Feedback: ...

    @property
    def read_only(self) -> str:
        """Why no change is accepted (a store behind its anchor, a broken chain), or empty."""

    async def accept(self, *, reason: str, by: str) -> Head:
        """Have a read-only store written to again, as it is: an operator, `by` (a stable id), has looked and says why.
        The acceptance becomes an audit record, whose head is returned, and a line in the anchors; of the breaks, those
        accepted are from then on known. Raises Conflict where there is nothing to accept, and where the key is wrong.
        """

    async def sweep(self, now: datetime) -> Swept:
        """Remove what has had its time: expired keys, offers a week after they expired, messages a month after they
        were delivered or given up.
        """

    async def probe(self) -> str:
        """Return the schema version and path, having committed a write. Raises Unavailable where that is impossible; a
        store that is `read_only` can be written to in this sense.
        """

    async def close(self) -> None:
        """Commit what is queued and close; further calls raise Unavailable."""
