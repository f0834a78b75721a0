from __future__ import annotations

import asyncio
import sqlite3
from datetime import date

import pytest

from tests.integrations.store.conftest import SqliteBackend
from tests.integrations.store.samples import entry

DAY = date(2026, 3, 1)
TEXTS = [f"an opinion numbered {n:03} among others" for n in range(40)]


async def given(sqlite: SqliteBackend) -> None:
    """Forty anonymous answers, one after the other, while other things are written."""
    store = await sqlite.open()
    for n, text in enumerate(TEXTS):
        await asyncio.gather(
            store.feedback.give_anonymously(f"form-{n}", DAY, 3, text), store.audit.append(entry(request_id=str(n)))
        )


def files(sqlite: SqliteBackend) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sqlite.settings.data_dir.iterdir()}


async def test_the_table_has_nothing_that_counts_or_dates(sqlite: SqliteBackend) -> None:
    """A row is a random key, a day, a rating and a text; there is no number of its turn."""
    await given(sqlite)
    with sqlite.file() as file:
        columns = [name for (name,) in file.execute("SELECT name FROM pragma_table_info('anonymous_answers')")]
        assert columns == ["key", "day", "rating", "text"]
        with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
            file.execute("SELECT rowid FROM anonymous_answers")
        assert {day for (day,) in file.execute("SELECT day FROM anonymous_answers")} == {"2026-03-01"}


async def test_the_files_do_not_tell_the_order_of_writing(sqlite: SqliteBackend) -> None:
    """Byte for byte, answers lie in the order of their random keys, and once: no earlier copy is left anywhere."""
    await given(sqlite)
    with sqlite.file() as file:
        by_key = [text for (text,) in file.execute("SELECT text FROM anonymous_answers ORDER BY key")]
    content = files(sqlite)
    assert {name: raw.count(b"an opinion numbered") for name, raw in content.items() if b"an opinion" in raw} == {
        "idp.sqlite": len(TEXTS)
    }
    # Within a page SQLite fills from the end, so rows written in the order of their keys lie in the opposite one.
    raw = content["idp.sqlite"]
    pages: dict[int, list[tuple[int, str]]] = {}
    for text in TEXTS:
        at = raw.index(text.encode())
        pages.setdefault(at // 4096, []).append((at, text))
    in_file = [[text for _, text in sorted(page, reverse=True)] for page in pages.values()]
    for page in in_file:
        first = by_key.index(page[0])
        assert page == by_key[first : first + len(page)]
    assert by_key != TEXTS


async def test_the_forms_key_is_not_in_the_files(sqlite: SqliteBackend) -> None:
    """Whoever knows the form's key, and has the file, cannot find its answer."""
    await given(sqlite)
    assert not [name for name, raw in files(sqlite).items() if b"form-" in raw]
