"""How Slack's client and servers change text on its way: escaping, mentions and links become tokens.

A token is `<@U1>`, `<#C1|name>`, `<!channel>`, `<https://..|label>`. What is a token already passes through unharmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from integrations.slack.simulator.state import Channel, Json, Kind, User
from integrations.slack.simulator.world import World

TOKEN = re.compile(r"(<(?:[@#!][^<>\n]+|(?:https?://|mailto:)[^<>\n]+)>)")
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
_NAME = re.compile(r"(?<![\w@#/])([@#])([\w.-]*\w)")
_LINK = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:!?)\]}'\"]")
_BROADCASTS = ("channel", "here", "everyone")


def escape(text: str) -> str:
    """Return text with `&`, `<` and `>` as Slack stores them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def from_app(text: str) -> str:
    """Return an app's text as Slack stores it: apps escape themselves, so only what cannot be meant is escaped."""
    parts = TOKEN.split(text)
    plain = (_ENTITY.sub("&amp;", p).replace("<", "&lt;").replace(">", "&gt;") for p in parts[::2])
    return _weave(plain, parts[1::2])


def from_person(text: str, world: World) -> str:
    """Return what a person typed as Slack stores it: known names become mentions, addresses become links."""
    parts = TOKEN.split(text)
    return _weave((_tokens(p, world, labelled=False) for p in parts[::2]), parts[1::2])


def for_command(text: str, world: World, *, escaped: bool) -> str:
    """Return a slash command's text as it is sent: with `should_escape` in the manifest, mentions carry labels; without
    it they are sent as typed.
    """
    if not escaped:
        return text
    parts = TOKEN.split(text)
    return _weave(
        (_tokens(p, world, labelled=True) for p in parts[::2]), [_label(token, world) for token in parts[1::2]]
    )


def rich_text(stored: str, block_id: str) -> Json:
    """Return the block that Slack's composer makes of a person's message, whose text is stored like this."""
    parts = TOKEN.split(stored)
    pieces: list[Json] = []
    for number, part in enumerate(parts):
        if part:
            pieces.append(_piece(part) if number % 2 else {"type": "text", "text": unescape(part)})
    section = {"type": "rich_text_section", "elements": pieces}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def _piece(token: str) -> Json:
    inside, _, label = token[1:-1].partition("|")
    if inside.startswith("@"):
        return {"type": "user", "user_id": inside[1:]}
    if inside.startswith("#"):
        return {"type": "channel", "channel_id": inside[1:]}
    if inside.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": inside.removeprefix("!subteam^")}
    if inside.startswith("!"):
        return {"type": "broadcast", "range": inside[1:]}
    return {"type": "link", "url": unescape(inside)} | ({"text": unescape(label)} if label else {})


def _weave(plain: Iterable[str], tokens: list[str]) -> str:
    """Join pieces of plain text with the tokens between them."""
    return "".join(p + t for p, t in zip(plain, [*tokens, ""], strict=True))


def _tokens(plain: str, world: World, *, labelled: bool) -> str:
    """Escape plain text and turn the names and addresses in it into tokens."""
    out: list[str] = []
    end = 0
    for link in _LINK.finditer(plain):
        out += [_names(plain[end : link.start()], world, labelled=labelled), f"<{escape(link.group())}>"]
        end = link.end()
    return "".join([*out, _names(plain[end:], world, labelled=labelled)])


def _names(plain: str, world: World, *, labelled: bool) -> str:
    def token(found: re.Match[str]) -> str:
        sigil, name = found.groups()
        if sigil == "@" and name in _BROADCASTS:
            return f"<!{name}>"
        if sigil == "@" and (user := next((u for u in world.users.values() if u.name == name), None)):
            return mention(user, labelled=labelled)
        if sigil == "@" and (group := next((g for g in world.state.groups.values() if g.handle == name), None)):
            return f"<!subteam^{group.id}|@{group.handle}>" if labelled else f"<!subteam^{group.id}>"
        named = (c for c in world.channels.values() if c.name == name and c.kind in (Kind.PUBLIC, Kind.PRIVATE))
        if sigil == "#" and (channel := next(named, None)):
            return channel_token(channel)
        return found.group()

    return _NAME.sub(token, escape(plain))


def mention(user: User, *, labelled: bool = False) -> str:
    return f"<@{user.id}|{user.name}>" if labelled else f"<@{user.id}>"


def channel_token(channel: Channel) -> str:
    return f"<#{channel.id}|{channel.name}>"


def _label(token: str, world: World) -> str:
    """Return a token with the label that Slack puts into a slash command's text."""
    inside = token[1:-1]
    if "|" in inside:
        return token
    if inside.startswith("@") and (user := world.users.get(inside[1:])):
        return mention(user, labelled=True)
    if inside.startswith("#") and (channel := world.channels.get(inside[1:])):
        return channel_token(channel)
    return token
