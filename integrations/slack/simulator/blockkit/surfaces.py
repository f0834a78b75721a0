"""What a message, a modal and a home tab may hold as a whole: how many blocks, which kinds, ids that are unique."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.slack.simulator.blockkit.problem import Problem


def validate_message(payload: Mapping[str, Any]) -> list[Problem]:
    """Return what Slack would refuse in `chat.postMessage`'s `text`, `blocks` and `attachments`."""
    blocks = payload.get("blocks", [])
    return [Problem("/blocks", "no more than 50 items allowed")] if len(blocks) > 50 else []


def validate_view(view: Mapping[str, Any]) -> list[Problem]:
    """Return what Slack would refuse in a modal or home view; pointers begin with `/view`."""
    blocks = view.get("blocks", [])
    return [Problem("/view/blocks", "no more than 100 items allowed")] if len(blocks) > 100 else []
