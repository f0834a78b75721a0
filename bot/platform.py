"""The process as its operators see it: what `platform`, `check` and readiness report about backends."""

from __future__ import annotations

import asyncio
import platform as python_platform
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

from bot import VERSION
from bot.failures import Failures
from commands._kit.ports import Health, PlatformState, State
from integrations.errors import BackendError, Denied, Unauthenticated, Unavailable

DEADLINE = 5.0
PARTS = ("slack-bolt", "aiohttp", "pydantic", "python-gitlab", "apscheduler", "sqlite-utils")
# Read once, at import: it is in files.
VERSIONS = {part: version(part) for part in PARTS} | {"python": python_platform.python_version()}
Probe = Callable[[], Awaitable[str]]
Length = Callable[[], Awaitable[int]]


async def probe(name: str, ask: Probe, clock: Callable[[], datetime]) -> Health:
    """Return how one backend is; a probe that takes over five seconds is unreachable."""
    try:
        async with asyncio.timeout(DEADLINE):
            detail = await ask()
    except TimeoutError:
        return Health(name, State.UNREACHABLE, f"no answer within {DEADLINE:g} seconds", clock())
    except Unauthenticated as error:
        return Health(name, State.CREDENTIALS, str(error), clock())
    except Denied as error:
        return Health(
            name, State.RIGHTS, f"{error} ({', '.join(error.rights)})" if error.rights else str(error), clock()
        )
    except Unavailable as error:
        return Health(name, State.UNREACHABLE, str(error), clock())
    except BackendError as error:
        return Health(name, State.UNREACHABLE, f"unexpected answer: {error}", clock())
    return Health(name, State.FINE, detail, clock())


async def probe_all(probes: Mapping[str, Probe], clock: Callable[[], datetime]) -> tuple[Health, ...]:
    """Return how every backend is, asked at once."""
    return tuple(await asyncio.gather(*(probe(name, ask, clock) for name, ask in probes.items())))


class Process:
    """`commands._kit.ports.Platform` for this process."""

    def __init__(
        self,
        probes: Mapping[str, Probe],
        queues: Mapping[str, Length],
        failures: Failures,
        clock: Callable[[], datetime],
        read_only: Mapping[str, Callable[[], str]],
    ) -> None:
        self._read_only = read_only
        self._probes = probes
        self.queues = queues
        self._failures = failures
        self._clock = clock
        self._started_at = clock()
        self.disabled: dict[str, str] = {}

    async def health(self) -> tuple[Health, ...]:
        """Return how every backend is now."""
        looks = await probe_all(self._probes, self._clock)
        reasons = {name: reason() for name, reason in self._read_only.items()}
        return tuple(
            replace(look, state=State.READ_ONLY, detail=reasons[look.backend])
            if look.state is State.FINE and reasons.get(look.backend)
            else look
            for look in looks
        )

    async def state(self) -> PlatformState:
        backends, lengths = await asyncio.gather(
            self.health(), asyncio.gather(*(length() for length in self.queues.values()), return_exceptions=True)
        )
        return PlatformState(
            VERSION,
            self._started_at,
            backends,
            VERSIONS,
            # What cannot be counted belongs to a backend whose trouble stands above.
            {name: found for name, found in zip(self.queues, lengths, strict=True) if isinstance(found, int)},
            tuple(self._failures.incidents),
            dict(self.disabled),
        )
