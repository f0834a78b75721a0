"""Blocks and views that several tests use."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str, label: str = "") -> Json:
    return {"text": words(label or value.title()), "value": value}


def field(action_id: str, element: Json, *, block_id: str = "", optional: bool = False) -> Json:
    """Return an input block; its block_id is the field's name, a dot and a number, as forms here have them."""
    return {
        "type": "input",
        "block_id": block_id or f"{action_id}.1",
        "optional": optional,
        "label": words(action_id.title()),
        "element": {"action_id": action_id, **element},
    }


def modal(*blocks: Json, **details: Any) -> Json:
    found: Json = {"type": "modal", "title": words("A form"), "submit": words("Send"), "callback_id": "form"}
    return found | {"blocks": list(blocks) or [field("name", {"type": "plain_text_input"})]} | details


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section("Welcome")]}


def section(text: str, **details: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **details}


def actions(*elements: Json, block_id: str = "buttons") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(action_id: str, value: str = "v") -> Json:
    return {"type": "button", "action_id": action_id, "text": words("Press"), "value": value}
