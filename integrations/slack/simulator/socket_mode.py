"""Socket Mode: the app connects to Slack, and each payload goes to one of its connections.

https://docs.slack.dev/apis/events-api/using-socket-mode. An acknowledgement counts whichever connection it comes on,
because a client that was told to reconnect answers on its new connection.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Literal

from aiohttp import WSMsgType, web

from integrations.slack.simulator.state import Json
from integrations.slack.simulator.world import World

MOST_CONNECTIONS = 10
APPROXIMATE_LIFE = 18060
CLOSE_AFTER = 10.0
REMEMBERED = 200
Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(slots=True, eq=False)
class Connection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    leaving: bool = False
    delivered: int = 0


class SocketMode:
    """The connections of the one app. `accepts_response_payload` is false for events only, as with Slack."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tickets: set[str] = set()
        self._connections: list[Connection] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._sent: deque[Json] = deque(maxlen=REMEMBERED)
        self._next = 0
        self._closers: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Connections that payloads go to."""
        return tuple(c for c in self._connections if not c.leaving and not c.socket.closed)

    def ticket(self) -> str:
        """Return a ticket for one connection (`apps.connections.open`)."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until either side ends it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="this ticket was used or never issued")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=None, autoping=True)
        await socket.prepare(request)
        if not self._world.app.socket_mode:
            await self._say_goodbye(socket, "link_disabled")
            return socket
        if len(self.connections) >= MOST_CONNECTIONS:
            await self._say_goodbye(socket, "too_many_websockets")
            return socket
        connection = Connection(socket, request.transport)
        self._connections.append(connection)
        try:
            await socket.send_str(json.dumps(self._hello()))
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(message.data)
        finally:
            self._connections.remove(connection)
        return socket

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": "applink-simulated",
                "build_number": 1,
                "approximate_connection_time": APPROXIMATE_LIFE,
            },
            "connection_info": {"app_id": self._world.app.id},
        }

    def _hear(self, text: str) -> None:
        """Take an acknowledgement; anything else that a client says means nothing to Slack."""
        try:
            said = json.loads(text)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        waiting = self._waiting.pop(str(said.get("envelope_id", "")), None)
        if waiting is not None and not waiting.done():
            payload = said.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    async def send(self, kind: str, payload: Json, *, attempt: int = 0, reason: str = "") -> Json | None:
        """Deliver to one connection and return the payload of its acknowledgement; None where nobody is connected.
        Waits as long as it takes: the caller has the deadline.
        """
        envelope: Json = {
            "envelope_id": f"{secrets.token_hex(4)}-{secrets.token_hex(2)}-{secrets.token_hex(6)}",
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        self._sent.append(envelope)
        return await self._send(envelope)

    async def resend(self, back: int = 1) -> Json | None:
        """Deliver an envelope of before once more, as it was. Raises LookupError where there was none."""
        return await self._send(self._sent[-back])

    async def _send(self, envelope: Json) -> Json | None:
        connections = self.connections
        if not connections:
            return None
        self._next += 1
        connection = connections[self._next % len(connections)]
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = answer
        try:
            await connection.socket.send_str(json.dumps(envelope))
            connection.delivered += 1
            return await answer
        except ConnectionError:
            return None
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    async def disconnect(self, reason: str = "refresh_requested", *, drop: bool = False) -> int:
        """Tell every connection to go (a `warning` only announces it), or with `drop` cut it without a word; return how
        many there were. Those that were told are closed ten seconds later.
        """
        connections = self.connections
        for connection in connections:
            if drop:
                connection.leaving = True
                if connection.transport is not None:
                    connection.transport.abort()
                continue
            await connection.socket.send_str(json.dumps(_goodbye(reason)))
            if reason != "warning":
                connection.leaving = True
                closer = asyncio.create_task(self._close_later(connection))
                self._closers.add(closer)
                closer.add_done_callback(self._closers.discard)
        return len(connections)

    async def _close_later(self, connection: Connection) -> None:
        await self._world.clock.sleep(CLOSE_AFTER)
        await connection.socket.close()

    async def _say_goodbye(self, socket: web.WebSocketResponse, reason: Reason) -> None:
        await socket.send_str(json.dumps(_goodbye(reason)))
        await socket.close()

    async def stop(self) -> None:
        for closer in self._closers:
            closer.cancel()
        await asyncio.gather(*self._closers, return_exceptions=True)
        await asyncio.gather(*(c.socket.close() for c in list(self._connections)), return_exceptions=True)


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-simulated"}}
