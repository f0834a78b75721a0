"""Feedback, with a name or without a trace of who gave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """Feedback with a name under it; `key` makes it count once."""

    key: str
    at: datetime
    person: str
    person_name: str
    rating: int
    text: str


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """All feedback, newest first: `ratings[i]` counts ratings of i+1. Until there are five anonymous answers they show
    nowhere, neither as texts nor in a count from which one could be told by subtraction.
    """

    named: tuple[Answer, ...]
    anonymous_count: int
    anonymous_texts: tuple[tuple[date, int, str], ...]
    ratings: tuple[int, int, int, int, int]


class Feedback(Protocol):
    async def give(self, answer: Answer) -> None:
        """Keep an answer; the same key again changes nothing."""

    async def give_anonymously(self, key: str, day: date, rating: int, text: str) -> None:
        """Keep an answer of which nothing but the day is known; stored in an order that tells nothing, and not audited.
        The key is random and forgotten with the form it came from; the same key again changes nothing.
        """

    async def summary(self, *, anonymous_from: int = 5) -> FeedbackSummary:
        """Return what was said; anonymous answers are counted and shown from `anonymous_from` of them on."""
