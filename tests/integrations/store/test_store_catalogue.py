from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.store import CatalogueProblem, ServiceQuery, Store
from tests.integrations.store.conftest import Open
from tests.integrations.store.samples import service


async def names(store: Store, text: str = "", **values: str) -> list[str]:
    return [s.name for s in (await store.catalogue.search(ServiceQuery(text=text, **values))).items]  # type: ignore[arg-type] # values are texts here


async def test_a_service_comes_back_as_it_was_put(store: Store) -> None:
    """Every field of a service survives."""
    pay = service(
        "payments",
        title="Payments",
        description="Takes money – ünïcode 💶",
        lifecycle="production",
        kind="service",
        system="shop",
        tags=("money", "go"),
        links=(("Docs", "https://docs.test"),),
        default_branch="trunk",
        problems=("no owner",),
    )
    await store.catalogue.put([pay], [])
    assert await store.catalogue.service("payments") == pay
    assert await store.catalogue.service("Payments") is None


async def test_words_match_by_their_beginning(store: Store) -> None:
    """All words of the text must begin a word of the service, in any order and case."""
    await store.catalogue.put([service("payments-api", title="Card intake"), service("ledger")], [])
    assert await names(store, "pay") == ["payments-api"]
    assert await names(store, "INTAKE pay") == ["payments-api"]
    assert await names(store, "pay ledger") == []
    assert await names(store, "ments") == []


async def test_a_name_ranks_above_title_tags_and_description(store: Store) -> None:
    """The exact name comes first, then names that begin so, other names, titles, tags, descriptions."""
    await store.catalogue.put(
        [
            service("f", description="about cart things"),
            service("e", tags=("cart",)),
            service("d", title="The cart"),
            service("a-cart"),
            service("cart-worker"),
            service("cart"),
        ],
        [],
    )
    assert await names(store, "cart") == ["cart", "cart-worker", "a-cart", "d", "e", "f"]


async def test_services_without_text_come_by_name(store: Store) -> None:
    """An empty search lists everything by name."""
    await store.catalogue.put([service("b"), service("a"), service("c")], [])
    assert await names(store) == ["a", "b", "c"]


async def test_a_page_counts_all_matches(store: Store) -> None:
    """Pages follow each other without gap or repetition, and each tells the total."""
    await store.catalogue.put([service(f"svc-{n:03}", title="x" if n % 2 else "svc") for n in range(57)], [])
    seen: list[str] = []
    for offset in range(0, 60, 10):
        page = await store.catalogue.search(ServiceQuery(text="svc", offset=offset, limit=10))
        assert (page.total, page.offset) == (57, offset)
        seen += [s.name for s in page.items]
    assert seen == [f"svc-{n:03}" for n in range(57)]


async def test_many_matches_keep_their_order(store: Store) -> None:
    """A search with thousands of matches pages by name like a small one."""
    count = 10_100
    await store.catalogue.put([service(f"svc-{n:05}", n) for n in reversed(range(count))], [])
    page = await store.catalogue.search(ServiceQuery(text="svc", offset=count - 10, limit=20))
    assert page.total == count
    assert [s.name for s in page.items] == [f"svc-{n:05}" for n in range(count - 10, count)]


async def test_a_team_includes_its_subgroups_only(store: Store) -> None:
    """A group's search finds its subgroups' services, not those of a group with a longer name."""
    await store.catalogue.put(
        [service("a", team="acme/pay"), service("b", team="acme/pay/cards"), service("c", team="acme/payroll")], []
    )
    assert await names(store, team="acme/pay") == ["a", "b"]
    assert await names(store, team="acme") == ["a", "b", "c"]
    assert await names(store, "b", team="acme/pay/cards") == ["b"]
    assert await names(store, "a", team="acme/pay/cards") == []


