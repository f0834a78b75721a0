"""What the process counts and times, for Prometheus; the only place that knows metric names.

Labels take values from small, closed sets only (command names, backend operations, outcomes): never a person, a
service or any other text from outside, which would grow the registry without bound and tell who did what.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

# Text exposition format 0.0.4, which `generate_latest` writes.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# A counter's time of birth doubles the number of series, and Prometheus finds restarts without it.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library does not annotate it

# From a quick look-up to Slack's 3 seconds and beyond, in seconds.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)


class Metrics:
    """One registry per process; tests make their own."""

    def __init__(self, *, process: bool = True) -> None:
        self.registry = CollectorRegistry()
        if process:
            ProcessCollector(registry=self.registry)
            PlatformCollector(registry=self.registry)
            GCCollector(registry=self.registry)
        self._commands = Counter(
            "idp_commands",
            "Commands by name, outcome (answer, consent, formneeded or the failure's code) and front end.",
            ("command", "outcome", "front_end"),
            registry=self.registry,
        )
        self._command_seconds = Histogram(
            "idp_command_seconds",
            "Seconds from parse to answer.",
            ("command", "front_end"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._calls = Counter(
            "idp_backend_calls",
            "Calls to backends by operation and outcome.",
            ("backend", "operation", "outcome"),
            registry=self.registry,
        )
        self._call_seconds = Histogram(
            "idp_backend_seconds",
            "Seconds that backends took to answer.",
            ("backend", "operation"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._queues = Gauge(
            "idp_queue_length", "What waits, by queue (outbox, running tasks, ...).", ("queue",), registry=self.registry
        )
        self._up = Gauge(
            "idp_backend_up", "1 where the last look found the backend fine.", ("backend",), registry=self.registry
        )
        self._rate_limited = Counter(
            "idp_slack_rate_limited", "429s that Slack answered; each was waited out as told.", registry=self.registry
        )
        self._refreshed = Gauge(
            "idp_catalogue_refreshed_seconds",
            "When the newest complete refresh of the catalogue began, in Unix time; 0 before the first.",
            registry=self.registry,
        )
        self._unwritten = Counter(
            "idp_audit_unwritten", "Audit entries that could not be committed.", registry=self.registry
        )

    def command(self, name: str, outcome: str, front_end: str, seconds: float) -> None:
        """Count one command and how long it took. `name` is a command's own name, never what somebody typed."""
        self._commands.labels(name, outcome, front_end).inc()
        self._command_seconds.labels(name, front_end).observe(seconds)

    def backend_call(self, backend: str, operation: str, outcome: str, seconds: float) -> None:
        """Count one call to a backend; `outcome` is `ok` or the kind of error."""
        self._calls.labels(backend, operation, outcome).inc()
        self._call_seconds.labels(backend, operation).observe(seconds)

    def observer(self, backend: str) -> Callable[[str, float, str], None]:
        """Return what a client calls after each of its calls, with operation, seconds and outcome."""

        def observe(operation: str, seconds: float, outcome: str) -> None:
            if (backend, outcome) == ("slack", "429"):
                # Slack's client tells of each 429 that it waits out, inside a call that it tells of as well.
                self.rate_limited()
            else:
                self.backend_call(backend, operation, outcome, seconds)

        return observe

    def queue_length(self, name: str, length: float) -> None:
        """Set a queue's length."""
        self._queues.labels(name).set(length)

    def backend_up(self, backend: str, *, up: bool) -> None:
        """Record how the last look at a backend went."""
        self._up.labels(backend).set(1 if up else 0)

    def rate_limited(self) -> None:
        """Count one 429 of Slack's."""
        self._rate_limited.inc()

    def catalogue_refreshed(self, at: datetime) -> None:
        """Record when the newest complete refresh of the catalogue began."""
        self._refreshed.set(at.timestamp())

    def audit_unwritten(self) -> None:
        """Count one audit entry that could not be committed."""
        self._unwritten.inc()

    def render(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
