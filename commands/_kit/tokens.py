"""From a line as people type it to words: quotes, the quotes and dashes that phones make, Slack's escaped references.

It knows no command. It never fails: a quote that is not closed is reported beside the words, with where it opens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Which characters close a quote. Keyboards and phones mix the kinds, so a straight quote may be closed by a curly one
# where there is no straight one.
_CLOSERS = {
    '"': ('"', "”“"),
    "“": ("”“", '"'),
    "”": ("”", '"'),
    "„": ("“”", '"'),
    "«": ("»", ""),
    "»": ("«", ""),
    "'": ("'", "’"),
    "‘": ("’‘", "'"),
    "’": ("’", "'"),
    "‚": ("‘’", "'"),
    "`": ("`", ""),
}
APOSTROPHES = frozenset("'‘’‚")
_ESCAPABLE = frozenset('"\\&<“”')
_ZERO_WIDTH_SPACES = frozenset("\u200b\u2060\ufeff")
_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ENTITY = re.compile("|".join(_ENTITIES))
_KEY = re.compile(r"(?:--|[—–―-])?[^\W\d_][\w-]*=")
# https://docs.slack.dev/messaging/formatting-message-text: users, channels, groups and special mentions, links.
_REFERENCE = re.compile(
    r"<(?:(?P<kind>[@#!])(?P<id>[\w^:./ -]{1,256})|(?P<url>(?:https?|mailto|tel|slack):[^<>|\n]{1,3000}))"
    r"(?:\|(?P<label>[^<>\n]{0,3000}))?>"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `text` is what people read, `value` the same with references by id (`U123` for a person); `quoted`
    words are never taken for flags, names or filler. `start` and `end` are offsets into the line.
    """

    text: str
    value: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a line, and where a quote opens that is never closed."""

    words: tuple[Token, ...]
    unclosed: int | None = None


def is_space(character: str) -> bool:
    """Return whether the character separates words; no-break and zero-width spaces do, joiners inside emoji do not."""
    return character.isspace() or character in _ZERO_WIDTH_SPACES


def _reference(match: re.Match[str]) -> tuple[str, str]:
    """Return how a reference reads, and its id."""
    kind, identity, url, label = match["kind"], match["id"], match["url"], _plain(match["label"] or "")
    if url is not None:
        address = _plain(url)
        # Slack makes links of what looks like one: `<http://README.md|README.md>` was typed as `README.md`.
        typed = label if label and address.removeprefix("mailto:").partition("//")[2].rstrip("/") == label else address
        return (label if address.startswith("mailto:") and label else typed,) * 2
    if kind == "!":
        word = label or identity.partition("^")[0]
        return (word if word.startswith("@") else f"@{word}",) * 2
    return f"{kind}{label.lstrip(kind) or identity}", identity


def _plain(text: str) -> str:
    """Undo Slack's three entities, once."""
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], text)


def _piece(text: str, at: int) -> tuple[str, str, int]:
    """Return text, value and end of the reference, entity or character at that place."""
    if text[at] == "<" and (match := _REFERENCE.match(text, at)):
        return (*_reference(match), match.end())
    if text[at] == "&" and (match := _ENTITY.match(text, at)):
        return _ENTITIES[match[0]], _ENTITIES[match[0]], match.end()
    return text[at], text[at], at + 1


def readable(text: str) -> str:
    """Return the text with references and entities as people read them; everything else as it is."""
    pieces, at = [], 0
    while at < len(text):
        piece, _, at = _piece(text, at)
        pieces.append(piece)
    return "".join(pieces)


@dataclass(slots=True)
class _Quotes:
    """Finds what quotes in one line enclose, and remembers what it has looked for in vain: a hostile line opens
    thousands of quotes, and looking through the rest of the line for each would hold everybody up for seconds.
    """

    text: str
    endless: set[tuple[str, str]] = field(default_factory=set)
    word_ends: dict[str, int] = field(default_factory=dict)

    def inside(self, start: int) -> tuple[str, str, int] | None:
        """Return text, value and end of what the quote at `start` encloses, or None where it is never closed."""
        opener = self.text[start]
        for closers in filter(None, _CLOSERS[opener]):
            if (opener, closers) not in self.endless:
                if found := self._until(start, closers):
                    return found
                self.endless.add((opener, closers))
        return None

    def _until(self, start: int, closers: str) -> tuple[str, str, int] | None:
        texts: list[str] = []
        values: list[str] = []
        text, at, opener = self.text, start + 1, self.text[start]
        while at < len(text):
            if text[at] == "\\" and opener == '"' and at + 1 < len(text) and text[at + 1] in _ESCAPABLE:
                piece, value, at = text[at + 1], text[at + 1], at + 2
            elif self._closes(at, opener, closers):
                return "".join(texts), "".join(values), at + 1
            else:
                piece, value, at = _piece(text, at)
            texts.append(piece)
            values.append(value)
        return None

    def _closes(self, at: int, opener: str, closers: str) -> bool:
        if self.text[at] not in closers:
            return False
        if opener not in APOSTROPHES or at + 1 == len(self.text) or is_space(self.text[at + 1]):
            return True
        # 'it's fine' is one quoted text: its apostrophe closes nothing while a closing quote at a word's end follows.
        return self._last_word_end(closers) <= at

    def _last_word_end(self, closers: str) -> int:
        """Return where the line's last closing quote at a word's end is; -1 where none is."""
        if closers not in self.word_ends:
            ends = re.finditer(rf"[{closers}](?=\s|$)", self.text)
            self.word_ends[closers] = max((end.start() for end in ends), default=-1)
        return self.word_ends[closers]


def tokenise(text: str) -> Tokens:
    """Return the words of a line. Quotes open at the start of a word or after `name=` only, so apostrophes are safe."""
    words: list[Token] = []
    quotes, at, unclosed = _Quotes(text), 0, None
    while at < len(text):
        if is_space(text[at]):
            at += 1
            continue
        texts: list[str] = []
        values: list[str] = []
        start = at
        quoted = text[at] in _CLOSERS
        while at < len(text) and not is_space(text[at]):
            opens = text[at] in _CLOSERS and (at == start or _KEY.fullmatch(text, start, at))
            if opens:
                inside = quotes.inside(at)
                if inside is None:
                    unclosed = at
                    inside = (readable(text[at + 1 :]), readable(text[at + 1 :]), len(text))
            else:
                inside = _piece(text, at)
            piece, value, at = inside
            texts.append(piece)
            values.append(value)
        word, value = "".join(texts), "".join(values)
        if not quoted:
            # Direction marks come along when a name is copied from right-to-left text; they are no part of it.
            word, value = word.strip(_MARKS), value.strip(_MARKS)
        if word or quoted:
            words.append(Token(word, value, start, at, quoted))
    return Tokens(tuple(words), unclosed)
