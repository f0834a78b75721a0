"""Inline spans as plain words: for fallbacks, terminals and counting; formatting is the medium's business."""

from __future__ import annotations

from collections.abc import Callable

from bot.render.foreign import clean, length, take
from bot.render.moment import absolute
from commands._kit.doc import Bold, Channel, Inline, Link, Mono, Person, Span, Time, Tone

TONES = {Tone.GOOD: ("✅", "OK"), Tone.WARN: ("⚠️", "Attention"), Tone.BAD: ("❌", "Problem")}


def spans(inline: Inline) -> tuple[Span, ...]:
    """Return an inline as its spans."""
    return inline if isinstance(inline, tuple) else (inline,)


def toned(tone: Tone) -> str:
    """Return a tone's icon and word (`❌ Problem: `), or nothing for a plain one."""
    return "{} {}: ".format(*TONES[tone]) if tone in TONES else ""


def signed(tone: Tone) -> str:
    """Return a tone's icon alone, for a medium that reads icons aloud by their names."""
    return f"{TONES[tone][0]} " if tone in TONES else ""


def titled(tone: Tone, title: str) -> str:
    """Return a title under its tone; a tone without title is its icon and word."""
    return toned(tone) + title if title else toned(tone).removesuffix(": ")


def in_utc(time: Time) -> str:
    """Return a time in words for a medium that does not know the reader's zone."""
    return absolute(time.at)


def words(span: Span, when: Callable[[Time], str] = in_utc) -> str:
    """Return a span as cleaned text; a link shows its address."""
    if isinstance(span, str):
        return clean(span)
    if isinstance(span, Time):
        return when(span)
    if isinstance(span, Link):
        text, url = clean(span.text), clean(span.url)
        return f"{text} ({url})" if text.strip() and text != url else url
    if isinstance(span, Person):
        return f"@{clean(span.name or span.id)}"
    if isinstance(span, Channel):
        return f"#{clean(span.name or span.id)}"
    return clean(span.text)


def plain(inline: Inline, when: Callable[[Time], str] = in_utc) -> str:
    """Return an inline as cleaned text."""
    return "".join(words(span, when) for span in spans(inline))


def shorten(inline: Inline, most: int) -> tuple[tuple[Span, ...], int]:
    """Return the beginning of an inline of at most `most` UTF-16 units, and how many units were left out.

    Words are cut; a link, person, channel or time is kept whole or left out.
    """
    kept: list[Span] = []
    room, left_out = most, 0
    for span in spans(inline):
        size = length(words(span))
        if left_out == 0 and size <= room:
            kept.append(span)
            room -= size
        elif left_out == 0 and room and isinstance(span, str | Bold | Mono):
            part = take(words(span), room)
            kept.append(part if isinstance(span, str) else type(span)(part))
            left_out += size - length(part)
        else:
            left_out += size
    return tuple(kept), left_out
