"""What a person may do with a request: role, link, ownership, and names that exist."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rights import Rights
from commands._kit.context import Actor
from commands._kit.errors import Code, Failure, UserError
from commands._kit.roles import MATRIX, Component, Matrix, Role
from tests.bot import sample_commands as samples
from tests.commands.in_memory import Catalogue, a_service, person

GRANTORS = {Role.PLATFORM_ENGINEER: "An owner of the GitLab group acme/platform can add you to it"}
STRANGER = person("Nina", teams=(), gitlab=None)
ANN = person("Ann")


def rights(matrix: Matrix = MATRIX, catalogue: Catalogue | None = None) -> Rights:
    known = catalogue or Catalogue(
        [a_service("checkout", "acme/payments/web"), a_service("search", "acme/shop"), a_service("shipping", "acme")]
    )
    return Rights(matrix, known, GRANTORS, samples.sample_set())


async def refusal(command: Any, actor: Actor, values: dict[str, Any], using: Rights | None = None) -> Failure:
    with pytest.raises(UserError) as raised:
        await (using or rights()).check(command, actor, values)
    return raised.value.failure


# -- role


async def test_a_role_that_has_the_verb_opens_the_command() -> None:
    """A platform engineer may maintain the platform."""
    await rights().check(samples.tune, person("Pia", Role.PLATFORM_ENGINEER), {})


async def test_a_denial_names_the_roles_and_who_can_grant_them() -> None:
    """Whoever may not is told who may, what they are themselves, and who can change that."""
    failure = await refusal(samples.tune, person("Mo", Role.MANAGER, Role.AUDITOR), {})
    assert failure.code is Code.DENIED
    for words in ("`tune` is for", "platform engineer", "auditor", "manager"):
        assert words in failure.message
    assert "developer" not in failure.message
    assert failure.hint == f"{GRANTORS[Role.PLATFORM_ENGINEER]}."


async def test_a_denial_without_a_known_grantor_still_says_whom_to_ask() -> None:
    """Where no group gives the role, a platform engineer is who can grant it."""
    failure = await refusal(samples.label, person("Mo", Role.MANAGER), {})
    assert "platform engineer" in failure.message
    assert "developer" in failure.message
    assert failure.hint == f"{GRANTORS[Role.PLATFORM_ENGINEER]}."
    other = Rights(MATRIX, Catalogue(), {}, samples.sample_set())
    assert (await refusal(samples.label, person("Mo", Role.MANAGER), {}, other)).hint == (
        "A platform engineer can grant it."
    )


async def test_a_command_that_the_settings_close_is_for_nobody() -> None:
    """A cell that an operator emptied closes the command, and the denial says that it is the settings."""
    closed = {**MATRIX, Component.PLATFORM: dict.fromkeys(Role, frozenset())}
    failure = await refusal(samples.look, ANN, {}, rights(closed))
    assert "nobody, as the settings stand" in failure.message


# -- link


async def test_an_unlinked_person_reads() -> None:
    """A read needs no link."""
    await rights().check(samples.look, STRANGER, {"service": "checkout"})
    assert rights().allowed(samples.look, STRANGER)


async def test_an_unlinked_person_changes_nothing() -> None:
    """A change needs a link, and the refusal says who can make it."""
    failure = await refusal(samples.paint, STRANGER, {})
    assert failure.code is Code.UNLINKED
    assert "not linked" in failure.message
    assert "platform engineer" in failure.hint
    assert not rights().allowed(samples.paint, STRANGER)


async def test_a_role_that_is_missing_comes_before_a_link_that_is_missing() -> None:
    """Who may not use a command at all is not sent to be linked first."""
    assert (await refusal(samples.label, person("Mo", Role.MANAGER, gitlab=None), {})).code is Code.DENIED


# -- ownership


async def test_a_parents_group_owns_its_subgroups_services() -> None:
    """A member of acme/payments owns what belongs to acme/payments/web."""
    await rights().check(samples.label, ANN, {"service": "checkout"})


@pytest.mark.parametrize(("team", "service"), [("acme/payments", "search"), ("acme/shop", "shipping")])
async def test_another_teams_service_is_not_owned(team: str, service: str) -> None:
    """Neither a sibling's service nor a parent group's is one's own; the denial names the owner and who can help."""
    failure = await refusal(samples.label, person("Ann", teams=(team,)), {"service": service})
    assert failure.code is Code.DENIED
    owner = {"search": "acme/shop", "shipping": "acme"}[service]
    assert f"belongs to {owner}" in failure.message
    assert f"A maintainer of the GitLab group {owner} can add you" in failure.hint


