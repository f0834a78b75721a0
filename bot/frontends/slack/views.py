"""Modals: a command's form, its plan, what came of it; as Slack's view JSON. Pure.

An input's action_id is the field's name. Its block_id is the name with a nonce that changes whenever the form is shown
again with other values, because Slack keeps what was typed, and ignores initial values, under an unchanged id.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import orjson

from bot.frontends.slack.elements import LABEL, Json, plain_text, section
from commands._kit.form import FieldKind, Form, FormField

FORM, CONSENT, DONE, CHOOSE = "form", "consent", "done", "choose"
TITLE, OPTION, PLACEHOLDER = 24, 75, 150
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_PERSON = re.compile(r"[UW][A-Z0-9]+")
_CONVERSATION = re.compile(r"[CDG][A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a view remembers: it travels in private_metadata, signed by Slack, and names things, never contents."""

    command: str = ""
    channel: str = ""
    thread: str = ""
    offer: str = ""

    def dump(self) -> str:
        return orjson.dumps({"c": self.command, "ch": self.channel, "th": self.thread, "o": self.offer}).decode()

    @classmethod
    def load(cls, text: str) -> ViewState:
        """Return the state in a view's private_metadata; an empty one where there is none."""
        data = orjson.loads(text or "{}")
        return cls(*(str(data.get(k, "")) for k in ("c", "ch", "th", "o")))


def modal(
    callback: str, title: str, blocks: list[Json], state: ViewState, *, submit: str = "", close: str = ""
) -> Json:
    """Return a modal."""
    view: Json = {
        "type": "modal",
        "callback_id": callback,
        "title": plain_text(title, TITLE),
        "close": plain_text(close or "Close", TITLE),
        "blocks": blocks,
        "private_metadata": state.dump(),
        "notify_on_close": callback == CONSENT,
    }
    if submit:
        view["submit"] = plain_text(submit, TITLE)
    return view


def waiting(title: str, text: str, state: ViewState) -> Json:
    """Return the view that stands while something is being looked at or done."""
    return modal(DONE, title, [section(f"⏳ {text}")], state)


def form_view(form: Form, state: ViewState, *, message: str = "") -> Json:
    """Return a command's form, with values and errors in place."""
    nonce = secrets.token_hex(3)
    blocks: list[Json] = [section(form.summary)] if form.summary else []
    blocks.extend(section(f"⚠️ {text}") for text in (message, form.error) if text)
    for entry in form.fields:
        if entry.error:
            lost = "" if _can_start_with(entry) else f" (you wrote: {str(entry.initial)[:200]})"
            blocks.append(section(f"⚠️ {entry.label}: {entry.error}{lost}"))
        blocks.append(_input(entry, nonce))
    return modal(FORM, form.title, blocks, state, submit=form.submit, close="Cancel")


def _input(entry: FormField, nonce: str) -> Json:
    block: Json = {
        "type": "input",
        "block_id": f"{entry.name}.{nonce}",
        "label": plain_text(entry.label, LABEL),
        "optional": not entry.required,
        "element": _element(entry),
    }
    if entry.hint and not _speaks(entry):
        block["hint"] = plain_text(entry.hint, LABEL)
    return block


def _option(value: str, label: str = "") -> Json:
    return {"text": plain_text(label or value, OPTION), "value": value[:150]}


def _text(entry: FormField, initial: str, placeholder: str = "") -> Json:
    element: Json = {"type": "plain_text_input", "multiline": entry.kind is FieldKind.MULTILINE}
    if initial:
        element["initial_value"] = initial[: min(entry.max_length or 3000, 3000)]
    if entry.max_length:
        element["max_length"] = min(entry.max_length, 3000)
    if placeholder:
        element["placeholder"] = plain_text(placeholder, PLACEHOLDER)
    return element


def _number(entry: FormField, initial: str) -> Json:
    element: Json = {"type": "number_input", "is_decimal_allowed": entry.decimal}
    for key, bound in (("min_value", entry.minimum), ("max_value", entry.maximum)):
        if bound is not None:
            element[key] = _digits(bound)
    if initial:
        element["initial_value"] = initial
    return element


