from __future__ import annotations

from collections.abc import Callable

import pytest

from commands._kit.context import StepContext
from commands._kit.doc import Doc
from commands._kit.errors import UserError
from commands._kit.plan import Plan, Results
from commands.use import SetDefault, Use, set_default, show, use
from tests.commands.in_memory import NOW, Catalogue, Preferences, a_service, context, person
from tests.commands.reading import buttons

Golden = Callable[[str, Doc], None]
CATALOGUE = Catalogue([a_service("payments-api"), a_service("payments-web")])


async def plan(service: str, preferences: Preferences) -> Plan:
    made: Plan = await use.handler(Use(service=service, channel="C1"), context(), CATALOGUE, preferences)
    return made


async def run(made: Plan, preferences: Preferences) -> Results:
    step_context = StepContext("o1", "o1:0", person(), NOW)
    arguments = [SetDefault.model_validate(dict(call.arguments)) for call in made.steps]
    done = [await set_default.run(args, step_context, preferences) for args in arguments]
    return Results(made.steps, [d.model_dump() for d in done])


async def test_use_sets_the_channels_default_and_can_be_undone(golden: Golden) -> None:
    """The plan shows what was and what will be; the answer opens the service and undoes."""
    preferences = Preferences({("T1", "C1"): "payments-web"})
    made = await plan("Payments-API", preferences)
    assert [(c.action.value, c.before, c.after) for c in made.changes] == [("change", "payments-web", "payments-api")]
    doc = show(await run(made, preferences))
    assert preferences.defaults == {("T1", "C1"): "payments-api"}
    assert buttons(doc)["Undo"].arguments == {"service": "payments-web", "channel": "C1"}
    golden("use", doc)


async def test_use_none_clears_the_default() -> None:
    """`use none` removes what was set."""
    preferences = Preferences({("T1", "C1"): "payments-web"})
    made = await plan("none", preferences)
    assert [(c.action.value, c.before, c.after) for c in made.changes] == [("remove", "payments-web", "")]
    assert show(await run(made, preferences)).title == "Default service cleared"
    assert preferences.defaults == {}


@pytest.mark.parametrize(("service", "before"), [("payments-api", "payments-api"), ("none", None)])
async def test_use_of_what_is_set_already_plans_nothing(service: str, before: str | None) -> None:
    """Where nothing would change there is nothing to consent to, and the plan says how things are."""
    preferences = Preferences({("T1", "C1"): before} if before else {})
    made = await plan(service, preferences)
    assert (made.changes, made.steps) == ((), ())
    assert made.notes


async def test_the_step_writes_nothing_where_it_was_done_before() -> None:
    """A step that runs again after a crash sees what is there and writes nothing."""
    preferences = Preferences()
    made = await plan("payments-api", preferences)
    await run(made, preferences)
    await run(made, preferences)
    assert preferences.writes == 1


async def test_an_unknown_service_is_refused_with_what_could_be_meant() -> None:
    """A name that nothing has is refused on its field, with names like it."""
    with pytest.raises(UserError) as caught:
        await plan("payment", Preferences())
    assert caught.value.failure.fields == {"service": "There is no service payment."}
    assert caught.value.failure.suggestions == ("use payments-api", "use payments-web")
