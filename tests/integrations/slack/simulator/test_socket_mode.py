"""Socket Mode on the wire: hello, envelopes, acknowledgements, sharing, disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from integrations.slack.simulator.clock import ManualClock
from integrations.slack.simulator.server import SlackSimulator
from tests.integrations.slack.simulator.conftest import Client, RecordedApp, settle

Json = dict[str, Any]
Socket = aiohttp.ClientWebSocketResponse


class Sockets:
    """Connections of the app; `connect` returns one that has said hello."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.open: list[Socket] = []

    async def url(self) -> str:
        token = self._client.simulator.world.app.app_token
        _, _, body = await self._client.raw("apps.connections.open", headers={"Authorization": f"Bearer {token}"})
        assert body["ok"], body
        return str(body["url"])

    async def connect(self) -> Socket:
        socket = await self._client.session.ws_connect(await self.url())
        self.open.append(socket)
        return socket

    async def ready(self) -> Socket:
        socket = await self.connect()
        assert (await socket.receive_json())["type"] == "hello"
        return socket


@pytest.fixture
async def sockets(client: Client, bot: RecordedApp) -> AsyncIterator[Sockets]:
    del bot
    client.simulator.world.app.socket_mode = True
    client.simulator.rates.strict = False
    made = Sockets(client)
    yield made
    for socket in made.open:
        await socket.close()


async def acknowledge(socket: Socket, payload: Json | None = None) -> Json:
    """Receive an envelope and acknowledge it."""
    envelope: Json = await socket.receive_json(timeout=5)
    await socket.send_json({"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {}))
    return envelope


async def test_hello_comes_first(sockets: Sockets) -> None:
    """A connection starts with hello, which says for which app and the how-manieth it is."""
    socket = await sockets.connect()
    hello = await socket.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"]["app_id"] == "A0SIMULATED"


async def test_a_ticket_opens_one_connection(sockets: Sockets, client: Client) -> None:
    """An address works once."""
    url = await sockets.url()
    sockets.open.append(await client.session.ws_connect(url))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await client.session.ws_connect(url)


async def test_a_bot_token_opens_no_connection(client: Client) -> None:
    """apps.connections.open takes the app-level token only."""
    assert await client.error("apps.connections.open") == "not_allowed_token_type"


async def test_a_command_is_an_envelope(sockets: Sockets, slack: SlackSimulator) -> None:
    """The payload comes as JSON, may be answered in the acknowledgement, and the answer is shown."""
    socket = await sockets.ready()
    sending = asyncio.create_task(slack.acting.command("ada", "general", "x"))
    envelope = await acknowledge(socket, {"text": "psst"})
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["text"] == "x"
    assert (await sending).status == 200
    assert [m.text for m in slack.world.channels["C0GENERAL"].ephemerals.values()] == ["psst"]


async def test_an_event_is_an_envelope_without_an_answer(sockets: Sockets, slack: SlackSimulator) -> None:
    """Events carry the retry's number and take no payload in return."""
    socket = await sockets.ready()
    sending = asyncio.create_task(slack.acting.message("ada", "general", "hello"))
    envelope = await acknowledge(socket)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("events_api", False)
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
    assert (await sending).status == 200


async def test_an_unacknowledged_event_is_retried(sockets: Sockets, slack: SlackSimulator) -> None:
    """Without an acknowledgement in time the event comes again, in an envelope of its own."""
    socket = await sockets.ready()
    slack.delivery.ack_timeout = 0.2
    sending = asyncio.create_task(slack.acting.message("ada", "general", "hello"))
    first = await socket.receive_json(timeout=5)
    assert (await sending).error == "operation_timeout"
    slack.delivery.ack_timeout = 3.0
    second = await acknowledge(socket)
    await settle(lambda: not slack.delivery.retrying)
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")


async def test_nobody_connected_is_a_failed_dispatch(sockets: Sockets, slack: SlackSimulator) -> None:
    """A command while no connection is open fails at once."""
    del sockets
    assert (await slack.acting.command("ada", "general", "x")).error == "dispatch_failed"


async def test_payloads_are_shared_between_connections(sockets: Sockets, slack: SlackSimulator) -> None:
    """Each payload goes to one connection; over several, all get some."""
    pair = [await sockets.ready(), await sockets.ready()]
    got: list[int] = []

    async def serve(number: int) -> None:
        while True:
            await acknowledge(pair[number])
            got.append(number)

    servers = [asyncio.create_task(serve(n)) for n in range(2)]
    for n in range(4):
        assert (await slack.acting.command("ada", "general", str(n))).status == 200
    for server in servers:
        server.cancel()
    await asyncio.gather(*servers, return_exceptions=True)
    assert sorted(got) == [0, 0, 1, 1]


async def test_an_acknowledgement_counts_on_any_connection(sockets: Sockets, slack: SlackSimulator) -> None:
    """A client that reconnected meanwhile acknowledges on its new connection."""
    old, new = await sockets.ready(), await sockets.ready()
    sending = asyncio.create_task(slack.acting.command("ada", "general", "x"))
    readers = [asyncio.create_task(s.receive_json(timeout=5)) for s in (old, new)]
    done, waiting = await asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
    for reader in waiting:
        reader.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    other = new if done.pop() is readers[0] else old
    envelope = next(r.result() for r in readers if not r.cancelled())
    await other.send_json({"envelope_id": envelope["envelope_id"]})
    assert (await sending).status == 200


async def test_ten_connections_and_no_more(sockets: Sockets) -> None:
    """The eleventh is told that there are too many, and closed."""
    for _ in range(10):
        await sockets.ready()
    socket = await sockets.connect()
    assert (await socket.receive_json())["reason"] == "too_many_websockets"
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_without_socket_mode_the_link_is_disabled(client: Client, sockets: Sockets) -> None:
    """An app that does not use Socket Mode is told so."""
    client.simulator.world.app.socket_mode = False
    socket = await sockets.connect()
    assert (await socket.receive_json())["reason"] == "link_disabled"


async def test_a_refresh_ends_a_connection_after_a_while(
    sockets: Sockets, client: Client, slack: SlackSimulator, clock: ManualClock
) -> None:
    """A connection that is told to go gets nothing more, and is closed ten seconds later; a warning changes nothing."""
    old = await sockets.ready()
    await client.sim("disconnect", reason="warning")
    assert (await old.receive_json())["reason"] == "warning"
    assert len(slack.socket_mode.connections) == 1
    await client.sim("disconnect", reason="refresh_requested")
    assert await old.receive_json() == {
        "type": "disconnect",
        "reason": "refresh_requested",
        "debug_info": {"host": "applink-simulated"},
    }
    assert not slack.socket_mode.connections
    await settle(lambda: clock.sleepers == 1)
    clock.shift(10)
    assert (await old.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_a_connection_can_be_cut(sockets: Sockets, client: Client, slack: SlackSimulator) -> None:
    """A dropped connection ends without a word."""
    socket = await sockets.ready()
    assert (await client.sim("disconnect", drop=True))["connections"] == 1
    assert (await socket.receive(timeout=5)).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert not slack.socket_mode.connections


async def test_an_envelope_can_be_replayed(sockets: Sockets, client: Client, slack: SlackSimulator) -> None:
    """A replay has the envelope_id of the first delivery."""
    socket = await sockets.ready()
    sending = asyncio.create_task(slack.acting.command("ada", "general", "x"))
    first = await acknowledge(socket)
    await sending
    again = asyncio.create_task(client.sim("replay"))
    second = await acknowledge(socket)
    assert (await again)["status"] == 200
    assert first == second
