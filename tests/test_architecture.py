"""import-linter keeps the layers (`pyproject.toml`); this shows that its contracts are complete and that they bite."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGES = ("bot", "commands", "integrations")
VAGUE = re.compile(r"utils?|helpers?|manager|common|misc")


@pytest.fixture(scope="module")
def contracts(root: Path) -> dict[str, Any]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources that a test may spoil."""
    folder = tmp_path_factory.mktemp("sources")
    for package in PACKAGES:
        shutil.copytree(root / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", folder)
    return folder


@pytest.fixture
def spoiled(copy: Path) -> Iterator[Path]:
    """The copy, put right again after the test."""
    yield copy
    for path in copy.rglob("made_up.py"):
        path.unlink()


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(  # noqa: S603 - our own interpreter and constants
        [sys.executable, "-c", code, "--no-logo", "--no-cache", "--contract", contract],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_backend_is_in_the_contract(root: Path, contracts: dict[str, Any]) -> None:
    """Every folder of integrations is a backend that the independence contract lists."""
    folders = {f"integrations.{p.name}" for p in (root / "integrations").iterdir() if (p / "__init__.py").exists()}
    assert set(contracts["backends"]["modules"]) == folders


def test_backends_share_errors_only(root: Path) -> None:
    """Beside the backends, integrations holds the shared errors and nothing else."""
    assert {p.name for p in (root / "integrations").glob("*.py")} == {"__init__.py", "errors.py"}


@pytest.mark.parametrize("backend", ["gitlab", "slack", "store"])
def test_a_backend_shows_its_port_only(root: Path, backend: str) -> None:
    """A backend's package re-exports its port and nothing else, so that importing it brings no SDK."""
    source = (root / "integrations" / backend / "__init__.py").read_text(encoding="utf-8")
    imported = re.findall(r"^(?:from|import) (\S+)", source, re.MULTILINE)
    assert imported
    assert all(re.fullmatch(rf"integrations\.{backend}\.port(\.\w+)?", name) for name in imported)


# contract, where a bad import is put, the bad import
VIOLATIONS = [
    ("layers", "commands", "import bot.settings"),
    ("layers", "integrations/gitlab", "import commands._kit.doc"),
    ("backends", "integrations/gitlab", "import integrations.store"),
    ("front-ends", "bot/frontends/slack", "import bot.frontends.terminal"),
    ("commands", "commands", "import aiohttp"),
    ("commands", "commands", "import sqlite3"),
    ("commands", "commands", "import subprocess"),
    ("ports", "commands", "import integrations.gitlab.client"),
    ("ports", "commands/_kit", "import integrations.store.sqlite.writer"),
    ("slack-bolt", "bot", "import slack_bolt.async_app"),
    ("slack-bolt", "integrations/slack", "import slack_bolt"),
    ("slack-sdk", "integrations/slack", "import slack_sdk.models.blocks"),
    ("slack-sdk", "integrations/slack/simulator", "import slack_sdk"),
    ("python-gitlab", "integrations/gitlab", "import gitlab.v4.objects"),
    ("sqlite", "integrations/store", "import sqlite3"),
    ("sqlite", "bot", "import sqlite_utils"),
    ("simulators", "bot", "import integrations.slack.simulator"),
    ("simulators", "bot/frontends/slack", "import integrations.slack.simulator.blockkit"),
    ("simulators-alone", "integrations/slack/simulator", "import integrations.slack"),
    ("simulators-alone", "integrations/gitlab/simulator", "import integrations.gitlab.client"),
    ("composition", "bot/frontends/slack", "import integrations.gitlab.client"),
]


@pytest.mark.parametrize(("contract", "where", "statement"), VIOLATIONS)
def test_a_forbidden_import_is_found(spoiled: Path, contract: str, where: str, statement: str) -> None:
    """An import that the architecture forbids breaks its contract."""
    (spoiled / where / "made_up.py").write_text(f"{statement}\n", encoding="utf-8")
    result = lint(spoiled, contract)
    assert result.returncode == 1
    assert "made_up" in result.stdout
    assert "BROKEN" in result.stdout


def test_every_contract_can_be_broken(contracts: dict[str, Any]) -> None:
    """No contract stands there without a test that shows it to bite."""
    assert {contract for contract, _, _ in VIOLATIONS} == set(contracts)


def test_names_say_something(root: Path) -> None:
    """No module is called after nothing in particular."""
    names = [path for package in PACKAGES for path in (root / package).rglob("*.py") if VAGUE.fullmatch(path.stem)]
    assert names == []


def test_modules_are_short(root: Path) -> None:
    """No module has grown past 400 lines, blank ones apart, from where on it is to be split."""
    long = {
        str(path.relative_to(root)): lines
        for package in PACKAGES
        for path in (root / package).rglob("*.py")
        if (lines := sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
