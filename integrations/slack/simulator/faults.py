"""Faults on request: how the simulated Slack itself fails, and the shape that other backends' faults have.

A fault changes how the Web API answers; what it is asked to do is still done where `after` says so, because that is the
failure that clients find hard: the message is there, but nobody said so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

KINDS = ("delay", "429", "500", "drop", "truncate")


class Faults(Protocol):
    """What can be told to fail: the simulator of any backend."""

    def set_fault(self, kind: str, **options: Any) -> None:
        """Fail like that from now on. Raises ValueError or TypeError for a fault that it does not know."""

    def clear(self) -> None:
        """Work again."""


@dataclass(slots=True)
class Fault:
    """`count` failures (0: until cleared) of `method` (empty: of all). `seconds` are for delay, `retry_after` for 429;
    with `after`, a 500 or drop comes when the call has been done.
    """

    kind: str
    method: str = ""
    count: int = 0
    seconds: float = 1.0
    retry_after: int = 1
    after: bool = False


class SlackFaults:
    """The Web API's faults; several can be set at once, the first that fits is used."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def set_fault(self, kind: str, **options: Any) -> None:
        if kind not in KINDS:
            raise ValueError(f"slack cannot fail by {kind!r}; it knows {', '.join(KINDS)}")
        self._faults.append(Fault(kind, **options))

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """Return the fault that this call meets, counting it."""
        for fault in self._faults:
            if fault.method in ("", method):
                if fault.count:
                    fault.count -= 1
                    if not fault.count:
                        self._faults.remove(fault)
                return fault
        return None


def apply(faults: Mapping[str, Faults], backend: str, kind: str, options: Mapping[str, Any]) -> None:
    """Set or clear a backend's fault. Raises ValueError, fit for people, for an unknown backend, kind or option."""
    if backend not in faults:
        raise ValueError(f"there is no backend {backend!r}; there are {', '.join(sorted(faults))}")
    if kind in ("", "none", "clear"):
        faults[backend].clear()
        return
    try:
        faults[backend].set_fault(kind, **options)
    except TypeError as error:
        raise ValueError(f"{backend} does not know an option of this fault: {error}") from error


def refuse_early(fault: Fault) -> web.Response | None:
    """Return the answer of a fault that stands in for the call, or None where the call is to be made."""
    if fault.kind == "429":
        body = {"ok": False, "error": "ratelimited"}
        return web.json_response(body, status=429, headers={"Retry-After": str(fault.retry_after)})
    if fault.kind == "500" and not fault.after:
        return web.Response(status=500, text="Internal Server Error")
    return None


async def spoil(fault: Fault, request: web.Request, response: web.Response) -> web.StreamResponse:
    """Return what is left of a good response: nothing, half of it, or an error."""
    if fault.kind == "500":
        return web.Response(status=500, text="Internal Server Error")
    if fault.kind == "truncate":
        body = response.body if isinstance(response.body, bytes) else b""
        partial = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        partial.content_length = len(body)
        await partial.prepare(request)
        await partial.write(body[: len(body) // 2])
        hang_up(request)
        return partial
    if fault.kind == "drop":
        hang_up(request)
    return response


def hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


async def wait(fault: Fault) -> None:
    """Wait in real time, because the client's own deadline is what a delay tests."""
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
