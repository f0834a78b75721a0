"""How fast a rush of `/idp help` is acknowledged, and what a request costs, beside a bare Bolt app and bare aiohttp.

The baselines do nothing but acknowledge. The product answers each command too: acknowledgements go first, the answers
follow when the rush is over, and all of them are waited for, counted and timed before the next rush.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.demo.run import free_port
from tests.bench._rig import Sink, backends, cpu_seconds, process, slash
from tests.bench.measure import Measure

CONNECTIONS = (1, 16, 64)
REQUESTS = 1000
SECRET = "simulated-signing-secret"


@dataclass(frozen=True, slots=True)
class Load:
    per_second: float
    p50_ms: float
    cpu_ms: float
    answered: float


async def _client(port: int, requests: Iterable[bytes], times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = next((int(h[15:]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:")), 0)
        await reader.readexactly(length)
        times.append(time.perf_counter() - started)
    writer.close()


async def load(port: int, connections: int, response_url: str, first: int) -> tuple[float, float]:
    """Send the requests over so many connections; return acknowledgements a second, and their p50 in ms."""
    host = f"127.0.0.1:{port}"
    made = [slash(SECRET, host, response_url, "help", first + n) for n in range(REQUESTS)]
    times: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(*(_client(port, made[n::connections], times) for n in range(connections)))
    return REQUESTS / (time.perf_counter() - started), statistics.median(times) * 1000


async def _measure(port: int, pid: int, sink: Sink, response_url: str, *, answers: bool) -> dict[int, Load]:
    """Return the figures by number of connections, after a rush that warms up."""
    found: dict[int, Load] = {}
    for number, connections in enumerate((4, *CONNECTIONS)):
        before, cpu, started = sink.count, cpu_seconds(pid), time.perf_counter()
        per_second, p50 = await load(port, connections, response_url, number * REQUESTS)
        while answers and sink.count - before < REQUESTS:
            sink.arrived.clear()
            async with asyncio.timeout(30):
                await sink.arrived.wait()
        answered = REQUESTS / (time.perf_counter() - started)
        found[connections] = Load(per_second, p50, (cpu_seconds(pid) - cpu) / REQUESTS * 1000, answered)
    return found


async def run() -> list[Measure]:
    """Measure all three in one run."""
    sink = Sink()
    found: dict[str, dict[int, Load]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with backends(Path(folder)) as (slack, _, config, port), sink.listening() as response_url:
            for kind in ("aiohttp", "bolt"):
                at = free_port()
                command = ("-m", "tests.bench._servers", kind, str(at), SECRET, slack.api_url)
                async with process(*command, url=f"http://127.0.0.1:{at}/") as pid:
                    found[kind] = await _measure(at, pid, sink, response_url, answers=False)
            ready = f"http://127.0.0.1:{port}/readyz"
            async with process("-m", "bot", "--config", str(config), "serve", url=ready) as pid:
                await asyncio.sleep(2)  # the first refresh of the catalogue is no part of this
                found["idp"] = await _measure(port, pid, sink, response_url, answers=True)
    measures = []
    for c in CONNECTIONS:
        ours, bolt, bare = found["idp"][c], found["bolt"][c], found["aiohttp"][c]
        of = f"{c} connections" if c > 1 else "1 connection"
        floor = 0.7 * bolt.per_second
        measures += [
            Measure(f"acknowledged, {of}", ours.per_second, "/s", at_least=floor, compared_to=bolt.per_second),
            Measure(f"bare aiohttp, {of}", bare.per_second, "/s", compared_to=bolt.per_second),
            Measure(f"acknowledged and answered, {of}", ours.answered, "/s", compared_to=bolt.per_second),
            Measure(f"processor time with the answer, {of}", ours.cpu_ms, "ms", compared_to=bolt.cpu_ms),
        ]
    return [*measures, Measure("acknowledged one by one, p50", found["idp"][1].p50_ms, "ms", at_most=1.0)]


def main() -> list[Measure]:
    return asyncio.run(run())
