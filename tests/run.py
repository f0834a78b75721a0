"""Runs all checks: `./idp test`. Arguments go to pytest, and then only pytest runs: `./idp test -k slash -x`.

The static checks share the two cores, then pytest has both, so that its timings mean something. Each check's output is
shown in one piece; pytest's is last, with one line about everything after it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable

NO_TESTS = 5  # pytest's status where it has collected nothing to run

# apt package -> what it is for. The browser tests read screenshots, so they want letters in them.
PACKAGES = {
    "chromium": "the browser tests",
    "fonts-dejavu-core": "Latin, Arabic and Hebrew text in screenshots",
    "fonts-noto-color-emoji": "emoji in screenshots",
}


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    command: tuple[str, ...]
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    passed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{self.name} {'ok' if self.passed else 'FAILED'} ({self.seconds:.0f} s)"


LANES: tuple[tuple[Check, ...], ...] = (
    (Check("mypy", (PYTHON, "-m", "mypy", "--no-error-summary")),),
    (
        Check("ruff", (PYTHON, "-m", "ruff", "check", "--quiet", "."), "ruff check --fix"),
        Check("ruff format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."), "ruff format"),
        Check(
            "import-linter",
            (PYTHON, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo"),
        ),
    ),
)


def missing_packages() -> list[str]:
    """Return the apt packages that tests need and that are not installed; elsewhere than on Debian, only chromium."""
    if shutil.which("dpkg-query") is None:
        return [] if shutil.which("chromium") or shutil.which("google-chrome") else ["chromium"]
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES]
    listed = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()  # noqa: S603 - constants
    return [name for name in PACKAGES if f"{name} installed" not in listed]


def install_packages() -> None:
    """Install what is missing where that is allowed; otherwise say exactly what is missing and how to get it."""
    missing = missing_packages()
    if not missing:
        return
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing what tests need: {', '.join(missing)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["apt-get", "update", "-q"], command):
            done = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - constants
            if done.returncode:
                say(f"`{' '.join(step)}` failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
                return
        return
    for name in missing:
        say(f"missing: {name}, for {PACKAGES[name]}")
    say(f"tests that need it are skipped (in CI: fail). Install it with: sudo {' '.join(command)}")


_printing = threading.Lock()


def say(text: str) -> None:
    """Print, whole, also where two checks end at the same time."""
    with _printing:
        print(text, flush=True)


def run(check: Check) -> Outcome:
    """Run one check and show its output in one piece."""
    started = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - LANES
    outcome = Outcome(check.name, done.returncode == 0, time.monotonic() - started)
    output = "" if outcome.passed else f"\n{(done.stdout + done.stderr).strip()}"
    repair = f"\n(put right by: .venv/bin/{check.repair})" if check.repair and not outcome.passed else ""
    say(f"== {outcome}{output}{repair}")
    return outcome


def run_pytest(arguments: list[str]) -> Outcome:
    """Run pytest on the terminal, so that its own summary is there to be read."""
    started = time.monotonic()
    say("== pytest")
    done = subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, check=False)  # noqa: S603 - the caller's own
    if done.returncode == NO_TESTS:
        say("no test fits these arguments")
    return Outcome("pytest", done.returncode == 0, time.monotonic() - started)


def from_here(argument: str) -> str:
    """Return a path argument as pytest, which runs in the checkout, understands it."""
    path, colons, test = argument.partition("::")
    return f"{Path(path).resolve()}{colons}{test}" if not path.startswith("-") and Path(path).exists() else argument


def main(arguments: list[str]) -> int:
    """Run everything, or pytest alone with these arguments; return the exit status."""
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    install_packages()
    if arguments:
        return 0 if run_pytest([from_here(a) for a in arguments]).passed else 1
    with ThreadPoolExecutor(len(LANES)) as lanes:
        outcomes = [o for lane in lanes.map(lambda checks: [run(c) for c in checks], LANES) for o in lane]
    outcomes.append(run_pytest(["-q", "-n", "auto", "--dist", "worksteal"]))
    passed = all(o.passed for o in outcomes)
    say(f"{'all checks passed' if passed else 'SOME CHECKS FAILED'}: {' · '.join(map(str, outcomes))}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
