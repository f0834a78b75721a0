"""Slack's rich_text block to HTML. Its text is literal: nothing in it is read as a mark, a mention or an entity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from integrations.slack.simulator.page import mrkdwn
from integrations.slack.simulator.page.dates import date_text
from integrations.slack.simulator.page.emoji import EMOJI
from integrations.slack.simulator.page.reader import Reader

Json = Mapping[str, Any]
STYLES = (("code", "code"), ("strike", "s"), ("italic", "em"), ("bold", "strong"), ("underline", "u"))
MAX_INDENT = 8


def rich_text(block: Json, reader: Reader) -> Markup:
    """Return a rich_text block's HTML."""
    return Markup().join(_section(section, reader) for section in block.get("elements", ()))


def _section(section: Json, reader: Reader) -> Markup:
    elements = section.get("elements", ())
    match section.get("type"):
        case "rich_text_list":
            return _list(section, elements, reader)
        case "rich_text_quote":
            return Markup("<blockquote>{}</blockquote>").format(_inline(elements, reader))
        case "rich_text_preformatted":
            return Markup("<pre>{}</pre>").format(_inline(elements, reader, line_ends=False))
        case _:
            return Markup('<div class="rich-section">{}</div>').format(_inline(elements, reader))


def _list(section: Json, items: Sequence[Json], reader: Reader) -> Markup:
    indent = min(int(section.get("indent", 0)), MAX_INDENT)
    rows = Markup().join(Markup("<li>{}</li>").format(_inline(item.get("elements", ()), reader)) for item in items)
    if section.get("style") == "ordered":
        start = int(section.get("offset", 0)) + 1
        return Markup('<ol class="indent-{}" start="{}">{}</ol>').format(indent, start, rows)
    return Markup('<ul class="indent-{}">{}</ul>').format(indent, rows)


def _inline(elements: Sequence[Json], reader: Reader, *, line_ends: bool = True) -> Markup:
    return Markup().join(_styled(element, reader, line_ends=line_ends) for element in elements)


def _styled(element: Json, reader: Reader, *, line_ends: bool) -> Markup:
    out = _element(element, reader, line_ends=line_ends)
    style = element.get("style") or {}
    for name, tag in STYLES:
        if style.get(name):
            out = Markup("<{}>{}</{}>").format(Markup(tag), out, Markup(tag))  # noqa: S704 - the tags stand in STYLES
    return out


def _element(element: Json, reader: Reader, *, line_ends: bool) -> Markup:
    kind = str(element.get("type", ""))
    if kind in ("text", "link"):
        url = str(element.get("url", ""))
        words = _literal(str(element.get("text") or url), line_ends=line_ends)
        return mrkdwn.link(url, words) if kind == "link" else words
    draw = _REFERENCES.get(kind)
    return draw(element, reader) if draw else Markup()


def _emoji(element: Json, _: Reader) -> Markup:
    name = str(element.get("name", ""))
    return escape(EMOJI.get(name, f":{name}:"))


def _date(element: Json, reader: Reader) -> Markup:
    seconds = int(element.get("timestamp", 0))
    text = date_text(seconds, str(element.get("format", "")), str(element.get("fallback", "")), reader)
    return mrkdwn.link(str(element["url"]), escape(text)) if element.get("url") else escape(text)


_REFERENCES: dict[str, Callable[[Json, Reader], Markup]] = {
    "user": lambda element, reader: mrkdwn.person(str(element.get("user_id", "")), reader),
    "channel": lambda element, reader: mrkdwn.channel(str(element.get("channel_id", "")), reader),
    "usergroup": lambda element, reader: mrkdwn.group(str(element.get("usergroup_id", "")), reader),
    "broadcast": lambda element, _: mrkdwn.broadcast(str(element.get("range", ""))),
    "emoji": _emoji,
    "date": _date,
    "color": lambda element, _: escape(str(element.get("value", ""))),
}


def _literal(text: str, *, line_ends: bool) -> Markup:
    if not line_ends:
        return escape(text)
    return Markup("<br>").join(escape(line) for line in text.split("\n"))
