"""Feedback. An anonymous answer must stay anonymous to whoever reads the file: its key is hashed with the store's key,
so that no form and no log can be matched with it, and it leaves no order behind.

SQLite keeps rows in a page where there was room, which is the order of writing, and pages in the journal as they were
after each commit. So with each anonymous answer the table is written anew in the order of its random keys, what it was
before is overwritten (secure_delete), and the journal is cut. No audit entry is made. What remains is the day; who can
watch the machine at the moment of writing sees more, and no store can prevent it.
"""

from __future__ import annotations

import hmac
from datetime import date

from integrations.errors import Invalid
from integrations.store.moments import from_micros, to_micros
from integrations.store.port.feedback import Answer, FeedbackSummary
from integrations.store.sqlite.connection import Connection
from integrations.store.sqlite.gate import Gate
from integrations.store.sqlite.readers import Readers
from integrations.store.sqlite.writer import Writer, truncate_journal

_RATINGS = range(1, 6)


class SqliteFeedback:
    def __init__(self, writer: Writer, readers: Readers, gate: Gate, key: bytes) -> None:
        self._writer = writer
        self._readers = readers
        self._gate = gate
        self._key = key

    async def give(self, answer: Answer) -> None:
        _check(answer.rating)
        row = (answer.key, to_micros(answer.at), answer.person, answer.person_name, answer.rating, answer.text)

        def job(connection: Connection) -> None:
            self._gate.change()
            connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)

        await self._writer.write(job)

    async def give_anonymously(self, key: str, day: date, rating: int, text: str) -> None:
        _check(rating)
        hidden = hmac.digest(self._key, b"idp anonymous answer 1\n" + key.encode(), "sha256")[:16]
        row = (hidden, date(day.year, day.month, day.day).isoformat(), rating, text)

        def job(connection: Connection) -> None:
            self._gate.change()
            rows = connection.execute("SELECT key, day, rating, text FROM anonymous_answers").fetchall()
            if any(there[0] == hidden for there in rows):
                return
            connection.execute("DELETE FROM anonymous_answers")
            connection.executemany("INSERT INTO anonymous_answers VALUES (?, ?, ?, ?)", sorted((*rows, row)))

        await self._writer.write(job, then=truncate_journal)

    async def summary(self, *, anonymous_from: int = 5) -> FeedbackSummary:
        def job(connection: Connection) -> FeedbackSummary:
            named = connection.execute("SELECT key, at, person, person_name, rating, text FROM answers").fetchall()
            anonymous = connection.execute(
                "SELECT day, rating, text FROM anonymous_answers ORDER BY day DESC, key"
            ).fetchall()
            # A single anonymous rating among the counts would be found by subtraction, so few ones do not count.
            shown = anonymous if len(anonymous) >= anonymous_from else []
            given = [row[4] for row in named] + [row[1] for row in shown]
            one, two, three, four, five = (given.count(rating) for rating in _RATINGS)
            answers = (Answer(k, from_micros(at), who, name, rating, text) for k, at, who, name, rating, text in named)
            return FeedbackSummary(
                named=tuple(sorted(answers, key=lambda answer: answer.at, reverse=True)),
                anonymous_count=len(shown),
                anonymous_texts=tuple((date.fromisoformat(day), rating, text) for day, rating, text in shown if text),
                ratings=(one, two, three, four, five),
            )

        return await self._readers.read(job)


def _check(rating: int) -> None:
    if rating not in _RATINGS:
        raise Invalid("a rating is a number from 1 to 5", backend="store")
