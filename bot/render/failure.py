"""A `Failure` as a document: what happened, what to do next, and the id to quote where nobody knows why."""

from __future__ import annotations

import math
import re

from commands._kit.doc import Block, Bold, Button, Buttons, Doc, Fields, Mono, Note, Span, Text, Tone
from commands._kit.errors import Code, Failure

TITLES = {
    Code.USAGE: "I could not read that",
    Code.INVALID: "That cannot be used",
    Code.NOT_FOUND: "Not found",
    Code.DENIED: "Not allowed",
    Code.UNLINKED: "Your account is not connected",
    Code.CONFLICT: "Something else changed it",
    Code.STALE: "No longer current",
    Code.LIMITED: "Too many requests",
    Code.UNAVAILABLE: "Not available right now",
    Code.READ_ONLY: "Read-only right now",
    Code.INTERNAL: "Something went wrong here",
}
# What the person can put right themselves is a warning; the rest is a problem of ours or of a backend.
_PROBLEMS = frozenset({Code.DENIED, Code.UNAVAILABLE, Code.READ_ONLY, Code.INTERNAL})


_QUOTED = re.compile(r"`([^`\n]+)`")


def _quoted(text: str) -> tuple[Span, ...]:
    """Return text with what stands between backticks as code."""
    parts = _QUOTED.split(text)
    return tuple(Mono(part) if place % 2 else part for place, part in enumerate(parts) if part)


def _joined(texts: tuple[str, ...]) -> tuple[Span, ...]:
    found: list[Span] = []
    for text in texts:
        found += [", ", Mono(text)] if found else [Mono(text)]
    return tuple(found)


def show_failure(failure: Failure, meant: tuple[Button, ...] = ()) -> Doc:
    """Return the failure as people see it, on any front end. `meant` are buttons for what was suggested, which stand
    in place of its words.
    """
    tone = Tone.BAD if failure.code in _PROBLEMS else Tone.WARN
    blocks: list[Block] = [Text(_quoted(failure.message))]
    other = {name: text for name, text in failure.fields.items() if text != failure.message}
    if other:
        blocks.append(Fields(tuple(other.items())))
    if meant:
        blocks += [Text(Bold("Did you mean")), Buttons(meant)]
    elif failure.suggestions:
        blocks.append(Text((Bold("Did you mean"), " ", *_joined(failure.suggestions), "?")))
    if failure.hint:
        blocks.append(Text(_quoted(failure.hint)))
    if failure.retry_after is not None and math.isfinite(failure.retry_after):
        blocks.append(Note(f"Try again in {max(1, math.ceil(failure.retry_after))} s."))
    if failure.incident:
        blocks.append(Note(("Incident ", Mono(failure.incident), ": quote it when you ask the platform engineers.")))
    title, said = TITLES[failure.code], "".join(_QUOTED.split(failure.message))
    return Doc(title, tuple(blocks), summary=f"{title}: {said}", tone=tone)
