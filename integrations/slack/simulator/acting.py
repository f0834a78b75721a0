"""What a person does in the workspace: the one road for both the control API and the page.

Each method checks what Slack's own client would not let a person do (`Refused`), builds the payload that Slack would
send, waits for the app's acknowledgement, and applies what it says. Nothing here decides what the app answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.slack.simulator.state import Json


class Refused(ValueError):
    """Slack's client would not let the person do this; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `status` is the acknowledgement's (0: none came), `seconds` how long it took, `body` what it
    said (parsed where it is JSON), `error` Slack's name for what went wrong (`operation_timeout`, `dispatch_failed`),
    `detail` what else there is to know (`ts`, `view_id`, `options`, `errors`).
    """

    status: int = 0
    seconds: float = 0.0
    body: Any = ""
    error: str = ""
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What an element sits in: a message (`channel`, `ts`), an open modal (`view`) or the person's home (`home`)."""

    channel: str = ""
    ts: str = ""
    view: str = ""
    home: bool = False


class Acting:
    """People by their ids or names, channels by id or name, devices by id."""

    async def command(self, user: str, channel: str, text: str, *, device: str = "", thread_ts: str = "") -> Outcome:
        """Give the slash command. In a thread Slack's client refuses."""
        raise NotImplementedError

    async def message(
        self, user: str, channel: str, text: str, *, thread_ts: str = "", device: str = "", files: Any = ()
    ) -> Outcome:
        """Write a message; the app gets the events that it subscribed to. `detail["ts"]` is the message."""
        raise NotImplementedError

    async def edit_message(self, user: str, channel: str, ts: str, text: str) -> Outcome:
        """Edit one's own message."""
        raise NotImplementedError

    async def delete_message(self, user: str, channel: str, ts: str) -> Outcome:
        """Delete one's own message."""
        raise NotImplementedError

    async def action(
        self,
        user: str,
        target: Target,
        action_id: str,
        *,
        block_id: str = "",
        value: str | None = None,
        selected: Any = None,
        device: str = "",
    ) -> Outcome:
        """Press a button or choose in an element. `selected` is the choice: an option's value or label, a list of
        them, a date, a user's or channel's id or name. `value` picks among buttons that share an action_id.
        """
        raise NotImplementedError

    def type_into(self, user: str, view: str, values: Mapping[str, Any]) -> None:
        """Fill in fields of an open modal without submitting it; kept as typed input. Raises Refused."""
        raise NotImplementedError

    async def submit(self, user: str, view: str, values: Mapping[str, Any]) -> Outcome:
        """Fill in fields by name and submit. `detail["errors"]` are what the app answered."""
        raise NotImplementedError

    async def close(self, user: str, view: str, *, whole_stack: bool = False) -> Outcome:
        """Close a modal with its close button (back to the one below), or with `whole_stack` the stack with its X."""
        raise NotImplementedError

    async def suggest(self, user: str, target: Target, action_id: str, value: str, *, block_id: str = "") -> Outcome:
        """Type into a select whose options come from the app. `detail["options"]` are what it answered."""
        raise NotImplementedError

    async def open_home(self, user: str, *, tab: str = "home") -> Outcome:
        """Open the app's home tab."""
        raise NotImplementedError

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        """Use a message shortcut."""
        raise NotImplementedError

    async def join(self, user: str, channel: str) -> Outcome:
        """Join a public channel."""
        raise NotImplementedError

    async def invite(self, user: str, channel: str, who: str) -> Outcome:
        """Invite somebody, or the bot, into a channel of one's own."""
        raise NotImplementedError

    async def leave(self, user: str, channel: str) -> Outcome:
        """Leave a channel."""
        raise NotImplementedError