def _digits(bound: float) -> str:
    """Return a number as Slack reads it: never with an exponent, and without a fraction that says nothing."""
    return str(int(bound)) if bound == int(bound) else f"{Decimal(repr(bound)):f}"


def _can_start_with(entry: FormField) -> bool:
    """Return whether Slack's input takes what was typed; it refuses a whole view for a number out of its bounds."""
    text = "" if entry.initial is None else str(entry.initial)
    match entry.kind:
        case _ if not text:
            return True
        case FieldKind.NUMBER:
            return _is_number(text, entry)
        case FieldKind.DATE:
            return _DATE.fullmatch(text) is not None
        case FieldKind.PERSON:
            return _PERSON.fullmatch(text) is not None
        case FieldKind.CHANNEL:
            return _CONVERSATION.fullmatch(text) is not None
        case _:
            return True


def _is_number(text: str, entry: FormField) -> bool:
    if _NUMBER.fullmatch(text) is None or ("." in text and not entry.decimal):
        return False
    low = -math.inf if entry.minimum is None else entry.minimum
    high = math.inf if entry.maximum is None else entry.maximum
    return low <= float(text) <= high


def _speaks(entry: FormField) -> bool:
    """Return whether a checkbox has its hint beside it, instead of its label for a second time."""
    return entry.kind is FieldKind.BOOLEAN and 0 < len(entry.hint) <= OPTION


def _element(entry: FormField) -> Json:  # noqa: C901 - one case per kind of field
    initial = "" if entry.initial is None or not _can_start_with(entry) else str(entry.initial)
    match entry.kind:
        case FieldKind.NUMBER:
            element = _number(entry, initial)
        case FieldKind.BOOLEAN:
            option = _option("true", entry.hint if _speaks(entry) else entry.label)
            element = {"type": "checkboxes", "options": [option]}
            if initial.lower() in {"true", "yes", "1", "on"}:
                element["initial_options"] = [option]
        case FieldKind.CHOICE:
            options = [_option(value, label) for value, label in entry.choices[:100]]
            element = {"type": "static_select", "options": options}
            chosen = next((option for option in options if option["value"] == initial), None)
            element |= {"initial_option": chosen} if chosen else {}
        case FieldKind.OPTIONS:
            placeholder = plain_text("Type to search", PLACEHOLDER)
            element = {"type": "external_select", "min_query_length": 0, "placeholder": placeholder}
            if initial:
                element["initial_option"] = _option(initial)
        case FieldKind.PERSON:
            element = {"type": "users_select"} | ({"initial_user": initial} if initial else {})
        case FieldKind.CHANNEL:
            element = {"type": "conversations_select"} | ({"initial_conversation": initial} if initial else {})
        case FieldKind.DATE:
            element = {"type": "datepicker"} | ({"initial_date": initial} if initial else {})
        case FieldKind.DURATION:
            element = _text(entry, initial, "90m, 2h30m, 7d")
        case _:
            element = _text(entry, initial)
    return {**element, "action_id": entry.name}


def values_of(state: Mapping[str, Mapping[str, Json]]) -> tuple[dict[str, object], dict[str, str]]:
    """Return a submitted view's values by field, and the block_id that each field sits in."""
    values: dict[str, object] = {}
    blocks: dict[str, str] = {}
    for block_id, actions in state.items():
        for name, element in actions.items():
            blocks[name] = block_id
            value = _value(element)
            if value is not None:
                values[name] = value
    return values, blocks


def _value(element: Json) -> object:
    match element.get("type"):
        case "checkboxes":
            return any(o["value"] == "true" for o in element.get("selected_options") or ())
        case "static_select" | "external_select" | "radio_buttons":
            chosen = element.get("selected_option")
            return chosen["value"] if chosen else None
        case "users_select":
            return element.get("selected_user")
        case "conversations_select" | "channels_select":
            return element.get("selected_conversation") or element.get("selected_channel")
        case "datepicker":
            return element.get("selected_date")
        case _:
            return element.get("value")
