"""What a message may contain, checked before it is stored, for posting, updating and response URLs alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from integrations.slack.simulator import text
from integrations.slack.simulator.api.call import ApiError
from integrations.slack.simulator.blockkit import validate_message
from integrations.slack.simulator.elements import states, with_ids
from integrations.slack.simulator.state import Json, Message
from integrations.slack.simulator.world import World

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
LARGEST_METADATA = 16 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """Checked content; `blocks` and `attachments` are None where they were not given, `text` too."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None

    def into(self, message: Message) -> None:
        """Replace the content of a message. What was not given stays, as in `chat.update`."""
        if self.text is not None:
            message.text = self.text
        if self.blocks is not None:
            message.values = states(self.blocks, message.values)
            message.blocks = self.blocks
        if self.attachments is not None:
            message.attachments = self.attachments


def _list(value: Any, code: str) -> list[Json] | None:
    """Return a list of objects, which forms carry as a JSON string."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ApiError(code) from error
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ApiError(code)
    return value


def read(world: World, payload: Json, *, longest: int = LONGEST_POST) -> Content:
    """Return the checked content of a payload. Raises ApiError in Slack's words."""
    words = payload.get("text")
    if words is not None and not isinstance(words, str):
        words = str(words)
    blocks = _list(payload.get("blocks"), "invalid_blocks_format")
    attachments = _list(payload.get("attachments"), "invalid_attachments")
    if not (words or "").strip() and not blocks and not attachments:
        raise ApiError("no_text")
    if words is not None and len(words) > longest:
        raise ApiError("msg_too_long")
    checked: Json = {"text": words or ""}
    checked |= {"blocks": blocks} if blocks is not None else {}
    checked |= {"attachments": attachments} if attachments is not None else {}
    if problems := validate_message(checked):
        errors = [str(p) for p in problems]
        # What is wrong first decides the code; most faults have the general one.
        code = problems[0].error or "invalid_blocks"
        raise ApiError(code, *(f"[ERROR] {e}" for e in errors), errors=errors)
    return Content(
        None if words is None else text.from_app(words),
        None if blocks is None else with_ids(blocks, world),
        attachments,
    )


def metadata(value: Any) -> Json | None:
    """Return checked message metadata. https://docs.slack.dev/messaging/message-metadata"""
    if value is None:
        return None
    payload = value.get("event_payload") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(value.get("event_type"), str) or not isinstance(payload, dict):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(value)) > LARGEST_METADATA:
        raise ApiError("metadata_too_large")
    return {"event_type": value["event_type"], "event_payload": payload}
