from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.telemetry.health import Health
from bot.telemetry.metrics import Metrics
from commands._kit import ports
from commands._kit.ports import State
from integrations.errors import Unavailable

AT = datetime(2026, 1, 1, tzinfo=UTC)


class Backends:
    """The backends as a test wants them to be; counts how often it was asked."""

    def __init__(self, **states: State) -> None:
        self.states = states
        self.asked = 0
        self.begun = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    async def look(self) -> Sequence[ports.Health]:
        self.asked += 1
        self.begun.set()
        await self.answers.wait()
        return tuple(ports.Health(name, state, "v1 at 10.0.0.7", AT) for name, state in self.states.items())


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def served(health: Health) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    site = web.Application()
    health.add_to(site)
    async with TestClient(TestServer(site, host="127.0.0.1")) as client:
        yield client


def health_of(backends: Backends, reason: str = "", metrics: Metrics | None = None) -> Health:
    return Health(backends.look, lambda: reason, metrics or Metrics(process=False))


@pytest.mark.parametrize("reason", ["", "starting", "stopping"])
async def test_live_as_long_as_it_answers(reason: str) -> None:
    """The process is live whatever its phase and its backends, which it is not even asked about."""
    backends = Backends(slack=State.UNREACHABLE)
    async with served(health_of(backends, reason)) as client:
        assert (await client.get("/livez")).status == 200
    assert backends.asked == 0


@pytest.mark.parametrize(("reason", "status"), [("starting", 503), ("", 200), ("stopping", 503)])
async def test_ready_between_start_and_stop(reason: str, status: int) -> None:
    """The process wants work once it has started and until it stops, and says why where it does not."""
    async with served(health_of(Backends(slack=State.FINE, store=State.FINE), reason)) as client:
        response = await client.get("/readyz")
        assert response.status == status
        body = await response.json()
        assert body["reason"] == reason
        assert body["ready"] is (status == 200)


@pytest.mark.parametrize(("broken", "status"), [("store", 503), ("slack", 503), ("gitlab", 200)])
async def test_only_what_is_required_decides(broken: str, status: int) -> None:
    """Without store or Slack the process is not ready; without GitLab it is, for answers say what they lack."""
    states = dict.fromkeys(("store", "slack", "gitlab"), State.FINE)
    async with served(health_of(Backends(**{**states, broken: State.UNREACHABLE}))) as client:
        response = await client.get("/readyz")
        assert response.status == status
        assert (await response.json())["backends"][broken]["state"] == "unreachable"


async def test_the_reason_names_what_is_not_well() -> None:
    """A process that is not ready for its backends' sake names them."""
    async with served(health_of(Backends(store=State.UNREACHABLE, slack=State.CREDENTIALS))) as client:
        assert (await (await client.get("/readyz")).json())["reason"] == "not well: slack, store"


async def test_read_only_is_ready() -> None:
    """A read-only store answers reads, so the process wants work and says how the store is."""
    async with served(health_of(Backends(store=State.READ_ONLY, slack=State.FINE))) as client:
        response = await client.get("/readyz")
        assert response.status == 200
        assert (await response.json())["backends"]["store"]["state"] == "read-only"


async def test_no_details_in_the_open() -> None:
    """What a backend said is not shown to whoever can reach the port."""
    async with served(health_of(Backends(slack=State.FINE))) as client:
        assert "10.0.0.7" not in await (await client.get("/readyz")).text()


async def test_a_look_is_remembered() -> None:
    """Backends are looked at again only once the last look is old."""
    backends, seconds = Backends(slack=State.FINE), Seconds()
    health = Health(backends.look, str, Metrics(process=False), monotonic=seconds)
    async with served(health) as client:
        await client.get("/readyz")
        seconds.now += 14
        await client.get("/readyz")
        assert backends.asked == 1
        seconds.now += 1
        await client.get("/readyz")
        assert backends.asked == 2


async def test_a_look_is_shared() -> None:
    """Many who ask at the same time cause one look."""
    backends = Backends(slack=State.FINE, store=State.FINE)
    backends.answers.clear()
    async with served(health_of(backends)) as client:
        askers = [asyncio.create_task(client.get("/readyz")) for _ in range(10)]
        await backends.begun.wait()
        backends.answers.set()
        responses = await asyncio.gather(*askers)
        assert {response.status for response in responses} == {200}
    assert backends.asked == 1


async def test_a_look_sets_the_gauges() -> None:
    """Each look records which backends are well."""
    metrics = Metrics(process=False)
    async with served(health_of(Backends(gitlab=State.RIGHTS, slack=State.FINE), metrics=metrics)) as client:
        await client.get("/readyz")
    assert metrics.registry.get_sample_value("idp_backend_up", {"backend": "gitlab"}) == 0
    assert metrics.registry.get_sample_value("idp_backend_up", {"backend": "slack"}) == 1


async def test_metrics_with_queues() -> None:
    """A scrape is Prometheus' text, with the lengths that the queues have at that moment."""

    async def outbox() -> int:
        return 3

    metrics = Metrics(process=False)
    async with served(Health(Backends().look, str, metrics, queues={"outbox": outbox})) as client:
        response = await client.get("/metrics")
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert 'idp_queue_length{queue="outbox"} 3.0' in await response.text()


async def test_metrics_without_the_store() -> None:
    """A queue whose length cannot be had now is no number, and every other metric is there."""

    async def outbox() -> int:
        raise Unavailable("the disk is full", backend="store")

    async with served(Health(Backends().look, str, Metrics(process=False), queues={"outbox": outbox})) as client:
        response = await client.get("/metrics")
        assert response.status == 200
        assert 'idp_queue_length{queue="outbox"} NaN' in await response.text()
