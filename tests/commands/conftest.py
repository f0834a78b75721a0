from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import commands
from commands._kit.discover import CommandSet
from commands._kit.doc import Doc
from commands._kit.ports import CommandIndex, Platform
from integrations.gitlab import GitLab
from integrations.store import AuditLog, Catalogue, Feedback, Preferences
from tests.commands.reading import lines

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "commands"
PORTS = (AuditLog, Catalogue, CommandIndex, Feedback, GitLab, Platform, Preferences)


@pytest.fixture(scope="session")
def product() -> CommandSet:
    """The product's own commands."""
    return commands.discover(PORTS)


@pytest.fixture
def golden() -> Callable[[str, Doc], None]:
    """Compares a document with its golden file; `IDP_UPDATE_GOLDEN=1` writes the file anew."""

    def compare(name: str, doc: Doc) -> None:
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("IDP_UPDATE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(lines(doc), encoding="utf-8")
        assert lines(doc) == path.read_text(encoding="utf-8")

    return compare
