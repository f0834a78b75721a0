"""What people are told without having just asked: by the steps of a change, and after a restart by its outcome.

It makes messages for the outbox and sends none; that they arrive, and arrive once, is the outbox's.
"""

from __future__ import annotations

from collections.abc import Sequence

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

    async def outgoings(self, key: str, notices: Sequence[Notice]) -> Sequence[Outgoing]:
        """Return the messages for what a step wants told; `key` is the step's. Raises Unavailable where what their
        buttons offer cannot be kept.
        """
        return [await self._outgoing(f"{key}:{n}", notice.to, notice.doc) for n, notice in enumerate(notices)]

    async def outcome(self, operation: Operation, outcome: Doc | Failure) -> Sequence[Outgoing]:
        """Return the message that tells whoever asked for an operation how it ended. Raises as `outgoings` does."""
        doc = show_failure(outcome) if isinstance(outcome, Failure) else outcome
        return [await self._outgoing(f"{operation.id}:outcome", operation.actor_id, doc)]

    async def _outgoing(self, key: str, to: str, doc: Doc) -> Outgoing:
        shown = self._presenter.notice(doc, to)
        await self._store.offers.make(*shown.offers)
        workspace = to.removeprefix("slack:").partition("/")[0] if to.startswith("slack:") else ""
        return Outgoing(key, workspace, to, shown.body)
