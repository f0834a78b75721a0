"""Block elements, and which of them may stand in which block.

Fields and limits are those of https://docs.slack.dev/reference/block-kit/block-elements/.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from integrations.slack.simulator.blockkit.composition import (
    boxed_option,
    confirm,
    conversation_filter,
    dispatch_config,
    distinct_values,
    initial_among_options,
    option,
    option_group,
    overflow_option,
    plain,
    slack_file,
    url,
    web_url,
    workflow,
)
from integrations.slack.simulator.blockkit.richtext import rich_text
from integrations.slack.simulator.blockkit.rules import (
    Fields,
    Rule,
    Scope,
    Surface,
    array,
    boolean,
    choice,
    integer,
    kind,
    not_both,
    one_of,
    only_on,
    record,
    string,
    variant,
)

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _date(scope: Scope, path: str, value: Any) -> None:
    if not isinstance(value, str):
        scope.report(path, "must provide a string")
        return
    try:
        sound = bool(_DATE.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        sound = False
    if not sound:
        scope.report(path, "must be a valid date in the format YYYY-MM-DD")


def _time(scope: Scope, path: str, value: Any) -> None:
    if not (isinstance(value, str) and _TIME.fullmatch(value)):
        scope.report(path, "must be a valid time in the format HH:mm")


def _numeral(scope: Scope, path: str, value: Any) -> None:
    if not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        scope.report(path, "must be a string that is a number")


def _number_bounds(scope: Scope, path: str, value: Any) -> None:
    read = {name: float(value[name]) for name in ("min_value", "initial_value", "max_value") if name in value}
    low, high = read.get("min_value", float("-inf")), read.get("max_value", float("inf"))
    if low > high:
        scope.report(f"{path}/min_value", "must not be greater than max_value")
    elif not low <= read.get("initial_value", low if low != float("-inf") else min(high, 0.0)) <= high:
        scope.report(f"{path}/initial_value", "must be between min_value and max_value")
    if not value["is_decimal_allowed"]:
        for name in read:
            if "." in value[name]:
                scope.report(f"{path}/{name}", "must be a whole number where is_decimal_allowed is false")


def _text_bounds(scope: Scope, path: str, value: Any) -> None:
    least, most = value.get("min_length", 0), value.get("max_length", 3000)
    if least > most:
        scope.report(f"{path}/min_length", "must not be greater than max_length")
    elif "initial_value" in value and not least <= len(value["initial_value"]) <= most:
        scope.report(f"{path}/initial_value", "must keep min_length and max_length")


def _only_in_modals(name: str) -> Rule:
    def check(scope: Scope, path: str, value: Any) -> None:
        if name in value and scope.surface is not Surface.MODAL:
            scope.report(f"{path}/{name}", f"`{name}` is only allowed in modals")

    return check


_action: Fields = {"action_id": string(255)}
_focus: Fields = {**_action, "focus_on_load": boolean}
_select: Fields = {**_focus, "placeholder": plain(150), "confirm": confirm}
_multi: Fields = {**_select, "max_selected_items": integer(1)}
_typed: Fields = {**_focus, "placeholder": plain(150), "dispatch_action_config": dispatch_config}
_offered: Fields = {"options": array(option, 100, least=1), "option_groups": array(option_group, 100, least=1)}
_ids = array(string(), least=1)
_style = choice("primary", "danger")
_conversations: Fields = {"default_to_current_conversation": boolean, "filter": conversation_filter}
_response_url: Fields = {"response_url_enabled": boolean}
_one_source = (one_of("options", "option_groups"), not_both("options", "option_groups"))

image = kind(
    {"alt_text": string(2000)},
    {"image_url": web_url, "slack_file": slack_file},
    one_of("image_url", "slack_file"),
    not_both("image_url", "slack_file"),
)
button = kind(
    {"text": plain(75)},
    {
        **_action,
        "url": url(),
        "value": string(2000),
        "style": _style,
        "confirm": confirm,
        "accessibility_label": string(75),
    },
)
_feedback = record({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})

ELEMENTS: dict[str, Rule] = {
    "button": button,
    "image": image,
    "checkboxes": kind(
        {"options": array(boxed_option, 10, least=1)},
        {**_focus, "confirm": confirm, "initial_options": array(boxed_option, 10, least=1)},
        distinct_values,
        initial_among_options(many="initial_options"),
    ),
    "radio_buttons": kind(
        {"options": array(boxed_option, 10, least=1)},
        {**_focus, "confirm": confirm, "initial_option": boxed_option},
        distinct_values,
        initial_among_options(single="initial_option"),
    ),
    "static_select": kind(
        {},
        {**_select, **_offered, "initial_option": option},
        *_one_source,
        initial_among_options(single="initial_option"),
    ),
    "external_select": kind({}, {**_select, "min_query_length": integer(0), "initial_option": option}),
    "users_select": kind({}, {**_select, "initial_user": string()}),
    "conversations_select": kind(
        {},
        {**_select, **_conversations, **_response_url, "initial_conversation": string()},
        _only_in_modals("response_url_enabled"),
    ),
    "channels_select": kind(
        {}, {**_select, **_response_url, "initial_channel": string()}, _only_in_modals("response_url_enabled")
    ),
    "multi_static_select": kind(
        {},
        {**_multi, **_offered, "initial_options": array(option, 100, least=1)},
        *_one_source,
        initial_among_options(many="initial_options"),
    ),
    "multi_external_select": kind(
        {}, {**_multi, "min_query_length": integer(0), "initial_options": array(option, 100, least=1)}
    ),
    "multi_users_select": kind({}, {**_multi, "initial_users": _ids}),
    "multi_conversations_select": kind({}, {**_multi, **_conversations, "initial_conversations": _ids}),
    "multi_channels_select": kind({}, {**_multi, "initial_channels": _ids}),
    "overflow": kind({"options": array(overflow_option, 5, least=1)}, {**_action, "confirm": confirm}, distinct_values),
    "datepicker": kind({}, {**_select, "initial_date": _date}),
    "timepicker": kind({}, {**_select, "initial_time": _time, "timezone": string()}),
    "datetimepicker": kind({}, {**_focus, "confirm": confirm, "initial_date_time": integer(0, 9_999_999_999)}),
    "plain_text_input": kind(
        {},
        {
            **_typed,
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _text_bounds,
    ),
    "email_text_input": kind({}, {**_typed, "initial_value": string(least=0)}),
    "url_text_input": kind({}, {**_typed, "initial_value": string(3000, least=0)}),
    "number_input": kind(
        {"is_decimal_allowed": boolean},
        {**_typed, "initial_value": _numeral, "min_value": _numeral, "max_value": _numeral},
        _number_bounds,
    ),
    "rich_text_input": kind({}, {**_typed, "initial_value": rich_text}),
    "file_input": kind(
        {},
        {**_action, "filetypes": array(string(), least=1), "max_files": integer(1, 10)},
        only_on(Surface.MODAL),
    ),
    "workflow_button": kind(
        {"text": plain(75), "workflow": workflow}, {**_action, "style": _style, "accessibility_label": string(75)}
    ),
    "feedback_buttons": kind({"positive_button": _feedback, "negative_button": _feedback}, _action),
    "icon_button": kind(
        {"icon": choice("trash"), "text": plain(75)},
        {
            **_action,
            "value": string(2000),
            "confirm": confirm,
            "accessibility_label": string(75),
            "visible_to_user_ids": array(string(), 10),
        },
    ),
}

_SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
_PICKERS = (
    *_SELECTS,
    *(f"multi_{name}" for name in _SELECTS),
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
)


def _only(*names: str) -> Rule:
    return variant({name: ELEMENTS[name] for name in names})


in_section = _only("button", "image", "overflow", "workflow_button", *_PICKERS)
in_actions = _only("button", "overflow", "workflow_button", "datetimepicker", "rich_text_input", *_PICKERS)
in_context_actions = _only("feedback_buttons", "icon_button")
in_input = _only(
    *_PICKERS,
    "datetimepicker",
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)
