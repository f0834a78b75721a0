"""Rich text: the formatting that is structure instead of markup.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block and the pages of its elements.
"""

from __future__ import annotations

from integrations.slack.simulator.blockkit.composition import url
from integrations.slack.simulator.blockkit.rules import (
    Rule,
    array,
    boolean,
    choice,
    integer,
    kind,
    record,
    string,
    variant,
)

_style = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
# A mention can also be drawn highlighted, or with its link taken away.
_mention_style = record(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    ),
)
_text = kind({"text": string()}, {"style": _style})
_link = kind({"url": url()}, {"text": string(), "unsafe": boolean, "style": _style})

inline = variant(
    {
        "text": _text,
        "link": _link,
        "user": kind({"user_id": string()}, {"style": _mention_style}),
        "usergroup": kind({"usergroup_id": string()}, {"style": _mention_style}),
        "channel": kind({"channel_id": string()}, {"style": _mention_style}),
        "team": kind({"team_id": string()}, {"style": _style}),
        "broadcast": kind({"range": choice("here", "channel", "everyone")}, {"style": _style}),
        "emoji": kind({"name": string()}, {"unicode": string(), "skin_tone": integer(1, 6), "style": _style}),
        "color": kind({"value": string()}, {"style": _style}),
        "date": kind(
            {"timestamp": integer(), "format": string()}, {"url": url(), "fallback": string(), "style": _style}
        ),
    }
)
_border = choice(0, 1)
_section = kind({"elements": array(inline, least=1)}, {})
_list = kind(
    {"style": choice("bullet", "ordered"), "elements": array(variant({"rich_text_section": _section}), least=1)},
    {"indent": integer(0, 8), "offset": integer(0), "border": _border},
)

rich_text_elements: Rule = array(
    variant(
        {
            "rich_text_section": _section,
            "rich_text_list": _list,
            "rich_text_quote": kind({"elements": array(inline, least=1)}, {"border": _border}),
            "rich_text_preformatted": kind(
                {"elements": array(variant({"text": _text, "link": _link}), least=1)}, {"border": _border}
            ),
        }
    ),
    least=1,
)

rich_text = variant({"rich_text": kind({"elements": rich_text_elements}, {"block_id": string(255)})})
