"""What every Slack handler needs, in one place: the road to dispatch, the ways to answer, and the owned tasks."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from bot.dispatch import Dispatch
from bot.failures import Failures
from bot.frontends.slack import buttons, views
from bot.frontends.slack.buttons import ButtonBook
from bot.frontends.slack.courtesy import Courtesy
from bot.frontends.slack.deliver import Delivery, Origin
from bot.frontends.slack.elements import Json, button, row
from bot.frontends.slack.once import Once
from bot.frontends.slack.present import FOOTER_BLOCKS, Presenter, plain, plan_doc, without_buttons
from bot.frontends.slack.progress import Progress
from bot.frontends.slack.views import ViewState
from bot.identity import SlackPrincipal
from bot.render.blocks import Surface
from bot.render.failure import show_failure
from bot.replies import Answer, Call, Consent, Failed, FormNeeded, Reply
from bot.tasks import Stopping, Tasks
from commands._kit.command import Command
from commands._kit.context import Place, silent
from commands._kit.doc import Doc
from commands._kit.form import form_for
from integrations.errors import BackendError, Conflict, NotFound, Unavailable
from integrations.slack import Slack
from integrations.store import Store

FRONT_END = "slack"
TRIGGER_LIFE = 2.5
log = structlog.get_logger(__name__)
Ask = Callable[[Call], Coroutine[Any, Any, Reply]]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A person's gesture, good for opening one view within three seconds of `at` (loop time)."""

    id: str
    at: float

    @property
    def good(self) -> bool:
        return bool(self.id) and asyncio.get_running_loop().time() - self.at < TRIGGER_LIFE


NO_TRIGGER = Trigger("", 0.0)
"""What a message comes with: no view can be opened on it."""


