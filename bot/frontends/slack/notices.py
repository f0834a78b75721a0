"""What people are told without having just asked: by the steps of a change, and after a restart by its outcome.

It makes messages for the outbox and sends none; that they arrive, and arrive once, is the outbox's.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.frontends.slack.elements import Json
from bot.frontends.slack.present import Presenter
from bot.render.failure import show_failure
from commands._kit.context import Notice
from commands._kit.doc import Doc
from commands._kit.errors import Failure
from integrations.store import Operation, Outgoing, Store


class Notices:
    def __init__(self, presenter: Presenter, store: Store) -> None:
        self._presenter = presenter
        self._store = store

    def outgoings(self, key: str, notices: Sequence[Notice]) -> Sequence[Outgoing]:
        """Return the messages for what a step wants told; `key` is the step's."""
        return [
            _outgoing(f"{key}:{number}", notice.to, self._presenter.notice(notice.doc, notice.to).body)
            for number, notice in enumerate(notices)
        ]

    async def tell(self, operation: Operation, outcome: Doc | Failure) -> None:
        """Have whoever asked for an operation told how it ended."""
        doc = show_failure(outcome) if isinstance(outcome, Failure) else outcome
        shown = self._presenter.notice(doc, operation.actor_id)
        await self._store.offers.make(*shown.offers)
        await self._store.outbox.put(_outgoing(f"{operation.id}:outcome", operation.actor_id, shown.body))


def _outgoing(key: str, to: str, body: Json) -> Outgoing:
    workspace = to.removeprefix("slack:").partition("/")[0] if to.startswith("slack:") else ""
    return Outgoing(key, workspace, to, body)
