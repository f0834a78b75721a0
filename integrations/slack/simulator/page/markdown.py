"""The markdown block to HTML: the part of Markdown that Slack documents for it (headings, emphasis, code, lists,
quotes, links, rules). Raw HTML and images in it stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from integrations.slack.simulator.page.emoji import with_emoji
from integrations.slack.simulator.page.mrkdwn import SAFE_SCHEMES

HEADING = re.compile(r"^(#{1,6}) +(.+?)(?: +#+)?$")
BULLET = re.compile(r"^ {0,6}[-*+] +(.*)$")
NUMBERED = re.compile(r"^ {0,6}\d{1,9}[.)] +(.*)$")
RULE = re.compile(r"^(?:-{3,}|\*{3,}|_{3,})$")
SPAN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<url>[^\s()<>]+)\)"
    r"|\*\*(?P<strong>[^*\n]+)\*\*"
    r"|~~(?P<strike>[^~\n]+)~~"
    r"|(?<!\w)[*_](?P<em>[^*_\s](?:[^*_\n]*[^*_\s])?)[*_](?!\w)"
)


def markdown(text: str) -> Markup:
    """Return the text as HTML."""
    return Markup().join(_blocks(text.replace("\r\n", "\n").split("\n")))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    position = 0
    while position < len(lines):
        line = lines[position]
        if line.startswith("```"):
            end = next((i for i in range(position + 1, len(lines)) if lines[i].startswith("```")), len(lines))
            yield Markup("<pre>{}</pre>").format("\n".join(lines[position + 1 : end]))
            position = end + 1
        elif heading := HEADING.match(line):
            level = min(6, len(heading[1]) + 2)
            yield Markup("<h{level}>{}</h{level}>").format(_inline(heading[2]), level=level)
            position += 1
        elif RULE.match(line.strip()):
            yield Markup("<hr>")
            position += 1
        elif kind := _kind(line):
            run = [line]
            while position + len(run) < len(lines) and _kind(lines[position + len(run)]) == kind:
                run.append(lines[position + len(run)])
            yield _run(kind, run)
            position += len(run)
        else:
            position += 1


def _kind(line: str) -> str:
    if BULLET.match(line) and not RULE.match(line.strip()):
        return "ul"
    if NUMBERED.match(line):
        return "ol"
    if line.startswith(">"):
        return "quote"
    return "" if not line.strip() or line.startswith("```") or HEADING.match(line) or RULE.match(line.strip()) else "p"


def _run(kind: str, lines: list[str]) -> Markup:
    if kind == "quote":
        return Markup("<blockquote>{}</blockquote>").format(_joined(line[1:].lstrip() for line in lines))
    if kind == "p":
        return Markup("<p>{}</p>").format(_joined(iter(lines)))
    shape = BULLET if kind == "ul" else NUMBERED
    items = Markup().join(Markup("<li>{}</li>").format(_inline(shape.sub(r"\1", line))) for line in lines)
    return Markup("<ul>{}</ul>").format(items) if kind == "ul" else Markup("<ol>{}</ol>").format(items)


def _joined(lines: Iterator[str]) -> Markup:
    return Markup("<br>").join(_inline(line) for line in lines)


def _inline(text: str) -> Markup:
    out = Markup()
    position = 0
    for match in SPAN.finditer(text):
        out += escape(with_emoji(text[position : match.start()])) + _span(match)
        position = match.end()
    return out + escape(with_emoji(text[position:]))


def _span(match: re.Match[str]) -> Markup:
    if match["code"]:
        return Markup("<code>{}</code>").format(match["code"])
    if match["url"]:
        if not match["url"].lower().startswith(SAFE_SCHEMES):
            return escape(match[0])
        return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
            match["url"], _inline(match["label"])
        )
    for name, shape in (("strong", "<strong>{}</strong>"), ("strike", "<s>{}</s>"), ("em", "<em>{}</em>")):
        if match[name]:
            return Markup(shape).format(_inline(match[name]))  # noqa: S704 - the shapes stand in the line above
    return escape(match[0])
