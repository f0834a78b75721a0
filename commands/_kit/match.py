"""What a person could have meant by a word that is nearly right."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

_LONGEST = 64
_NEAR = 0.6


def folded(name: str) -> str:
    """Return a name as it is compared: without case, `_` for `-`."""
    return name.strip().casefold().replace("-", "_")


def nearest(word: str, names: Iterable[str], *, limit: int = 3, near: float = _NEAR) -> tuple[str, ...]:
    """Return the names that the word could stand for, nearest first: those it begins, then those a slip away."""
    key = folded(word)[:_LONGEST]
    if not key:
        return ()
    choices = sorted(set(names))
    begun = [name for name in choices if len(key) > 1 and folded(name).startswith(key)]
    slips = process.extract(
        key,
        choices,
        scorer=DamerauLevenshtein.normalized_similarity,
        processor=folded,
        limit=limit,
        score_cutoff=near,
    )
    return tuple(dict.fromkeys([*begun, *(name for name, _, _ in slips)]))[:limit]


def listed(names: Iterable[str], *, last: str = "or") -> str:
    """Return names as a sentence has them: `a, b or c`."""
    *head, tail = list(names) or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail


def did_you_mean(names: tuple[str, ...]) -> str:
    """Return the question, or nothing where there is nothing to propose."""
    return f"Did you mean {listed(names)}?" if names else ""
