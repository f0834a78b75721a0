from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from commands._kit.context import Actor, Place
from commands._kit.doc import Doc
from commands._kit.errors import Code, UserError
from commands._kit.roles import Role
from commands.service import LookAt, service
from integrations.store import CatalogueProblem
from tests.commands.in_memory import Catalogue, GitLab, Preferences, a_service, context, person
from tests.commands.reading import buttons, lines

Golden = Callable[[str, Doc], None]

SERVICES = [
    a_service("payments-api", title="Payments API", description="Takes money", tags=("go",)),
    a_service("payments-web", title="Checkout *page* <!channel>", problems=("spec.lifecycle is missing",)),
    a_service("ledger", "acme/payments/core", lifecycle="experimental"),
    a_service("shop", "acme/storefront", lifecycle="deprecated"),
]
PROBLEM = CatalogueProblem(99, "acme/payments/old", "acme/payments", "line 3 is no YAML")


async def ask(
    catalogue: Catalogue | None = None,
    *,
    actor: Actor | None = None,
    default: str = "",
    place: Place | None = None,
    gitlab: GitLab | None = None,
    **fields: Any,
) -> Doc:
    preferences = Preferences({("T1", "C1"): default} if default else {})
    request = LookAt.model_validate(fields)
    stock = catalogue or Catalogue(SERVICES, [PROBLEM])
    ports = (stock, gitlab or GitLab(), preferences)
    return service.view(await service.handler(request, context(actor, place=place), *ports))


async def test_all_services_are_listed(golden: Golden) -> None:
    """Without a name there is a list, with what its owner has to put right."""
    golden("service_list", await ask())


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"team": "acme/payments"}, {"payments-api", "payments-web", "ledger"}),
        ({"team": "payments"}, {"payments-api", "payments-web", "ledger"}),
        ({"team": "ACME"}, {"payments-api", "payments-web", "ledger", "shop"}),
        ({"lifecycle": "Deprecated"}, {"shop"}),
        ({"query": "check"}, {"payments-web"}),
        ({"name": "pay", "team": "payments"}, {"payments-api", "payments-web"}),
        ({"team": "payments", "lifecycle": "experimental"}, {"ledger"}),
    ],
)
async def test_filters_narrow_the_list(fields: dict[str, Any], names: set[str]) -> None:
    """Team (by path or its last part, subgroups included), lifecycle and words narrow the list together."""
    shown = lines(await ask(**fields))
    assert {s.name for s in SERVICES if f"`{s.name}`" in shown} == names


@pytest.mark.parametrize(
    ("fields", "suggestion"),
    [
        ({"team": "paymnts"}, "service --team=acme/payments"),
        ({"lifecycle": "deprecate"}, "service --lifecycle=deprecated"),
    ],
)
async def test_an_unknown_filter_is_refused_with_what_could_be_meant(fields: dict[str, Any], suggestion: str) -> None:
    """A team or lifecycle that no service has is refused on its field."""
    with pytest.raises(UserError) as caught:
        await ask(**fields)
    assert caught.value.failure.code is Code.NOT_FOUND
    assert (set(caught.value.failure.fields), caught.value.failure.suggestions[0]) == (set(fields), suggestion)


async def test_a_team_name_that_several_have_asks_for_the_path() -> None:
    """The last part of a path is enough only where one team has it."""
    catalogue = Catalogue([a_service("a", "acme/one/core"), a_service("b", "acme/two/core")])
    with pytest.raises(UserError) as caught:
        await ask(catalogue, team="core")
    assert caught.value.failure.suggestions == ("service --team=acme/one/core", "service --team=acme/two/core")


async def test_a_long_list_has_pages() -> None:
    """Each page says where it is and leads to its neighbours with the same filters."""
    catalogue = Catalogue([a_service(f"svc-{number:02}") for number in range(45)])
    doc = await ask(catalogue, team="payments", page=2)
    assert "(21–40 of 45." in lines(doc)
    assert buttons(doc)["Previous page"].arguments == {"team": "acme/payments", "page": "1"}
    assert buttons(doc)["Next page"].arguments == {"team": "acme/payments", "page": "3"}


async def test_a_page_past_the_end_is_the_last_one() -> None:
    """A button from before services were removed still leads somewhere."""
    doc = await ask(Catalogue([a_service(f"svc-{number:02}") for number in range(45)]), page=9)
    assert "(41–45 of 45)" in lines(doc)
    assert "Next page" not in buttons(doc)


async def test_a_short_list_opens_its_services() -> None:
    """Up to five services have a button each."""
    doc = await ask(query="payments")
    assert buttons(doc)["payments-api"].arguments == {"name": "payments-api"}


async def test_nothing_that_matches_is_said_plainly() -> None:
    """An empty answer says what was asked and leads back to all services."""
    doc = await ask(query="zebra")
    assert "No service matches query zebra." in lines(doc)
    assert "All services" in buttons(doc)


async def test_an_empty_catalogue_says_how_services_get_there() -> None:
    """Before the first service there is a hint how one appears."""
    assert "once it has a catalog-info.yaml" in lines(await ask(Catalogue()))


async def test_a_name_opens_the_card(golden: Golden) -> None:
    """An exact name opens the card, in any case."""
    golden("service_card", await ask(name="Payments-API"))


async def test_a_name_that_comes_near_lists_what_could_be_meant() -> None:
    """A beginning of names lists them, and says that none is called so."""
    shown = lines(await ask(name="payments"))
    assert "<warn> No service is called *payments*. These come near:" in shown
    assert "`payments-api`" in shown


async def test_an_unknown_name_is_not_found_with_similar_names() -> None:
    """A name that nothing has is not found, with names like it."""
    with pytest.raises(UserError) as caught:
        await ask(name="paymnets-api")
    failure = caught.value.failure
    assert (failure.code, failure.message) == (Code.NOT_FOUND, "There is no service paymnets-api.")
    assert failure.suggestions == ("service payments-api", "service payments-web")


async def test_a_channels_default_is_opened_without_a_name() -> None:
    """In a channel with a default service, no name means that one; filters still give the list."""
    assert (await ask(default="shop")).title == "shop"
    assert "Use in this channel" not in buttons(await ask(default="shop"))
    assert (await ask(default="shop", page=1)).title == "Services"


async def test_a_default_that_is_gone_lists_what_there_is() -> None:
    """A default whose service was removed does not stand in the way."""
    assert (await ask(default="gone")).title == "Services"


async def test_owners_see_what_is_wrong_with_their_catalogue_files() -> None:
    """Problems of a file show to the owning team and to platform engineers, on list and card, and to nobody else."""
    owner, engineer = person("Alice"), person("Petra", Role.PLATFORM_ENGINEER, teams=())
    other = person("Bob", teams=("acme/storefront",))
    for actor, sees in ((owner, True), (engineer, True), (other, False)):
        listed, card = lines(await ask(actor=actor)), lines(await ask(actor=actor, name="payments-web"))
        assert ("acme/payments/old: line 3 is no YAML" in listed) is sees
        assert ("`payments-web` ! see its card" in listed) is sees
        assert ("spec.lifecycle is missing" in card) is sees


async def test_a_private_place_has_no_default_to_set() -> None:
    """Where nobody else is, there is no channel to set a default for."""
    assert "Use in this channel" not in buttons(await ask(name="shop", place=Place("T1", "D1", private=True)))
    assert "Use in this channel" in buttons(await ask(name="shop"))
