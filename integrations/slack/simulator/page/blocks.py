"""Block Kit to HTML. The macros in `templates/blocks.html.j2` draw; this module gives them their filters.

It draws what it is given: validation happened when the app sent it. An unknown block says so instead of vanishing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from integrations.slack.simulator.page import choices, mrkdwn
from integrations.slack.simulator.page.charts import chart
from integrations.slack.simulator.page.choices import Scope
from integrations.slack.simulator.page.emoji import EMOJI
from integrations.slack.simulator.page.markdown import markdown
from integrations.slack.simulator.page.reader import Reader
from integrations.slack.simulator.page.rich_text import rich_text

Json = Mapping[str, Any]
TEMPLATES = Path(__file__).parent / "templates"


def text_object(text: Json | None, reader: Reader) -> Markup:
    """Return a text object's HTML, by its type."""
    if not text:
        return Markup()
    words = str(text.get("text", ""))
    if text.get("type") == "mrkdwn":
        return mrkdwn.mrkdwn(words, reader)
    return mrkdwn.plain(words, emoji=text.get("emoji", True) is not False)


def picture(url: str) -> str:
    """Return the address if the page may load it: its own files only. Others are named, never fetched, so that looking
    at a message tells no stranger about it.
    """
    parts = urlsplit(url)
    return url if not parts.scheme and not parts.netloc and url.startswith("/") else ""


def host(url: str) -> str:
    return urlsplit(url).hostname or "elsewhere"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates' environment; everything is escaped unless it is Markup already."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "text_object": text_object,
        "label": choices.label_of,
        "rich_text": rich_text,
        "markdown": markdown,
        "mrkdwn": mrkdwn.mrkdwn,
        "chart": chart,
        "picture": picture,
        "host": host,
        "json": lambda value: json.dumps(value, ensure_ascii=False),
        "emoji": lambda name: EMOJI.get(name, f":{name}:"),
    }
    made.globals |= {
        "groups_of": choices.groups_of,
        "chosen": choices.chosen,
        "typed": choices.typed,
        "fingerprint": choices.fingerprint,
        "people_kinds": choices.PEOPLE,
        "text_kinds": choices.TEXTS,
    }
    return made


def warm() -> None:
    """Load every template."""
    for name in environment().list_templates():
        environment().get_template(name)


def blocks_html(blocks: Sequence[Json], scope: Scope) -> Markup:
    """Return a list of blocks as HTML."""
    module: Any = environment().get_template("blocks.html.j2").module
    return Markup(module.blocks(blocks, scope))  # noqa: S704 - a macro's output is escaped already


def options_html(groups: Sequence[choices.Group], list_id: str) -> Markup:
    """Return choices as the options of a listbox."""
    module: Any = environment().get_template("blocks.html.j2").module
    return Markup(module.options(groups, list_id, []))  # noqa: S704 - as above
