"""The simulated Slack as a server on the loopback interface: Web API, deliveries, control API and workspace page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from integrations.slack.simulator import page
from integrations.slack.simulator.acting import Acting
from integrations.slack.simulator.api import files
from integrations.slack.simulator.api.call import Surroundings
from integrations.slack.simulator.api.endpoint import Endpoint
from integrations.slack.simulator.api.response_url import ResponseUrls
from integrations.slack.simulator.control import Control
from integrations.slack.simulator.delivery import Delivery
from integrations.slack.simulator.events import Events
from integrations.slack.simulator.faults import Faults, SlackFaults
from integrations.slack.simulator.rates import Rates
from integrations.slack.simulator.socket_mode import SocketMode
from integrations.slack.simulator.world import World, write_file

LARGEST_BODY = 64 << 20
SAVE_AFTER = 1.0
logger = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def refuse_other_sites(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a page of another site sends from somebody's browser: everything here acts without a password."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return web.json_response({"error": f"requests from {origin} are refused"}, status=403)
    return await handler(request)


class SlackSimulator:
    """`world` is the workspace, `acting` what people do in it, `url` where it answers once `start` has returned.

    `app_url` is the app's request URL for everything that is delivered over HTTP (it may be set later); `faults` are
    the other backends' by name; `strict_rates=False` lets every call pass; `data` is a file that keeps the workspace
    over restarts (load it with `World.load`). Time is the world's clock's, but `ack_timeout` is in real seconds.
    """

    def __init__(
        self,
        world: World,
        *,
        port: int = 0,
        app_url: str = "",
        faults: Mapping[str, Faults] | None = None,
        strict_rates: bool = True,
        ack_timeout: float = 3.0,
        data: Path | None = None,
    ) -> None:
        self.world = world
        self.faults = SlackFaults()
        self.socket_mode = SocketMode(world)
        self.delivery = Delivery(world, self.socket_mode, app_url=app_url, ack_timeout=ack_timeout)
        self.events = Events(world, self.delivery)
        self.rates = Rates(world.clock, strict=strict_rates)
        self.acting = Acting(world, self.delivery, self.events, lambda key: f"{self.url}/response/{key}")
        self.app = web.Application(client_max_size=LARGEST_BODY, middlewares=[refuse_other_sites])
        self._around = Surroundings(world, self.events, self.rates, self.socket_mode)
        self._port = port
        self._data = data
        self._runner: web.AppRunner | None = None
        self._saver: asyncio.Task[None] | None = None
        self._url = ""
        self._control = Control(
            self.acting,
            world=world,
            delivery=self.delivery,
            events=self.events,
            socket_mode=self.socket_mode,
            faults={**(faults or {}), "slack": self.faults},
        )
        self._routes()

    def _routes(self) -> None:
        endpoint = Endpoint(self._around, self.faults)
        router = self.app.router
        router.add_get("/api/{method}", endpoint.handle)
        router.add_post("/api/{method}", endpoint.handle)
        router.add_post("/response/{key}", ResponseUrls(self._around, self.faults).handle)
        router.add_get("/link/", self.socket_mode.connect)
        router.add_post("/upload/v1/{key}", self._upload)
        router.add_get("/files/{id}/{name}", self._download)
        self._control.setup(self.app)

    async def _upload(self, request: web.Request) -> web.Response:
        return await files.upload(request, self.world)

    async def _download(self, request: web.Request) -> web.Response:
        return await files.download(request, self.world)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`; empty before `start`."""
        return self._url

    @property
    def api_url(self) -> str:
        """The base address for a Web API client."""
        return f"{self._url}/api/"

    @property
    def app_url(self) -> str:
        return self.delivery.app_url

    @app_url.setter
    def app_url(self, url: str) -> None:
        self.delivery.app_url = url

    async def start(self) -> None:
        """Listen, and from then on answer and deliver."""
        await self.delivery.start()
        # The page reads its templates, which would hold up the loop.
        await asyncio.to_thread(page.setup, self.app, self)
        self._runner = web.AppRunner(self.app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            await self.delivery.stop()
            raise
        port = self._runner.addresses[0][1]
        self._url = self._around.url = self.events.url = f"http://127.0.0.1:{port}"
        if self._data is not None:
            self._saver = asyncio.create_task(self._save_changes(self._data))

    async def stop(self) -> None:
        """Close connections, stop delivering, and keep the workspace where a file was given for it."""
        if self._saver is not None:
            self._saver.cancel()
            await asyncio.gather(self._saver, return_exceptions=True)
        await self.socket_mode.stop()
        await self.events.stop()
        await self.delivery.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._data is not None:
            await self.save(self._data)

    async def save(self, path: Path) -> None:
        await asyncio.to_thread(write_file, path, self.world.dump())

    async def _save_changes(self, path: Path) -> None:
        """Keep the file up to date; many changes in a short time are written once."""
        changes = self.world.subscribe()
        try:
            while True:
                await changes.get()
                await asyncio.sleep(SAVE_AFTER)
                while not changes.empty():
                    changes.get_nowait()
                try:
                    await self.save(path)
                except OSError as error:
                    logger.warning(
                        "the workspace could not be kept in %s: %s; trying again at the next change", path, error
                    )
        finally:
            self.world.unsubscribe(changes)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