async def test_filters_combine(store: Store) -> None:
    """Text, team and lifecycle must all hold, and the exact name is no exception."""
    await store.catalogue.put(
        [service("pay", team="t1", lifecycle="production"), service("pay-old", team="t1", lifecycle="deprecated")], []
    )
    assert await names(store, "pay", team="t1", lifecycle="deprecated") == ["pay-old"]
    assert await names(store, "pay", team="t2") == []
    assert await names(store, lifecycle="production") == ["pay"]


async def test_a_changed_service_is_found_by_its_new_words_only(store: Store) -> None:
    """The index follows changes of text, team and lifecycle."""
    await store.catalogue.put([service("pay", 1, description="old", team="t1")], [])
    await store.catalogue.put([service("pay", 1, description="new", team="t2")], [])
    assert await names(store, "old") == []
    assert await names(store, "new", team="t2") == ["pay"]
    assert await names(store, team="t1") == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "*",
        "a OR",
        "NOT x",
        "(",
        "name:x",
        "^",
        "-",
        "NEAR(a b)",
        "{name}: a",
        "\x00",
        "💥",
        "a\ud800",
        "%",
        "_",
    ],
)
async def test_what_a_person_types_is_no_query_language(store: Store, text: str) -> None:
    """Signs that mean something to a search engine raise nothing."""
    await store.catalogue.put([service("a")], [])
    await store.catalogue.search(ServiceQuery(text=text))
    await store.catalogue.search(ServiceQuery(text="a", team=text, lifecycle=text))
    await store.catalogue.service(text)
    await store.catalogue.similar(text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), team=st.text(max_size=20))
async def test_any_text_can_be_searched_for(store: Store, text: str, team: str) -> None:
    """No text makes the search fail."""
    await store.catalogue.search(ServiceQuery(text=text, team=team))


async def test_four_thousand_characters_can_be_searched_for(store: Store) -> None:
    """A very long text is searched for by its first words."""
    assert (await store.catalogue.search(ServiceQuery(text="word " * 800))).total == 0
    assert (await store.catalogue.search(ServiceQuery(text="x" * 4000))).total == 0


async def test_a_text_of_signs_alone_matches_nothing(store: Store) -> None:
    """A text without letters or digits does not list everything."""
    await store.catalogue.put([service("a")], [])
    assert await names(store, "***") == []


async def test_a_name_belongs_to_the_project_that_had_it_first(store: Store) -> None:
    """A later project's claim to a name becomes its problem, and the service stays as it was."""
    await store.catalogue.put([service("pay", 1, description="real")], [])
    (problem,) = await store.catalogue.put([service("pay", 2, description="impostor")], [])
    assert problem.project_id == 2
    assert "pay" in problem.message
    found = await store.catalogue.service("pay")
    assert found is not None
    assert found.project_id == 1
    assert await store.catalogue.problems() == (problem,)


async def test_a_name_within_one_write_goes_to_the_first(store: Store) -> None:
    """Of two claims in one write the first one counts."""
    (problem,) = await store.catalogue.put([service("pay", 1), service("pay", 2)], [])
    assert problem.project_id == 2


async def test_a_project_gives_a_name_once(store: Store) -> None:
    """The same name twice in one project keeps the first and says so."""
    await store.catalogue.put([service("pay", 1, title="old")], [])
    (problem,) = await store.catalogue.put([service("pay", 1, title="one"), service("pay", 1, title="two")], [])
    assert "twice" in problem.message
    found = await store.catalogue.service("pay")
    assert found is not None
    assert found.title == "one"


async def test_a_freed_name_can_be_taken(store: Store) -> None:
    """A name that its project has given up is free, in the same write too."""
    await store.catalogue.put([service("pay", 1)], [])
    assert await store.catalogue.put([service("payments", 1), service("pay", 2)], []) == ()
    found = await store.catalogue.service("pay")
    assert found is not None
    assert found.project_id == 2


async def test_what_was_known_of_a_project_is_replaced(store: Store) -> None:
    """Services and problems of a project written again are those of the new write, no more."""
    broken = CatalogueProblem(1, "acme/x", "acme", "not parseable")
    await store.catalogue.put([service("a", 1), service("b", 1), service("c", 2)], [broken])
    await store.catalogue.put([service("b", 1)], [])
    assert await names(store) == ["b", "c"]
    assert await store.catalogue.problems() == ()


async def test_projects_that_are_gone_are_removed(store: Store) -> None:
    """`keep_only` removes other projects' services and problems and counts the services."""
    gone = CatalogueProblem(3, "acme/y", "acme", "bad")
    await store.catalogue.put([service("a", 1), service("b", 2)], [gone])
    assert await store.catalogue.keep_only(frozenset({1})) == 1
    assert await names(store) == ["a"]
    assert await store.catalogue.problems() == ()
    assert await store.catalogue.similar("b") == ()


async def test_single_projects_are_forgotten(store: Store) -> None:
    """`forget` removes these projects' services and problems and leaves the others'."""
    gone, kept = CatalogueProblem(1, "acme/x", "acme", "bad"), CatalogueProblem(2, "acme/y", "acme", "bad")
    await store.catalogue.put([service("a", 1), service("b", 2)], [gone, kept])
    assert await store.catalogue.forget(frozenset({1, 99})) == 1
    assert await names(store) == ["b"]
    assert await store.catalogue.problems() == (kept,)


async def test_problems_are_shown_by_team(store: Store) -> None:
    """A team's problems include its subgroups' and nobody else's."""
    mine = CatalogueProblem(1, "acme/pay/x", "acme/pay", "bad")
    below = CatalogueProblem(2, "acme/pay/cards/y", "acme/pay/cards", "bad")
    other = CatalogueProblem(3, "acme/payroll/z", "acme/payroll", "bad")
    await store.catalogue.put([], [mine, below, other])
    assert set(await store.catalogue.problems(teams=frozenset({"acme/pay"}))) == {mine, below}
    assert len(await store.catalogue.problems()) == 3


async def test_similar_names_are_nearest_first_and_current(store: Store) -> None:
    """A typing error finds the name that was meant, at once after it was written, and no longer once it is gone."""
    await store.catalogue.put([service("payments-api", 1), service("ledger", 2), service("payouts", 3)], [])
    assert (await store.catalogue.similar("paymnets-api"))[0] == "payments-api"
    assert await store.catalogue.similar("zzzz") == ()
    assert len(await store.catalogue.similar("pay", limit=1)) == 1
    await store.catalogue.put([service("checkout", 1)], [])
    assert "payments-api" not in await store.catalogue.similar("paymnets-api")


async def test_similar_names_survive_a_restart(store: Store, reopen: Open) -> None:
    """The names are known again when the store is opened."""
    await store.catalogue.put([service("ledger")], [])
    again = await reopen()
    assert await again.catalogue.similar("leger") == ("ledger",)


async def test_teams_and_lifecycles_are_those_in_use(store: Store) -> None:
    """Both lists are sorted and hold each value once."""
    await store.catalogue.put(
        [service("a", team="t2", lifecycle="production"), service("b", team="t1"), service("c", team="t1")], []
    )
    assert await store.catalogue.teams() == ("t1", "t2")
    assert await store.catalogue.lifecycles() == ("production", "unknown")


async def test_the_refresh_is_remembered(store: Store) -> None:
    """The time of the newest complete refresh is kept to the microsecond."""
    assert await store.catalogue.refreshed_at() is None
    at = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    await store.catalogue.set_refreshed_at(at)
    assert await store.catalogue.refreshed_at() == at


async def test_a_slip_in_a_file_frees_no_name(store: Store) -> None:
    """A project whose file cannot be read keeps its service, with what is wrong, and nobody else gets the name."""
    await store.catalogue.put([service("pay", 1)], [])
    slip = CatalogueProblem(1, "acme/pay", "acme", "no valid YAML")
    await store.catalogue.put([], [slip])
    (taken,) = await store.catalogue.put([service("pay", 2)], [])
    kept = await store.catalogue.service("pay")
    assert kept is not None
    assert (kept.project_id, kept.problems) == (1, ("no valid YAML",))
    assert taken.project_id == 2
