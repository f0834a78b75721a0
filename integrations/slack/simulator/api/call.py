"""One call of a Web API method: its arguments, checked as they are taken, and the errors it can end with."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from integrations.slack.simulator.events import Events
from integrations.slack.simulator.rates import TIER_3, Rates
from integrations.slack.simulator.socket_mode import SocketMode
from integrations.slack.simulator.state import Channel, Json, Kind, User
from integrations.slack.simulator.world import World

T = TypeVar("T")
READ_SCOPES = {
    Kind.PUBLIC: "channels:read",
    Kind.PRIVATE: "groups:read",
    Kind.IM: "im:read",
    Kind.MPIM: "mpim:read",
}
TYPES = {
    "public_channel": Kind.PUBLIC,
    "private_channel": Kind.PRIVATE,
    "im": Kind.IM,
    "mpim": Kind.MPIM,
}


class ApiError(Exception):
    """Slack's answer `{"ok": false, "error": code}`; `messages` go into `response_metadata`, `extra` beside them."""

    def __init__(
        self, code: str, *messages: str, status: int = 200, retry_after: int | None = None, **extra: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.status = status
        self.retry_after = retry_after
        self.extra = extra

    def body(self) -> Json:
        found: Json = {"ok": False, "error": self.code, **self.extra}
        return found | ({"response_metadata": {"messages": list(self.messages)}} if self.messages else {})


class TooMany(ApiError):
    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited", status=429, retry_after=retry_after)


def invalid(message: str, pointer: str = "") -> ApiError:
    where = f" [json-pointer:{pointer}]" if pointer else ""
    return ApiError("invalid_arguments", f"[ERROR] {message}{where}")


@dataclass(slots=True)
class Surroundings:
    """What methods work with besides the call."""

    world: World
    events: Events
    rates: Rates
    socket_mode: SocketMode
    url: str = ""


@dataclass(slots=True)
class Call:
    """A call whose token, scopes and rate have been checked."""

    method: str
    arguments: Json
    around: Surroundings
    token: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.around.world

    # -- arguments

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return a string argument; without a default it is required."""
        value = self.arguments.get(name)
        if value in (None, ""):
            if default is None:
                raise invalid(f"missing required field: {name}")
            return default
        if isinstance(value, dict | list):
            raise invalid(f"must be a string: {name}", f"/{name}")
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.arguments.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int, *, most: int) -> int:
        value = self.arguments.get(name, default)
        try:
            found = int(value)
        except (TypeError, ValueError) as error:
            raise ApiError(f"invalid_{name}") from error
        if not 0 < found <= most:
            raise ApiError(f"invalid_{name}")
        return found

    def parsed(self, name: str, code: str) -> Any:
        """Return a structured argument, which forms carry as a JSON string; None where it is not there."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise ApiError(code) from error

    def names(self, name: str) -> list[str]:
        """Return a comma-separated (or listed) argument."""
        value = self.arguments.get(name) or ""
        items = value if isinstance(value, list) else str(value).split(",")
        return [str(item).strip() for item in items if str(item).strip()]

    # -- what arguments name

    def require_scope(self, scope: str) -> None:
        """Refuse where the token lacks a scope that depends on what was asked for."""
        if scope not in self.world.app.scopes:
            raise missing_scope(scope, self.world.app.scopes)

    def user(self, name: str = "user") -> User:
        found = self.world.users.get(self.text(name))
        if found is None:
            raise ApiError("user_not_found")
        return found

    def sees(self, channel: Channel) -> bool:
        """Return whether the bot may know of this conversation."""
        return channel.kind is Kind.PUBLIC or self.world.app.bot_user in channel.members

    def channel(self, name: str = "channel") -> Channel:
        """Return the conversation of that id, if the bot may know of it."""
        if not self.arguments.get(name):
            raise ApiError("channel_not_found")
        found = self.world.channels.get(self.text(name))
        if found is None or not self.sees(found):
            raise ApiError("channel_not_found")
        return found

    def kinds(self, default: str = "public_channel") -> set[Kind]:
        """Return the kinds of conversation in `types`, each with its scope checked."""
        wanted = self.names("types") or [default]
        if unknown := [t for t in wanted if t not in TYPES]:
            raise ApiError("invalid_types", f"[ERROR] unknown type: {unknown[0]}")
        kinds = {TYPES[t] for t in wanted}
        for kind in sorted(kinds):
            self.require_scope(READ_SCOPES[kind])
        return kinds

    def page(self, items: Sequence[T], *, default: int, most: int = 1000) -> tuple[list[T], Json]:
        """Return the page of items that `cursor` and `limit` ask for, and the `response_metadata` that leads on."""
        limit = self.number("limit", default, most=most)
        start = 0
        if cursor := self.text("cursor", default=""):
            try:
                start = int(base64.b64decode(cursor, validate=True).decode("ascii").removeprefix("next:"))
            except (ValueError, binascii.Error) as error:
                raise ApiError("invalid_cursor") from error
        end = start + limit
        following = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return list(items[start:end]), {"next_cursor": following}


def missing_scope(needed: str, provided: Sequence[str]) -> ApiError:
    return ApiError("missing_scope", needed=needed, provided=",".join(provided))


Handler = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Web API. `accepts` are the arguments that are implemented; others are refused, which Slack does
    not do, so that nobody relies on what is not simulated. `ignores` have no effect on anything that is simulated.
    """

    handler: Handler
    accepts: frozenset[str]
    scopes: tuple[str, ...] = ()
    per_minute: float = TIER_3
    app_token: bool = False


def method(
    handler: Handler, accepts: str = "", *, scopes: str = "", per_minute: float = TIER_3, app_token: bool = False
) -> Method:
    return Method(handler, frozenset(accepts.split()), tuple(scopes.split()), per_minute, app_token)
