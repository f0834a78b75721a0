"""Faults on request: the simulated Slack's own, and those of other backends."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest

from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client, workspace


async def post(client: Client) -> tuple[int, Any]:
    status, headers, _ = await client.raw("chat.postMessage", json={"channel": "C0GENERAL", "text": "x"})
    return status, headers


def posted(client: Client) -> int:
    return len(client.simulator.world.channels["C0GENERAL"].messages)


async def test_a_429_says_how_long(client: Client) -> None:
    """The set number of calls of the set method gets 429 with Retry-After; others are not concerned."""
    await client.sim("faults", backend="slack", kind="429", method="chat.postMessage", retry_after=7, count=1)
    await client.ok("auth.test")
    status, headers = await post(client)
    assert (status, headers["Retry-After"]) == (429, "7")
    assert (await post(client))[0] == 200


@pytest.mark.parametrize(("after", "messages"), [(False, 0), (True, 1)])
async def test_a_500_can_come_before_or_after_the_effect(client: Client, *, after: bool, messages: int) -> None:
    """A plain 500 does nothing; with `after` the message is there, but nobody said so."""
    await client.sim("faults", backend="slack", kind="500", count=1, after=after)
    async with client.session.post(
        f"{client.simulator.url}/api/chat.postMessage",
        json={"channel": "C0GENERAL", "text": "x"},
        headers={"Authorization": f"Bearer {client.simulator.world.app.bot_token}"},
    ) as answer:
        assert answer.status == 500
    assert posted(client) == messages


@pytest.mark.parametrize(("after", "messages"), [(False, 0), (True, 1)])
async def test_a_drop_ends_the_connection(client: Client, *, after: bool, messages: int) -> None:
    """A dropped call has no answer; with `after` it was done."""
    await client.sim("faults", backend="slack", kind="drop", count=1, after=after)
    with pytest.raises(aiohttp.ClientError):
        await post(client)
    assert posted(client) == messages


async def test_a_truncated_body_cannot_be_read(client: Client) -> None:
    """Half of the announced body comes."""
    await client.sim("faults", backend="slack", kind="truncate", count=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await post(client)


async def test_a_delay_takes_its_time(client: Client) -> None:
    """A delayed call is answered later, and well."""
    await client.sim("faults", backend="slack", kind="delay", seconds=0.05, count=1)
    began = time.perf_counter()
    assert (await post(client))[0] == 200
    assert time.perf_counter() - began >= 0.05


async def test_faults_are_cleared(client: Client) -> None:
    """`none` makes everything work again."""
    await client.sim("faults", backend="slack", kind="429")
    assert (await post(client))[0] == 429
    await client.sim("faults", backend="slack", kind="none")
    assert (await post(client))[0] == 200


class Other:
    """Another backend's faults."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def set_fault(self, kind: str, **options: Any) -> None:
        self.told.append((kind, options))

    def clear(self) -> None:
        self.told.append("clear")


async def test_other_backends_are_told(clock: ManualClock) -> None:
    """A fault for another backend reaches it with its options."""
    other = Other()
    async with (
        SlackSimulator(workspace(clock), faults={"gitlab": other}) as simulator,
        aiohttp.ClientSession() as session,
    ):
        client = Client(simulator, session)
        await client.sim("faults", backend="gitlab", kind="delay", seconds=2)
        await client.sim("faults", backend="gitlab", kind="clear")
    assert other.told == [("delay", {"seconds": 2}), "clear"]