async def test_a_group_whose_name_only_begins_alike_is_no_parent() -> None:
    """acme/pay is no parent of acme/payments."""
    failure = await refusal(samples.label, person("Ann", teams=("acme/pay",)), {"service": "checkout"})
    assert failure.code is Code.DENIED


async def test_a_platform_engineer_owns_every_service() -> None:
    """A platform engineer may change any team's service."""
    await rights().check(samples.label, person("Pia", Role.PLATFORM_ENGINEER, teams=()), {"service": "search"})


async def test_reads_can_be_bound_to_owners_too() -> None:
    """A read that is for owners is refused to others."""
    assert (await refusal(samples.logs, ANN, {"service": "search"})).code is Code.DENIED


async def test_without_a_service_ownership_is_not_judged_yet() -> None:
    """A form may be opened before the service is named."""
    await rights().check(samples.label, ANN, {})


async def test_a_service_that_does_not_exist_is_nobodys() -> None:
    """An unknown name is no denial: it is told as unknown later."""
    await rights().check(samples.label, ANN, {"service": "nowhere"})


# -- names


async def unknown(command: Any, **values: Any) -> dict[str, str]:
    return await rights().unknown_names(command, command.request(**values))


async def test_names_that_exist_are_no_problem() -> None:
    """A known service and team pass."""
    assert await unknown(samples.look, service="checkout", team="acme/shop") == {}


async def test_an_unknown_service_is_told_with_what_could_be_meant() -> None:
    """A slip in a service's name is told on its field, with a guess."""
    assert await unknown(samples.look, service="chekout") == {
        "service": "There is no service chekout. Did you mean checkout?"
    }


async def test_an_unknown_team_is_told_with_what_could_be_meant() -> None:
    """A part of a team's name is told on its field, with the teams that have it."""
    assert await unknown(samples.look, service="checkout", team="SHOP") == {
        "team": "There is no team SHOP. Did you mean acme/shop?"
    }


async def test_a_very_long_name_is_not_repeated_whole() -> None:
    """An unknown name of hundreds of characters is clipped in the answer."""
    assert len((await unknown(samples.look, service="checkout", team="x" * 255))["team"]) < 120


async def test_a_free_field_may_name_anything() -> None:
    """A field whose options are only suggestions is not checked."""
    assert await unknown(samples.service, name="anything") == {}


# -- options


async def test_services_are_offered_with_their_team() -> None:
    """A select of services shows the name and the owner, and fills in the name."""
    assert await rights().options("services", "che", limit=10) == (("checkout", "checkout · acme/payments/web"),)


async def test_other_sources_are_searched_by_any_part() -> None:
    """Teams and commands are found by any part of their names, whatever the case, as many as wanted."""
    assert await rights().options("teams", "WEB", limit=10) == (("acme/payments/web", "acme/payments/web"),)
    assert await rights().options("commands", "lab", limit=10) == (("label", "label"),)
    assert len(await rights().options("commands", "", limit=3)) == 3
    assert await rights().options("lifecycles", "prod", limit=3) == (("production", "production"),)


async def test_a_source_that_does_not_exist_is_a_fault_of_ours() -> None:
    """Asking for an unknown source raises."""
    with pytest.raises(LookupError, match="planets"):
        await rights().options("planets", "", limit=1)


def test_the_fields_that_a_default_service_fills_are_known() -> None:
    """A channel's default fills required services only, not free or optional names."""
    assert rights().required_services(samples.look) == ["service"]
    assert rights().required_services(samples.service) == []
