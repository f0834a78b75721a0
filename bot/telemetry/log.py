"""Sets up logging, once: one JSON object a line in production, a readable line in a terminal.

Lines of libraries (stdlib logging) take the same road as ours. Every line passes redaction before it is written, and
carries what was bound to the context of the call, the request id first of all.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.telemetry.redaction import redact, redact_value, register

__all__ = ["configure", "redact"]

# Libraries that write a line for each request or job say nothing that ours do not say better.
_QUIET = ("aiohttp.access", "apscheduler", "asyncio", "slack_bolt", "slack_sdk", "urllib3")


def configure(
    *, as_json: bool | None = None, level: str = "info", stream: TextIO | None = None, secrets: Iterable[str] = ()
) -> None:
    """Have everything logged from now on go to `stream` (stderr). By default JSON, and readable lines in a terminal.

    `secrets` are values that no line may contain. May be called again; the last call counts.
    """
    register(secrets)
    stream = stream or sys.stderr
    as_json = not stream.isatty() if as_json is None else as_json
    least = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _stamp,
        structlog.processors.StackInfoRenderer(),
        # Traces become text here, so that redaction sees them.
        structlog.processors.format_exc_info,
        _redacted,
    ]
    last: list[Processor] = [_as_json] if as_json else [_printable, _console(stream)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    top = logging.getLogger()
    top.handlers[:] = [handler]
    top.setLevel(least)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(least, logging.WARNING))
    logging.captureWarnings(capture=True)


def _stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _redacted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Redact every value but those of structlog's own bookkeeping."""
    return {
        name: value if name.startswith("_") else redact_value(value, "" if name == "event" else name)
        for name, value in event.items()
    }


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Show control characters as signs, so that foreign text cannot move the cursor or forge a line of its own. Traces
    keep their lines, indented, since an exception's own text may have lines too.
    """
    return {name: _shown(name, value) if isinstance(value, str) else value for name, value in event.items()}


def _shown(name: str, value: str) -> str:
    lines = value.split("\n") if name in ("exception", "stack") else [value]
    return "\n  ".join("".join(c if c.isprintable() else _sign(c) for c in line) for line in lines)


def _sign(character: str) -> str:
    # Unicode has a picture of each of the 32 oldest control characters, in their order.
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\N{REPLACEMENT CHARACTER}"


def _console(stream: TextIO) -> Any:
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )
