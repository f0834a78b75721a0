"""What a message, a modal and a home tab may hold as a whole: how many blocks, which kinds, ids that are unique.

It looks at `text`, `blocks` and `attachments` of a message, and at a view; every other argument is the method's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from integrations.slack.simulator.blockkit.blocks import block
from integrations.slack.simulator.blockkit.charts import TABLE_CHARACTERS, characters
from integrations.slack.simulator.blockkit.composition import plain
from integrations.slack.simulator.blockkit.problem import Problem
from integrations.slack.simulator.blockkit.rules import (
    Fields,
    Rule,
    Scope,
    Surface,
    array,
    boolean,
    record,
    string,
)

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
CHARTS, TABLES, MARKDOWN_CHARACTERS = 2, 1, 12_000
VIEW_BYTES = 250 * 1024
TEXT_CHARACTERS = 40_000
# Slack names no figure for `msg_blocks_too_long`; its maintainers say about 12,000 characters and a margin, and people
# measured 13,200 where each header costs about 100 more (slackapi/bolt-js issues 2509 and 2867).
MESSAGE_CHARACTERS, HEADER_COST = 13_200, 100


def _pointer(key: object) -> str:
    """Return a key as a part of a JSON pointer (RFC 6901); it may be anything that was sent."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _walk(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every object inside, with its pointer."""
    if isinstance(value, dict):
        yield path, value
        for name, item in value.items():
            yield from _walk(item, f"{path}/{_pointer(name)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, f"{path}/{index}")


def _sound(blocks: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the blocks that are objects at all; the others have been reported."""
    if isinstance(blocks, list):
        for index, one in enumerate(blocks):
            if isinstance(one, dict):
                yield f"{path}/{index}", one


def _unique(scope: Scope, name: str, found: Iterator[tuple[str, dict[str, Any]]]) -> None:
    seen: set[str] = set()
    for path, value in found:
        given = value.get(name)
        if not isinstance(given, str):
            continue
        if given in seen:
            scope.report(f"{path}/{name}", f'`{name}` "{given}" already exists')
        seen.add(given)


def _whole(scope: Scope, path: str, blocks: Any) -> None:
    """Check what no single block can know: block ids are unique, and action ids within their block; one first focus."""
    _unique(scope, "block_id", _sound(blocks, path))
    focused = 0
    for where, one in _sound(blocks, path):
        _unique(scope, "action_id", _walk(one, where))
        for inner, value in _walk(one, where):
            focused += value.get("focus_on_load") is True
            if value.get("focus_on_load") is True and focused > 1:
                scope.report(f"{inner}/focus_on_load", "only one element may set `focus_on_load`")


def _of_type(found: list[tuple[str, dict[str, Any]]], name: str) -> list[tuple[str, dict[str, Any]]]:
    return [(path, one) for path, one in found if one.get("type") == name]


def _message_totals(scope: Scope, found: list[tuple[str, dict[str, Any]]]) -> None:
    for path, _ in _of_type(found, "data_visualization")[CHARTS:]:
        scope.report(path, f"no more than {CHARTS} data_visualization blocks allowed")
    tables = _of_type(found, "table")
    for path, _ in tables[TABLES:]:
        scope.report(path, "only_one_table_allowed", "invalid_attachments")
    if len(tables) > 1 and sum(characters(one) for _, one in tables) > TABLE_CHARACTERS:
        scope.report("/blocks", f"must be less than {TABLE_CHARACTERS + 1} characters in all tables")
    marked = _of_type(found, "markdown")
    if len(marked) > 1 and sum(characters(one) for _, one in marked) > MARKDOWN_CHARACTERS:
        scope.report("/blocks", f"must be less than {MARKDOWN_CHARACTERS + 1} characters in all markdown blocks")
    size = sum(characters(one) for _, one in found if one.get("type") != "table")
    if size + HEADER_COST * len(_of_type(found, "header")) > MESSAGE_CHARACTERS:
        scope.report("/blocks", "msg_blocks_too_long", "msg_blocks_too_long")


def validate_message(payload: Mapping[str, Any]) -> list[Problem]:
    """Return what Slack would refuse in `text`, `blocks` and `attachments` of a message, as decoded JSON."""
    scope = Scope(Surface.MESSAGE)
    blocks, attachments, text = (payload.get(name) for name in ("blocks", "attachments", "text"))
    if not (blocks or attachments or text):
        scope.report("/text", "no_text", "no_text")
    if text is not None:
        string(least=0)(scope, "/text", text)
        if isinstance(text, str) and len(text) > TEXT_CHARACTERS:
            scope.report("/text", "msg_too_long", "msg_too_long")
    found: list[tuple[str, dict[str, Any]]] = []
    if blocks is not None:
        array(block, MESSAGE_BLOCKS)(scope, "/blocks", blocks)
        _whole(scope, "/blocks", blocks)
        found += _sound(blocks, "/blocks")
    for path, attachment in _attachments(scope, attachments):
        if "blocks" in attachment:
            inner = f"{path}/blocks"
            array(block, MESSAGE_BLOCKS)(scope, inner, attachment["blocks"])
            _whole(scope, inner, attachment["blocks"])
            found += _sound(attachment["blocks"], inner)
    _message_totals(scope, found)
    return scope.problems


def _attachments(scope: Scope, attachments: Any) -> list[tuple[str, dict[str, Any]]]:
    if attachments is None:
        return []
    if not isinstance(attachments, list):
        scope.report("/attachments", "must provide an array", "invalid_attachments")
        return []
    if len(attachments) > 100:
        scope.report("/attachments", "no more than 100 items allowed", "too_many_attachments")
    for index, one in enumerate(attachments):
        if not isinstance(one, dict):
            scope.report(f"/attachments/{index}", "must provide an object", "invalid_attachments")
    return list(_sound(attachments, "/attachments"))


def _anything(_scope: Scope, _path: str, _value: Any) -> None:
    """Take whatever is there."""


# Views that came from Slack carry these; sent back with a view they are ignored.
_returned: Fields = dict.fromkeys(
    ("id", "team_id", "bot_id", "app_id", "app_installed_team_id", "root_view_id", "previous_view_id", "state", "hash"),
    _anything,
)
_any_view: Fields = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
    **_returned,
}
_flags: Fields = {"clear_on_close": boolean, "notify_on_close": boolean}
_blocks: Fields = {"type": string(), "blocks": array(block, VIEW_BLOCKS, least=1)}


def _input_needs_submit(scope: Scope, path: str, value: Any) -> None:
    if "submit" in value:
        return
    for index, one in enumerate(value["blocks"]):
        if one["type"] == "input":
            where = f"{path}/blocks/{index}/input"
            scope.report(where, "must define `submit` to use an `input` block in modals")


VIEWS: dict[Surface, Rule] = {
    Surface.MODAL: record(
        {**_blocks, "title": plain(24)},
        {"submit": plain(24), "close": plain(24), **_flags, **_any_view},
        _input_needs_submit,
    ),
    Surface.HOME: record(_blocks, {**_flags, **_any_view}),
}


def validate_view(view: Mapping[str, Any]) -> list[Problem]:
    """Return what Slack would refuse in a modal or home view; pointers begin with `/view`."""
    given = dict(view)
    if given.get("type") not in ("modal", "home"):
        message = "must be a valid enum value" if "type" in given else "missing required field: type"
        return [Problem("/view/type" if "type" in given else "/view", message)]
    scope = Scope(Surface(given["type"]))
    VIEWS[scope.surface](scope, "/view", given)
    _whole(scope, "/view/blocks", given.get("blocks"))
    if len(json.dumps(given, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")) > VIEW_BYTES:
        scope.report("/view", "view_too_large", "view_too_large")
    return scope.problems
