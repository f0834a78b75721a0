"""`survey`: what people said through `feedback`, for those who improve the platform."""

from __future__ import annotations

from pydantic import BaseModel

from commands._kit.command import Effect, Section, command
from commands._kit.context import Context
from commands._kit.doc import Block, Bold, Chart, ChartKind, Doc, Heading, Inline, Note, Person, Table, Text, Time
from commands._kit.roles import Component, Verb, on
from commands._kit.words import counted
from integrations.store import Feedback, FeedbackSummary

ANONYMOUS_FROM = 5
SHOWN = 20


class Survey(BaseModel):
    """Nothing to fill in."""


def show(summary: FeedbackSummary) -> Doc:
    count = sum(summary.ratings)
    if not count:
        return Doc("Feedback", (Text("Nobody has said anything yet."), *_withheld(summary)))
    mean = sum((index + 1) * number for index, number in enumerate(summary.ratings)) / count
    answers = counted(count, "answer")
    chart = Chart(
        "Ratings",
        ChartKind.BAR,
        tuple(f"{rating} of 5" for rating in range(1, 6)),
        (("Answers", tuple(float(number) for number in summary.ratings)),),
    )
    blocks: list[Block] = [Text((Bold(f"{mean:.1f} of 5"), f" on average, from {answers}.")), chart]
    blocks += _named(summary)
    blocks += _anonymous(summary)
    blocks += _withheld(summary)
    return Doc("Feedback", tuple(blocks), summary=f"Feedback: {mean:.1f} of 5 from {answers}")


def _named(summary: FeedbackSummary) -> list[Block]:
    newest = sorted(summary.named, key=lambda answer: answer.at, reverse=True)[:SHOWN]
    rows: tuple[tuple[Inline, ...], ...] = tuple(
        (Time(a.at), Person(a.person, a.person_name), str(a.rating), a.text or "–") for a in newest
    )
    table = Table(("When", "Who", "Rating", "What they say"), rows, total=len(summary.named))
    return [Heading("With a name"), table] if rows else []


def _anonymous(summary: FeedbackSummary) -> list[Block]:
    newest = sorted(summary.anonymous_texts, key=lambda said: said[0], reverse=True)[:SHOWN]
    rows = tuple((day.isoformat(), str(rating), text or "–") for day, rating, text in newest)
    table = Table(("Day", "Rating", "What they say"), rows, total=len(summary.anonymous_texts))
    return [Heading("Anonymous"), table] if rows else []


def _withheld(summary: FeedbackSummary) -> list[Block]:
    if summary.anonymous_texts:
        return []
    return [Note(f"Anonymous answers are counted and shown once there are {ANONYMOUS_FROM} of them.")]


@command(
    "survey",
    may=on(Component.EXPERIENCE, Verb.IMPROVE),
    effect=Effect.READ,
    view=show,
    section=Section.PLATFORM,
    examples=("survey",),
)
async def survey(_req: Survey, _ctx: Context, feedback: Feedback) -> FeedbackSummary:
    """Show what people said about the platform."""
    return await feedback.summary(anonymous_from=ANONYMOUS_FROM)
