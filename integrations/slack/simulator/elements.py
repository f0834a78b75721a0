"""The elements of blocks that people act on: where they are, what they hold, and what a choice in them looks like.

A choice is checked as Slack's own client would: what it would not let a person pick or leave out is `Refused`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import Any

from integrations.slack.simulator.state import Json, Kind, Values
from integrations.slack.simulator.world import World


class Refused(ValueError):
    """Slack's client would not let the person do this; the message says why, for people."""


SINGLE = {"static_select": "initial_option", "external_select": "initial_option", "radio_buttons": "initial_option"}
SEVERAL = ("multi_static_select", "multi_external_select", "checkboxes")
TYPED = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
PICKED = {
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "date_time",
    "users_select": "user",
    "conversations_select": "conversation",
    "channels_select": "channel",
    "multi_users_select": "users",
    "multi_conversations_select": "conversations",
    "multi_channels_select": "channels",
}
STATEFUL = {*SINGLE, *SEVERAL, *TYPED, *PICKED, "rich_text_input", "file_input"}
PRESSED = ("button", "overflow", "workflow_button", "feedback_buttons", "icon_button")
INTERACTIVE = {*STATEFUL, *PRESSED}
EXTERNAL = ("external_select", "multi_external_select")


def elements_of(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every interactive element with its block."""
    for block in blocks:
        inside = [block.get("element"), block.get("accessory")]
        for key in ("elements", "actions"):
            inside += block.get(key) or []
        for element in inside:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                yield block, element


def with_ids(blocks: Sequence[Json], world: World) -> list[Json]:
    """Return a copy in which every block and interactive element has an id; Slack makes up those that the app left
    out.
    """
    copied = copy.deepcopy(list(blocks))
    for block in copied:
        if not block.get("block_id"):
            block["block_id"] = world.new_id("b")
    for _, element in elements_of(copied):
        if not element.get("action_id"):
            element["action_id"] = world.new_id("a")
    return copied


def empty_state(element: Json) -> Json:
    """Return the state of an element that nobody touched and the app did not fill."""
    kind = element["type"]
    if kind in SINGLE:
        return {"type": kind, "selected_option": None}
    if kind in SEVERAL:
        return {"type": kind, "selected_options": []}
    if kind in PICKED:
        return {"type": kind, f"selected_{PICKED[kind]}": [] if kind.startswith("multi_") else None}
    if kind == "rich_text_input":
        return {"type": kind, "rich_text_value": None}
    if kind == "file_input":
        return {"type": kind, "files": []}
    return {"type": kind, "value": None}


def initial_state(element: Json) -> Json:
    """Return the state that the app's `initial_*` gives an element."""
    state = empty_state(element)
    kind = element["type"]
    if kind in SINGLE and element.get("initial_option"):
        state["selected_option"] = element["initial_option"]
    elif kind in SEVERAL and element.get("initial_options"):
        state["selected_options"] = element["initial_options"]
    elif kind in PICKED and element.get(f"initial_{PICKED[kind]}"):
        state[f"selected_{PICKED[kind]}"] = element[f"initial_{PICKED[kind]}"]
    elif kind in (*TYPED, "rich_text_input") and element.get("initial_value"):
        state["rich_text_value" if kind == "rich_text_input" else "value"] = element["initial_value"]
    return state


def states(blocks: Sequence[Json], before: Values | None = None) -> Values:
    """Return the state of all elements of a view or message. What was in `before` under the same block_id and action_id
    stays as it was typed; initial values count only where there was nothing.
    """
    found: Values = {}
    for block, element in elements_of(blocks):
        kind = element["type"]
        if kind in STATEFUL:
            old = (before or {}).get(block["block_id"], {}).get(element["action_id"])
            kept = old if old is not None and old["type"] == kind else initial_state(element)
            found.setdefault(block["block_id"], {})[element["action_id"]] = kept
    return found


def is_empty(state: Json) -> bool:
    return not any(value for key, value in state.items() if key != "type")


def options_of(element: Json) -> list[Json]:
    """Return a select's options, those of its groups included."""
    grouped = (o for g in element.get("option_groups") or [] for o in g.get("options", []))
    return [*(element.get("options") or []), *grouped]


def label_of(block: Json) -> str:
    return str((block.get("label") or {}).get("text") or block.get("block_id", ""))


def _option(options: Sequence[Json], wanted: Any, where: str) -> Json:
    """Return the option whose value or label is wanted; Slack sends text and value, and a description where given."""
    word = str(wanted.get("value", "")) if isinstance(wanted, dict) else str(wanted)
    for probe in ("value", "label"):
        for option in options:
            text = option.get("text", {}).get("text") if probe == "label" else option.get("value")
            if text == word:
                return {k: v for k, v in option.items() if k in ("text", "value", "description")}
    offered = ", ".join(repr(str(o.get("value"))) for o in options[:10]) or "nothing"
    raise Refused(f"{where}: {word!r} is not among the options; offered: {offered}")


def _listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list | tuple | set) else [wanted]


