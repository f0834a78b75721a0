"""The control API under `/_sim/`: what a test does in the workspace, and what it sees of it.

It acts through `Acting`, exactly as the page does. A request that makes no sense gets 400 with a sentence; everything
else gets 200 and tells how the app answered, whatever that was.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from integrations.slack.simulator import faults as faults_of
from integrations.slack.simulator.acting import Acting, Outcome, outcome, worst
from integrations.slack.simulator.control_requests import (
    ActionBody,
    ClockBody,
    CloseBody,
    CommandBody,
    DeliverBody,
    DeviceBody,
    DisconnectBody,
    EditBody,
    FaultBody,
    GroupBody,
    HomeBody,
    MembershipBody,
    MessageBody,
    RawBody,
    ReplayBody,
    RevokeBody,
    ShortcutBody,
    SubmitBody,
    SuggestBody,
    UserBody,
    VerifyBody,
)
from integrations.slack.simulator.delivery import Delivery, Envelope
from integrations.slack.simulator.elements import Refused
from integrations.slack.simulator.events import Events
from integrations.slack.simulator.faults import Faults
from integrations.slack.simulator.snapshot import snapshot
from integrations.slack.simulator.socket_mode import SocketMode
from integrations.slack.simulator.state import Json
from integrations.slack.simulator.world import World

M = TypeVar("M", bound=BaseModel)


class Control:
    def __init__(
        self,
        acting: Acting,
        *,
        world: World,
        delivery: Delivery,
        events: Events,
        socket_mode: SocketMode,
        faults: Mapping[str, Faults],
    ) -> None:
        self._acting = acting
        self._world = world
        self._delivery = delivery
        self._events = events
        self._socket_mode = socket_mode
        self._faults = faults
        self._offset = 0.0

    def setup(self, app: web.Application) -> None:
        app.router.add_get("/_sim/state", self._state)
        for path, handler in (
            ("command", _route(CommandBody, self._command)),
            ("message", _route(MessageBody, self._message)),
            ("edit", _route(EditBody, self._edit)),
            ("action", _route(ActionBody, self._action)),
            ("submit", _route(SubmitBody, self._submit)),
            ("close", _route(CloseBody, self._close)),
            ("suggest", _route(SuggestBody, self._suggest)),
            ("home", _route(HomeBody, self._home)),
            ("shortcut", _route(ShortcutBody, self._shortcut)),
            ("membership", _route(MembershipBody, self._membership)),
            ("user", _route(UserBody, self._user)),
            ("group", _route(GroupBody, self._group)),
            ("device", _route(DeviceBody, self._device)),
            ("faults", _route(FaultBody, self._fault)),
            ("raw", _route(RawBody, self._raw)),
            ("deliver", _route(DeliverBody, self._deliver)),
            ("replay", _route(ReplayBody, self._replay)),
            ("clock", _route(ClockBody, self._clock)),
            ("disconnect", _route(DisconnectBody, self._disconnect)),
            ("revoke", _route(RevokeBody, self._revoke)),
            ("verify", _route(VerifyBody, self._verify)),
        ):
            app.router.add_post(f"/_sim/{path}", handler)

    async def _state(self, request: web.Request) -> web.Response:
        await self._events.idle()
        parts = [p for p in request.query.get("parts", "").split(",") if p]
        found = snapshot(self._world, connections=len(self._socket_mode.connections), url=self._events.url)
        if unknown := [part for part in parts if part not in found]:
            wrong = f"the state has no {', '.join(unknown)}; it has {', '.join(found)}"
            return web.json_response({"error": wrong}, status=400)
        return web.json_response({k: v for k, v in found.items() if not parts or k in parts})

    async def _command(self, body: CommandBody) -> Outcome:
        return await self._acting.command(
            body.user, body.channel, body.text, device=body.device, thread_ts=body.thread_ts
        )

    async def _message(self, body: MessageBody) -> Outcome:
        return await self._acting.message(
            body.user, body.channel, body.text, thread_ts=body.thread_ts, device=body.device
        )

    async def _edit(self, body: EditBody) -> Outcome:
        if not body.text:
            return await self._acting.delete_message(body.user, body.channel, body.ts)
        return await self._acting.edit_message(body.user, body.channel, body.ts, body.text)

    async def _action(self, body: ActionBody) -> Outcome:
        return await self._acting.action(
            body.user,
            body.target(),
            body.action_id,
            block_id=body.block_id,
            value=body.value,
            selected=body.selected,
            device=body.device,
        )

    async def _submit(self, body: SubmitBody) -> Outcome:
        return await self._acting.submit(body.user, body.view_id, body.values)

    async def _close(self, body: CloseBody) -> Outcome:
        return await self._acting.close(body.user, body.view_id, whole_stack=body.whole_stack)

    async def _suggest(self, body: SuggestBody) -> Outcome:
        return await self._acting.suggest(body.user, body.target(), body.action_id, body.value, block_id=body.block_id)

    async def _home(self, body: HomeBody) -> Outcome:
        return await self._acting.open_home(body.user, tab=body.tab)

    async def _shortcut(self, body: ShortcutBody) -> Outcome:
        return await self._acting.shortcut(body.user, body.channel, body.ts, body.callback_id)

    async def _membership(self, body: MembershipBody) -> Outcome:
        if body.leave:
            return await self._acting.leave(body.user, body.channel)
        if body.who:
            return await self._acting.invite(body.user, body.channel, body.who)
        return await self._acting.join(body.user, body.channel)

    async def _user(self, body: UserBody) -> Outcome:
        user = self._world.user(body.user)
        if user is None:
            raise Refused(f"nobody is called {body.user!r}")
        for key, value in body.model_dump(exclude={"user"}, exclude_none=True).items():
            setattr(user, key, value)
        user.updated = self._world.seconds()
        return worst(await self._events.user_changed(user), user=user.id)

    async def _group(self, body: GroupBody) -> Outcome:
        groups = self._world.state.groups.values()
        group = next((g for g in groups if body.group in (g.id, g.handle)), None)
        if group is None:
            raise Refused(f"there is no user group {body.group!r}")
        before, group.users = group.users, [self._acting.person(u).id for u in body.users]
        answers = await self._events.group_changed(group, before)
        group.updated = self._world.seconds()
        return worst(answers, group=group.id)

    async def _device(self, body: DeviceBody) -> Outcome:
        user = self._acting.person(body.user, body.device)
        if body.reload:
            self._world.reload(self._world.active_device(user.id))
        return Outcome(detail={"device": self._world.active_device(user.id)})

    async def _fault(self, body: FaultBody) -> Outcome:
        faults_of.apply(self._faults, body.backend, body.kind, body.model_extra or {})
        return Outcome()

    async def _raw(self, body: RawBody) -> Outcome:
        try:
            content = base64.b64decode(body.body_base64, validate=True) if body.body_base64 else body.body.encode()
        except binascii.Error as error:
            raise Refused(f"body_base64 is not base64: {error}") from error
        answer = await self._delivery.raw(
            content, body.headers, signed=body.signed, timestamp=body.timestamp, path=body.path
        )
        return outcome(answer)

    async def _deliver(self, body: DeliverBody) -> Outcome:
        if body.kind is not Envelope.EVENT:
            return outcome(await self._delivery.send(body.kind, body.payload))
        payload = body.payload if "event" in body.payload else self._events.wrapped(body.payload)
        return outcome(await self._delivery.event(payload), event_id=payload.get("event_id"))

    async def _replay(self, body: ReplayBody) -> Outcome:
        try:
            return outcome(await self._delivery.replay(body.back))
        except LookupError as error:
            raise Refused("there was no such delivery") from error

    async def _clock(self, body: ClockBody) -> Outcome:
        self._world.clock.shift(body.offset - self._offset)
        self._offset = body.offset
        return Outcome(detail={"now": self._world.clock.now().isoformat()})

    async def _disconnect(self, body: DisconnectBody) -> Outcome:
        count = await self._socket_mode.disconnect(body.reason, drop=body.drop)
        return Outcome(detail={"connections": count})

    async def _revoke(self, body: RevokeBody) -> Outcome:
        self._world.app.revoked = True
        answers = list(await self._events.tokens_revoked())
        if body.uninstall:
            answers += await self._events.uninstalled()
            self._world.app.uninstalled = True
        return worst(answers)

    async def _verify(self, _: VerifyBody) -> Outcome:
        return Outcome(detail={"verified": await self._delivery.verify_url()})


def shown(result: Outcome) -> Json:
    """Return an outcome as the control API tells it."""
    return {
        "status": result.status,
        "seconds": result.seconds,
        "body": result.body,
        "error": result.error,
        **result.detail,
    }


def _route(
    model: type[M], method: Callable[[M], Awaitable[Outcome]]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = model.model_validate_json(await request.read() or b"{}")
            return web.json_response(shown(await method(body)))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors())
            return web.json_response({"error": wrong}, status=400)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle
