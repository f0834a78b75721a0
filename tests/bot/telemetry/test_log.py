from __future__ import annotations

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.telemetry.log import configure


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Put logging back as it was, for the tests that follow in this process."""
    top = logging.getLogger()
    handlers, level = list(top.handlers), top.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    top.handlers[:] = handlers
    top.setLevel(level)


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure(as_json=True, stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_lines(stream: io.StringIO) -> None:
    """In production each event is one JSON object with level, time in UTC and what was given."""
    structlog.get_logger().info("command done", command="service", seconds=0.25)
    (line,) = lines(stream)
    assert line["event"] == "command done"
    assert (line["command"], line["seconds"], line["level"]) == ("service", 0.25, "info")
    assert line["timestamp"].endswith("Z")


def test_libraries_take_the_same_road(stream: io.StringIO) -> None:
    """What a library logs has the same form, with the library's name, and is redacted as well."""
    logging.getLogger("gitlab.client").warning("retry with %s", "glpat-abcdefghijkl")
    (line,) = lines(stream)
    assert line["event"] == "retry with [redacted]"
    assert (line["logger"], line["level"]) == ("gitlab.client", "warning")


async def test_request_id_reaches_every_line(stream: io.StringIO) -> None:
    """What is bound to the context of a call is on every line that the call causes: in tasks, threads and libraries."""

    async def task() -> None:
        structlog.get_logger().info("in a task")

    with structlog.contextvars.bound_contextvars(request_id="r1"):
        await asyncio.create_task(task())
        await asyncio.to_thread(logging.getLogger("gitlab").warning, "in a thread")
    structlog.get_logger().info("outside")
    assert [line.get("request_id") for line in lines(stream)] == ["r1", "r1", None]


def test_secrets_are_redacted(stream: io.StringIO) -> None:
    """No value of a line shows a secret, nor does what is held under a secret's name."""
    structlog.get_logger().info("call", url="https://a:b@c/d", bot_token="whatever", headers={"PRIVATE-TOKEN": "x"})
    (line,) = lines(stream)
    assert line["url"] == "https://[redacted]@c/d"
    assert line["bot_token"] == "[redacted]"
    assert line["headers"] == {"PRIVATE-TOKEN": "[redacted]"}


def test_traces_are_redacted(stream: io.StringIO) -> None:
    """The trace of an exception is in the line as text, without the secrets in its messages."""
    try:
        int("cannot use xoxb-123456-abcdef")
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = lines(stream)
    assert "ValueError: invalid literal for int() with base 10: 'cannot use [redacted]'" in line["exception"]
    assert "test_log.py" in line["exception"]


def test_traces_of_libraries_are_redacted(stream: io.StringIO) -> None:
    """The trace of a library's exception is redacted too."""
    try:
        int("cannot use xoxb-123456-abcdef")
    except ValueError:
        logging.getLogger("slack").exception("failed")
    (line,) = lines(stream)
    assert "ValueError: invalid literal for int() with base 10: 'cannot use [redacted]'" in line["exception"]


def test_given_secrets_are_redacted() -> None:
    """The values that the process was started with never appear, whatever their shape."""
    stream = io.StringIO()
    configure(as_json=True, stream=stream, secrets=["f00dcafe-signing"])
    structlog.get_logger().info("key is f00dcafe-signing")
    assert lines(stream)[0]["event"] == "key is [redacted]"


def test_level() -> None:
    """Events below the least level are not written, ours and libraries' alike."""
    stream = io.StringIO()
    configure(as_json=True, level="warning", stream=stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_chatty_libraries_are_quiet(stream: io.StringIO) -> None:
    """Libraries that write a line for every request are heard from warnings on."""
    logging.getLogger("aiohttp.access").info("GET /livez")
    logging.getLogger("aiohttp.access").warning("odd")
    assert [line["event"] for line in lines(stream)] == ["odd"]


def test_readable_in_a_terminal() -> None:
    """In a terminal a line is for people: no JSON."""
    stream = Terminal()
    configure(stream=stream)
    structlog.get_logger().info("ready", url="http://127.0.0.1:8090")
    assert "ready" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_json_where_nobody_watches() -> None:
    """Where the output is no terminal, lines are JSON unless it was asked otherwise."""
    stream = io.StringIO()
    configure(stream=stream)
    structlog.get_logger().info("ready")
    assert lines(stream)[0]["event"] == "ready"


def test_foreign_text_cannot_forge_a_line() -> None:
    """Line breaks and terminal escapes in foreign text are shown, not obeyed."""
    stream = Terminal()
    configure(as_json=False, stream=stream)
    structlog.get_logger().info("found", name="evil\n2026-01-01 [info] forged \x1b[2J")
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert "\x1b[2J" not in text
    assert "evil␊2026-01-01" in text


def test_warnings_are_logged(stream: io.StringIO) -> None:
    """Python's warnings become log lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "DeprecationWarning: old" in lines(stream)[0]["event"]


def test_what_is_no_json_is_written_as_text(stream: io.StringIO) -> None:
    """A value of any type can be logged; logging never fails for it."""
    structlog.get_logger().info("odd", value={1: object(), "set": {1}}, error=OSError(2, "gone"))
    (line,) = lines(stream)
    assert line["error"] == "[Errno 2] gone"
    assert line["value"]["set"] == [1]
