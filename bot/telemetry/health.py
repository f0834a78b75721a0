"""How the process and what it stands on are: `/livez`, `/readyz` and `/metrics`, and the looks behind them.

Knows no backend: it is given a probe for each. A look is bounded by a deadline and remembered for a while, so that
neither an orchestrator's polling nor a slow backend can be made into load. The open endpoints show states only; what a
probe said (versions, addresses, what to do) is for `check` and for `platform`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum

from aiohttp import web

from bot.telemetry.metrics import CONTENT_TYPE, Metrics
from bot.telemetry.redaction import redact
from commands._kit.ports import Health, State
from integrations.errors import BackendError, Denied, Unauthenticated, Unavailable

Probe = Callable[[], Awaitable[str]]


class Phase(StrEnum):
    """Where the process is in its life; only while it is READY does it want work."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"


class HealthBoard:
    """The last look at each backend, made anew once it is older than `fresh_for` seconds.

    `probes` return what answered and raise BackendError; those named in `required` must be fine for the process to be
    ready, the others degrade answers only. `read_only` returns why the store takes no changes, or an empty text.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        *,
        required: frozenset[str],
        clock: Callable[[], datetime],
        metrics: Metrics,
        deadline: float = 5.0,
        fresh_for: float = 15.0,
        read_only: Callable[[], str] = str,
    ) -> None:
        unknown = required - probes.keys()
        if unknown:
            raise ValueError(f"no probe for {', '.join(sorted(unknown))}")
        self.phase = Phase.STARTING
        self._probes = probes
        self._required = required
        self._clock = clock
        self._metrics = metrics
        self._deadline = deadline
        self._fresh_for = fresh_for
        self._read_only = read_only
        self._last: dict[str, Health] = {}
        self._looking: dict[str, asyncio.Task[Health]] = {}

    async def look(self, *, afresh: bool = False) -> tuple[Health, ...]:
        """Return how every backend is; all are looked at together, each within the deadline."""
        return tuple(await asyncio.gather(*(self._one(name, afresh=afresh) for name in self._probes)))

    async def ready(self) -> tuple[bool, tuple[Health, ...]]:
        """Return whether work is wanted, and how every backend is."""
        looks = await self.look()
        fine = all(h.state in (State.FINE, State.READ_ONLY) for h in looks if h.backend in self._required)
        return self.phase is Phase.READY and fine, looks

    async def _one(self, name: str, *, afresh: bool) -> Health:
        last = self._last.get(name)
        if last and not afresh and (self._clock() - last.checked_at).total_seconds() < self._fresh_for:
            return last
        # Whoever asks while a look is under way shares it; one who leaves does not take it from the others.
        if name not in self._looking:
            self._looking[name] = asyncio.create_task(self._look_at(name), name=f"probe {name}")
            self._looking[name].add_done_callback(lambda _: self._looking.pop(name, None))
        return await asyncio.shield(self._looking[name])

    async def _look_at(self, name: str) -> Health:
        state, detail = await self._judge(name)
        health = Health(name, state, redact(detail), self._clock())
        self._last[name] = health
        self._metrics.backend_up(name, up=state is State.FINE)
        return health

    async def _judge(self, name: str) -> tuple[State, str]:
        try:
            async with asyncio.timeout(self._deadline):
                answered = await self._probes[name]()
        except TimeoutError:
            return State.UNREACHABLE, f"did not answer within {self._deadline:g} seconds"
        except Unauthenticated as error:
            return State.CREDENTIALS, str(error)
        except Denied as error:
            lacking = f" (lacking: {', '.join(error.rights)})" if error.rights else ""
            return State.RIGHTS, f"{error}{lacking}"
        except Unavailable as error:
            wait = f"; it asks to wait {error.retry_after:g} seconds" if error.retry_after else ""
            return State.UNREACHABLE, f"{error}{wait}"
        except BackendError as error:
            return State.UNREACHABLE, str(error)
        reason = self._read_only() if name == "store" else ""
        return (State.READ_ONLY, reason) if reason else (State.FINE, answered)


def health_routes(board: HealthBoard, metrics: Metrics, refresh: Probe | None = None) -> list[web.RouteDef]:
    """Return the routes for operators. `refresh` is awaited before metrics are rendered, for what must be asked for."""

    async def live(_request: web.Request) -> web.Response:
        """Answer whenever the event loop runs: a backend that is down is no reason to restart the process."""
        return web.json_response({"live": True, "phase": board.phase.value})

    async def readiness(_request: web.Request) -> web.Response:
        ready, looks = await board.ready()
        body = {
            "ready": ready,
            "phase": board.phase.value,
            "backends": {h.backend: {"state": h.state.value, "checked_at": h.checked_at.isoformat()} for h in looks},
        }
        return web.json_response(body, status=200 if ready else 503)

    async def scrape(_request: web.Request) -> web.Response:
        if refresh is not None:
            await refresh()
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    return [web.get("/livez", live), web.get("/readyz", readiness), web.get("/metrics", scrape)]
