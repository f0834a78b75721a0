"""Showing an answer to a whole channel: only where the bot is a member and nobody from outside reads along.

What cannot be checked is not shared.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.frontends.slack import buttons
from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.elements import Json
from bot.frontends.slack.front import Front
from bot.frontends.slack.present import plain
from integrations.errors import BackendError, Denied, NotFound
from integrations.store import Offer

MOST_MEMBERS = 2000


async def why_not(front: Front, channel: str) -> str:  # noqa: PLR0911 - one return per reason
    """Return why an answer may not be shared into a channel, with what to do; empty where it may."""
    try:
        found = await front.slack.conversation(channel)
    except NotFound:
        return "I am not in this channel, so I cannot post here. Invite me with /invite @idp, then share again."
    except Denied as error:
        return f"Sharing is off, because I may not see who reads here: Slack withholds {', '.join(error.rights)}."
    if found.outsiders:
        return "People of another organisation read this channel, so the answer stays with you."
    if not found.member:
        return f"I am not in #{found.name}, so I cannot post here. Invite me with /invite @idp, then share again."
    members = await front.slack.members(channel)
    if len(members) > MOST_MEMBERS:
        return f"More than {MOST_MEMBERS} people read this channel, so I cannot check them all. Share it by hand."
    if members & await front.slack.guests():
        return "Guests read this channel, so the answer stays with you."
    return ""


def for_everybody(blocks: Sequence[Json]) -> list[Json]:
    """Return an answer's blocks without the buttons that begin a change: those were offered to the asker alone."""
    left: list[Json] = []
    for block in blocks:
        if block["type"] != "actions":
            left.append(block)
        elif elements := [e for e in block["elements"] if str(e["action_id"]).partition(":")[0] == buttons.RUN]:
            left.append({**block, "elements": elements})
    return left


async def share(front: Front, origin: Origin, offer: Offer) -> None:
    """Post a kept answer into the channel, saying who asked."""
    try:
        reason = await why_not(front, origin.channel) if origin.channel else "There is no channel to share into here."
    except BackendError as error:
        reason = f"I could not check who reads this channel ({error}), so I did not share it. Try again in a minute."
    if reason:
        await front.delivery.quick(origin, plain(reason))
        return
    if not await front.dispatch.shares(front.call(origin), str(offer.payload.get("command", ""))):
        await front.delivery.quick(
            origin, plain("This cannot be recorded in the audit trail now, so it is not shared.")
        )
        return
    asked = f" `{offer.payload['command']}`" if offer.payload.get("command") else ""
    said = {"type": "mrkdwn", "text": f"<@{origin.principal.user}> shared the answer to{asked}"}
    blocks = [{"type": "context", "elements": [said]}, *for_everybody(offer.payload["blocks"])]
    try:
        await front.slack.post(
            origin.channel, {"text": offer.payload["text"], "blocks": blocks}, thread=origin.thread, key=offer.id
        )
    except BackendError as error:
        text = f"It may not have been shared ({error}). See whether it is in the channel before you share it again."
        await front.delivery.quick(origin, plain(text))
