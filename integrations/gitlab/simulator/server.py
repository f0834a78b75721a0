"""The simulated GitLab as a server on 127.0.0.1, with its log of requests and its faults."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from aiohttp import web

from integrations.gitlab.simulator import faults
from integrations.gitlab.simulator.access import Door, Limit, Refused, given_token, not_found, refuse
from integrations.gitlab.simulator.entities import Entities
from integrations.gitlab.simulator.faults import Faults
from integrations.gitlab.simulator.graphql import GraphQl
from integrations.gitlab.simulator.rest import Rest
from integrations.gitlab.simulator.world import World

VERSION = "18.5.1"
_REMEMBERED = 20_000
_SLOWEST = {"/api/graphql": 0.12}
_USUAL = 0.04

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Logged:
    """A request that was answered; `template` is the address with its variables named, empty for unknown ones."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int
    template: str
    request_id: str


class RequestLog:
    """The newest requests, and how many there have been in all."""

    def __init__(self) -> None:
        self.entries: deque[Logged] = deque(maxlen=_REMEMBERED)
        self.total = 0

    def add(self, entry: Logged) -> None:
        self.entries.append(entry)
        self.total += 1

    def count(self, path: str = "", *, method: str = "") -> int:
        """Return how many of the remembered requests have a path that begins so."""
        return sum(1 for each in self.entries if each.path.startswith(path) and method in ("", each.method))

    def clear(self) -> None:
        self.entries.clear()
        self.total = 0


class GitLabSimulator:
    """Serves a world. `fast` leaves the usual small delays out; `rate_limit` is requests a minute and token, where 0
    is no limit.
    """

    def __init__(
        self,
        world: World,
        *,
        port: int = 0,
        fast: bool = True,
        rate_limit: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.world = world
        self.faults = Faults()
        self.log = RequestLog()
        self._port = port
        self._fast = fast
        self._rate_limit = rate_limit
        self._clock = clock
        self._limits: dict[str, Limit] = {}
        self._runner: web.AppRunner | None = None
        self._graphql: GraphQl | None = None

    @property
    def url(self) -> str:
        """The address, as `gitlab.url` wants it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def complexities(self) -> tuple[int, ...]:
        """The complexity of the GraphQL queries so far, newest last."""
        return tuple(self._graphql.scores) if self._graphql else ()

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        app = web.Application(middlewares=[self._remember, self._fail, self._throttle], client_max_size=1 << 20)
        entities, door = Entities(self.world, self.url), Door(self.world, self._clock)
        self._graphql = GraphQl(self.world, entities, door, VERSION)
        app.add_routes(Rest(self.world, entities, door, VERSION).routes())
        app.router.add_post("/api/graphql", self._graphql.endpoint)
        app.router.add_route("*", "/api/{rest:.*}", _nowhere)
        app.router.add_get("/{path:.*}", _page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _remember(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            answer = await handler(request)
        except Refused as refused:
            answer = refused.answer
        except web.HTTPMethodNotAllowed:
            answer = refuse(405, {"error": "405 Not Allowed"}).answer
        resource = request.match_info.route.resource
        self.log.add(
            Logged(
                request.method,
                request.rel_url.raw_path,
                tuple(request.query.items()),
                answer.status,
                resource.canonical if resource else "",
                request.headers.get("X-Request-Id", ""),
            )
        )
        return answer

    @web.middleware
    async def _fail(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._fast:
            await asyncio.sleep(_SLOWEST.get(request.path, _USUAL))
        due = self.faults.due(request.rel_url.raw_path)
        for fault in due:
            await faults.late(fault)
            if fault.kind == "drop":
                return faults.drop(request)
            refusal = faults.refusal(fault)
            if refusal is not None:
                return refusal
        answer = await handler(request)
        cut = next((fault for fault in due if fault.kind == "truncate"), None)
        if cut is not None and isinstance(answer, web.Response):
            return await faults.truncate(request, answer, honest=bool(cut.options.get("honest", False)))
        return answer

    @web.middleware
    async def _throttle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._rate_limit or not request.path.startswith("/api/"):
            return await handler(request)
        limit = self._limits.setdefault(given_token(request), Limit(self._rate_limit, self._clock))
        headers = limit.count()
        answer = await handler(request)
        if not answer.prepared:
            answer.headers.update(headers)
        return answer


async def _nowhere(_: web.Request) -> web.Response:
    raise not_found()


async def _page(request: web.Request) -> web.Response:
    """Return a page for links that people follow in the demo: what would be there."""
    title = f"<!doctype html><title>GitLab (simulated)</title><h1>{escape(request.path)}</h1>"
    text = f"{title}<p>A real GitLab shows it here."
    return web.Response(text=text, content_type="text/html")
