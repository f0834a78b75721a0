"""Composition objects: what elements are put together from.

Limits are those of https://docs.slack.dev/reference/block-kit/composition-objects/.
"""

from __future__ import annotations

import re
from typing import Any

from integrations.slack.simulator.blockkit.rules import (
    Rule,
    Scope,
    array,
    boolean,
    choice,
    kind,
    not_both,
    one_of,
    record,
    string,
    variant,
)

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")


def url(most: int = 3000, *, schemes: tuple[str, ...] = ()) -> Rule:
    """Take an absolute address of at most 3000 characters."""
    length = string(most)

    def check(scope: Scope, path: str, value: Any) -> None:
        before = len(scope.problems)
        length(scope, path, value)
        if len(scope.problems) > before:
            return
        if not _URL.fullmatch(value) or (schemes and value.partition(":")[0].lower() not in schemes):
            scope.report(path, "must be a valid url")

    return check


web_url = url(schemes=("http", "https"))


def plain(most: int = 3000) -> Rule:
    """Take a plain_text object of 1 to `most` characters."""
    return variant({"plain_text": kind({"text": string(most)}, {"emoji": boolean})})


def text(most: int = 3000) -> Rule:
    """Take a plain_text or mrkdwn object of 1 to `most` characters."""
    return variant(
        {
            "plain_text": kind({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": kind({"text": string(most)}, {"verbatim": boolean}),
        }
    )


confirm = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)

option = record({"text": plain(75), "value": string(150)}, {"description": plain(75)})
overflow_option = record({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": url()})
# Checkboxes and radio buttons alone take mrkdwn in an option.
boxed_option = record({"text": text(75), "value": string(150)}, {"description": text(75)})
option_group = record({"label": plain(75), "options": array(option, 100, least=1)}, {})

dispatch_config = record(
    {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2, least=1)}, {}
)

conversation_filter = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), 4, least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    one_of("include", "exclude_external_shared_channels", "exclude_bot_users"),
)

slack_file = record({}, {"id": string(), "url": web_url}, one_of("id", "url"), not_both("id", "url"))

workflow = record(
    {
        "trigger": record(
            {"url": web_url},
            {"customizable_input_parameters": array(record({"name": string(), "value": string()}, {}))},
        )
    },
    {},
)


def initial_among_options(single: str = "", many: str = "") -> Rule:
    """Require that what is selected at first is among the options offered, exactly as offered."""

    def check(scope: Scope, path: str, value: Any) -> None:
        offered = [*value.get("options", ()), *(o for g in value.get("option_groups", ()) for o in g["options"])]
        if single in value and value[single] not in offered:
            scope.report(f"{path}/{single}", "must match one of the provided options")
        for index, chosen in enumerate(value.get(many, ())):
            if chosen not in offered:
                scope.report(f"{path}/{many}/{index}", "must match one of the provided options")

    return check


def distinct_values(scope: Scope, path: str, value: Any) -> None:
    """Require that no two options of one element have the same value."""
    seen: set[str] = set()
    for index, item in enumerate(value.get("options", ())):
        if item["value"] in seen:
            scope.report(f"{path}/options/{index}/value", f'`value` "{item["value"]}" already exists')
        seen.add(item["value"])
