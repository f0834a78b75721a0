"""Submitted views. Their acknowledgement carries the answer where it is ready within two seconds, else a view that
says what is being done and is replaced when it is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.frontends.slack import home, shortcut, views
from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.elements import Json, plain_text, section
from bot.frontends.slack.front import Front, principal_of
from bot.frontends.slack.progress import Progress
from bot.frontends.slack.views import ViewState
from bot.replies import FormNeeded, Reply
from commands._kit.command import Command, marker
from commands._kit.fields import Options
from commands._kit.validate import validate
from integrations.errors import BackendError

MOST_OPTIONS = 50
log = structlog.get_logger(__name__)


def origin_of_view(body: Mapping[str, Any]) -> Origin:
    """Return where a view's command was given."""
    state = ViewState.load(body["view"].get("private_metadata", ""))
    return Origin(principal_of(body), state.channel, state.thread)


async def submitted(front: Front, body: Mapping[str, Any]) -> Json:
    """Return the acknowledgement of a submission; the same view with the same hash is answered once, errors apart: a
    form that is corrected and sent again still has the hash that the app gave it.
    """
    view = body["view"]

    gone = views.modal(views.DONE, "Already done", [section("This form was submitted before.")], ViewState())
    repeated: Json = {"response_action": "update", "view": gone}
    key = f"view:{view['id']}:{view.get('hash', '')}"
    return await front.once.run(
        key,
        lambda: _submitted(front, body),
        repeated=repeated,
        acted=lambda answer: answer.get("response_action") != "errors",
    )


async def _submitted(front: Front, body: Mapping[str, Any]) -> Json:
    view = body["view"]
    state = ViewState.load(view.get("private_metadata", ""))
    origin = origin_of_view(body)
    if view.get("callback_id") == views.CONSENT:
        progress = Progress("your change")
        change = front.tasks.spawn(front.dispatch.consent(front.call(origin, progress), state.offer), "work: consent")
        return await _finish(front, body, Submission(origin, change, progress), "Working on it …")
    values, blocks = views.values_of(view.get("state", {}).get("values", {}))
    if view.get("callback_id") == views.CHOOSE:
        return await shortcut.chosen(front, origin, values)
    command = front.dispatch.commands.find(state.command)
    if command is None:
        text = "This form belongs to a command that is no longer there."
        gone = views.modal(views.DONE, "Not done", [section(text)], ViewState())
        return {"response_action": "update", "view": gone}
    _, errors = validate(command, values)
    if errors:
        return _errors(errors, blocks)
    progress = Progress(command.name)
    work = front.tasks.spawn(front.dispatch.run(front.call(origin, progress), command.name, values), "work: form")
    return await _finish(front, body, Submission(origin, work, progress, command, values, blocks), "Checking …")


def _errors(errors: Mapping[str, str], blocks: Mapping[str, str]) -> Json:
    """Return errors on their fields; one whose field is not in the form stands on the last one."""
    last = list(blocks.values())[-1] if blocks else ""
    shown: dict[str, str] = {}
    for name, text in errors.items():
        block = blocks.get(name, last)
        shown[block] = f"{shown[block]} {text}" if block in shown else text
    return {"response_action": "errors", "errors": shown}


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted view on its way: the work that it started, and for a command's form what was typed into which block,
    so that the form can be given back.
    """

    origin: Origin
    work: asyncio.Task[Reply]
    progress: Progress
    command: Command | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)


async def _finish(front: Front, body: Mapping[str, Any], submission: Submission, busy: str) -> Json:
    origin = submission.origin
    done, _ = await asyncio.wait({submission.work}, timeout=front.delivery.pace.acknowledge)
    if not done:
        front.spawn(_later(front, body["view"]["id"], submission), "late view")
        waiting = views.waiting("One moment", busy, ViewState(channel=origin.channel))
        return {"response_action": "update", "view": waiting}
    reply = submission.work.result()
    front.spawn(home.changed(front, origin.principal.user), "home")
    if isinstance(reply, FormNeeded) and submission.blocks and reply.errors:
        return _errors(reply.errors, submission.blocks)
    view = await front.view(reply, origin, submission.command, submission.values)
    return {"response_action": "update", "view": view}


async def _later(front: Front, view_id: str, submission: Submission) -> None:
    """Replace the busy view when the work is done; work that takes over ten seconds goes on in the direct message."""
    origin, pace = submission.origin, front.delivery.pace
    done, _ = await asyncio.wait({submission.work}, timeout=pace.direct - pace.acknowledge)
    if done:
        reply = submission.work.result()
        await front.show_in_view(view_id, reply, origin, submission.command, submission.values)
    else:
        moved = "This takes a while. You can close this; it goes on in your direct messages with me."
        try:
            await front.slack.update_view(view_id, views.modal(views.DONE, "Going on", [section(moved)], ViewState()))
        except BackendError as error:
            log.info("a view was closed before its answer", error=str(error))
        left = await front.delivery.go_on(Origin(origin.principal), submission.work, submission.progress, link=False)
        if left is not None:
            await front.tell(origin.principal, left)
    await home.changed(front, origin.principal.user)


async def closed(front: Front, body: Mapping[str, Any]) -> None:
    """Use up the offer of a plan whose view was cancelled."""
    state = ViewState.load(body["view"].get("private_metadata", ""))
    principal = principal_of(body)
    if not state.offer or front.dispatch.forget_pending(principal.id, state.offer):
        return
    offer = await front.store.offers.look(state.offer)
    if offer is not None and offer.person == principal.id:
        await front.store.offers.use(state.offer)
        await home.changed(front, principal.user)


async def options(front: Front, body: Mapping[str, Any]) -> Json:
    """Return the options for what was typed into a select, from the local index."""
    view = body.get("view") or {}
    state = ViewState.load(view.get("private_metadata", ""))
    command = front.dispatch.commands.find(state.command)
    field = str(body.get("action_id", ""))
    source = source_of(command, field) if command else ""
    if not source:
        return {"options": []}
    call, typed = front.call(Origin(principal_of(body))), str(body.get("value") or "")
    found = await front.dispatch.options(call, source, typed, limit=MOST_OPTIONS)
    return {"options": [{"text": plain_text(label, views.OPTION), "value": value[:150]} for value, label in found]}


def source_of(command: Command, field: str) -> str:
    """Return the named source of a field's options, or empty."""
    info = command.request.model_fields.get(field)
    found = marker(info, Options) if info is not None else None
    return found.source if found else ""
