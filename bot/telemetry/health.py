"""What an orchestrator and Prometheus ask the process: `/livez`, `/readyz` and `/metrics`.

Knows no backend: it is handed a function that looks at all of them. A look is shared by all who ask at the same time
and remembered for a while, so that polling never becomes load on a backend. The endpoints are open, so they show states
only; what a backend said (versions, addresses, what to do) is for `check` and `platform`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType

from aiohttp import web

from bot.telemetry.metrics import CONTENT_TYPE, Metrics
from commands._kit import ports
from integrations.errors import BackendError

Look = Callable[[], Awaitable[Sequence[ports.Health]]]
Length = Callable[[], Awaitable[int]]

# Without these nothing can be answered; every other backend degrades its own part of the answers.
REQUIRED = frozenset({"store", "slack"})
_WELL = (ports.State.FINE, ports.State.READ_ONLY)


class Health:
    """The three routes. `reason` says why no work is wanted (starting, stopping, ...), or is empty; `look` tells how
    every backend is, within a deadline of its own, and is asked again after `fresh_for` seconds; `queues` are read for
    each scrape.
    """

    def __init__(
        self,
        look: Look,
        reason: Callable[[], str],
        metrics: Metrics,
        *,
        queues: Mapping[str, Length] = MappingProxyType({}),
        required: frozenset[str] = REQUIRED,
        fresh_for: float = 15.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = look
        self._reason = reason
        self._metrics = metrics
        self._queues = queues
        self._required = required
        self._fresh_for = fresh_for
        self._monotonic = monotonic
        self._last: Sequence[ports.Health] = ()
        self._looked_at: float | None = None
        self._looking = asyncio.Lock()

    def add_to(self, site: web.Application) -> None:
        """Serve the routes on this site."""
        site.router.add_get("/livez", self.live)
        site.router.add_get("/readyz", self.ready)
        site.router.add_get("/metrics", self.scrape)

    async def live(self, _request: web.Request) -> web.Response:
        """Answer whenever the event loop runs: a backend that is down is no reason to restart the process."""
        return web.json_response({"live": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer 200 while work is wanted and what is required is well, else 503; the body says how everything is."""
        looks = await self._look()
        reason = self._reason()
        if not reason:
            ill = sorted(h.backend for h in looks if h.backend in self._required and h.state not in _WELL)
            reason = f"not well: {', '.join(ill)}" if ill else ""
        body = {
            "ready": not reason,
            "reason": reason,
            "backends": {h.backend: {"state": h.state.value, "checked_at": h.checked_at.isoformat()} for h in looks},
        }
        return web.json_response(body, status=503 if reason else 200)

    async def scrape(self, _request: web.Request) -> web.Response:
        """Answer with all metrics."""
        await asyncio.gather(*(self._measure(name, length) for name, length in self._queues.items()))
        # The process's own figures are read from files.
        rendered = await asyncio.to_thread(self._metrics.render)
        return web.Response(body=rendered, headers={"Content-Type": CONTENT_TYPE})

    async def _measure(self, name: str, length: Length) -> None:
        try:
            self._metrics.queue_length(name, await length())
        except BackendError:
            # The other metrics matter most when the store is away; an unknown length is no number.
            self._metrics.queue_length(name, math.nan)

    async def _look(self) -> Sequence[ports.Health]:
        async with self._looking:
            now = self._monotonic()
            if self._looked_at is None or now - self._looked_at >= self._fresh_for:
                self._last = await self._ask()
                self._looked_at = now
                for health in self._last:
                    self._metrics.backend_up(health.backend, up=health.state in _WELL)
        return self._last
