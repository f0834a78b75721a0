"""The courier outlives whatever Slack answers, and never doubles a message because of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot.outbox import Courier
from integrations.errors import Unavailable
from integrations.slack import MessageRef, Slack
from integrations.store import Outgoing
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests._harness.organisation import Organisation, said

MESSAGE = Outgoing("notice:1", "T0ACME", "slack:T0ACME/U0ALICE", {"text": "done", "blocks": []})


class Lossy:
    """A Slack that takes the first message without saying so, and is then too busy to be asked whether it has."""

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.busy = 1

    async def post(self, channel: str, body: Mapping[str, Any], *, thread: str = "", key: str = "") -> MessageRef:
        del channel, body, thread
        self.posted.append(key)
        if len(self.posted) == 1:
            raise Unavailable("no answer", backend="slack")
        return MessageRef("D1", "2")

    async def find(self, channel: str, key: str, *, since: str) -> MessageRef | None:
        del channel, since
        if self.busy:
            self.busy -= 1
            raise Unavailable("slow down", backend="slack", retry_after=1.0)
        return MessageRef("D1", "1") if key in self.posted else None


async def test_a_lookup_that_has_to_wait_doubles_nothing(tmp_path: Path) -> None:
    """A message that may have arrived is looked for until that can be told, and only then posted again."""
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    settings = StoreSettings(data_dir=tmp_path / "store", reserve_mib=0)
    store = await open_store(settings, key=b"k" * 32, clock=lambda: now)
    slack = Lossy()
    courier = Courier(store.outbox, cast("Slack", slack), lambda: now)
    await store.outbox.put(MESSAGE)
    for _ in range(4):
        await courier.deliver_due()
        now += timedelta(minutes=10)
    waiting = await store.outbox.waiting()
    await store.close()
    assert slack.posted == [MESSAGE.key]
    assert not waiting


@pytest.mark.parametrize("kind", ["truncate", "drop", "500"])
async def test_the_courier_outlives_nonsense(org: Organisation, kind: str) -> None:
    """An answer that breaks off is an answer that may come again: the message arrives, and so does the next one."""
    assert org.process is not None
    await org.control("faults", backend="slack", kind=kind, method="chat.postMessage", count=2)
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "good news"}}]
    outbox = org.process.core.store.outbox
    await outbox.put(Outgoing("notice:1", "T0ACME", "slack:T0ACME/U0ALICE", {"text": "good news", "blocks": blocks}))
    assert "good news" in said(await org.told("alice", "good news"))
    await outbox.put(Outgoing("notice:2", "T0ACME", "slack:T0ACME/U0BOB", {"text": "better news", "blocks": blocks}))
    await org.told("bob", "better news")
    assert len([m for m in org.answers("alice") if m.text == "good news"]) == 1
