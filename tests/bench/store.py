"""How quickly the catalogue is searched, against a scan with LIKE, and how many audit records are committed a second,
alone and beside other work, against plain SQLite that commits them one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from integrations.store import AuditEntry, Phase, Service, ServiceQuery, Store
from integrations.store.settings import StoreSettings
from integrations.store.sqlite.client import open_store
from tests.bench.measure import Measure

SIZES = (10_000, 100_000)
SEARCHES = 300
GOAL_MS = 30.0
KEY = b"a key for benches only, 32 bytes"
LETTERS = "abcdefghijklmnoprstuvw"


def organisation(count: int) -> tuple[list[Service], list[str]]:
    """Return so many services in 200 teams, and the words that their texts are made of."""
    chance = random.Random(7)  # noqa: S311 - the same services in every run
    words = sorted({"".join(chance.choices(LETTERS, k=chance.randint(3, 9))) for _ in range(3000)})
    chance.shuffle(words)
    teams = [f"acme/{chance.choice(words[:20])}/{chance.choice(words[20:60])}" for _ in range(200)]
    services = [
        Service(
            name=f"{'-'.join(chance.sample(words[:400], 2))}-{n}",
            project_id=n,
            path=f"acme/{n}",
            team=chance.choice(teams),
            web_url=f"https://git.test/{n}",
            title=f"{chance.choice(words).title()} service",
            description=f"The service for {' '.join(chance.sample(words, 10))}.",
            lifecycle=chance.choice(("production", "experimental", "deprecated")),
            tags=tuple(chance.sample(words, 3)),
        )
        for n in range(count)
    ]
    return services, words


def queries(services: list[Service], words: list[str]) -> list[ServiceQuery]:
    """Return what people type: whole names, words, two words, first letters, word beginnings; a third with filters."""
    chance = random.Random(11)  # noqa: S311 - the same searches in every run
    made: list[ServiceQuery] = []
    for n in range(SEARCHES):
        text = (
            chance.choice(services).name,
            chance.choice(words),
            " ".join(chance.sample(words, 2)),
            chance.choice(LETTERS),
            chance.choice(words)[:2],
            "service",
        )[n % 6]
        team = chance.choice(services).team.rsplit("/", chance.randint(0, 2))[0] if n % 3 == 0 else ""
        made.append(ServiceQuery(text=text, team=team, lifecycle="production" if n % 9 == 0 else ""))
    return made


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1000


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def scan(database: Path, asked: list[ServiceQuery]) -> list[float]:
    """Return how long the same searches take as scans: a page and its count."""
    where = (
        "(name LIKE :t OR title LIKE :t OR tags LIKE :t OR description LIKE :t) "
        "AND (:team = '' OR team = :team OR team LIKE :team || '/%') AND (:lifecycle = '' OR lifecycle = :lifecycle)"
    )
    times = []
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for query in asked:
            values = {"t": f"%{query.text}%", "team": query.team, "lifecycle": query.lifecycle}
            started = time.perf_counter()
            connection.execute(f"SELECT count(*) FROM services WHERE {where}", values).fetchone()  # noqa: S608 - constants
            connection.execute(f"SELECT * FROM services WHERE {where} ORDER BY name LIMIT 20", values).fetchall()  # noqa: S608 - constants
            times.append(time.perf_counter() - started)
    return times


async def search(folder: Path, count: int) -> list[Measure]:
    """Search among so many services, put into the store as a refresh puts them."""
    settings = StoreSettings(data_dir=folder / f"search-{count}", reserve_mib=0)
    store = await open_store(settings, key=KEY)
    services, words = organisation(count)
    started = time.perf_counter()
    for first in range(0, count, 100):
        await store.catalogue.put(services[first : first + 100], [])
    filled = time.perf_counter() - started
    asked = queries(services, words)
    for query in asked[:6]:
        await store.catalogue.search(query)
    times = [await timed(lambda query=query: store.catalogue.search(query)) for query in asked]  # type: ignore[misc] # mypy cannot infer the default
    misses = [await timed(lambda name=s.name: store.catalogue.similar(f"{name[:-2]}x")) for s in services[:20]]  # type: ignore[misc] # as above
    scanned = await asyncio.to_thread(scan, settings.database, asked[:30])
    await store.close()
    return [
        Measure(f"search over {count:,}, p95 (against LIKE)", p95(times), "ms", GOAL_MS, compared_to=p95(scanned)),
        Measure(f"search over {count:,}, median", statistics.median(times) * 1000, "ms"),
        Measure(f"did you mean, over {count:,}, p95", p95(misses), "ms"),
        Measure(f"services written a second, of {count:,}", count / filled),
    ]


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        at=datetime.now(UTC),
        phase=Phase.EVENT,
        actor=f"slack:T1/U{number % 100}",
        actor_name="Ann",
        command="service",
        request_id=f"r{number}",
        front_end="slack",
        target="payments",
        arguments={"name": "payments"},
        result="ok",
    )


async def appends(store: Store, count: int, tasks: int) -> float:
    """Return audit records committed a second by so many tasks, each waiting for its own."""

    async def some(first: int) -> None:
        for number in range(first, count, tasks):
            await store.audit.append(entry(number))

    return count / await timed(lambda: asyncio.gather(*(some(first) for first in range(tasks))))


def one_by_one(database: Path, count: int) -> float:
    """Return rows committed a second by plain sqlite3, as durably, each in its own transaction."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE audit (seq INTEGER PRIMARY KEY, record TEXT, mac TEXT)")
        record, mac = repr(entry(1)), "0" * 64
        started = time.perf_counter()
        for _ in range(count):
            connection.execute("INSERT INTO audit (record, mac) VALUES (?, ?)", (record, mac))
        return count / (time.perf_counter() - started)


