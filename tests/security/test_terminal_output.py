"""What operators read in a terminal is text, wherever it comes from."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import structlog

from bot.telemetry import log as telemetry

HOSTILE = "\x1b]0;owned\x07\x1b[2J\rgone\n2026-01-01 00:00:00 [info     ] all is well"


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    """The log as an operator's terminal gets it."""
    stream = io.StringIO()
    before = structlog.get_config()
    telemetry.configure(as_json=False, stream=stream)
    yield stream
    structlog.configure(**before)


def test_an_exceptions_text_steers_no_terminal(console: io.StringIO) -> None:
    """Foreign text in an exception shows its control characters, and begins no line of the log."""
    structlog.get_logger("x").error("unexpected error", exc_info=ValueError(HOSTILE))
    written = console.getvalue()
    assert "ValueError" in written
    assert not any(c in written for c in "\x1b\x07\r")
    assert not any(line.startswith("2026-01-01 00:00:00") for line in written.splitlines())
