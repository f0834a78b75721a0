"""From start to ready, and what memory the serving process holds, beside Python with the same imports alone."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench._rig import answers, backends, process, resident_mb
from tests.bench.measure import Measure

STARTS = 5
IMPORTS = """
import sys
import bot.__main__, bot.app
if len(sys.argv) > 1:
    print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


def _imports() -> tuple[float, float]:
    """Return the seconds and the resident MB of a Python that imports the product and does nothing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)  # noqa: S603 - ourselves
    seconds = time.perf_counter() - started
    found = subprocess.run([sys.executable, "-c", IMPORTS, "say"], check=True, capture_output=True)  # noqa: S603 - as above
    return seconds, int(found.stdout) / 1e6


async def run() -> list[Measure]:
    """Start the process a few times, the store being there from the second time on."""
    seconds, memory = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with backends(Path(folder)) as (_, _, config, port):
            for _ in range(STARTS + 1):
                started = time.perf_counter()
                url = f"http://127.0.0.1:{port}"
                async with process("-m", "bot", "--config", str(config), "serve", url=f"{url}/livez") as pid:
                    await answers(f"{url}/readyz", 200)
                    seconds.append(time.perf_counter() - started)
                    await asyncio.sleep(2)  # the catalogue is read meanwhile
                    memory.append(resident_mb(pid))
    import_seconds, import_memory = await asyncio.to_thread(_imports)
    return [
        Measure("start to ready", statistics.median(seconds[1:]), "s", at_most=1.5, compared_to=import_seconds),
        Measure("the imports alone", import_seconds, "s"),
        Measure("resident memory, serving 40 services", max(memory), "MB", at_most=120, compared_to=import_memory),
        Measure("resident memory of the imports alone", import_memory, "MB"),
    ]


def main() -> list[Measure]:
    return asyncio.run(run())
