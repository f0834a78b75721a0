"""Durable memory of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class UniqueKeys(Protocol):
    """Durable memory of what has been delivered, so that it acts once. Keys only: what was answered may hold what a
    person wrote.
    """

    async def remembered(self) -> frozenset[str]:
        """Return the keys that have not expired."""

    async def remember_all(self, keys: Sequence[tuple[str, datetime]]) -> None:
        """Keep keys, each until its time; a key that is there already keeps the time it has."""
