"""views.*: modals and the app's home tab. https://docs.slack.dev/surfaces/modals"""

from __future__ import annotations

from typing import Any

from integrations.slack.simulator import wire
from integrations.slack.simulator.api.call import ApiError, Call, invalid, method
from integrations.slack.simulator.blockkit import validate_view
from integrations.slack.simulator.elements import states, with_ids
from integrations.slack.simulator.rates import TIER_4
from integrations.slack.simulator.state import Json, Trigger, View
from integrations.slack.simulator.world import World

DEEPEST = 3


class InvalidView(ValueError):
    """A view that Slack refuses; `code` is its error, `errors` say where."""

    def __init__(self, code: str, errors: list[str]) -> None:
        super().__init__("; ".join(errors) or code)
        self.code = code
        self.errors = errors


def checked(body: Any, kind: str) -> Json:
    """Return a view's body if Slack would take it as that kind. Raises InvalidView."""
    if not isinstance(body, dict):
        raise InvalidView("invalid_arguments", ["must provide an object [json-pointer:/view]"])
    if body.get("type") != kind:
        raise InvalidView("invalid_arguments", [f"type must be {kind} [json-pointer:/view/type]"])
    if problems := validate_view(body):
        # What is wrong first decides the code; most faults have the general one.
        raise InvalidView(problems[0].error or "invalid_arguments", [str(p) for p in problems])
    return body


def made(world: World, user: str, body: Json, *, previous: View | None = None) -> View:
    """Return a new view of a checked body, filled with its initial values."""
    id_ = world.new_id("V")
    full = {**body, "blocks": with_ids(body.get("blocks", []), world)}
    view = View(id_, user, full, world.new_hash(), previous.root if previous else id_, previous.id if previous else "")
    view.values = states(full["blocks"])
    return view


def replaced(world: World, view: View, body: Json) -> None:
    """Give an open view another body: what was typed stays where block_id and action_id are unchanged."""
    view.body = {**body, "blocks": with_ids(body.get("blocks", []), world)}
    view.values = states(view.body["blocks"], view.values)
    view.hash = world.new_hash()
    view.errors, view.problem = {}, ""
    world.view_changed(view)


def _body(call: Call, kind: str, *, replaces: View | None = None) -> Json:
    try:
        body = call.parsed("view", "invalid_arguments")
        if body is None:
            raise invalid("missing required field: view")
        found = checked(body, kind)
    except InvalidView as error:
        raise ApiError(error.code, *(f"[ERROR] {e}" for e in error.errors)) from error
    external = found.get("external_id")
    if external:
        every = (v for stack in call.world.state.views.values() for v in stack)
        homes = call.world.state.homes.values()
        if any(v.body.get("external_id") == external and v is not replaces for v in (*every, *homes)):
            raise ApiError("duplicate_external_id")
    return found


def exchange(call: Call) -> Trigger:
    """Use up a trigger id: it is good for 3 seconds, once."""
    trigger = call.world.state.triggers.get(call.text("trigger_id"))
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    if trigger.expires_at < call.world.clock.now():
        raise ApiError("expired_trigger_id")
    return trigger


async def open_view(call: Call) -> Json:
    trigger = exchange(call)
    body = _body(call, "modal")
    trigger.used = True
    call.world.drop_views(trigger.user)
    view = made(call.world, trigger.user, body)
    call.world.put_view(view)
    return {"view": wire.view_json(call.world, view)}


async def push(call: Call) -> Json:
    trigger = exchange(call)
    stack = call.world.state.views.get(trigger.user, [])
    if not trigger.view or not any(v.id == trigger.view for v in stack):
        raise ApiError("not_found")
    if len(stack) >= DEEPEST:
        raise ApiError("push_limit_reached")
    body = _body(call, "modal")
    trigger.used = True
    view = made(call.world, trigger.user, body, previous=stack[-1])
    call.world.put_view(view)
    return {"view": wire.view_json(call.world, view)}


async def update(call: Call) -> Json:
    world = call.world
    wanted, external = call.text("view_id", default=""), call.text("external_id", default="")
    if not wanted and not external:
        raise invalid("missing required field: view_id")
    every = (v for stack in world.state.views.values() for v in stack)
    view = next((v for v in every if wanted == v.id or (external and v.body.get("external_id") == external)), None)
    if view is None:
        raise ApiError("not_found")
    body = _body(call, "modal", replaces=view)
    if (expected := call.text("hash", default="")) and expected != view.hash:
        raise ApiError("hash_conflict")
    replaced(world, view, body)
    return {"view": wire.view_json(world, view)}


async def publish(call: Call) -> Json:
    world = call.world
    person = call.world.users.get(call.text("user_id"))
    if person is None or person.is_bot:
        raise invalid("invalid `user_id`")
    home = world.state.homes.get(person.id)
    body = _body(call, "home", replaces=home)
    expected = call.text("hash", default="")
    if expected and home is not None and expected != home.hash:
        raise ApiError("hash_conflict")
    if home is None:
        home = made(world, person.id, body)
        world.put_home(home)
    else:
        replaced(world, home, body)
    return {"view": wire.view_json(world, home)}


METHODS = {
    "views.open": method(open_view, "trigger_id view", per_minute=TIER_4),
    "views.push": method(push, "trigger_id view", per_minute=TIER_4),
    "views.update": method(update, "view view_id external_id hash", per_minute=TIER_4),
    "views.publish": method(publish, "user_id view hash", per_minute=TIER_4),
}
