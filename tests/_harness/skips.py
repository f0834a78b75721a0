"""In CI a test may be skipped only for what cannot be installed there; every other skip is a failure.

A skip is a promise that nobody checks. On a developer's machine that is a convenience, in CI it hides a missing tool.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

# A real server is nobody's to install for a test run, and a container may keep even root from mounting. Reference data
# is not in the list: CI has it, and without it nothing holds the simulators to what the vendors publish.
ALLOWED = ("needs a real server:", "needs the right to mount:")


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why something was skipped, without pytest's own prefix."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def fail_unless_allowed(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn the report of a skip that CI does not allow into a failure. Expected failures are no skips."""
    if not (os.environ.get("CI") and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = reason_of(report)
    if reason.startswith(ALLOWED):
        return
    report.outcome = "failed"
    report.longrepr = f"skipped in CI: {reason}\n(allowed reasons begin with {' or '.join(map(repr, ALLOWED))})"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    del item, call
    report = yield
    fail_unless_allowed(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    del collector
    report = yield
    fail_unless_allowed(report)
    return report
