"""The fields of an open view by name: what a person fills in, and what the client insists on before it submits."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.slack.simulator.elements import (
    STATEFUL,
    Refused,
    elements_of,
    is_empty,
    label_of,
)
from integrations.slack.simulator.state import Json, Values, View


def field_named(view: View, name: str) -> tuple[Json, Json]:
    """Return block and element of the field of that name: its action_id, its block_id, or a block_id that is the name,
    a dot and something more, in this order. Raises Refused where there is none, or several by the same action_id.
    """
    every = [(b, e) for b, e in elements_of(view.body.get("blocks", [])) if e["type"] in STATEFUL]
    matches: Sequence[tuple[Json, Json]] = [(b, e) for b, e in every if e["action_id"] == name]
    matches = matches or [(b, e) for b, e in every if b["block_id"] == name]
    matches = matches or [(b, e) for b, e in every if str(b["block_id"]).startswith(f"{name}.")]
    if not matches:
        known = ", ".join(str(e["action_id"]) for _, e in every) or "none"
        raise Refused(f"the view has no field {name!r}; its fields: {known}")
    if len(matches) > 1:
        blocks = ", ".join(str(b["block_id"]) for b, _ in matches)
        raise Refused(f"several fields are called {name!r}; name one by its block_id: {blocks}")
    return matches[0]


def described(block: Json, element: Json) -> str:
    """Return how a complaint names a field: by its label and its name."""
    return f"{label_of(block)} ({element['action_id']})"


def missing(view: View, values: Values) -> list[str]:
    """Return the required fields that are empty, as a person would know them."""
    return [
        described(block, element)
        for block, element in elements_of(view.body.get("blocks", []))
        if block["type"] == "input"
        and not block.get("optional")
        and is_empty(values.get(block["block_id"], {}).get(element["action_id"], {}))
    ]


def element_in(blocks: Sequence[Json], action_id: str, *, block_id: str = "", value: str | None = None) -> Json:
    """Return the element that a person means, with its block's id as `block_id`. A value tells apart buttons that share
    an action_id. Raises Refused.
    """
    found = [
        {**element, "block_id": block["block_id"]}
        for block, element in elements_of(blocks)
        if element["action_id"] == action_id and block_id in ("", block["block_id"])
    ]
    if not found:
        known = ", ".join(dict.fromkeys(str(e["action_id"]) for _, e in elements_of(blocks))) or "none"
        raise Refused(f"there is no element {action_id!r} here; there are: {known}")
    if value is not None and found[0]["type"] == "button":
        found = [e for e in found if e.get("value") == value]
        if not found:
            raise Refused(f"no button {action_id!r} has the value {value!r}")
    return found[0]