async def commands(store: Store, stop: asyncio.Event) -> None:
    """What the store does for commands meanwhile: deliveries remembered, cards looked up, searches."""
    later = datetime.now(UTC) + timedelta(minutes=30)
    number = 0
    while not stop.is_set():
        number += 1
        await store.keys.remember_all([(f"{id(stop)}-{time.perf_counter_ns()}", later)])
        await store.catalogue.search(ServiceQuery(text="service"))
        await store.catalogue.service(f"svc-{number % 1000}")


async def audit(folder: Path) -> list[Measure]:
    """Append alone, one after the other, by many tasks at once, and while commands run; then check the chain."""
    store = await open_store(StoreSettings(data_dir=folder / "audit", reserve_mib=64), key=KEY)
    services, _ = organisation(1000)
    await store.catalogue.put(services, [])
    plain = await asyncio.to_thread(one_by_one, folder / "plain.sqlite", 2000)
    serial = await appends(store, 2000, 1)
    alone = await appends(store, 40_000, 200)
    stop = asyncio.Event()
    busy = [asyncio.create_task(commands(store, stop)) for _ in range(8)]
    beside = await appends(store, 20_000, 200)
    stop.set()
    await asyncio.gather(*busy)
    started = time.perf_counter()
    found = await store.audit.verify()
    checked = found.records / (time.perf_counter() - started)
    assert found.ok, found.message
    await store.close()
    return [
        Measure("audit appends a second, 200 at once (against one by one)", alone, compared_to=plain),
        Measure("audit appends a second while commands run (against alone)", beside, compared_to=alone),
        Measure("audit appends a second, one after the other (against one by one)", serial, compared_to=plain),
        Measure("audit records verified a second", checked),
    ]


async def measure() -> list[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        searched = [await search(Path(folder), size) for size in SIZES]
        return [*(m for measures in searched for m in measures), *await audit(Path(folder))]


def main() -> list[Measure]:
    """Measure the store on this machine's temporary folder."""
    # Heads go to the log as JSON, as in production, but not to the terminal.
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        structlog.configure(
            processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=structlog.WriteLoggerFactory(nowhere),
        )
        return asyncio.run(measure())
