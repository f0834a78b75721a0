"""Fitting blocks into a surface: what does not fit is left out from the end, counted, and said in one line.

Buttons are kept before anything else, because an answer without its actions is a dead end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.render.foreign import length

Json = dict[str, Any]
# What a block costs beyond its text, where Slack adds up a message's characters (measured for headers).
OVERHEAD = 20
HEADER_OVERHEAD = 100
_SHOWN = ("text", "url", "fallback", "name", "label")


@dataclass(frozen=True, slots=True)
class Limits:
    blocks: int
    characters: int


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


def pack(units: Sequence[Unit], limits: Limits, hint: str) -> tuple[list[Json], int]:
    """Return the blocks that fit and how many were left out; where some were, a line says so, with `hint` after it."""
    if len(units) > limits.blocks:
        units = list(_merged(units))
    if len(units) <= limits.blocks and sum(map(_cost, units)) <= limits.characters:
        return [unit.block for unit in units], 0
    # One place is for the line that says what is missing; buttons take at most half of the others, and of the size.
    kept = _within(units, max(1, limits.blocks // 2 - 1), limits.characters // 2)
    room = limits.blocks - 1 - len(kept)
    left = limits.characters - sum(_cost(units[index]) for index in kept)
    chosen = set(kept)
    last = -1
    for index, unit in enumerate(units):
        if unit.kept:
            continue
        room, left = room - 1, left - _cost(unit)
        if room < 0 or left < 0:
            break
        chosen.add(index)
        last = index
    dropped = len(units) - len(chosen)
    blocks = [(index, unit.block) for index, unit in enumerate(units) if index in chosen]
    place = sum(index <= last for index, _ in blocks)
    found = [block for _, block in blocks]
    line = f"… and {dropped} more part{'s' if dropped != 1 else ''} of this answer.{hint}"
    notice = {"type": "context", "elements": [{"type": "plain_text", "text": line, "emoji": False}]}
    return [*found[:place], notice, *found[place:]], dropped


def _within(units: Sequence[Unit], blocks: int, characters: int) -> list[int]:
    """Return the indexes of the first kept units that are within so many blocks and characters."""
    found: list[int] = []
    for index, unit in enumerate(units):
        characters -= _cost(unit) if unit.kept else 0
        if characters < 0 or len(found) == blocks:
            break
        if unit.kept:
            found.append(index)
    return found


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
