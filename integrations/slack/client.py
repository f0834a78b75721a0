"""The Web API through slack_sdk: the only module beside the Slack front end that knows the SDK.

Every call has a deadline and waits out 429 as Slack asks (twice at most); every failure leaves as an
`integrations.errors` exception without the token or a payload in its text.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from integrations.errors import BackendError, Conflict, Denied, Invalid, NotFound, Unauthenticated, Unavailable
from integrations.slack import scopes
from integrations.slack.port import Conversation, Install, Json, MessageRef, SlackPerson, UserGroup
from integrations.slack.settings import SlackSettings

BACKEND = "slack"
EVENT_TYPE = "idp_message"
GUESTS_KEPT = 300.0
USUAL_WAIT, LONGEST_WAIT = 30.0, 3600.0
Observe = Callable[[str, float, str], None]

_CREDENTIALS = {
    "invalid_auth",
    "not_authed",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "team_access_not_granted",
}
_MISSING = {
    "channel_not_found",
    "user_not_found",
    "users_not_found",
    "message_not_found",
    "not_found",
    "view_not_found",
    "thread_not_found",
    "user_not_visible",
}
_RIGHTS = {
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "cannot_dm_bot",
    "messages_tab_disabled",
    "ekm_access_denied",
}
_STALE = {"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged", "hash_conflict"}
_DOWN = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org", "ratelimited"}


def _nothing(operation: str, seconds: float, outcome: str) -> None:
    """Observe nothing."""


def translate(error: SlackApiError, method: str) -> BackendError:  # noqa: PLR0911 - one return per kind of failure
    """Return Slack's error code as one of ours."""
    # Where the body is no JSON, the SDK hands over the connection's own response, which has no data.
    data = getattr(error.response, "data", None)
    status = getattr(error.response, "status_code", 200)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    said = f"Slack refused {method}: {code}"
    if status == 429 or code == "ratelimited":
        return _busy(method, error.response.headers)
    if not isinstance(data, dict) or not code:
        # Slack always says why; this is somebody else's page, a proxy's for one.
        return Unavailable(f"Slack did not answer in its own words ({method}, status {status})", backend=BACKEND)
    if code in _CREDENTIALS:
        return Unauthenticated(said, backend=BACKEND)
    if code == "missing_scope":
        needed = tuple(str(data.get("needed", "")).split(","))
        return Denied(f"{said}, it needs {', '.join(needed)}", backend=BACKEND, rights=needed)
    if code in _MISSING:
        return NotFound(said, backend=BACKEND)
    if code in _RIGHTS:
        return Denied(said, backend=BACKEND, rights=(code,))
    if code in _STALE:
        return Conflict(said, backend=BACKEND)
    if code in _DOWN or status >= 500:
        return Unavailable(said, backend=BACKEND)
    details = data.get("response_metadata", {}).get("messages", [])
    return Invalid(f"{said} {'; '.join(map(str, details))}".strip(), backend=BACKEND)


def _busy(method: str, headers: Mapping[str, str]) -> Unavailable:
    """Return that Slack asks to wait, and how many seconds; half a minute where that is not told in a number."""
    try:
        wait = float(headers.get("Retry-After", ""))
    except ValueError:
        wait = USUAL_WAIT
    known = wait if 0 < wait <= LONGEST_WAIT else USUAL_WAIT
    return Unavailable(f"Slack asks to slow down ({method})", backend=BACKEND, retry_after=known)


class CountedRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits out a 429 as told, and counts it."""

    def __init__(self, observe: Observe) -> None:
        super().__init__(max_retry_count=2)
        self._observe = observe

    async def prepare_for_next_attempt_async(self, **call: Any) -> None:
        self._observe("rate_limited", 0.0, "429")
        await super().prepare_for_next_attempt_async(**call)


class WebSlack:
    """`integrations.slack.Slack` over HTTP."""

    def __init__(self, settings: SlackSettings, session: aiohttp.ClientSession, observe: Observe = _nothing) -> None:
        self._settings = settings
        self._session = session
        self._observe = observe
        token = settings.bot_token.get_secret_value()
        waits, reconnects = CountedRateLimit(observe), AsyncConnectionErrorRetryHandler(max_retry_count=1)
        self.web = self._client(token, waits, reconnects)
        # Whether a keyed message has arrived is looked up before it is posted again, so the SDK must not post it twice.
        self._posting = self._client(token, waits)
        # For Bolt, which gets the token with each request's authorisation and warns of any other.
        self.tokenless = self._client(None, waits, reconnects)
        self._install: Install | None = None
        self._guests: tuple[float, frozenset[str]] | None = None

    def _client(self, token: str | None, *retry_handlers: AsyncRetryHandler) -> AsyncWebClient:
        return AsyncWebClient(
            token=token,
            base_url=self._settings.api_url,
            session=self._session,
            timeout=int(self._settings.deadline) or 1,
            retry_handlers=list(retry_handlers),
        )

    async def _call(self, method: str, call: Awaitable[Any]) -> Any:
        started, outcome = time.perf_counter(), "ok"
        try:
            return await call
        except SlackApiError as error:
            translated = translate(error, method)
            outcome = type(translated).__name__.lower()
            raise translated from error
        # The SDK itself trips over a text or a wait in words where it expects Slack's: AttributeError, ValueError.
        except (SlackClientError, aiohttp.ClientError, TimeoutError, ValueError, AttributeError) as error:
            outcome = "unavailable"
            reason = "did not answer in time" if isinstance(error, TimeoutError) else "could not be reached"
            raise Unavailable(f"Slack {reason} ({method})", backend=BACKEND) from error
        finally:
            self._observe(method, time.perf_counter() - started, outcome)

    async def _ask_who_we_are(self) -> Install:
        answer = await self._call("auth.test", self.web.auth_test())
        granted = answer.headers.get("x-oauth-scopes", "")
        return Install(
            team=answer.get("team_id", ""),
            enterprise=answer.get("enterprise_id") or "",
            bot_user=answer.get("user_id", ""),
            bot_id=answer.get("bot_id", ""),
            app_id=answer.get("app_id", ""),
            url=answer.get("url", ""),
            scopes=frozenset(s.strip() for s in granted.split(",") if s.strip()),
        )

    async def install(self) -> Install:
        if self._install is None:
            self._install = await self._ask_who_we_are()
        return self._install

    async def probe(self) -> str:
        self._install = install = await self._ask_who_we_are()
        lacking = tuple(scope.name for scope in scopes.missing(install.scopes))
        if lacking:
            raise Denied("the bot token lacks scopes", backend=BACKEND, rights=lacking)
        return f"workspace {install.team}, as bot {install.bot_user}"

    async def post(self, channel: str, body: Json, *, thread: str = "", key: str = "") -> MessageRef:
        more: dict[str, Any] = {"thread_ts": thread} if thread else {}
        if key:
            more["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        web = self._posting if key else self.web
        answer = await self._call(
            "chat.postMessage",
            web.chat_postMessage(channel=channel, unfurl_links=False, unfurl_media=False, **body, **more),
        )
        return MessageRef(answer["channel"], answer["ts"])

    async def find(self, channel: str, key: str, *, since: str) -> MessageRef | None:
        channel = await self._conversation_with(channel)
        answer = await self._call(
            "conversations.history",
            self.web.conversations_history(channel=channel, oldest=since, limit=200, include_all_metadata=True),
        )
        for message in answer.get("messages", []):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT_TYPE and metadata.get("event_payload", {}).get("key") == key:
                return MessageRef(channel, message["ts"])
        return None

    async def update(self, ref: MessageRef, body: Json) -> None:
        await self._call("chat.update", self.web.chat_update(channel=ref.channel, ts=ref.ts, **body))

    async def delete(self, ref: MessageRef) -> None:
        await self._call("chat.delete", self.web.chat_delete(channel=ref.channel, ts=ref.ts))

    async def whisper(self, channel: str, user: str, body: Json, *, thread: str = "") -> None:
        more: dict[str, Any] = {"thread_ts": thread} if thread else {}
        await self._call("chat.postEphemeral", self.web.chat_postEphemeral(channel=channel, user=user, **body, **more))

    async def respond(self, response_url: str, body: Json) -> None:
        await self._call("response_url", self._post_response(response_url, body))

    async def _post_response(self, response_url: str, body: Json) -> None:
        if not self._is_slacks(response_url):
            raise Conflict("the response_url does not lead to Slack", backend=BACKEND)
        deadline = aiohttp.ClientTimeout(total=self._settings.deadline)
        async with self._session.post(response_url, json=dict(body), timeout=deadline, allow_redirects=False) as answer:
            if answer.status in {403, 404, 410}:
                raise Conflict("the response_url is used up or expired", backend=BACKEND)
            if answer.status == 429:
                raise _busy("response_url", answer.headers)
            if answer.status >= 500 or 300 <= answer.status < 400:
                raise Unavailable(f"Slack failed with {answer.status} (response_url)", backend=BACKEND)
            if answer.status >= 400:
                raise Invalid(f"Slack refused the answer: {(await answer.text())[:120]}", backend=BACKEND)

    def _is_slacks(self, url: str) -> bool:
        """Return whether an address is on the Web API's host, or on that host's `hooks.`; answers go nowhere else."""
        ours, theirs = urlsplit(self._settings.api_url), urlsplit(url)
        return theirs.scheme == ours.scheme and theirs.hostname in {ours.hostname, f"hooks.{ours.hostname}"}

    async def open_view(self, trigger_id: str, view: Json) -> tuple[str, str]:
        answer = await self._call("views.open", self.web.views_open(trigger_id=trigger_id, view=dict(view)))
        return answer["view"]["id"], answer["view"]["hash"]

    async def update_view(self, view_id: str, view: Json, *, view_hash: str = "") -> tuple[str, str]:
        more = {"hash": view_hash} if view_hash else {}
        answer = await self._call("views.update", self.web.views_update(view_id=view_id, view=dict(view), **more))
        return answer["view"]["id"], answer["view"]["hash"]

    async def publish_home(self, user: str, view: Json) -> None:
        await self._call("views.publish", self.web.views_publish(user_id=user, view=dict(view)))

    async def person(self, user: str) -> SlackPerson:
        answer = await self._call("users.info", self.web.users_info(user=user))
        install = await self.install()
        return _person(answer["user"], install)

    async def user_groups(self) -> Sequence[UserGroup]:
        answer = await self._call("usergroups.list", self.web.usergroups_list(include_users=True))
        return [
            UserGroup(g["id"], g.get("handle", ""), frozenset(g.get("users", ()))) for g in answer.get("usergroups", ())
        ]

    async def conversation(self, channel: str) -> Conversation:
        answer = await self._call("conversations.info", self.web.conversations_info(channel=channel))
        found = answer["channel"]
        return Conversation(
            id=found["id"],
            name=found.get("name", ""),
            member=bool(found.get("is_member") or found.get("is_im")),
            private=bool(found.get("is_private") or found.get("is_im") or found.get("is_mpim")),
            direct=bool(found.get("is_im")),
            outsiders=any(
                found.get(k) for k in ("is_ext_shared", "is_pending_ext_shared", "pending_connected_team_ids")
            ),
        )

    async def members(self, channel: str) -> frozenset[str]:
        ask = partial(self.web.conversations_members, channel=channel, limit=1000)
        return frozenset([str(user) async for user in self._paged("conversations.members", ask, "members")])

    async def guests(self) -> frozenset[str]:
        now = time.monotonic()
        if self._guests is None or now - self._guests[0] > GUESTS_KEPT:
            self._guests = (now, await self._read_guests())
        return self._guests[1]

    async def _read_guests(self) -> frozenset[str]:
        install = await self.install()
        ask = partial(self.web.users_list, limit=200)
        people = [_person(user, install) async for user in self._paged("users.list", ask, "members")]
        return frozenset(p.id for p in people if p.guest or p.stranger)

    async def _paged(self, method: str, ask: Callable[..., Awaitable[Any]], what: str) -> AsyncIterator[Any]:
        """Yield what all pages of an answer have under that name."""
        cursor = ""
        while True:
            answer = await self._call(method, ask(cursor=cursor))
            for item in answer.get(what, ()):
                yield item
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    async def permalink(self, ref: MessageRef) -> str:
        answer = await self._call(
            "chat.getPermalink", self.web.chat_getPermalink(channel=ref.channel, message_ts=ref.ts)
        )
        return str(answer["permalink"])

    async def upload(
        self, channel: str, name: str, content: bytes, *, title: str = "", alt_text: str = "", thread: str = ""
    ) -> str:
        channel = await self._conversation_with(channel)
        more: dict[str, Any] = {"thread_ts": thread} if thread else {}
        if alt_text:
            more["alt_txt"] = alt_text
        answer = await self._call(
            "files.upload",
            self.web.files_upload_v2(channel=channel, filename=name, content=content, title=title or name, **more),
        )
        return str(answer["files"][0]["id"])

    async def _conversation_with(self, channel: str) -> str:
        """Return the conversation's id; for a person, that of the bot's direct messages with them."""
        if not channel.startswith(("U", "W")):
            return channel
        opened = await self._call("conversations.open", self.web.conversations_open(users=[channel]))
        return str(opened["channel"]["id"])

    async def close(self) -> None:
        await self._session.close()


def _person(user: Mapping[str, Any], install: Install) -> SlackPerson:
    """Return `users.info`'s user as ours. A user of another organisation is a stranger, even unmarked."""
    enterprise = user.get("enterprise_user") or {}
    home = user.get("team_id", "") == install.team
    same_organisation = bool(install.enterprise) and enterprise.get("enterprise_id") == install.enterprise
    profile = user.get("profile") or {}
    return SlackPerson(
        id=user["id"],
        team=user.get("team_id", ""),
        enterprise=enterprise.get("enterprise_id", ""),
        name=user.get("real_name") or profile.get("display_name") or user.get("name", user["id"]),
        time_zone=user.get("tz") or "UTC",
        deactivated=bool(user.get("deleted")),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=bool(user.get("is_stranger")) or not (home or same_organisation),
        bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
    )


@asynccontextmanager
async def connect(settings: SlackSettings, observe: Observe = _nothing) -> AsyncIterator[WebSlack]:
    """Yield the client over a session of its own, closed at the end."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=settings.deadline)) as session:
        yield WebSlack(settings, session, observe)
        await asyncio.sleep(0)


async def open_socket(settings: SlackSettings) -> str:
    """Return that Socket Mode may be opened with the app-level token, without connecting. Raises BackendError."""
    assert settings.app_token is not None
    async with connect(settings) as slack:
        token = settings.app_token.get_secret_value()
        await slack._call("apps.connections.open", slack.web.apps_connections_open(app_token=token))  # noqa: SLF001 - same module
    return "the app-level token opens connections"
