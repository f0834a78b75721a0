from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.telemetry.metrics import Metrics


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(process=False)


def test_commands(metrics: Metrics) -> None:
    """A command is counted by name, outcome and front end, and timed."""
    metrics.command("service", "ok", "slack", 0.2)
    metrics.command("service", "denied", "slack", 0.1)
    assert sample(metrics, "idp_commands_total", command="service", outcome="ok", front_end="slack") == 1
    assert sample(metrics, "idp_command_seconds_count", command="service", front_end="slack") == 2
    assert sample(metrics, "idp_command_seconds_sum", command="service", front_end="slack") == pytest.approx(0.3)


def test_backend_calls(metrics: Metrics) -> None:
    """A backend's calls are counted by operation and outcome, and timed, through the observer its client is given."""
    metrics.observer("gitlab")("pipelines", 0.05, "ok")
    assert sample(metrics, "idp_backend_calls_total", backend="gitlab", operation="pipelines", outcome="ok") == 1
    assert sample(metrics, "idp_backend_seconds_sum", backend="gitlab", operation="pipelines") == pytest.approx(0.05)


def test_queue(metrics: Metrics) -> None:
    """A queue has the length that was last set."""
    metrics.queue_length("outbox", 7)
    assert sample(metrics, "idp_queue_length", queue="outbox") == 7


def test_unwritten_audit_entries(metrics: Metrics) -> None:
    """An audit entry that could not be committed is counted."""
    metrics.audit_unwritten()
    assert sample(metrics, "idp_audit_unwritten_total") == 1


def test_rate_limits_of_slack(metrics: Metrics) -> None:
    """A 429 of Slack's is counted for itself, and is no call of its own."""
    metrics.observer("slack")("rate_limited", 0.0, "429")
    assert sample(metrics, "idp_slack_rate_limited_total") == 1
    assert sample(metrics, "idp_backend_calls_total", backend="slack", operation="rate_limited", outcome="429") is None


def test_backend_up(metrics: Metrics) -> None:
    """A backend is 1 while the last look found it fine, else 0."""
    metrics.backend_up("gitlab", up=True)
    metrics.backend_up("gitlab", up=False)
    assert sample(metrics, "idp_backend_up", backend="gitlab") == 0


def test_registries_are_apart() -> None:
    """Each instance counts for itself, so that tests do not see one another."""
    one, two = Metrics(), Metrics()
    one.audit_unwritten()
    assert sample(two, "idp_audit_unwritten_total") == 0


def test_text_format() -> None:
    """What is rendered is Prometheus' text format, the process's own memory and time included, each with its help."""
    families = {family.name: family for family in text_string_to_metric_families(Metrics().render().decode())}
    assert "process_resident_memory_bytes" in families
    assert families["idp_audit_unwritten"].documentation


def test_no_times_of_birth(metrics: Metrics) -> None:
    """A counter is one series per combination of labels, not two."""
    metrics.command("service", "ok", "slack", 0.2)
    assert b"_created" not in metrics.render()
