"""Finds services by what a person typed. Text never reaches SQLite's query language as such: words are taken out of it,
quoted, and matched as beginnings.

Rank is by where all words are found, in steps that people can predict (the name itself, the beginning of the name,
name, title, tags and system, description), and by name within a step. A relevance score says little about texts this
short, and to compute one for each of 100,000 matches takes longer than the whole answer may.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from integrations.store.port import ServiceQuery
from integrations.store.sqlite.connection import Connection

# Words beyond these change no answer that a person would notice, and SQLite refuses very deep queries.
MOST_WORDS = 12
LONGEST_WORD = 64

_STEPS = ("{name}", "{name title}", "{name title tags system}", "{name title tags system description}")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words in a text, each once: runs of letters and digits, as the index splits them."""
    folded = unicodedata.normalize("NFC", text)
    spaced = "".join(c if c.isalnum() or unicodedata.category(c) in ("Mn", "Co") else " " for c in folded)
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in spaced.lower().split()))[:MOST_WORDS]


def _all(words: tuple[str, ...]) -> str:
    return " AND ".join(f'"{word}" *' for word in words)


def filters(query: ServiceQuery) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that team and lifecycle make, as constant text, and its values."""
    conditions, values = ["1"], []
    if query.team:
        # '0' is the character after '/': the range holds exactly the subgroups.
        conditions.append("(s.team = ? OR (s.team > ? AND s.team < ?))")
        values += [query.team, f"{query.team}/", f"{query.team}0"]
    if query.lifecycle:
        conditions.append("s.lifecycle = ?")
        values.append(query.lifecycle)
    return " AND ".join(conditions), tuple(values)


def find(connection: Connection, query: ServiceQuery) -> tuple[list[int], int]:
    """Return the row ids on the page that the query asks for, best first, and how many services match in all."""
    offset, limit = max(0, query.offset), max(0, query.limit)
    where, values = filters(query)
    words = words_of(query.text)
    if not words:
        if query.text.strip():
            return [], 0
        (total,) = connection.execute(f"SELECT count(*) FROM services s WHERE {where}", values).fetchone()  # noqa: S608 - constants
        rows = connection.execute(
            f"SELECT s.id FROM services s WHERE {where} ORDER BY s.name LIMIT ? OFFSET ?",  # noqa: S608 - constants
            (*values, limit, offset),
        )
        return [row[0] for row in rows], total

    joined = "FROM services_fts f CROSS JOIN services s ON s.id = f.rowid" if where != "1" else "FROM services_fts f"
    everywhere = f"{_STEPS[-1]} : ({_all(words)})"
    (total,) = connection.execute(
        f"SELECT count(*) {joined} WHERE services_fts MATCH ? AND {where}",  # noqa: S608 - constants
        (everywhere, *values),
    ).fetchone()
    if offset >= total or not limit:
        return [], total
    found: dict[int, None] = {}
    for source, match in _ranked(query.text.strip(), words):
        # A step holds all that the steps before it hold, so this many rows of it always suffice.
        rows = connection.execute(
            f"SELECT s.id {source} AND {where} ORDER BY s.name LIMIT ?",  # noqa: S608 - constants
            (match, *values, offset + limit),
        )
        found.update((row[0], None) for row in rows)
        if len(found) >= min(offset + limit, total):
            break
    return list(found)[offset : offset + limit], total


def _ranked(text: str, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the steps of the ranking: where to look, and what for."""
    by_name = "FROM services s WHERE s.name = ?"
    indexed = "FROM services_fts f CROSS JOIN services s ON s.id = f.rowid WHERE services_fts MATCH ?"
    beginning = " AND ".join((f'^ "{words[0]}" *', *(f'"{word}" *' for word in words[1:])))
    return [
        (by_name, text),
        (indexed, f"{{name}} : ({beginning})"),
        *((indexed, f"{columns} : ({_all(words)})") for columns in _STEPS),
    ]
