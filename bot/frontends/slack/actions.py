"""Buttons. What each does is known from its action id; what it is about from the value, which names a stored offer
wherever the click could change something.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bot.failures import OTHERS
from bot.frontends.slack import buttons, home
from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.front import Front, Trigger, principal_of, trigger_of
from bot.frontends.slack.present import plain
from bot.frontends.slack.progress import Progress
from bot.frontends.slack.sharing import share
from bot.frontends.slack.views import ViewState
from bot.replies import Answer, Consent, Failed, FormNeeded
from commands._kit.command import Effect
from commands._kit.errors import Code, Failure
from integrations.errors import BackendError, Unavailable
from integrations.store import Offer

Json = Mapping[str, Any]
_GONE = Failure(Code.STALE, "That button has expired, so nothing was done.", "Give the command again.")
_CANCELLED = "Cancelled. Nothing was changed."
_USED = Failure(Code.STALE, "That was decided already, so nothing was changed.", "")


@dataclass(frozen=True, slots=True)
class Click:
    """A button that somebody pressed: where, and what stands behind it."""

    origin: Origin
    trigger: Trigger
    value: str


def origin_of(body: Json) -> Origin:
    """Return where a click came from: a message, a modal or the home tab."""
    container = body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    thread = str((body.get("message") or {}).get("thread_ts") or container.get("thread_ts") or "")
    view = body.get("view") or {}
    if view.get("type") == "modal":
        state = ViewState.load(view.get("private_metadata", ""))
        channel, thread = channel or state.channel, thread or state.thread
    return Origin(
        principal_of(body),
        channel,
        thread,
        response_url=str(body.get("response_url") or ""),
        direct=channel.startswith("D") and not container.get("is_ephemeral"),
    )


def clicked(front: Front, body: Json) -> None:
    """Take up a click."""
    trigger = trigger_of(body)
    for action in body.get("actions") or ():
        kind = str(action.get("action_id", "")).partition(":")[0]
        handler = HANDLERS.get(kind)
        if handler is not None:
            click = Click(origin_of(body), trigger, str(action.get("value") or ""))
            front.spawn(handler(front, click), f"button: {kind}")


async def _run(front: Front, click: Click) -> None:
    """Run a READ that a button names; a change is refused, whoever posted the button."""
    name, arguments = _named(click.value)
    command = front.dispatch.commands.find(name)
    if command is None or command.effect is not Effect.READ:
        await front.reply(click.origin, click.trigger, Failed(_GONE))
        return
    await front.answer(
        click.origin, click.trigger, lambda call: front.dispatch.run(call, command.name, arguments), command.name
    )


def _named(value: str) -> tuple[str, dict[str, object]]:
    """Return the command and arguments in a button's value; no command for a value that is not of our making."""
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return "", {}
    if not isinstance(found, dict) or not isinstance(found.get("a", {}), dict):
        return "", {}
    return str(found.get("c", "")), {str(k): str(v) for k, v in found.get("a", {}).items()}


async def _offer(front: Front, click: Click, *kinds: str) -> Offer | None:
    """Return the offer where this person may take it; otherwise say why not."""
    offer = await front.store.offers.look(click.value)
    if offer is None or offer.kind not in kinds or offer.expires_at <= front.clock():
        await front.reply(click.origin, click.trigger, Failed(_GONE))
        return None
    if offer.person != click.origin.principal.id:
        await front.reply(click.origin, click.trigger, Failed(OTHERS))
        return None
    return offer


async def _open(front: Front, click: Click) -> None:
    """Begin a change that was offered: its form where something is missing, else its plan."""
    offer = await _offer(front, click, "command", "draft")
    if offer is None:
        return
    name, values = str(offer.payload["command"]), dict(offer.payload["values"])
    command = front.dispatch.commands.find(name)
    if command is not None and (offer.kind == "draft" or not values):
        reply = await front.dispatch.form(front.call(click.origin), command, values)
        await front.reply(click.origin, click.trigger, reply)
        return
    await front.answer(click.origin, click.trigger, lambda call: front.dispatch.run(call, name, values), name)


