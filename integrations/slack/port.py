"""What the platform needs of Slack beyond being called by it. Bodies of messages and views are Slack's own JSON, made
by `bot/render`; everything else is in our words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MessageRef:
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """A Slack user as `users.info` tells it. `stranger` is somebody of another organisation (Slack Connect); a guest is
    single- or multi-channel.
    """

    id: str
    team: str
    enterprise: str
    name: str
    time_zone: str
    deactivated: bool
    guest: bool
    stranger: bool
    bot: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel, group or direct message. `member` says whether the bot is in it; `outsiders` whether it is shared with
    another organisation (or pending to be).
    """

    id: str
    name: str
    member: bool
    private: bool
    direct: bool
    outsiders: bool


@dataclass(frozen=True, slots=True)
class UserGroup:
    id: str
    handle: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Install:
    """Who the bot is in a workspace, and the scopes that its token was granted."""

    team: str
    enterprise: str
    bot_user: str
    bot_id: str
    app_id: str
    url: str
    scopes: frozenset[str]


class Slack(Protocol):
    """One workspace's Web API. Methods raise `integrations.errors` only; a 429 that outlasts its retries is
    Unavailable with `retry_after`; a missing scope is Denied with the scope in `rights`.
    """

    async def install(self) -> Install:
        """Return who the bot is (`auth.test`), asked once and remembered."""

    async def probe(self) -> str:
        """Return what answered, afresh. Raises Denied with the required scopes that the token lacks."""

    async def post(self, channel: str, body: Json, *, thread: str = "", key: str = "") -> MessageRef:
        """Post a message; a user id as channel opens the direct message. `key` goes into the message's metadata."""

    async def find(self, channel: str, key: str, *, since: str) -> MessageRef | None:
        """Return the bot's message with that metadata key, looked up in the channel's history since a timestamp."""

    async def update(self, ref: MessageRef, body: Json) -> None:
        """Replace a message of the bot's."""

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message of the bot's."""

    async def whisper(self, channel: str, user: str, body: Json, *, thread: str = "") -> None:
        """Post an ephemeral message."""

    async def respond(self, response_url: str, body: Json) -> None:
        """Answer through a response_url: five times, within 30 minutes."""

    async def open_view(self, trigger_id: str, view: Json) -> tuple[str, str]:
        """Open a modal; return its id and hash. Raises Conflict where the trigger has expired or was used."""

    async def update_view(self, view_id: str, view: Json, *, view_hash: str = "") -> tuple[str, str]:
        """Replace an open modal; return its id and new hash. Raises Conflict where the hash is no longer current and
        NotFound where the person has closed it.
        """

    async def publish_home(self, user: str, view: Json) -> None:
        """Set a person's App Home."""

    async def person(self, user: str) -> SlackPerson:
        """Return a person, asked afresh."""

    async def user_groups(self) -> Sequence[UserGroup]:
        """Return the workspace's user groups with their members."""

    async def conversation(self, channel: str) -> Conversation:
        """Return a conversation that the bot can see. Raises NotFound for one it cannot."""

    async def members(self, channel: str) -> frozenset[str]:
        """Return the ids of the people in a conversation."""

    async def guests(self) -> frozenset[str]:
        """Return the ids of the workspace's guests and strangers, at most five minutes old."""

    async def permalink(self, ref: MessageRef) -> str:
        """Return a message's link."""

    async def upload(
        self, channel: str, name: str, content: bytes, *, title: str = "", alt_text: str = "", thread: str = ""
    ) -> str:
        """Upload a file into a conversation; return the file's id."""

    async def close(self) -> None:
        """Let go of connections."""
