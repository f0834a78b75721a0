"""A full refresh of 20,000 services through GitLab's real wire protocol: calls made and time, beside a call each."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from bot import clock
from bot.catalogue.refresh import CatalogueRefresh
from bot.demo.organisation import BOT_TOKEN, gitlab_world
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.settings import GitLabSettings
from integrations.gitlab.simulator.server import GitLabSimulator
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests.bench.measure import Measure

SERVICES = 20_000
SAMPLE = 200


async def run() -> list[Measure]:
    simulator = GitLabSimulator(gitlab_world(SERVICES), fast=True)
    await simulator.start()
    # The bench measures the work, not the courtesy towards a shared GitLab.
    settings = GitLabSettings.model_validate({"url": simulator.url, "token": BOT_TOKEN, "requests_per_second": 0})
    client = GitLabClient(settings)
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(StoreSettings(data_dir=Path(folder) / "s"), key=b"k" * 32, clock=clock.now)
        refresh = CatalogueRefresh(client, store.catalogue, clock.now)
        started = time.perf_counter()
        report = await refresh.run(full=True)
        seconds, calls = time.perf_counter() - started, simulator.log.total
        simulator.log.clear()
        started = time.perf_counter()
        await refresh.run()
        again, changed_calls = time.perf_counter() - started, simulator.log.total
        started = time.perf_counter()
        ids = sorted(await client.project_ids())[:SAMPLE]
        started = time.perf_counter()
        await asyncio.gather(*(client.pipelines(project, limit=1, ref="main") for project in ids))
        one_each = (time.perf_counter() - started) / SAMPLE * report.projects
        await store.close()
    await client.close()
    await simulator.stop()
    return [
        Measure(f"full refresh of {report.projects:,} projects", seconds, "s", compared_to=one_each),
        Measure("calls for it", calls, "", compared_to=report.projects),
        Measure("refresh with nothing changed", again, "s", compared_to=seconds),
        Measure("calls for that", changed_calls, "", compared_to=calls),
    ]


def main() -> list[Measure]:
    return asyncio.run(run())
