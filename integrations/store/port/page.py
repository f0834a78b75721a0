"""What every part of the store's port uses: a page of a long list, and data as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of `total` items, from `offset` on."""

    items: tuple[T, ...]
    total: int
    offset: int = 0
