"""Finds services by what a person typed. Text never reaches SQLite's query language as such: words are taken out of it,
quoted, and matched as beginnings.

Rank is by where all words are found, in steps that people can predict (the name itself, the beginning of the name,
name, title, tags and system, description), and by name within a step. A relevance score says little about texts this
short, and to compute one for each of 100,000 matches takes longer than the whole answer may.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator

import orjson

from integrations.store.documents import to_json
from integrations.store.port.catalogue import ServiceQuery
from integrations.store.sqlite.connection import Connection

# Words beyond these change no answer that a person would notice, and SQLite refuses very deep queries.
MOST_WORDS = 12
LONGEST_WORD = 64
# With more matches than this it is quicker to go through all names in order than to sort the matches.
MANY = 10_000

_STEPS = ("{name}", "{name title}", "{name title tags system}", "{name title tags system description}")


def facets_of(team: str, lifecycle: str) -> str:
    """Return what the index holds of a service besides its texts: one token for its team, for each group above it, and
    for its lifecycle. A token is a hash, because it must be one word, after a private character that starts no word.
    """
    parts = team.split("/")
    teams = ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    return " ".join((*(_facet("team", name) for name in teams), _facet("lifecycle", lifecycle)))


def _facet(kind: str, value: str) -> str:
    return "\ue000" + hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()[:20]


def words_of(text: str) -> tuple[str, ...]:
    """Return the words in a text, each once: runs of letters and digits, as the index splits them."""
    folded = unicodedata.normalize("NFC", text)
    spaced = "".join(c if c.isalnum() or unicodedata.category(c) == "Mn" else " " for c in folded)
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in spaced.lower().split()))[:MOST_WORDS]


def find(connection: Connection, query: ServiceQuery) -> tuple[list[int], int]:
    """Return the row ids on the page that the query asks for, best first, and how many services match in all."""
    offset, limit = max(0, query.offset), max(0, query.limit)
    words = words_of(query.text)
    if query.text.strip() and not words:
        return [], 0
    facets = [_facet("team", query.team)] if query.team else []
    facets += [_facet("lifecycle", query.lifecycle)] if query.lifecycle else []
    within = " AND ".join(f"{{facets}} : {facet}" for facet in facets)
    if not words and not within:
        (total,) = connection.execute("SELECT count(*) FROM services").fetchone()
        rows = connection.execute("SELECT id FROM services ORDER BY name LIMIT ? OFFSET ?", (limit, offset))
        return [row[0] for row in rows], total

    steps = [" AND ".join(filter(None, (step, within))) for step in _matches(words)] or [within]
    counted = "SELECT count(*) FROM services_fts WHERE services_fts MATCH ?"
    (total,) = connection.execute(counted, (steps[-1],)).fetchone()
    if offset >= total or not limit:
        return [], total
    wanted = min(offset + limit, total)
    found: dict[int, None] = {}
    if words:
        found.update(_by_name(connection, query))
    for step in steps:
        for row_id in _in_order(connection, step):
            found[row_id] = None
            if len(found) == wanted:
                return list(found)[offset:], total
    return list(found)[offset:wanted], total


def _matches(words: tuple[str, ...]) -> list[str]:
    """Return the steps of the ranking as queries of the index; each finds all that the one before it finds."""
    if not words:
        return []
    everything = " AND ".join(f'"{word}" *' for word in words)
    beginning = " AND ".join((f'^ "{words[0]}" *', *(f'"{word}" *' for word in words[1:])))
    return [f"{{name}} : ({beginning})", *(f"{columns} : ({everything})" for columns in _STEPS)]


def _by_name(connection: Connection, query: ServiceQuery) -> dict[int, None]:
    """Return the service whose name is exactly the text, if the filters let it through."""
    sql = "SELECT id, team, lifecycle FROM services WHERE name = ?"
    row = connection.execute(sql, (query.text.strip(),)).fetchone()
    if row is None or query.lifecycle not in ("", row[2]):
        return {}
    return {row[0]: None} if not query.team or f"{row[1]}/".startswith(f"{query.team}/") else {}


def _in_order(connection: Connection, match: str) -> Iterator[int]:
    """Yield the row ids of what matches, by name."""
    listed = "SELECT json_group_array(rowid) FROM services_fts WHERE services_fts MATCH ?"
    ids: list[int] = orjson.loads(connection.execute(listed, (match,)).fetchone()[0])
    if len(ids) <= MANY:
        sql = "SELECT id FROM services WHERE id IN (SELECT value FROM json_each(?)) ORDER BY name"
        yield from (row[0] for row in connection.execute(sql, (to_json(ids),)))
    else:
        matching = set(ids)
        rows = connection.execute("SELECT id FROM services ORDER BY name")
        yield from (row[0] for row in rows if row[0] in matching)
