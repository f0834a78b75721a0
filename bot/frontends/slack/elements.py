"""The few pieces of Block Kit that this front end makes itself, beside what the renderer makes of documents.

Text is plain text that is cut to Slack's limits and never alive, whoever wrote it.
"""

from __future__ import annotations

from typing import Any

from bot.render.foreign import EMPTY, clean, clip

Json = dict[str, Any]
SECTION, LABEL, BUTTON = 3000, 2000, 75


def plain_text(text: str, most: int) -> Json:
    """Return a plain text object; `:tada:` in it stays what it is."""
    text = clip(clean(text), most)
    return {"type": "plain_text", "text": text if text.strip() else EMPTY, "emoji": False}


def section(text: str) -> Json:
    """Return a paragraph."""
    return {"type": "section", "text": plain_text(text, SECTION)}


def context(text: str) -> Json:
    """Return small print."""
    return {"type": "context", "elements": [plain_text(text, LABEL)]}


def row(*elements: Json) -> Json:
    """Return buttons beside one another."""
    return {"type": "actions", "elements": list(elements)}


def button(label: str, action: str, value: str, style: str = "") -> Json:
    """Return a button."""
    made: Json = {"type": "button", "text": plain_text(label, BUTTON), "action_id": action, "value": value}
    return {**made, "style": style} if style else made
