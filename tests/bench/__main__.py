"""Measures what was promised: `./idp bench [name ...]`.

Each module beside this one (`start.py`, `acknowledge.py`, ...) has a `main()` that returns its `Measure`s and may print
what it does. Each runs in a process of its own, so that memory and import times are its own, and one that fails does
not keep the others from running. A goal that is missed is marked, and is no error: machines differ.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench.measure import Measure

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOT_BENCHES = ("__main__", "measure")


def names() -> list[str]:
    """Return the benches there are."""
    return sorted(
        p.stem for p in HERE.glob("*.py") if p.stem not in NOT_BENCHES and not p.stem.startswith(("_", "test_"))
    )


def run_here(name: str, results: Path) -> None:
    """Run one bench in this process and leave its measures in a file."""
    measures = importlib.import_module(f"tests.bench.{name}").main()
    results.write_text(json.dumps([asdict(m) for m in measures]), encoding="utf-8")


def run_apart(name: str) -> list[Measure] | None:
    """Run one bench in a process of its own; return its measures, or None where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [sys.executable, "-P", str(Path(__file__).resolve()), "--into", str(results), name]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:  # noqa: S603 - ourselves
            return None
        return [Measure(**m) for m in json.loads(results.read_text(encoding="utf-8"))]


def table(rows: list[tuple[str, ...]]) -> str:
    """Return the rows as aligned columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def main() -> int:
    """Run the named benches, or all of them; return 1 where one could not run."""
    parser = argparse.ArgumentParser(prog="./idp bench", description="Measures what was promised.")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of: {', '.join(names())}; by default all")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(names()))
    if unknown:
        parser.error(f"there is no bench {', '.join(unknown)}; there are: {', '.join(names())}")
    if arguments.into:
        run_here(arguments.names[0], arguments.into)
        return 0
    rows: list[tuple[str, ...]] = [("bench", "what", "measured", "goal", "ratio", "")]
    failed = 0
    for name in arguments.names or names():
        print(f"== {name}", flush=True)
        measures = run_apart(name)
        if measures is None:
            failed += 1
            rows.append((name, "failed; see above", "", "", "", "ERROR"))
            continue
        rows += [(name, m.what, m.measured, m.goal_text, m.ratio_text, m.verdict) for m in measures]
    print(f"\n{table(rows)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