def _checkboxes(options: Sequence[Json], wanted: Any, where: str) -> list[Any]:
    """Return which boxes are meant: true and false are for a lone box."""
    if wanted is False:
        return []
    if wanted is True:
        if len(options) != 1:
            raise Refused(f"{where}: true does not say which of {len(options)} boxes is meant; give a list")
        return [options[0]["value"]]
    return _listed(wanted)


def choose(element: Json, wanted: Any, world: World, where: str, *, options: Sequence[Json] = ()) -> Json:
    """Return the state of an element in which a person typed or chose `wanted`; None empties it. `options` are what the
    app answered for an external select. Raises Refused.
    """
    kind = element["type"]
    if kind not in STATEFUL or kind in ("rich_text_input", "file_input"):
        raise Refused(f"{where}: the simulator cannot fill in a {kind}")
    state = empty_state(element)
    if wanted is None or (wanted in ("", []) and kind not in TYPED):
        return state
    offered = list(options) if kind in EXTERNAL else options_of(element)
    if kind in SINGLE:
        state["selected_option"] = _option(offered, wanted, where)
    elif kind in SEVERAL:
        several = _checkboxes(offered, wanted, where) if kind == "checkboxes" else _listed(wanted)
        most = element.get("max_selected_items") or len(several)
        if len(several) > most:
            raise Refused(f"{where}: at most {most} can be selected")
        state["selected_options"] = [_option(offered, one, where) for one in several]
    elif kind in PICKED:
        state[f"selected_{PICKED[kind]}"] = _pick(kind, wanted, world, where)
    else:
        state["value"] = _typed(element, wanted, where)
    return state


def _pick(kind: str, wanted: Any, world: World, where: str) -> Any:
    if kind.startswith("multi_"):
        return [_pick(kind.removeprefix("multi_"), one, world, where) for one in _listed(wanted)]
    if kind in ("datepicker", "timepicker", "datetimepicker"):
        return _moment(kind, wanted, where)
    user = world.user(str(wanted)) if kind in ("users_select", "conversations_select") else None
    channel = world.channel(str(wanted)) if kind != "users_select" else None
    if channel is not None and (kind == "conversations_select" or channel.kind is Kind.PUBLIC):
        return channel.id
    if user is None:
        raise Refused(f"{where}: there is no {kind.removesuffix('s_select')} {wanted!r} to choose")
    return user.id


def _moment(kind: str, wanted: Any, where: str) -> Any:
    try:
        if kind == "datepicker":
            return date.fromisoformat(str(wanted)).isoformat()
        return time.fromisoformat(str(wanted)).strftime("%H:%M") if kind == "timepicker" else int(wanted)
    except ValueError as error:
        raise Refused(f"{where}: {wanted!r} is no {kind.removesuffix('picker')}") from error


def _typed(element: Json, wanted: Any, where: str) -> str | None:
    if isinstance(wanted, bool | dict | list):
        raise Refused(f"{where}: {wanted!r} cannot be typed into a text field")
    text = str(wanted)
    if text == "":
        return None
    if len(text) > (element.get("max_length") or 3000):
        raise Refused(f"{where}: at most {element.get('max_length') or 3000} characters fit, not {len(text)}")
    if len(text) < (element.get("min_length") or 0):
        raise Refused(f"{where}: at least {element['min_length']} characters are needed")
    if element["type"] == "number_input":
        _number(element, text, where)
    if element["type"] == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise Refused(f"{where}: {text!r} is no e-mail address")
    if element["type"] == "url_text_input" and not re.fullmatch(r"https?://\S+", text):
        raise Refused(f"{where}: {text!r} is no address")
    return text


def _number(element: Json, text: str, where: str) -> None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, text):
        raise Refused(f"{where}: {text!r} is not a number that this field takes")
    low, high = element.get("min_value"), element.get("max_value")
    if (low is not None and float(text) < float(low)) or (high is not None and float(text) > float(high)):
        raise Refused(f"{where}: {text} is not between {low or 'any'} and {high or 'any'}")
