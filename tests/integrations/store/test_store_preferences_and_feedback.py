from __future__ import annotations

from datetime import date, timedelta

import pytest

from integrations.errors import Invalid
from integrations.store import Answer, AuditQuery, Store
from tests.integrations.store.conftest import Open
from tests.integrations.store.samples import NOW

DAY = date(2026, 3, 1)


def answer(key: str, rating: int = 4, minutes: int = 0) -> Answer:
    return Answer(key, NOW + timedelta(minutes=minutes), "slack:T1/U1", "Ann", rating, "Nice")


async def test_a_channel_has_its_own_default_service(store: Store, reopen: Open) -> None:
    """A default is set per workspace and channel, replaced and cleared."""
    await store.preferences.set_default_service("T1", "C1", "pay")
    await store.preferences.set_default_service("T1", "C1", "ledger")
    await store.preferences.set_default_service("T2", "C1", "other")
    again = await reopen()
    assert await again.preferences.default_service("T1", "C1") == "ledger"
    assert await again.preferences.default_service("T1", "C2") is None
    await again.preferences.set_default_service("T1", "C1", None)
    assert await again.preferences.default_service("T1", "C1") is None
    assert await again.preferences.default_service("T2", "C1") == "other"


async def test_an_answer_counts_once(store: Store) -> None:
    """The same key again changes nothing; answers come newest first."""
    await store.feedback.give(answer("a"))
    await store.feedback.give(answer("a", rating=1))
    await store.feedback.give(answer("b", rating=5, minutes=1))
    summary = await store.feedback.summary()
    assert summary.named == (answer("b", rating=5, minutes=1), answer("a"))
    assert summary.ratings == (0, 0, 0, 1, 1)


async def test_few_anonymous_answers_show_nowhere(store: Store) -> None:
    """Four anonymous answers are in no text, no count and no rating; the fifth brings all."""
    await store.feedback.give(answer("a"))
    for n in range(4):
        await store.feedback.give_anonymously(f"k{n}", DAY, 1, f"text {n}")
    summary = await store.feedback.summary()
    assert (summary.anonymous_count, summary.anonymous_texts, summary.ratings) == (0, (), (0, 0, 0, 1, 0))
    await store.feedback.give_anonymously("k4", DAY, 2, "")
    summary = await store.feedback.summary()
    assert (summary.anonymous_count, summary.ratings) == (5, (4, 1, 0, 1, 0))
    assert sorted(summary.anonymous_texts) == [(DAY, 1, f"text {n}") for n in range(4)]


async def test_an_anonymous_answer_counts_once(store: Store) -> None:
    """The same form sent twice is one answer."""
    for _ in range(2):
        await store.feedback.give_anonymously("k", DAY, 3, "text")
    assert (await store.feedback.summary(anonymous_from=1)).anonymous_count == 1


async def test_an_anonymous_answer_leaves_no_audit_record(store: Store) -> None:
    """The chain, which has exact times, tells nothing of it."""
    await store.feedback.give_anonymously("k", DAY, 3, "text")
    assert (await store.audit.query(AuditQuery())).total == 0


@pytest.mark.parametrize("rating", [0, 6])
async def test_a_rating_is_from_one_to_five(store: Store, rating: int) -> None:
    """Other numbers are refused."""
    with pytest.raises(Invalid):
        await store.feedback.give(answer("a", rating=rating))
    with pytest.raises(Invalid):
        await store.feedback.give_anonymously("k", DAY, rating, "text")
