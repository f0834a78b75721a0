"""Small pieces of sentences that every command needs: counts with their noun, texts cut to a length."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 record`, `2,000 records`."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def clipped(text: str, most: int) -> str:
    """Return the text, cut to `most` characters with an ellipsis where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
