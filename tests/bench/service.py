"""`/idp service <name>` with every GitLab call taking 100 ms: from acknowledgement to answer, beside one such call."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.bench._rig import Sink, backends, process, slash
from tests.bench.measure import Measure

DELAY = 0.1
TIMES = 20
SECRET = "simulated-signing-secret"


async def _acknowledged(port: int, request: bytes) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    at = time.perf_counter()
    writer.close()
    return at


async def run() -> list[Measure]:
    sink = Sink()
    with tempfile.TemporaryDirectory() as folder:
        async with backends(Path(folder)) as (_, gitlab, config, port), sink.listening() as response_url:
            serve = process("-m", "bot", "--config", str(config), "serve", url=f"http://127.0.0.1:{port}/readyz")
            async with serve, aiohttp.ClientSession() as session:
                await asyncio.sleep(2)
                gitlab.faults.set_fault("delay", seconds=DELAY)
                started = time.perf_counter()
                async with session.get(f"{gitlab.url}/api/v4/version"):
                    one = (time.perf_counter() - started) * 1000
                found = []
                for number in range(TIMES + 1):
                    sink.arrived.clear()
                    request = slash(SECRET, f"127.0.0.1:{port}", response_url, "service checkout", number)
                    at = await _acknowledged(port, request)
                    async with asyncio.timeout(10):
                        await sink.arrived.wait()
                    found.append((sink.last_at - at) * 1000)
    p50 = statistics.median(found[1:])
    return [Measure("card, acknowledged to answered, p50", p50, "ms", at_most=130, compared_to=one)]


def main() -> list[Measure]:
    return asyncio.run(run())
