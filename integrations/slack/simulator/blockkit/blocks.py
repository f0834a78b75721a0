"""The blocks themselves: fields, limits, and the surfaces each may be on.

Limits are those of https://docs.slack.dev/reference/block-kit/blocks/. Newer blocks that this simulator does not
draw (card, carousel, container, plan, task_card, data_table) are refused as unsupported, never let through unseen.
"""

from __future__ import annotations

from typing import Any

from integrations.slack.simulator.blockkit.charts import data_visualization, table
from integrations.slack.simulator.blockkit.composition import plain, slack_file, text, url, web_url
from integrations.slack.simulator.blockkit.elements import (
    image,
    in_actions,
    in_context_actions,
    in_input,
    in_section,
)
from integrations.slack.simulator.blockkit.richtext import rich_text_elements
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
    string,
    variant,
)

_id: Fields = {"block_id": string(255)}
_https = url(schemes=("https",))


def _files_do_not_dispatch(scope: Scope, path: str, value: Any) -> None:
    if value.get("dispatch_action") and value["element"]["type"] == "file_input":
        scope.report(f"{path}/element/type", "unsupported type: file_input")


_context_text = text(3000)
_in_context = variant({"image": image, "plain_text": _context_text, "mrkdwn": _context_text})

BLOCKS: dict[str, Rule] = {
    "section": kind(
        {},
        {
            **_id,
            "text": text(3000),
            "fields": array(text(2000), 10, least=1),
            "accessory": in_section,
            "expand": boolean,
        },
        one_of("text", "fields"),
    ),
    "header": kind({"text": plain(150)}, {**_id, "level": integer(1, 4)}),
    "divider": kind({}, _id),
    "context": kind({"elements": array(_in_context, 10, least=1)}, _id),
    "context_actions": kind({"elements": array(in_context_actions, 5, least=1)}, _id, only_on(Surface.MESSAGE)),
    "actions": kind({"elements": array(in_actions, 25, least=1)}, _id),
    "input": kind(
        {"label": plain(2000), "element": in_input},
        {**_id, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        _files_do_not_dispatch,
    ),
    "image": kind(
        {"alt_text": string(2000)},
        {**_id, "image_url": web_url, "slack_file": slack_file, "title": plain(2000)},
        one_of("image_url", "slack_file"),
        not_both("image_url", "slack_file"),
    ),
    "rich_text": kind({"elements": rich_text_elements}, _id),
    "markdown": kind({"text": string(12_000)}, _id, only_on(Surface.MESSAGE)),
    "alert": kind(
        {"text": text(200)},
        {**_id, "level": choice("default", "info", "warning", "error", "success")},
        only_on(Surface.MODAL),
    ),
    "table": table,
    "data_visualization": data_visualization,
    "video": kind(
        {"alt_text": string(), "title": plain(199), "thumbnail_url": web_url, "video_url": _https},
        {
            **_id,
            "author_name": string(49),
            "description": plain(199),
            "provider_icon_url": web_url,
            "provider_name": string(),
            "title_url": _https,
        },
    ),
    "file": kind({"external_id": string(), "source": choice("remote")}, _id, only_on(Surface.MESSAGE)),
}

block = variant(BLOCKS)
