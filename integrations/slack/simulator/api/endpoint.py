"""`/api/<method>`: every call's token, method, rate, arguments and scopes, checked in Slack's order and words."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from integrations.slack.simulator import faults
from integrations.slack.simulator.api import chat, conversations, files, people, views
from integrations.slack.simulator.api.call import ApiError, Call, Method, Surroundings, TooMany, missing_scope
from integrations.slack.simulator.faults import SlackFaults
from integrations.slack.simulator.state import Json

METHODS: dict[str, Method] = {
    **people.METHODS,
    **chat.METHODS,
    **views.METHODS,
    **conversations.METHODS,
    **files.METHODS,
}
ANYWHERE = {"token", "pretty", "team_id"}
WITHOUT_TOKEN = {"api.test"}


async def arguments_of(request: web.Request) -> Json:
    """Return the arguments of a call: query, form or JSON. Raises ApiError where the body is none of them."""
    found: dict[str, Any] = dict(request.query)
    if request.method == "GET" or not request.body_exists:
        return found
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except (ValueError, UnicodeDecodeError) as error:
            raise ApiError("invalid_json") from error
        if not isinstance(body, dict):
            raise ApiError("json_not_object")
        return found | body
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.post()
        return found | {key: value for key, value in form.items() if isinstance(value, str)}
    raise ApiError("invalid_post_type")


def token_of(request: web.Request, arguments: Json) -> str:
    """Return the token: from the header, or from a form's field. JSON bodies cannot carry it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return str(arguments.get("token", "")) if request.content_type != "application/json" else ""


class Endpoint:
    def __init__(self, around: Surroundings, slack_faults: SlackFaults) -> None:
        self._around = around
        self._faults = slack_faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, or fail as the faults say."""
        name = request.match_info["method"]
        fault = self._faults.take(name)
        if fault is None:
            return await self._answer(request, name)
        await faults.wait(fault)
        if (early := faults.refuse_early(fault)) is not None:
            self._around.world.log_call(name, early.status, f"fault {fault.kind}", {})
            return early
        if fault.kind == "drop" and not fault.after:
            faults.hang_up(request)
            return web.Response(status=500)
        return await faults.spoil(fault, request, await self._answer(request, name))

    async def _answer(self, request: web.Request, name: str) -> web.Response:
        world = self._around.world
        arguments: Json = {}
        headers = {"x-oauth-scopes": ",".join(world.app.scopes), "x-slack-req-id": world.new_id("r")}
        if known := METHODS.get(name):
            headers["x-accepted-oauth-scopes"] = ",".join(known.scopes)
        try:
            arguments = await arguments_of(request)
            body = await self._called(name, arguments, token_of(request, arguments))
            status, error = 200, ""
        except ApiError as refused:
            body, status, error = refused.body(), refused.status, refused.code
            if refused.retry_after is not None:
                headers["Retry-After"] = str(refused.retry_after)
        world.log_call(name, status, error, {k: v for k, v in arguments.items() if k != "token"})
        return web.Response(
            body=json.dumps(body).encode(),
            status=status,
            headers=headers,
            content_type="application/json",
            charset="utf-8",
        )

    def _check_token(self, method: Method, name: str, token: str) -> None:
        app = self._around.world.app
        if not token:
            if name in WITHOUT_TOKEN:
                return
            raise ApiError("not_authed")
        if token not in (app.bot_token, app.app_token):
            raise ApiError("invalid_auth")
        if app.uninstalled:
            raise ApiError("account_inactive")
        if app.revoked and token == app.bot_token:
            raise ApiError("token_revoked")
        if (token == app.app_token) != method.app_token and name != "auth.test":
            raise ApiError("not_allowed_token_type")
        if not method.app_token and (lacking := [s for s in method.scopes if s not in app.scopes]):
            raise missing_scope(lacking[0], app.scopes)

    async def _called(self, name: str, arguments: Json, token: str) -> Json:
        known = METHODS.get(name)
        if known is None:
            raise ApiError("unknown_method", req_method=name)
        self._check_token(known, name, token)
        if (seconds := self._around.rates.method(name, known.per_minute)) is not None:
            raise TooMany(seconds)
        given = {key for key, value in arguments.items() if value is not None}
        if extra := sorted(given - known.accepts - ANYWHERE):
            message = f"[ERROR] the simulator does not implement the argument {extra[0]!r} of {name}"
            raise ApiError("invalid_arg_name", message)
        if arguments.get("team_id") not in (None, "", self._around.world.workspace.id):
            raise ApiError("team_access_not_granted")
        call = Call(name, arguments, self._around, token)
        body = {"ok": True, **await known.handler(call)}
        if call.warnings:
            body["warning"] = ",".join(call.warnings)
            body["response_metadata"] = {**body.get("response_metadata", {}), "warnings": call.warnings}
        return body
