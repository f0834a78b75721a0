"""Text from outside, made harmless for every medium, and cut without breaking it.

What could steer a terminal, reorder a line or fail to encode is replaced here, once; markup is each medium's own
matter (`mrkdwn.py` for Slack's). Nothing here knows what the text means.
"""

from __future__ import annotations

import re

# Embeddings and overrides can make a line read as something else, so their place stays visible.
_OVERRIDES = re.compile("[\u202a-\u202e]")
# Marks, isolates and zero-width spaces only hide; joiners stay, because emoji and some scripts need them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_UNENCODABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_TRAILING_JOINERS = re.compile("[\u200c\u200d]+$")

# Control characters appear as their pictures (ESC as ␛), so that what was tried can be seen.
_CONTROLS = {code: chr(0x2400 + code) for code in range(32) if code != 0x0A}
_CONTROLS.update({0x09: "    ", 0x7F: "\u2421", **dict.fromkeys(range(0x80, 0xA0), "\ufffd")})

ELLIPSIS = "…"
EMPTY = "–"


def clean(text: str) -> str:
    """Return the text without control, override, invisible and unencodable characters; lines end in newlines."""
    text = _BREAKS.sub("\n", text).translate(_CONTROLS)
    text = _OVERRIDES.sub("\ufffd", text)
    text = _INVISIBLE.sub("", text)
    return _UNENCODABLE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return the cleaned text on one line, its white space collapsed."""
    return " ".join(clean(text).split())


def length(text: str) -> int:
    """Return how long a text is in UTF-16 units, the larger of the ways in which limits may be counted."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, most: int) -> str:
    """Return the text, cut to `most` UTF-16 units with an ellipsis where it is longer."""
    if length(text) <= most:
        return text
    return take(text, most - 1).rstrip() + ELLIPSIS if most > 0 else ""


def take(text: str, most: int) -> str:
    """Return the longest beginning of at most `most` UTF-16 units that ends in no joiner."""
    if length(text) <= most:
        return text
    if text.isascii():
        return text[:most]
    size = 0
    for index, character in enumerate(text):
        size += 2 if character > "\uffff" else 1
        if size > most:
            return _TRAILING_JOINERS.sub("", text[:index])
    return text


def pieces(text: str, most: int) -> list[str]:
    """Return the text in consecutive pieces of at most `most` UTF-16 units (two or more), none empty."""
    found: list[str] = []
    while text:
        # A piece of nothing but joiners would be cut to nothing; it is taken as it is.
        piece = take(text, most) or text[:most]
        found.append(piece)
        text = text[len(piece) :]
    return found
