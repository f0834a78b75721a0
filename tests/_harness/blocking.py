"""Fails a test in which our code blocks the event loop: a file, a lock, a sleep, SQLite, a blocking socket.

Only calls made from our three packages count; what a test itself does in its body (reading a golden file) holds up
nobody. `ALLOWED` lists the exceptions with their reasons.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blockbuster import BlockBuster

PACKAGES = ("bot", "commands", "integrations")

# (blocking call, file, function): why it may block.
ALLOWED: tuple[tuple[str, str, str], ...] = (
    # Modules are imported on first use where that saves start-up time; it happens once.
    ("io.BufferedReader.read", "<frozen importlib._bootstrap>", "_find_and_load"),
    ("os.listdir", "<frozen importlib._bootstrap>", "_find_and_load"),
    # A traceback in a log line shows source lines; they are read once and cached.
    ("io.TextIOWrapper.read", "linecache.py", "updatecache"),
    ("io.BufferedReader.read", "linecache.py", "updatecache"),
    ("os.stat", "linecache.py", "updatecache"),
    ("os.stat", "linecache.py", "checkcache"),
    # A command given at a terminal waits for its one person's yes; nobody else is served by that process.
    ("builtins.input", "bot/run.py", "_agreed"),
)


def watch(packages: tuple[str, ...] = PACKAGES) -> BlockBuster:
    """Return the watcher, not yet active, with what is allowed."""
    watcher = BlockBuster(packages)
    for call, file, function in ALLOWED:
        watcher.functions[call].can_block_in(file, function)
    return watcher


@pytest.fixture(scope="session", autouse=True)
def _blocking_calls_fail() -> Iterator[None]:
    watcher = watch()
    watcher.activate()
    yield
    watcher.deactivate()
