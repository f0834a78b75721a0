"""The store's memory of deliveries, without a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class Keys:
    """Keys that an earlier process was given."""

    def __init__(self, *keys: str) -> None:
        self.kept = set(keys)

    async def remembered(self) -> frozenset[str]:
        return frozenset(self.kept)

    async def remember_all(self, keys: Sequence[tuple[str, datetime]]) -> None:
        self.kept.update(key for key, _ in keys)
