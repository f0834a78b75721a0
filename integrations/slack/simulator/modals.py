"""Modals as a person uses them: filling in, submitting, closing; and what the app's acknowledgement does to them.

https://docs.slack.dev/surfaces/modals#response_actions. An acknowledgement that Slack would not accept leaves the modal
open with Slack's complaint in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integrations.slack.simulator import payloads
from integrations.slack.simulator.api import views
from integrations.slack.simulator.choosing import Choosing, Surface
from integrations.slack.simulator.delivery import Answer, Delivery, Envelope
from integrations.slack.simulator.elements import EXTERNAL, Refused, choose, elements_of
from integrations.slack.simulator.fields import described, field_named, missing
from integrations.slack.simulator.state import Json, User, View
from integrations.slack.simulator.world import World

TROUBLE = "We had some trouble connecting. Try again?"


class Modals:
    """`url_of` turns a response URL's key into its address."""

    def __init__(self, world: World, delivery: Delivery, choosing: Choosing, url_of: Callable[[str], str]) -> None:
        self._world = world
        self._delivery = delivery
        self._choosing = choosing
        self._url_of = url_of

    def on_top(self, user: User, view_id: str) -> View:
        """Return a modal that the person sees. Raises Refused for one that is closed, covered or somebody else's."""
        view = self._world.top_view(user.id)
        if view is None:
            raise Refused(f"{user.real_name} has no modal open")
        if view_id not in (view.id, ""):
            raise Refused(f"{view_id} is not the modal that {user.real_name} sees; that is {view.id}")
        return view

    def fill(self, view: View, name: str, wanted: Any) -> None:
        """Put a value into a field by name. Raises Refused."""
        block, element = field_named(view, name)
        options = self._choosing.options(Surface(view), element)
        self._put(
            view, block, element, choose(element, wanted, self._world, described(block, element), options=options)
        )

    async def fill_asking(self, user: User, view: View, values: Mapping[str, Any]) -> None:
        """Put values into fields; an external select asks the app first for options that are not known yet."""
        for name, wanted in values.items():
            block, element = field_named(view, name)
            options = []
            if element["type"] in EXTERNAL:
                named = {**element, "block_id": block["block_id"]}
                options = await self._choosing.known(user, Surface(view), named, wanted)
            where = described(block, element)
            self._put(view, block, element, choose(element, wanted, self._world, where, options=options))

    @staticmethod
    def _put(view: View, block: Json, element: Json, state: Json) -> None:
        Surface(view).put(block["block_id"], element["action_id"], state)

    async def submit(self, user: User, view: View) -> tuple[Answer, Json]:
        """Submit what is filled in; return the answer, and what came of it."""
        if not view.body.get("submit"):
            raise Refused("this modal has no submit button")
        if empty := missing(view, view.values):
            raise Refused(f"required and empty: {', '.join(empty)}")
        view.errors, view.problem = {}, ""
        payload = payloads.view_submission(self._world, user, view, self._response_urls(user, view))
        answer = await self._delivery.send(Envelope.INTERACTIVE, payload)
        detail: Json = {"view_id": view.id}
        if not self._is_open(view):
            return answer, detail
        try:
            detail |= self._apply(user, view, answer)
        except views.InvalidView as error:
            view.problem = TROUBLE
            detail["problem"] = f"{error.code}: {error}"
        self._world.view_changed(view)
        return answer, detail

    def _is_open(self, view: View) -> bool:
        return any(view is v for v in self._world.state.views.get(view.user, []))

    def _response_urls(self, user: User, view: View) -> list[Json]:
        """Return the response URLs of conversations that the person chose where the app asked for one."""
        found = []
        for block, element in elements_of(view.body.get("blocks", [])):
            if element.get("response_url_enabled") and block["type"] == "input":
                state = view.values.get(block["block_id"], {}).get(element["action_id"], {})
                chosen = state.get("selected_conversation") or state.get("selected_channel")
                if chosen in self._world.channels:
                    where = self._world.new_response_url(user.id, chosen, command=True)
                    found.append(
                        {
                            "block_id": block["block_id"],
                            "action_id": element["action_id"],
                            "channel_id": chosen,
                            "response_url": self._url_of(where.key),
                        }
                    )
        return found

    def _apply(self, user: User, view: View, answer: Answer) -> Json:
        """Do what the acknowledgement says. Raises InvalidView for what Slack would not accept."""
        if not answer.ok:
            view.problem = TROUBLE
            return {"problem": answer.error}
        said = answer.parsed()
        if said in ("", {}, None):
            self._world.drop_views(user.id, 1)
            return {"closed": True}
        if not isinstance(said, dict):
            raise views.InvalidView("invalid_response", [f"an acknowledgement is empty or JSON, not {said!r:.80}"])
        match said.get("response_action"):
            case "clear":
                self._world.drop_views(user.id)
                return {"closed": True}
            case "errors":
                view.errors = self._errors(view, said.get("errors"))
                return {"errors": view.errors}
            case "update":
                body = views.checked(said.get("view"), "modal")
                views.replaced(self._world, view, body)
                return {"updated": True}
            case "push":
                body = views.checked(said.get("view"), "modal")
                if len(self._world.state.views[user.id]) >= views.DEEPEST:
                    raise views.InvalidView("push_limit_reached", [])
                pushed = views.made(self._world, user.id, body, previous=view)
                self._world.put_view(pushed)
                return {"view_id": pushed.id}
            case other:
                raise views.InvalidView("invalid_response", [f"there is no response_action {other!r}"])

    def _errors(self, view: View, errors: Any) -> dict[str, str]:
        """Return the errors if each belongs to an input block and says something, as Slack demands."""
        inputs = {b["block_id"] for b in view.body.get("blocks", []) if b["type"] == "input"}
        if not isinstance(errors, dict) or not errors:
            raise views.InvalidView("invalid_response", ["`errors` must name at least one block"])
        for block_id, words in errors.items():
            if block_id not in inputs:
                raise views.InvalidView("invalid_response", [f"{block_id!r} is no input block of the view"])
            if not isinstance(words, str) or not words:
                raise views.InvalidView("invalid_response", [f"the error of {block_id!r} must be text"])
        return {str(block_id): str(words) for block_id, words in errors.items()}

    async def close(self, user: User, view: View, *, whole_stack: bool) -> Answer | None:
        """Close a modal, or all; tell the app where it asked to know. Returns the answer, None where it did not ask."""
        cleared = whole_stack or bool(view.body.get("clear_on_close"))
        gone = self._world.drop_views(user.id, None if cleared else 1)
        answer = None
        for closed in gone:
            if closed.body.get("notify_on_close"):
                payload = payloads.view_closed(self._world, user, closed, cleared=cleared)
                answer = await self._delivery.send(Envelope.INTERACTIVE, payload)
        return answer
