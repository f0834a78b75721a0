"""views.*: triggers, the stack, hashes, what is kept when a view changes, and the home."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client
from tests.integrations.slack.simulator.surfaces import field, home, modal, section, words

Json = dict[str, Any]


async def opened(client: Client, view: Json | None = None) -> Json:
    trigger = client.simulator.world.new_trigger("U0ADA")
    found: Json = (await client.ok("views.open", trigger_id=trigger, view=view or modal()))["view"]
    return found


async def test_a_trigger_works_once(client: Client) -> None:
    """The same trigger a second time is exchanged already; an invented one is invalid."""
    trigger = client.simulator.world.new_trigger("U0ADA")
    await client.ok("views.open", trigger_id=trigger, view=modal())
    assert await client.error("views.open", trigger_id=trigger, view=modal()) == "exchanged_trigger_id"
    assert await client.error("views.open", trigger_id="1.2.x", view=modal()) == "invalid_trigger_id"


async def test_a_trigger_expires(client: Client, clock: ManualClock) -> None:
    """After three seconds a trigger is no good."""
    trigger = client.simulator.world.new_trigger("U0ADA")
    clock.shift(3.1)
    assert await client.error("views.open", trigger_id=trigger, view=modal()) == "expired_trigger_id"


async def test_an_invalid_view_says_where(client: Client) -> None:
    """A view that Slack refuses is invalid_arguments with the path, and does not open."""
    trigger = client.simulator.world.new_trigger("U0ADA")
    body = await client.call("views.open", trigger_id=trigger, view=modal(title=words("x" * 25)))
    assert body["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title" in body["response_metadata"]["messages"][0]
    assert client.simulator.world.top_view("U0ADA") is None


async def test_a_view_has_a_size(client: Client) -> None:
    """More than 250 KB is too large."""
    blocks = [section("x" * 2999) for _ in range(90)]
    trigger = client.simulator.world.new_trigger("U0ADA")
    assert await client.error("views.open", trigger_id=trigger, view=modal(*blocks)) == "view_too_large"


async def test_what_is_wrong_first_decides_a_views_error(client: Client) -> None:
    """A view that is malformed as well as too large is malformed."""
    blocks = [section("x" * 2999) for _ in range(90)]
    trigger = client.simulator.world.new_trigger("U0ADA")
    view = modal(*blocks, title=words("x" * 25))
    assert await client.error("views.open", trigger_id=trigger, view=view) == "invalid_arguments"


async def test_a_stack_is_three_deep(client: Client) -> None:
    """Two views can be pushed onto the first; a third cannot, nor one without a modal below."""
    world = client.simulator.world
    root = await opened(client)
    for _ in range(2):
        trigger = world.new_trigger("U0ADA", root["id"])
        pushed = (await client.ok("views.push", trigger_id=trigger, view=modal()))["view"]
        assert pushed["root_view_id"] == root["id"]
    trigger = world.new_trigger("U0ADA", root["id"])
    assert await client.error("views.push", trigger_id=trigger, view=modal()) == "push_limit_reached"
    assert await client.error("views.push", trigger_id=world.new_trigger("U0ADA"), view=modal()) == "not_found"


async def test_a_stale_hash_conflicts(client: Client) -> None:
    """views.update with an old hash is refused; with the current one it passes and changes it."""
    view = await opened(client)
    updated = (await client.ok("views.update", view_id=view["id"], hash=view["hash"], view=modal()))["view"]
    assert updated["hash"] != view["hash"]
    error = await client.error("views.update", view_id=view["id"], hash=view["hash"], view=modal())
    assert error == "hash_conflict"


async def test_a_closed_view_is_not_found(slack: SlackSimulator, client: Client) -> None:
    """Once closed, a view can no longer be updated."""
    view = await opened(client)
    await slack.acting.close("ada", view["id"])
    assert await client.error("views.update", view_id=view["id"], view=modal()) == "not_found"


async def test_an_update_keeps_what_was_typed(slack: SlackSimulator, client: Client) -> None:
    """Under the same block_id and action_id typed input stays and a new initial value is ignored; under a fresh
    block_id the initial value counts.
    """
    view = await opened(client)
    slack.acting.type_into("ada", view["id"], {"name": "typed"})
    filled = {"type": "plain_text_input", "initial_value": "given"}
    kept = (await client.ok("views.update", view_id=view["id"], view=modal(field("name", filled))))["view"]
    assert kept["state"]["values"]["name.1"]["name"]["value"] == "typed"
    fresh = modal(field("name", filled, block_id="name.2"))
    changed = (await client.ok("views.update", view_id=view["id"], view=fresh))["view"]
    assert changed["state"]["values"]["name.2"]["name"]["value"] == "given"


async def test_external_ids_are_unique(client: Client) -> None:
    """A second view with the same external_id is refused; the first can be updated by it."""
    await opened(client, modal(external_id="mine"))
    trigger = client.simulator.world.new_trigger("U0BEN")
    error = await client.error("views.open", trigger_id=trigger, view=modal(external_id="mine"))
    assert error == "duplicate_external_id"
    await client.ok("views.update", external_id="mine", view=modal(external_id="mine"))


async def test_a_home_is_published_for_one_person(client: Client) -> None:
    """views.publish sets a person's home, under one id, with a new hash each time."""
    first = (await client.ok("views.publish", user_id="U0ADA", view=home()))["view"]
    second = (await client.ok("views.publish", user_id="U0ADA", view=home(), hash=first["hash"]))["view"]
    assert first["id"] == second["id"]
    error = await client.error("views.publish", user_id="U0ADA", view=home(), hash=first["hash"])
    assert error == "hash_conflict"
    assert set((await client.state())["homes"]) == {"U0ADA"}


@pytest.mark.parametrize(("method", "view"), [("views.open", home()), ("views.publish", modal())])
async def test_a_view_is_of_its_methods_kind(client: Client, method: str, view: Json) -> None:
    """A home cannot be opened, a modal cannot be published."""
    trigger = client.simulator.world.new_trigger("U0ADA")
    target = {"trigger_id": trigger} if method == "views.open" else {"user_id": "U0ADA"}
    body = await client.call(method, view=view, **target)
    assert body["error"] == "invalid_arguments"
    assert "/view/type" in body["response_metadata"]["messages"][0]
