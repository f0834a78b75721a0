"""Fitting blocks into a surface: what does not fit is left out from the end, counted, and said in one line.

Buttons are kept before anything else, because an answer without its actions is a dead end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from bot.render.foreign import length

Json = dict[str, Any]
# What a block costs beyond its text, where Slack adds up a message's characters (measured for headers).
OVERHEAD = 20
HEADER_OVERHEAD = 100
_SHOWN = ("text", "url", "fallback", "name", "label")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much there may be: blocks, characters that people see, and bytes of JSON (a view has 250 KB)."""

    blocks: int
    characters: int
    size: int = 200_000


@dataclass(frozen=True, slots=True)
class Unit:
    """One block. A `kept` one is left out last; one that is not `counted` (a table) has a limit of its own."""

    block: Json
    kept: bool = False
    counted: bool = True


def _cost(unit: Unit) -> int:
    texts = _texts(unit.block) if unit.counted else 0
    return texts + (HEADER_OVERHEAD if unit.block["type"] == "header" else OVERHEAD)


def _texts(value: Any) -> int:
    """Return how many characters people see of a block, its links' addresses included."""
    if isinstance(value, dict):
        own = sum(length(value[key]) for key in _SHOWN if isinstance(value.get(key), str))
        return own + sum(_texts(item) for item in value.values() if isinstance(item, dict | list))
    return sum(_texts(item) for item in value) if isinstance(value, list) else 0


@dataclass(slots=True)
class _Room:
    """What is left of the limits while units are taken."""

    blocks: int
    characters: int
    size: int

    def take(self, unit: Unit) -> bool:
        """Take the unit's share, and return whether it was there."""
        self.blocks -= 1
        self.characters -= _cost(unit)
        # Counted as ASCII, because some clients send every other character as an escape of six.
        self.size -= len(json.dumps(unit.block))
        return min(self.blocks, self.characters, self.size) >= 0


def pack(units: Sequence[Unit], limits: Limits, hint: str) -> tuple[list[Json], int]:
    """Return the blocks that fit and how many were left out; where some were, a line says so, with `hint` after it."""
    if len(units) > limits.blocks:
        units = list(_merged(units))
    room = _Room(limits.blocks, limits.characters, limits.size)
    if all(room.take(unit) for unit in units):
        return [unit.block for unit in units], 0
    # One place is for the line that says what is missing; buttons take at most half of the others, and of the size.
    half = _Room(max(1, limits.blocks // 2 - 1), limits.characters // 2, limits.size // 2)
    kept = list(takewhile(lambda index: half.take(units[index]), (i for i, unit in enumerate(units) if unit.kept)))
    room = _Room(limits.blocks - 1, limits.characters, limits.size)
    for index in kept:
        room.take(units[index])
    others = (i for i, unit in enumerate(units) if not unit.kept)
    taken = list(takewhile(lambda index: room.take(units[index]), others))
    chosen = sorted([*kept, *taken])
    dropped = len(units) - len(chosen)
    line = f"… and {dropped} more part{'s' if dropped != 1 else ''} of this answer.{hint}"
    notice = {"type": "context", "elements": [{"type": "plain_text", "text": line, "emoji": False}]}
    blocks = [units[index].block for index in chosen]
    place = sum(index <= (taken[-1] if taken else -1) for index in chosen)
    return [*blocks[:place], notice, *blocks[place:]], dropped


def _merged(units: Iterable[Unit]) -> Iterable[Unit]:
    """Join neighbouring rich text blocks into one, up to a size that still can be left out by itself."""
    waiting: Unit | None = None
    for unit in units:
        if waiting and unit.block["type"] == waiting.block["type"] == "rich_text":
            joined = Unit({"type": "rich_text", "elements": [*waiting.block["elements"], *unit.block["elements"]]})
            if _cost(joined) <= 3000:
                waiting = joined
                continue
        if waiting:
            yield waiting
        waiting = unit
    if waiting:
        yield waiting