def trigger_of(body: Mapping[str, Any]) -> Trigger:
    """Return the trigger of a payload that has just arrived."""
    return Trigger(str(body.get("trigger_id") or ""), asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Front:
    dispatch: Dispatch
    slack: Slack
    store: Store
    presenter: Presenter
    delivery: Delivery
    once: Once
    tasks: Tasks
    failures: Failures
    clock: Callable[[], datetime]
    courtesy: Courtesy = field(default_factory=Courtesy)
    homes: dict[SlackPrincipal, datetime] = field(default_factory=dict)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Start work that answers by itself; whatever goes wrong in it is logged as an incident."""

        async def guarded() -> None:
            try:
                await self.courtesy.turn()
                await work
            except BackendError as error:
                log.warning("work ended without an answer", name=name, error=str(error))
            except Exception as error:  # noqa: BLE001 - the task's end: nothing above could tell the person
                self.failures.describe(error, name)

        try:
            self.tasks.spawn(guarded(), name)
        except Stopping:
            work.close()
            log.warning("a request came while stopping", name=name)

    def call(self, origin: Origin, progress: Progress | None = None) -> Call:
        """Return the call that dispatch is given for a request from there."""
        place = Place(origin.principal.team, origin.channel, origin.thread, private=origin.direct)
        return Call(origin.principal, FRONT_END, place, secrets.token_hex(8), progress=progress or silent)

    # -- replies in messages

    async def answer(self, origin: Origin, trigger: Trigger, ask: Ask, what: str) -> Reply | None:
        """Have dispatch answer, and let the person have the reply in whatever form it takes; return what was sent
        within ten seconds.
        """
        progress = Progress(what)
        task = self.tasks.spawn(ask(self.call(origin, progress)), f"work: {what}")
        reply = await self.delivery.when_ready(origin, task, progress)
        if reply is not None:
            await self.reply(origin, trigger, reply)
        return reply

    async def reply(self, origin: Origin, trigger: Trigger, reply: Reply) -> None:
        """Let the person have a reply: a form to fill in, or a message; what came of a change must arrive."""
        if isinstance(reply, FormNeeded):
            await self.open_form(origin, trigger, reply)
            return
        shown = self.presenter.show(reply, origin.principal.id, kept=origin.direct)
        if isinstance(reply, Answer) and not reply.shareable:
            await self.delivery.important(origin, shown, f"answer:{secrets.token_hex(8)}")
        else:
            await self.delivery.send(origin, shown)

    async def open_form(self, origin: Origin, trigger: Trigger, needed: FormNeeded) -> None:
        """Open the form, or where no view can be opened any more offer it behind *Fill in*."""
        if trigger.good:
            try:
                await self.slack.open_view(trigger.id, self.form(needed, origin))
            except BackendError as error:
                log.info("a form could not be opened", error=str(error))
            else:
                return
        await self._offer_form(origin, needed)

    async def _offer_form(self, origin: Origin, needed: FormNeeded) -> None:
        book = self.presenter.book(origin.principal.id)
        # What is typed into a confidential command is kept nowhere.
        values = {} if needed.command.confidential else dict(needed.values)
        offer = book.offer("draft", {"command": needed.command.name, "values": values})
        wrong = "; ".join(needed.errors.values()) or needed.message
        text = wrong or f"{needed.command.name} needs a few more details."
        fill = row(button("Fill in", buttons.FILL, offer, "primary"))
        said = plain(text)
        try:
            await self.store.offers.make(*book.offers)
        except Unavailable as error:
            log.warning("a form could not be offered", error=str(error))
            await self.delivery.quick(origin, plain(f"{text} {self.failures.describe(error, 'form').message}"))
        else:
            await self.delivery.quick(origin, {**said, "blocks": [*said["blocks"], fill]})

    # -- replies in views

    async def open_soon(self, origin: Origin, trigger: Trigger, work: asyncio.Task[Json]) -> bool:
        """Open the view that the work makes, well inside the trigger's three seconds: at once where it is ready, else a
        loading view that it then replaces. Return whether a view could be opened.
        """
        done, _ = await asyncio.wait({work}, timeout=self.delivery.pace.identity)
        view = (
            work.result() if done else views.waiting("One moment", "Looking it up …", ViewState(channel=origin.channel))
        )
        try:
            view_id, _ = await self.slack.open_view(trigger.id, view)
        except BackendError as error:
            log.info("a view could not be opened", error=str(error))
            return False
        if not done:
            try:
                await self.slack.update_view(view_id, await work)
            except BackendError as error:
                log.info("a view was closed before it was ready", error=str(error))
        return True

    def form(self, needed: FormNeeded, origin: Origin) -> Json:
        """Return the form's view."""
        form = form_for(needed.command, needed.values, needed.errors)
        state = ViewState(needed.command.name, origin.channel, origin.thread)
        return views.form_view(form, state, message=needed.message)

    async def view(self, reply: Reply, origin: Origin, command: Command | None, values: Mapping[str, object]) -> Json:
        """Return what a modal shows for a reply; a failure gives the form back with what was typed."""
        if isinstance(reply, FormNeeded):
            return self.form(reply, origin)
        if isinstance(reply, Failed) and command is not None and values:
            failure = reply.failure
            message = f"{failure.message} {failure.hint}".strip()
            return self.form(FormNeeded(command, values, failure.fields, message), origin)
        state = ViewState(command.name if command else "", origin.channel, origin.thread)
        book = self.presenter.book(origin.principal.id)
        if isinstance(reply, Consent):
            rendered = self.presenter.doc(plan_doc(reply), book, Surface.MODAL)
            state = ViewState(reply.command.name, origin.channel, origin.thread, reply.offer)
            view = views.modal(
                views.CONSENT, "Check the plan", rendered.blocks, state, submit="Confirm", close="Cancel"
            )
        else:
            doc: Doc = reply.doc if isinstance(reply, Answer) else show_failure(reply.failure)
            rendered = self.presenter.doc(doc, book, Surface.MODAL, FOOTER_BLOCKS)
            footer = []
            if isinstance(reply, Answer):
                footer = self.presenter.footer(reply, self.presenter.doc(doc, book, reserve=FOOTER_BLOCKS), book)
            title = "Done" if isinstance(reply, Answer) else "Not done"
            view = views.modal(views.DONE, title, [*rendered.blocks, *footer], state)
        return await self.with_offers(view, book)

    async def with_offers(self, view: Json, book: ButtonBook) -> Json:
        """Return a view with its offers stored; without what needs them where that is impossible now."""
        try:
            await self.store.offers.make(*book.offers)
        except Unavailable as error:
            log.warning("a view's offers could not be stored", error=str(error))
            return {**view, "blocks": without_buttons(view["blocks"], book.offers)}
        return view

    async def show_in_view(
        self, view_id: str, reply: Reply, origin: Origin, command: Command | None, values: Mapping[str, object]
    ) -> None:
        """Put a reply into an open modal; where the person has closed it, into their direct messages."""
        try:
            await self.slack.update_view(view_id, await self.view(reply, origin, command, values))
        except (NotFound, Conflict) as error:
            log.info("a view was closed before its answer", error=str(error))
        except BackendError as error:
            log.warning("a view could not be updated", error=str(error))
        else:
            return
        await self.tell(origin.principal, reply)

    async def tell(self, principal: SlackPrincipal, reply: Reply) -> None:
        """Have a reply arrive in the person's direct messages, where its view is gone."""
        private = Origin(principal)
        if isinstance(reply, FormNeeded):
            await self._offer_form(private, reply)
            return
        shown = self.presenter.show(reply, principal.id, kept=True)
        await self.delivery.important(private, shown, f"answer:{secrets.token_hex(8)}")


def principal_of(body: Mapping[str, Any]) -> SlackPrincipal:
    """Return who Slack says acted in an interactive payload: the person's own workspace and id."""
    user = body.get("user") or {}
    team = body.get("team") or {}
    enterprise = body.get("enterprise") or {}
    team_id = user.get("team_id") or team.get("id") or ""
    return SlackPrincipal(str(team_id), str(user.get("id", "")), str(enterprise.get("id") or ""))