async def _review(front: Front, click: Click) -> None:
    """Show a plan that waits in a modal, where it can be confirmed."""

    async def plan() -> dict[str, Any]:
        reply = await front.dispatch.review(front.call(click.origin), click.value)
        return await front.view(reply, click.origin, None, {})

    if not await front.open_soon(click.origin, click.trigger, front.tasks.spawn(plan(), "work: review")):
        await front.delivery.quick(click.origin, plain("The plan could not be opened. Press the button again."))


async def _confirm(front: Front, click: Click) -> None:
    """Consent to the plan behind the button, and put what came of it in the plan's place."""
    progress = Progress("your change")
    task = front.tasks.spawn(front.dispatch.consent(front.call(click.origin, progress), click.value), "work: consent")
    reply = await front.delivery.when_ready(click.origin, task, progress)
    if reply is None:
        return
    if isinstance(reply, FormNeeded):
        await front.open_form(click.origin, click.trigger, reply)
        return
    await _replace(front, click.origin, reply, f"consent:{click.value}")
    await home.changed(front, click.origin.principal.user)


async def _replace(front: Front, origin: Origin, reply: Answer | Consent | Failed, key: str) -> None:
    """Put the outcome where the plan stood, so that its buttons are gone; where nothing was begun the plan stays."""
    shown = await front.delivery.offered(front.presenter.show(reply, origin.principal.id, kept=origin.direct))
    stays = isinstance(reply, Failed) and not reply.begun
    if not stays and not shown.files and await _put_in_place(front, origin, shown.body):
        return
    await front.delivery.important(origin, shown, key)


async def _put_in_place(front: Front, origin: Origin, body: dict[str, Any]) -> bool:
    """Replace the message that was clicked in; False where that is not possible. An answer that Slack did not
    acknowledge is put there once more, since putting it there twice changes nothing.
    """
    for _ in range(2 if origin.response_url else 0):
        origin.responses += 1
        try:
            await front.slack.respond(origin.response_url, {"replace_original": True, **body})
        except Unavailable:
            continue
        except BackendError:
            return False
        return True
    return False


async def _cancel(front: Front, click: Click) -> None:
    """Let a plan go: its offer is used up."""
    if not front.dispatch.forget_pending(click.origin.principal.id, click.value):
        offer = await _offer(front, click, "consent")
        if offer is None:
            return
        if not await front.store.offers.use(click.value):
            await front.reply(click.origin, click.trigger, Failed(_USED))
            return
    if not await _put_in_place(front, click.origin, plain(_CANCELLED)):
        await front.delivery.quick(click.origin, plain(_CANCELLED))
    await home.changed(front, click.origin.principal.user)


async def _kept_answer(front: Front, click: Click) -> Offer | None:
    """Return the answer that was shown to this person, who must still be one that it may be shown to."""
    offer = await _offer(front, click, "answer")
    if offer is None:
        return None
    refused = await front.dispatch.keeps(front.call(click.origin), str(offer.payload.get("command", "")))
    if refused is not None:
        await front.reply(click.origin, click.trigger, refused)
        return None
    return offer


async def _keep(front: Front, click: Click) -> None:
    """Post an answer into the person's direct messages, where it lasts."""
    offer = await _kept_answer(front, click)
    if offer is None:
        return
    kept = {"text": offer.payload["text"], "blocks": offer.payload["blocks"]}
    await front.slack.post(click.origin.principal.user, kept)
    if not click.origin.direct:
        await front.delivery.quick(click.origin, plain("Kept in your direct messages with me."))


async def _share(front: Front, click: Click) -> None:
    offer = await _kept_answer(front, click)
    if offer is not None:
        await share(front, click.origin, offer)


Handler = Callable[[Front, Click], Coroutine[Any, Any, None]]
HANDLERS: Mapping[str, Handler] = {
    buttons.RUN: _run,
    buttons.OPEN: _open,
    buttons.FILL: _open,
    buttons.REVIEW: _review,
    buttons.CONFIRM: _confirm,
    buttons.CANCEL: _cancel,
    buttons.KEEP: _keep,
    buttons.SHARE: _share,
}
