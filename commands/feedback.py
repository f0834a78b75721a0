"""`feedback`: what people think of the platform, with their name or without any trace of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from commands._kit.command import Effect, Section, command
from commands._kit.context import Context, StepContext
from commands._kit.doc import Doc, Note, Text, Tone
from commands._kit.fields import LongText
from commands._kit.plan import Action, Change, Plan, Results, step
from commands._kit.roles import Component, Verb, on
from commands._kit.words import clipped
from integrations.store import Answer, Feedback

EXCERPT = 200


class GiveFeedback(BaseModel):
    rating: int = Field(ge=1, le=5, description="How the platform serves you, from 1 (badly) to 5 (very well)")
    text: LongText = Field(default="", description="What is good, what should be better")
    anonymous: Annotated[bool, Field(description="Keep nothing that could tell who said it")] = False


class Give(BaseModel):
    """`person` is empty where the answer is anonymous: then nobody is known to the step either."""

    rating: int
    text: str
    person: str = ""
    person_name: str = ""


class Given(BaseModel):
    rating: int
    anonymous: bool


@step
async def give(args: Give, ctx: StepContext, feedback: Feedback) -> Given:
    """Keep the feedback."""
    if args.person:
        answer = Answer(ctx.key, ctx.now, args.person, args.person_name, args.rating, args.text)
        await feedback.give(answer)
    else:
        await feedback.give_anonymously(ctx.key, ctx.now.date(), args.rating, args.text)
    return Given(rating=args.rating, anonymous=not args.person)


def show(results: Results) -> Doc:
    given = results.of(give)
    kept = (
        "It was kept without your name. Only the day is known; it is shown once there are five anonymous answers."
        if given.anonymous
        else "The platform engineers read it, with your name."
    )
    return Doc("Thank you", (Text(f"Your feedback was kept: {given.rating} of 5.", Tone.GOOD), Note(kept)))


@command(
    "feedback",
    may=on(Component.EXPERIENCE, Verb.FEEDBACK),
    effect=Effect.CHANGE,
    view=show,
    section=Section.ME,
    examples=("feedback 5 Onboarding took ten minutes", "feedback 2 Too many clicks --anonymous"),
    confidential=True,
)
async def feedback(req: GiveFeedback, ctx: Context) -> Plan:
    """Tell the platform engineers what you think of the platform, with your name or anonymously."""
    excerpt = clipped(req.text, EXCERPT)
    said = f"{req.rating} of 5: {excerpt}" if excerpt else f"{req.rating} of 5"
    if req.anonymous:
        return Plan(
            "Give feedback anonymously",
            (Change(Action.CREATE, "anonymous feedback", after=said),),
            (give.with_(rating=req.rating, text=req.text),),
            (
                "No name, no request id and no time finer than the day is kept, here or in any log.",
                "It is shown once there are five anonymous answers. What you write could still tell who you are.",
            ),
            anonymous=True,
        )
    return Plan(
        "Give feedback under your name",
        (Change(Action.CREATE, "feedback", after=said),),
        (give.with_(rating=req.rating, text=req.text, person=ctx.actor.id, person_name=ctx.actor.name),),
        ("The platform engineers see your name with it. To leave no trace, choose anonymous.",),
    )
