from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import table
from tests.bench.measure import Measure
from tests.run import LANES, from_here


def test_paths_are_taken_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path given to `./idp test` means what it means in the folder that it was typed in."""
    (tmp_path / "test_it.py").touch()
    monkeypatch.chdir(tmp_path)
    assert from_here("test_it.py::test_one") == f"{tmp_path / 'test_it.py'}::test_one"


@pytest.mark.parametrize("argument", ["-k", "-x", "slash and not form", "tests/no_such_file.py"])
def test_other_arguments_are_left_alone(argument: str) -> None:
    """What is no path that is there goes to pytest as it is."""
    assert from_here(argument) == argument


def test_all_checks_are_run() -> None:
    """The five checks are ruff, ruff's format, mypy, import-linter and, after them, pytest."""
    assert {check.name for lane in LANES for check in lane} == {"mypy", "ruff", "ruff format", "import-linter"}


@pytest.mark.parametrize(
    ("measure", "ratio", "verdict"),
    [
        (Measure("p50", 0.8, "ms", at_most=1.0), "0.80", "met"),
        (Measure("p50", 1.2, "ms", at_most=1.0), "1.20", "MISSED"),
        (Measure("rate", 0.8, at_least=0.7), "1.14", "met"),
        (Measure("rate", 0.6, at_least=0.7), "0.86", "MISSED"),
        (Measure("rate", 50.0, "1/s", compared_to=100.0), "0.50", ""),
        (Measure("rate", 50.0, "1/s"), "", ""),
    ],
)
def test_goals(measure: Measure, ratio: str, verdict: str) -> None:
    """A measure is held against its goal where it has one, and shown as a ratio to what it is compared with."""
    assert (measure.ratio_text, measure.verdict) == (ratio, verdict)


def test_table_is_aligned() -> None:
    """The bench's table has its columns under one another."""
    assert table([("a", "b"), ("long", "c")]) == "a     b\nlong  c"


def test_no_test_is_said(root: Path) -> None:
    """Arguments that fit no test are a failure, and it is said why."""
    command = [
        sys.executable,
        str(root / "tests" / "run.py"),
        "-q",
        "-k",
        "no_such_test",
        str(root / "tests" / "harness"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - ourselves
    assert done.returncode == 1
    assert done.stdout.endswith("no test fits these arguments\n")
