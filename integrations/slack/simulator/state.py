"""What a Slack workspace consists of, as plain records that can be written to a file and read again.

These records are mutable on purpose: they are the simulated service's memory, changed by `World` alone. They know no
rules; Slack's rules are in `api/` and `acting.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]  # block_id -> action_id -> the element's state, as in a payload's `state.values`

ALL_EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "subteam_members_changed",
    "subteam_updated",
    "tokens_revoked",
    "user_change",
)
ALL_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:write",
    "usergroups:read",
    "users:read",
)


class Kind(StrEnum):
    """What kind of conversation a channel is; the values are the event names' endings (`message.im`)."""

    PUBLIC = "channels"
    PRIVATE = "groups"
    IM = "im"
    MPIM = "mpim"


@dataclass(slots=True)
class Workspace:
    id: str = "T0SIMULATED"
    name: str = "Acme"
    domain: str = "acme"
    enterprise_id: str = ""
    enterprise_name: str = ""


@dataclass(slots=True)
class Shortcut:
    """A message shortcut of the app's manifest, as the menu of a message offers it."""

    name: str
    callback_id: str


@dataclass(slots=True)
class App:
    """The app under test, as its manifest and its installation describe it. `escape_commands` is the manifest's
    `should_escape`, `description` and `usage_hint` are the command's; `secret` is the signing secret, `token` the old
    verification token in payloads.
    """

    id: str = "A0SIMULATED"
    name: str = "idp"
    command: str = "/idp"
    description: str = ""
    usage_hint: str = ""
    shortcuts: tuple[Shortcut, ...] = ()
    bot_user: str = "U0SIMBOT"
    bot_id: str = "B0SIMBOT"
    bot_token: str = "xoxb-simulated"  # noqa: S105 - a made-up token of a made-up workspace
    app_token: str = "xapp-simulated"  # noqa: S105 - as above
    secret: str = "simulated-signing-secret"  # noqa: S105 - as above
    token: str = "simulated-verification-token"  # noqa: S105 - as above
    scopes: tuple[str, ...] = ALL_SCOPES
    events: tuple[str, ...] = ALL_EVENTS
    escape_commands: bool = True
    socket_mode: bool = False
    revoked: bool = False
    uninstalled: bool = False


@dataclass(slots=True)
class User:
    """A person or bot. `team_id` of a stranger (Slack Connect) is another organisation's."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "Europe/Berlin"
    tz_offset: int = 3600
    title: str = ""
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    is_admin: bool = False
    updated: int = 0

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted


@dataclass(slots=True)
class Device:
    """A client that a person is signed in on: ephemeral messages live on one device and die when it reloads."""

    id: str
    user: str
    name: str


@dataclass(slots=True)
class UserGroup:
    id: str
    handle: str
    name: str
    users: list[str]
    deleted: bool = False
    updated: int = 0


@dataclass(slots=True)
class File:
    """An uploaded file. `channels` are where it was shared; it is not `complete` until the third call of an upload."""

    id: str
    name: str
    size: int
    upload_key: str
    user: str
    created: int
    title: str = ""
    alt_text: str = ""
    mimetype: str = "application/octet-stream"
    content: bytes | None = None
    complete: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """A message, or with `for_user` an ephemeral one, which only that person's `for_device` shows.

    `text` is as Slack stores it: `&`, `<` and `>` escaped, mentions as `<@U..>`. `values` is what people chose in the
    message's input elements. `bot_id` and `app_id` are empty for people's messages.
    """

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    subtype: str = ""
    bot_id: str = ""
    app_id: str = ""
    client_msg_id: str = ""
    edited_by: str = ""
    edited_ts: str = ""
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    for_user: str = ""
    for_device: str = ""
    values: Values = field(default_factory=dict)

    @property
    def ephemeral(self) -> bool:
        return bool(self.for_user)


@dataclass(slots=True)
class Channel:
    """A conversation. `messages` are in order of `ts`; ephemeral ones are kept apart from the history."""

    id: str
    name: str
    kind: Kind
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    is_general: bool = False
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    connected_teams: list[str] = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)


@dataclass(slots=True)
class View:
    """An open modal or a published home. `body` is what the app sent (with the ids that Slack makes up), `values` what
    was typed, `errors` what the app answered to a submission (block_id -> text), `problem` Slack's own complaint.
    """

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str = ""
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(slots=True)
class Trigger:
    id: str
    user: str
    expires_at: datetime
    view: str = ""
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer an interaction. `message_ts` is the message whose button was pressed; empty for a slash
    command, whose answers never replace anything.
    """

    key: str
    user: str
    channel: str
    expires_at: datetime
    device: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    uses: int = 0
    command: bool = False


@dataclass(slots=True)
class DeliveryRecord:
    """One attempt to deliver something to the app. `status` is 0 where no answer came, then `error` says why."""

    at: datetime
    type: str
    transport: str
    attempt: int
    status: int
    seconds: float
    payload: Json
    body: str = ""
    error: str = ""
    reason: str = ""


@dataclass(slots=True)
class ApiCall:
    """One call of the Web API or of a response URL; `error` is empty where it went well."""

    at: datetime
    method: str
    status: int
    error: str = ""
    arguments: Json = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """All there is. `sequence` makes ids, `last_ts` keeps message timestamps unique."""

    workspace: Workspace = field(default_factory=Workspace)
    app: App = field(default_factory=App)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, UserGroup] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    active_device: dict[str, str] = field(default_factory=dict)
    views: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    deliveries: list[DeliveryRecord] = field(default_factory=list)
    calls: list[ApiCall] = field(default_factory=list)
    sequence: int = 0
    last_ts: int = 0
