"""The page's own routes: the document, its stream, and what its script asks. Deeds go through `Acting` alone.

A request carries the window's unguessable id in a header, which no other site can add to one of its requests.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from integrations.slack.simulator.acting import Acting, Outcome, Refused, Target
from integrations.slack.simulator.page import asked
from integrations.slack.simulator.page.blocks import options_html
from integrations.slack.simulator.page.choices import LOCAL_MOMENT, groups_in
from integrations.slack.simulator.page.conversation import PREVIEWS
from integrations.slack.simulator.page.devices import PAGE, Place, Window, Windows
from integrations.slack.simulator.page.live import Live
from integrations.slack.simulator.page.reader import zone_of
from integrations.slack.simulator.page.scene import Scene
from integrations.slack.simulator.state import User
from integrations.slack.simulator.world import World

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
SLASH = re.compile(r"^/(\S+)\s*(.*)$", re.DOTALL)
Ask = TypeVar("Ask", bound=BaseModel)
Answer = dict[str, Any]


class Page:
    """The workspace page of one simulator."""

    def __init__(self, world: World, acting: Acting) -> None:
        self.world = world
        self.acting = acting
        self.windows = Windows(world)
        self.scene = Scene(world, self.windows)
        self.live = Live(world, self.windows, self.scene)

    def mount(self, app: web.Application) -> None:
        app.router.add_get("/", self.document)
        app.router.add_get("/page/stream/{window}", self.stream)
        app.router.add_get("/page/files/{file}", self.file)
        app.router.add_static("/page/static", STATIC)
        for name, handler in {
            "go": self._door(asked.Go, self.go),
            "older": self._door(asked.Asked, self.older),
            "join": self._door(asked.Asked, self.join),
            "send": self._door(asked.Send, self.send),
            "act": self._door(asked.Act, self.act),
            "suggest": self._door(asked.Suggest, self.suggest),
            "submit": self._door(asked.Submit, self.submit),
            "close": self._door(asked.Close, self.close),
            "edit": self._door(asked.OnMessage, self.edit),
            "delete": self._door(asked.OnMessage, self.delete),
            "dismiss": self._door(asked.OnMessage, self.dismiss),
            "shortcut": self._door(asked.OnMessage, self.shortcut),
        }.items():
            app.router.add_post(f"/page/{name}", handler)
        app.on_shutdown.append(self._shutdown)

    async def _shutdown(self, _: web.Application) -> None:
        self.live.stop()

    # -- reading

    async def document(self, request: web.Request) -> web.Response:
        """Return the page for one person: a new window, whose ephemeral messages are its own."""
        user = self._person(request.query.get("as", ""))
        if user is None:
            raise web.HTTPNotFound(text="There is nobody in this workspace yet.")
        if user.deleted:
            text = self.scene.sorry(user, f"{user.real_name}'s account is deactivated: Slack would not let them in.")
            return web.Response(text=text, content_type="text/html", headers=HEADERS)
        if not user.is_stranger:
            self.world.open_direct(user.id)
        place = self._place(user, **{key: request.query.get(key, "") for key in ("c", "tab", "thread")})
        window = self.windows.open(user.id, place)
        self.windows.mark_read(user.id, place.channel)
        text = self.scene.page(window)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Return the window's drawing instructions as server-sent events."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        window = self.windows.windows.get(request.match_info["window"])
        if window is None:
            await response.write(_event([{"do": "reload"}]))
            return response
        window.streams.append(request)
        try:
            await response.write(b": welcome\n\n")
            async for instructions in self.live.follow(window):
                await response.write(_event(instructions) if instructions else b": beat\n\n")
        except ConnectionResetError:
            pass  # the window was closed; its place is kept for a while
        finally:
            window.streams.remove(request)
            window.seen = self.world.clock.now()
        return response

    async def file(self, request: web.Request) -> web.Response:
        """Return a file that the person can see: pictures to look at, anything else to save."""
        user = self._person(request.query.get("as", ""))
        file = self.world.state.files.get(request.match_info["file"])
        mine = {c.id for c in self.world.channels_of(user.id)} if user else set()
        if file is None or file.content is None or not mine & set(file.channels):
            raise web.HTTPNotFound(text="No such file, or not for you.")
        look = file.mimetype in PREVIEWS and "download" not in request.query
        name = re.sub(r"[^\w. -]", "_", file.name, flags=re.ASCII)
        kind = file.mimetype if look else "application/octet-stream"
        disposition = f'{"inline" if look else "attachment"}; filename="{name}"'
        headers = {**HEADERS, "Content-Disposition": disposition, "Content-Type": kind}
        return web.Response(body=file.content, headers=headers)

    # -- moving

    async def go(self, window: Window, ask: asked.Go) -> Answer:
        user = self.world.users[window.user]
        place = self._place(user, c=ask.channel, tab=ask.tab, thread=ask.thread)
        if place.channel == window.place.channel and place.tab == window.place.tab:
            place = Place(place.channel, place.tab, place.thread, window.place.limit)
        window.go(place)
        if place.tab == "home":
            return _answer(await self.acting.open_home(window.user))
        return {}

    async def older(self, window: Window, _: asked.Asked) -> Answer:
        place = window.place
        window.go(Place(place.channel, place.tab, place.thread, place.limit + PAGE))
        return {}

    # -- doing

    async def send(self, window: Window, ask: asked.Send) -> Answer:
        """Send a message, or give a slash command: the app's, or one of the few of Slack's own."""
        text = ask.text.strip()
        slash = SLASH.match(text)
        if not slash:
            return _answer(
                await self.acting.message(window.user, ask.channel, text, thread_ts=ask.thread, device=window.id)
            )
        name, rest = f"/{slash[1]}", slash[2]
        if name == self.world.app.command:
            return _answer(
                await self.acting.command(window.user, ask.channel, rest, device=window.id, thread_ts=ask.thread)
            )
        own: dict[str, Callable[[], Awaitable[Outcome]]] = {
            "/invite": lambda: self.acting.invite(window.user, ask.channel, rest),
            "/join": lambda: self.acting.join(window.user, rest),
            "/leave": lambda: self.acting.leave(window.user, ask.channel),
        }
        if name not in own:
            return {"error": f"{name} is not a valid command in this workspace."}
        return _answer(await own[name]())

    async def act(self, window: Window, ask: asked.Act) -> Answer:
        target = Target(**ask.target.model_dump())
        for name, value in self._values(window, ask.typed).items() if target.view else ():
            # What is only half typed is no reason not to press a button: the app hears of the field as it last was.
            with suppress(Refused):
                self.acting.type_into(window.user, target.view, {name: value})
        selected = self._value(window, ask.selected)
        return _answer(
            await self.acting.action(
                window.user,
                target,
                ask.action,
                block_id=ask.block,
                value=ask.value,
                selected=selected,
                device=window.id,
            )
        )

    async def suggest(self, window: Window, ask: asked.Suggest) -> Answer:
        """Return the options that the app suggests, drawn."""
        target = Target(**ask.target.model_dump())
        outcome = await self.acting.suggest(window.user, target, ask.action, ask.query, block_id=ask.block)
        body = outcome.body if isinstance(outcome.body, dict) else {"options": outcome.detail.get("options", [])}
        return {**_answer(outcome), "html": options_html(groups_in(body), ask.list)}

    async def submit(self, window: Window, ask: asked.Submit) -> Answer:
        return _answer(await self.acting.submit(window.user, ask.view, self._values(window, ask.typed)))

    async def close(self, window: Window, ask: asked.Close) -> Answer:
        return _answer(await self.acting.close(window.user, ask.view, whole_stack=ask.everything))

    async def join(self, window: Window, _: asked.Asked) -> Answer:
        return _answer(await self.acting.join(window.user, window.place.channel))

    async def edit(self, window: Window, ask: asked.OnMessage) -> Answer:
        return _answer(await self.acting.edit_message(window.user, ask.channel, ask.ts, ask.text))

    async def delete(self, window: Window, ask: asked.OnMessage) -> Answer:
        return _answer(await self.acting.delete_message(window.user, ask.channel, ask.ts))

    async def shortcut(self, window: Window, ask: asked.OnMessage) -> Answer:
        return _answer(await self.acting.shortcut(window.user, ask.channel, ask.ts, ask.shortcut))

    async def dismiss(self, window: Window, ask: asked.OnMessage) -> Answer:
        """Drop an ephemeral message from this window; the app is not told, as in Slack."""
        message = self.world.message(ask.channel, ask.ts)
        if message is not None and message.for_device == window.id:
            self.world.drop_message(ask.channel, ask.ts)
        return {}

    # -- the door

    def _door(
        self, shape: type[Ask], deed: Callable[[Window, Ask], Awaitable[Answer]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return a handler that lets in a known window's well-formed request only."""

        async def handler(request: web.Request) -> web.Response:
            window = self.windows.windows.get(request.headers.get("X-Window", ""))
            if window is None:
                return _json({"error": "This window is no longer known; reload it."}, 403)
            try:
                ask = shape.model_validate_json(await request.read())
            except ValidationError as error:
                return _json({"error": f"The page sent something malformed: {error.error_count()} faults"}, 400)
            self.world.use_device(window.user, window.id)
            try:
                return _json(await deed(window, ask))
            except Refused as refusal:
                return _json({"error": str(refusal)}, 409)

        return handler

    def _person(self, name: str) -> User | None:
        people = [u for u in self.world.users.values() if not u.is_bot]
        asked_for = self.world.user(name) if name else None
        if asked_for is not None and not asked_for.is_bot:
            return asked_for
        return next((u for u in people if not (u.deleted or u.is_guest or u.is_stranger)), None)

    def _place(self, user: User, c: str, tab: str, thread: str) -> Place:
        channel = self.world.open_direct(user.id).id if c == "app" and not user.is_stranger else c
        return self.scene.place(user.id, channel, tab, thread)

    def _values(self, window: Window, typed: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(window, value) for name, value in typed.items()}

    def _value(self, window: Window, value: Any) -> Any:
        """Return a value as `Acting` takes it: a local moment becomes seconds, in the person's time zone."""
        if isinstance(value, dict) and set(value) == {"moment"}:
            if not value["moment"]:
                return None
            zone = zone_of(self.world.users[window.user].tz)
            local = datetime.strptime(str(value["moment"])[:16], LOCAL_MOMENT).replace(tzinfo=zone)
            return int(local.timestamp())
        return value


def _answer(outcome: Outcome) -> Answer:
    """Return what the script has to know; everything that is to be seen comes through the stream."""
    return {"error": outcome.error, "status": outcome.status, "errors": outcome.detail.get("errors") or {}}


def _json(answer: Answer, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(answer), status=status, content_type="application/json", headers=HEADERS)


def _event(instructions: list[dict[str, Any]]) -> bytes:
    return b"data: " + orjson.dumps(instructions) + b"\n\n"
