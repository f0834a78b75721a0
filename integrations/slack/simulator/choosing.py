"""Choosing in elements: what a choice would be, and asking the app for the options of a select that has none itself.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.slack.simulator import payloads
from integrations.slack.simulator.delivery import Answer, Delivery, Envelope
from integrations.slack.simulator.elements import EXTERNAL, STATEFUL, Refused, choose, options_of
from integrations.slack.simulator.state import Json, Message, User, Values, View
from integrations.slack.simulator.world import World

MOST_OPTIONS = 100


@dataclass(frozen=True, slots=True)
class Surface:
    """What elements sit in: exactly one of a view and a message."""

    view: View | None = None
    message: Message | None = None

    @property
    def blocks(self) -> list[Json]:
        if self.view is not None:
            blocks: list[Json] = self.view.body["blocks"]
            return blocks
        return self.message.blocks if self.message is not None else []

    def put(self, block_id: str, action_id: str, state: Json) -> None:
        """Keep what a person chose."""
        holder = self.view or self.message
        assert holder is not None
        values: Values = {b: dict(a) for b, a in holder.values.items()}
        values.setdefault(block_id, {})[action_id] = state
        holder.values = values


class Choosing:
    """Remembers which options the app has suggested in a view, so that one of them can be chosen later."""

    def __init__(self, world: World, delivery: Delivery) -> None:
        self._world = world
        self._delivery = delivery
        self._offered: dict[tuple[str, str], dict[str, Json]] = {}

    def options(self, surface: Surface, element: Json) -> list[Json]:
        """Return what a person can choose from in an external select: what was suggested, and what is chosen."""
        known = self._offered.get((surface.view.id, element["action_id"]), {}) if surface.view else {}
        initial = element.get("initial_option")
        return [*known.values(), *(element.get("initial_options") or []), *([initial] if initial else [])]

    async def ask(self, person: User, surface: Surface, element: Json, value: str) -> tuple[Answer, list[Json], str]:
        """Ask the app for options; return its answer, the options, and what was wrong with them. `element` carries its
        block's id.
        """
        payload = payloads.block_suggestion(
            self._world, person, element, value, view=surface.view, message=surface.message
        )
        answer = await self._delivery.send(Envelope.INTERACTIVE, payload)
        if not answer.ok:
            return answer, [], answer.error
        said = answer.parsed()
        if not isinstance(said, dict) or not ("options" in said or "option_groups" in said):
            return answer, [], "invalid_options"
        options = options_of(said)
        if len(options) > MOST_OPTIONS or not all(_is_option(o) for o in options):
            return answer, [], "invalid_options"
        if surface.view is not None:
            known = self._offered.setdefault((surface.view.id, element["action_id"]), {})
            known.update({str(o["value"]): o for o in options})
        return answer, options, ""

    async def chosen(self, person: User, surface: Surface, element: Json, wanted: Any) -> Json | None:
        """Return the new state of an element that a person acts on; None for a button. Raises Refused."""
        kind = element["type"]
        if kind == "button":
            return None
        if kind == "overflow":
            picked = {**element, "type": "static_select"}
            return choose(picked, wanted, self._world, element["action_id"]) | {"type": kind}
        if kind not in STATEFUL:
            raise Refused(f"the simulator cannot press a {kind}")
        options = await self.known(person, surface, element, wanted) if kind in EXTERNAL else []
        return choose(element, wanted, self._world, element["action_id"], options=options)

    async def known(self, person: User, surface: Surface, element: Json, wanted: Any) -> list[Json]:
        """Return the options of an external select, asking the app for each wanted one that is not known yet."""
        options = self.options(surface, element)
        for one in wanted if isinstance(wanted, list | tuple) else [wanted]:
            if one and str(one) not in {word for o in options for word in (o["value"], o["text"]["text"])}:
                options += (await self.ask(person, surface, element, str(one)))[1]
        return options


def _is_option(option: Json) -> bool:
    """Return whether Slack takes an option: text up to 75 characters, value up to 150.

    https://docs.slack.dev/reference/block-kit/composition-objects/option-object
    """
    text = option.get("text")
    words = text.get("text") if isinstance(text, dict) else None
    value = option.get("value")
    return isinstance(words, str) and isinstance(value, str) and 0 < len(words) <= 75 and 0 < len(value) <= 150
