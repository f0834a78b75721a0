"""Faults that can be planted into the simulated GitLab, for as long as they are wanted.

`delay` (seconds) answers late; `429` (retry_after), `500`, `401`, `403` answer as GitLab does; `drop` closes the
connection without an answer; `truncate` cuts the body (with `honest`, under a fitting length, as a proxy does); `html`
is a proxy's own page (status); `redirect` (location) leads elsewhere.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_OPTIONS = {
    "delay": {"seconds"},
    "429": {"retry_after"},
    "500": set(),
    "401": set(),
    "403": set(),
    "drop": set(),
    "truncate": {"honest"},
    "html": {"status"},
    "redirect": {"location"},
}


@dataclass(slots=True)
class Fault:
    """One planted fault: for paths that begin with `path`, `count` times (None: until cleared)."""

    kind: str
    path: str
    count: int | None
    options: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults that are planted now."""

    def __init__(self) -> None:
        self._planted: list[Fault] = []

    def set_fault(self, kind: str, *, path: str = "", count: int | None = None, **options: Any) -> None:
        """Plant a fault. Raises ValueError for a kind or an option that there is not."""
        if kind not in _OPTIONS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(_OPTIONS)}")
        unknown = set(options) - _OPTIONS[kind]
        if unknown:
            raise ValueError(f"fault {kind} has no option {', '.join(sorted(unknown))}")
        self._planted.append(Fault(kind, path, count, options))

    def clear(self) -> None:
        """Take all faults away."""
        self._planted.clear()

    def due(self, path: str) -> list[Fault]:
        """Return the faults for a request, counting them down."""
        found = [fault for fault in self._planted if path.startswith(fault.path)]
        for fault in found:
            if fault.count is not None:
                fault.count -= 1
        self._planted = [fault for fault in self._planted if fault.count is None or fault.count > 0]
        return found


_BODIES: dict[str, tuple[int, str, dict[str, str]]] = {
    "500": (500, '{"message":"500 Internal Server Error"}', {}),
    "401": (401, '{"message":"401 Unauthorized"}', {}),
    "403": (403, '{"message":"403 Forbidden"}', {}),
}


def refusal(fault: Fault) -> web.Response | None:
    """Return the answer that the fault gives instead of the real one, where it gives one."""
    if fault.kind in _BODIES:
        status, body, headers = _BODIES[fault.kind]
        return web.Response(status=status, text=body, content_type="application/json", headers=headers)
    if fault.kind == "429":
        return too_many(int(fault.options.get("retry_after", 1)))
    if fault.kind == "html":
        page = "<html><body><h1>Bad Gateway</h1></body></html>"
        return web.Response(status=int(fault.options.get("status", 502)), text=page, content_type="text/html")
    if fault.kind == "redirect":
        return web.Response(status=302, headers={"Location": str(fault.options["location"])})
    return None


def too_many(retry_after: int) -> web.Response:
    """Return what GitLab answers above its rate limit."""
    return web.Response(
        status=429, text="Retry later\n", content_type="text/plain", headers={"Retry-After": str(retry_after)}
    )


async def late(fault: Fault) -> None:
    if fault.kind == "delay":
        await asyncio.sleep(float(fault.options.get("seconds", 1.0)))


def drop(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def truncate(request: web.Request, answer: web.Response, *, honest: bool) -> web.StreamResponse:
    """Send half of the answer's body; unless `honest` under the length of the whole, and then close."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    half = body[: len(body) // 2]
    cut = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    cut.content_length = len(half) if honest else len(body)
    await cut.prepare(request)
    await cut.write(half)
    if not honest and request.transport is not None:
        request.transport.close()
    return cut
