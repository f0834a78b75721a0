"""What an input element offers and what is chosen in it, alike for every kind of element.

The template draws from these; nothing here judges whether a choice is allowed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.slack.simulator.page.mrkdwn import unescaped
from integrations.slack.simulator.page.reader import Reader

Json = Mapping[str, Any]
Values = Mapping[str, Mapping[str, Json]]

PEOPLE = ("users_select", "multi_users_select")
CHANNELS = ("channels_select", "multi_channels_select", "conversations_select", "multi_conversations_select")
TEXTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input")
PLURAL = {
    "multi_users_select": "users",
    "multi_channels_select": "channels",
    "multi_conversations_select": "conversations",
}
SINGULAR = {"users_select": "user", "channels_select": "channel", "conversations_select": "conversation"}
MOMENTS = {"datepicker": "date", "timepicker": "time", "datetimepicker": "date_time"}
LOCAL_MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    description: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an element stands: the surface (message, modal, home), a key that is its own on the page, who reads, what
    was chosen or typed so far, and the errors that belong to blocks.
    """

    surface: str
    key: str
    reader: Reader
    values: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def id(self, *parts: str) -> str:
        """Return an id for the document: safe whatever an app calls its blocks, and the same at every rendering."""
        return "x" + hashlib.blake2s("\x00".join((self.key, *parts)).encode(), digest_size=8).hexdigest()


def fingerprint(element: Json) -> str:
    """Return a mark of the element's definition without its initial values: typed input lives as long as it stays."""
    lasting = {key: value for key, value in element.items() if not key.startswith("initial_")}
    return hashlib.blake2s(json.dumps(lasting, sort_keys=True).encode(), digest_size=6).hexdigest()


def label_of(text: Json | None) -> str:
    return unescaped(str((text or {}).get("text", "")))


def choice_of(option: Json) -> Choice:
    return Choice(
        str(option.get("value", "")),
        label_of(option.get("text")),
        label_of(option.get("description")),
        str(option.get("url", "")),
    )


def groups_of(element: Json, reader: Reader) -> list[Group]:
    """Return the choices that are known without asking the app."""
    kind = element.get("type")
    if kind in PEOPLE:
        return [Group("", tuple(Choice(key, name) for key, name in reader.people.items()))]
    if kind in CHANNELS:
        channels = tuple(Choice(key, f"#{name}") for key, name in reader.channels.items())
        if "conversations" not in str(kind):
            return [Group("", channels)]
        return [Group("", channels), Group("Direct messages", groups_of({"type": "users_select"}, reader)[0].choices)]
    return groups_in(element)


def groups_in(holder: Json) -> list[Group]:
    """Return the choices in `options` or `option_groups`, be it of an element or of an answer to a suggestion."""
    groups: Iterable[Json] = holder.get("option_groups") or [{"options": holder.get("options") or ()}]
    return [
        Group(label_of(group.get("label")), tuple(choice_of(option) for option in group.get("options", ())))
        for group in groups
    ]


def chosen(element: Json, block_id: str, scope: Scope) -> list[Choice]:
    """Return what is chosen: by the person where there is a state, else by the app's initial values."""
    kind = str(element.get("type", ""))
    state = _state(element, block_id, scope)
    if kind in PLURAL or kind in SINGULAR:
        word = PLURAL.get(kind) or SINGULAR[kind]
        held = state.get(f"selected_{word}") if state is not None else element.get(f"initial_{word}")
        keys = held if isinstance(held, Sequence) and not isinstance(held, str) else [held] if held else []
        return [Choice(str(key), _name(str(key), scope.reader)) for key in keys]
    source = {key.removeprefix("selected_"): v for key, v in state.items()} if state is not None else None
    if source is None:
        source = {key.removeprefix("initial_"): v for key, v in element.items() if key.startswith("initial_")}
    options = source.get("options") or ([source["option"]] if source.get("option") else [])
    return [choice_of(option) for option in options]


def _name(key: str, reader: Reader) -> str:
    return f"#{reader.channels[key]}" if key in reader.channels else reader.people.get(key, key)


def typed(element: Json, block_id: str, scope: Scope) -> str:
    """Return the text, date or time that the element holds, as its HTML control wants it."""
    kind = str(element.get("type", ""))
    state = _state(element, block_id, scope)
    if kind in MOMENTS:
        word = MOMENTS[kind]
        held = state.get(f"selected_{word}") if state is not None else element.get(f"initial_{word}")
        if kind == "datetimepicker" and held:
            return scope.reader.at(float(held)).strftime(LOCAL_MOMENT)
        return str(held or "")
    held = state.get("value") if state is not None else element.get("initial_value")
    return "" if held is None else str(held)


def _state(element: Json, block_id: str, scope: Scope) -> Json | None:
    return scope.values.get(block_id, {}).get(str(element.get("action_id", "")))
