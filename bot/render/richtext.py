"""Spans as Slack's rich text: structure, never markup, so that foreign text cannot become formatting.

Nobody parses a rich text element's `text`: `*`, backticks, `<!channel>` and `@here` stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.render.foreign import EMPTY, clean, pieces
from bot.render.links import clickable
from bot.render.moment import absolute, seconds
from bot.render.mrkdwn import date_format
from bot.render.spans import words
from commands._kit.doc import Bold, Channel, Link, Mono, Person, Span, Time

Json = dict[str, Any]
# Slack states no limit for one element; that of a section's text is kept.
ELEMENT = 3000

_USER = re.compile(r"(?:.*/)?([UW][A-Z0-9]{2,24})")
_CHANNEL = re.compile(r"(?:.*/)?([CGD][A-Z0-9]{2,24})")


@dataclass(frozen=True, slots=True)
class Inline:
    """How spans become elements: which hosts may be linked, and whether people become user elements."""

    allowed_hosts: frozenset[str] = frozenset()
    mentions: bool = True

    def elements(self, spans: Iterable[Span]) -> list[Json]:
        """Return the spans as elements of a section; at least one, as Slack wants."""
        found: list[Json] = []
        for span in spans:
            found += self._span(span)
        if not any(str(one.get("text", "x")).strip() for one in found):
            return [{"type": "text", "text": EMPTY}]
        return found

    def section(self, spans: Iterable[Span]) -> Json:
        return {"type": "rich_text_section", "elements": self.elements(spans)}

    def _span(self, span: Span) -> list[Json]:
        if isinstance(span, str):
            return text(clean(span))
        if isinstance(span, Bold):
            return text(clean(span.text), bold=True)
        if isinstance(span, Mono):
            return text(clean(span.text), code=True)
        if isinstance(span, Link):
            return self._link(span)
        if isinstance(span, Time):
            template = date_format(relative=span.relative)
            return [{"type": "date", "timestamp": seconds(span.at), "format": template, "fallback": absolute(span.at)}]
        return self._reference(span)

    def _link(self, span: Link) -> list[Json]:
        label, url = clean(span.text), span.url
        if clickable(url, self.allowed_hosts):
            return [{"type": "link", "url": url, "text": pieces(label, ELEMENT)[0] if label.strip() else url}]
        # The address stays visible, as code, which no client turns into a link.
        shown = text(clean(url), code=True)
        return [*text(f"{label} ("), *shown, *text(")")] if label.strip() and label != url else shown

    def _reference(self, span: Person | Channel) -> list[Json]:
        person = isinstance(span, Person)
        found = (_USER if person else _CHANNEL).fullmatch(span.id)
        if found and self.mentions:
            return [{"type": "user", "user_id": found[1]} if person else {"type": "channel", "channel_id": found[1]}]
        return text(words(span))


def text(content: str, **style: bool) -> list[Json]:
    """Return cleaned text as elements within the size of one."""
    base: Mapping[str, Any] = {"style": style} if style else {}
    return [{"type": "text", "text": piece, **base} for piece in pieces(content, ELEMENT)]


def rich_text(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def preformatted(content: str) -> Json:
    """Return cleaned text in fixed width."""
    return {"type": "rich_text_preformatted", "elements": text(content if content.strip() else EMPTY)}
