"""Slack's mrkdwn, for the few places that take nothing better (fallback text, small print with a time or a link).

mrkdwn has no escape character: `& < >` have entities, but a `*` or a backtick in foreign text can only be replaced by
a look-alike. That is why bodies are rich text, which is never parsed, and why this module is used as little as it is.
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.render.foreign import clean
from bot.render.moment import absolute, seconds

_LOOK_ALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})  # U+2217, U+223C, U+02CB
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # inside a word Slack leaves it alone
_EMOJI = re.compile(r":(?=[\w+'\-]+:)")
_BROADCAST = re.compile(r"@(?=(?:here|channel|everyone)\b)", re.IGNORECASE)
_QUOTE = re.compile(r"^(\s*)&gt;", re.MULTILINE)
_SCHEME = re.compile(r":(?=//)")


def inert(text: str) -> str:
    """Return foreign text as mrkdwn that shows it and does nothing: no mention, link, emoji or formatting."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _QUOTE.sub(r"\1›", text).translate(_LOOK_ALIKES)
    text = _UNDERSCORE.sub("ˍ", text)
    text = _SCHEME.sub(":\u200b", text)
    text = _EMOJI.sub("∶", text)
    return _BROADCAST.sub("＠", text)


def bold(text: str) -> str:
    return f"*{inert(text).strip()}*"


def mono(text: str) -> str:
    return f"`{inert(text).strip()}`"


def link(url: str, label: str) -> str:
    """Return a link; the caller has made sure that the address may be clicked."""
    return f"<{url.replace('&', '&amp;')}|{inert(label)}>"


def date(at: datetime, *, relative: bool = False) -> str:
    """Return a moment that Slack shows in the reader's time zone, with a fallback in UTC."""
    return f"<!date^{seconds(at)}^{date_format(relative=relative)}|{absolute(at)}>"


def date_format(*, relative: bool) -> str:
    """Return Slack's template for a moment; its tokens are on the page of `chat.postMessage` formatting."""
    return "{ago}" if relative else "{date_short_pretty} {time}"
