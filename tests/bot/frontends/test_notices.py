from __future__ import annotations

from typing import Any

from bot.frontends.slack.notices import Notices
from bot.frontends.slack.present import Presenter
from commands._kit.context import Notice
from commands._kit.doc import Button, Buttons, Doc
from integrations.store import Operation, Outgoing
from integrations.store.sqlite.client import SqliteStore
from tests.bot.rig import NOW, Clock
from tests.bot.sample_commands import sample_set

ANN = "slack:T1/U0ANN"
UNDOABLE = Doc("Done", (Buttons((Button("Undo", "paint", {"steps": "1"}),)),))


def offer_in(message: Outgoing) -> str:
    """Return the id that the message's one button carries."""
    blocks: list[dict[str, Any]] = list(message.body["blocks"])
    (element,) = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return str(element["value"])


async def test_a_button_in_a_notice_leads_somewhere(store: SqliteStore, clock: Clock) -> None:
    """What a step offers in a notice is kept before the notice is sent, for the person whom it is sent to."""
    notices = Notices(Presenter(sample_set(), frozenset(), clock), store)
    (message,) = await notices.outgoings("op:0", [Notice(ANN, UNDOABLE)])
    offer = await store.offers.look(offer_in(message))
    assert offer is not None
    assert (message.key, message.workspace, offer.person) == ("op:0:0", "T1", ANN)
    assert offer.payload == {"command": "paint", "values": {"steps": "1"}}


async def test_a_button_in_an_outcome_leads_somewhere(store: SqliteStore, clock: Clock) -> None:
    """What an outcome offers after a restart is kept as well."""
    notices = Notices(Presenter(sample_set(), frozenset(), clock), store)
    operation = Operation("op", "paint", ANN, {"name": "Ann"}, "request-1", b"{}", "", {}, NOW)
    (message,) = await notices.outcome(operation, UNDOABLE)
    assert await store.offers.look(offer_in(message)) is not None
