"""The bodies of the control API's requests. What is not in them is refused, so that a typing mistake is no surprise."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from integrations.slack.simulator.acting import Target
from integrations.slack.simulator.delivery import Envelope
from integrations.slack.simulator.elements import Refused


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CommandBody(Body):
    user: str
    channel: str
    text: str = ""
    device: str = ""
    thread_ts: str = ""


class MessageBody(Body):
    user: str
    channel: str
    text: str
    thread_ts: str = ""
    device: str = ""


class EditBody(Body):
    """Without a text the message is deleted."""

    user: str
    channel: str
    ts: str
    text: str = ""


class TargetBody(Body):
    user: str
    channel: str = ""
    message_ts: str = ""
    view_id: str = ""
    home: bool = False
    action_id: str
    block_id: str = ""

    def target(self) -> Target:
        """Return where the element is. Raises Refused where that was not said, or said twice."""
        if sum((bool(self.message_ts), bool(self.view_id), self.home)) != 1:
            raise Refused("say where: channel and message_ts, or view_id, or home")
        return Target(self.channel, self.message_ts, self.view_id, self.home)


class ActionBody(TargetBody):
    value: str | None = None
    selected: Any = None
    device: str = ""


class SuggestBody(TargetBody):
    value: str


class SubmitBody(Body):
    user: str
    view_id: str = ""
    values: dict[str, Any] = {}


class CloseBody(Body):
    user: str
    view_id: str = ""
    whole_stack: bool = False


class HomeBody(Body):
    user: str
    tab: str = "home"


class ShortcutBody(Body):
    user: str
    channel: str = ""
    ts: str = ""
    callback_id: str


class MembershipBody(Body):
    """`who` is invited by `user`; without it the user joins, or leaves."""

    user: str
    channel: str
    who: str = ""
    leave: bool = False


class UserBody(Body):
    user: str
    deleted: bool | None = None
    is_restricted: bool | None = None
    is_ultra_restricted: bool | None = None
    is_stranger: bool | None = None
    is_admin: bool | None = None
    name: str | None = None
    real_name: str | None = None
    team_id: str | None = None
    tz: str | None = None


class GroupBody(Body):
    group: str
    users: list[str]


class DeviceBody(Body):
    user: str
    device: str
    reload: bool = False


class FaultBody(BaseModel):
    model_config = ConfigDict(extra="allow")
    backend: str
    kind: str


class RawBody(Body):
    body: str = ""
    body_base64: str = ""
    headers: dict[str, str] = {}
    signed: bool = False
    timestamp: str = ""
    path: str = ""


class DeliverBody(Body):
    """A payload as it is, on whichever transport the app uses; an event may come without its envelope."""

    kind: Envelope
    payload: dict[str, Any]


class ReplayBody(Body):
    back: int = 1


class ClockBody(Body):
    """Seconds that the simulator's clock is ahead of the real one (negative: behind)."""

    offset: float


class DisconnectBody(Body):
    reason: str = "refresh_requested"
    drop: bool = False


class RevokeBody(Body):
    uninstall: bool = False


class VerifyBody(Body):
    pass
