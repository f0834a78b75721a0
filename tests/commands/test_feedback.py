from __future__ import annotations

from collections.abc import Callable
from datetime import date

import orjson
import pytest

from commands._kit.context import StepContext
from commands._kit.doc import Doc
from commands._kit.plan import Plan, Results, show_plan
from commands.feedback import Give, GiveFeedback, feedback, give, show
from commands.survey import Survey, survey
from tests.commands.in_memory import NOW, Feedback, ago, context, person
from tests.commands.reading import lines

Golden = Callable[[str, Doc], None]


async def plan(**fields: object) -> Plan:
    made: Plan = await feedback.handler(GiveFeedback.model_validate(fields), context())
    return made


async def run(made: Plan, store: Feedback, key: str = "k1", *, anonymous: bool = False) -> Results:
    step_context = StepContext("", key, None if anonymous else person(), NOW)
    arguments = [Give.model_validate(dict(call.arguments)) for call in made.steps]
    done = [await give.run(args, step_context, store) for args in arguments]
    return Results(made.steps, [d.model_dump() for d in done])


async def test_feedback_is_kept_under_a_name() -> None:
    """Feedback is kept with the name of whoever gave it, and the answer says who reads it."""
    store = Feedback()
    made = await plan(rating=5, text="Fast")
    results = await run(made, store)
    (kept,) = store.named.values()
    assert (kept.person, kept.person_name, kept.rating, kept.text, kept.at) == (
        "slack:T1/U0ALICE",
        "Alice",
        5,
        "Fast",
        NOW,
    )
    assert "with your name" in lines(show(results))


async def test_anonymous_feedback_knows_nobody() -> None:
    """An anonymous plan and what it keeps name no person, no request and no time but the day."""
    store = Feedback()
    made = await plan(rating=2, text="Slow", anonymous=True)
    assert made.anonymous
    assert not any(word in made.canonical().decode() for word in ("Alice", "U0ALICE", "request-1", "12:00"))
    await run(made, store, anonymous=True)
    assert (store.named, list(store.anonymous.values())) == ({}, [(date(2026, 3, 31), 2, "Slow")])


@pytest.mark.parametrize("anonymous", [False, True])
async def test_the_plan_says_who_will_know(anonymous: bool, golden: Golden) -> None:  # noqa: FBT001 - a parameter of the test
    """Before consenting a person reads whether a name is kept."""
    made = await plan(rating=2, text="x" * 500, anonymous=anonymous)
    golden("feedback_plan_anonymous" if anonymous else "feedback_plan", show_plan(made))


async def test_the_same_feedback_delivered_twice_counts_once() -> None:
    """The step's key makes an answer count once."""
    store, made = Feedback(), await plan(rating=5)
    await run(made, store)
    await run(made, store)
    assert len(store.named) == 1


async def test_steps_keep_json() -> None:
    """What is stored of a step is plain JSON."""
    made = await plan(rating=5, text="ü <!channel>")
    assert Plan.parse(made.canonical()) == made
    assert orjson.loads(made.canonical())["steps"][0]["arguments"]["text"] == "ü <!channel>"


async def ask(store: Feedback) -> Doc:
    return survey.view(await survey.handler(Survey(), context(), store))


async def test_the_survey_of_nothing_says_so() -> None:
    """Without feedback there is no average."""
    assert "Nobody has said anything yet." in lines(await ask(Feedback()))


async def test_four_anonymous_answers_are_neither_counted_nor_shown(golden: Golden) -> None:
    """Below five, anonymous answers change nothing in what is shown."""
    store = Feedback()
    for number in range(4):
        await run(await plan(rating=1, text=f"said {number}", anonymous=True), store, f"a{number}", anonymous=True)
    await run(await plan(rating=5, text="Fast"), store, "n1")
    shown = lines(await ask(store))
    assert "said" not in shown
    assert "*5.0 of 5* on average, from 1 answer." in shown
    golden("survey_withheld", await ask(store))


async def test_five_anonymous_answers_are_shown(golden: Golden) -> None:
    """From five on, anonymous answers are shown by day."""
    store = Feedback()
    for number in range(5):
        await run(
            await plan(rating=1 + number, text=f"said {number}", anonymous=True), store, f"a{number}", anonymous=True
        )
    await run(await plan(rating=5, text="Fast"), store, "n1")
    assert ago(days=0) == NOW
    golden("survey", await ask(store))
