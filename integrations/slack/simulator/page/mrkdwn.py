"""Slack's mrkdwn to HTML. Whatever is no mark of Slack's own stays text, escaped; no input can add a tag, an attribute,
or a link to anything but the web and mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup, escape

from integrations.slack.simulator.page.dates import date_text
from integrations.slack.simulator.page.emoji import with_emoji
from integrations.slack.simulator.page.reader import Reader

FENCE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
QUOTE = re.compile(r"^(?:&gt;|>) ?")
MARK = re.compile(
    r"<(?P<token>[^<>\n]+)>"
    r"|(?<![\w`])`(?P<code>[^`\n]+)`(?![\w`])"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
SAFE_SCHEMES = ("http://", "https://", "mailto:")
BROADCASTS = ("here", "channel", "everyone")


def unescaped(text: str) -> str:
    """Undo the three entities that Slack's text uses; `&amp;` last, so that nothing is undone twice."""
    for entity, character in ENTITIES:
        text = text.replace(entity, character)
    return text


def plain(text: str, *, emoji: bool = True) -> Markup:
    """Return a plain_text object's text: no marks, only emoji."""
    raw = unescaped(text)
    return _lines(with_emoji(raw) if emoji else raw)


def mrkdwn(text: str, reader: Reader) -> Markup:
    """Return mrkdwn as HTML for a reader."""
    out = Markup()
    position = 0
    for fence in FENCE.finditer(text):
        out += _paragraphs(text[position : fence.start()].removesuffix("\n"), reader)
        out += Markup("<pre>{}</pre>").format(_tokens_as_text(fence[1], reader))
        position = fence.end() + text[fence.end() :].startswith("\n")
    return out + _paragraphs(text[position:], reader)


def link(url: str, label: Markup | str) -> Markup:
    """Return a link that opens beside the page; anything but the web and mail is shown as text."""
    if not url.lower().startswith(SAFE_SCHEMES):
        return Markup("{}").format(label if isinstance(label, Markup) else url)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(url, label or url)


def person(user: str, reader: Reader, name: str = "") -> Markup:
    own = " mention-me" if user == reader.id else ""
    return Markup('<span class="mention{}">@{}</span>').format(own, reader.people.get(user) or name or user)


def channel(channel_id: str, reader: Reader, name: str = "") -> Markup:
    shown = reader.channels.get(channel_id) or name or "private channel"
    return Markup('<span class="mention">#{}</span>').format(shown)


def broadcast(kind: str) -> Markup:
    return Markup('<span class="mention mention-me">@{}</span>').format(kind)


def group(group_id: str, reader: Reader, name: str = "") -> Markup:
    shown = reader.groups.get(group_id) or name.removeprefix("@") or group_id
    return Markup('<span class="mention">@{}</span>').format(shown)


def _paragraphs(text: str, reader: Reader) -> Markup:
    if not text:
        return Markup()
    out = Markup()
    quoted: list[str] = []
    running: list[str] = []

    def flush() -> Markup:
        piece = Markup()
        if quoted:
            piece = Markup("<blockquote>{}</blockquote>").format(_inline("\n".join(quoted), reader))
        elif running:
            piece = _inline("\n".join(running), reader)
        quoted.clear()
        running.clear()
        return piece

    for line in text.split("\n"):
        is_quote = QUOTE.match(line)
        if (running and is_quote) or (quoted and not is_quote):
            out += flush()
        (quoted if is_quote else running).append(QUOTE.sub("", line) if is_quote else line)
    return out + flush()


def _inline(text: str, reader: Reader) -> Markup:
    out = Markup()
    position = 0
    for match in MARK.finditer(text):
        out += _words(text[position : match.start()])
        kind = match.lastgroup or ""
        out += _MARKS[kind](match[kind], reader)
        position = match.end()
    return out + _words(text[position:])


def _words(text: str) -> Markup:
    return _lines(with_emoji(unescaped(text)))


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def _tokens_as_text(text: str, reader: Reader) -> Markup:
    """Inside a code block, marks and line ends are literal while links and mentions still work."""
    out = Markup()
    position = 0
    for match in re.finditer(r"<([^<>\n]+)>", text):
        out += escape(unescaped(text[position : match.start()])) + _token(match[1], reader)
        position = match.end()
    return out + escape(unescaped(text[position:]))


def _token(body: str, reader: Reader) -> Markup:
    target, bar, label = body.partition("|")
    if target.startswith("@"):
        return person(target[1:], reader, label)
    if target.startswith("#"):
        return channel(target[1:], reader, label)
    if target.startswith("!"):
        return _special(target[1:], label, reader)
    if not target.lower().startswith(SAFE_SCHEMES):
        return escape(f"<{unescaped(body)}>")
    return link(unescaped(target), _words(label) if bar else unescaped(target))


def _special(target: str, label: str, reader: Reader) -> Markup:
    if target in BROADCASTS:
        return broadcast(target)
    kind, *parts = target.split("^")
    if kind == "subteam" and parts:
        return group(parts[0], reader, label)
    if kind == "date" and len(parts) >= 2 and parts[0].isdecimal():
        shown = date_text(int(parts[0]), unescaped(parts[1]), unescaped(label), reader)
        text = Markup('<time title="{}">{}</time>').format(f"{reader.at(int(parts[0])):%A, %d %B %Y %H:%M %Z}", shown)
        return link(unescaped(parts[2]), text) if len(parts) > 2 else text
    return escape(unescaped(label) or f"<!{unescaped(target)}>")


_MARKS: dict[str, Callable[[str, Reader], Markup]] = {
    "token": _token,
    "code": lambda text, reader: Markup("<code>{}</code>").format(_tokens_as_text(text, reader)),
    "bold": lambda text, reader: Markup("<strong>{}</strong>").format(_inline(text, reader)),
    "italic": lambda text, reader: Markup("<em>{}</em>").format(_inline(text, reader)),
    "strike": lambda text, reader: Markup("<s>{}</s>").format(_inline(text, reader)),
}
