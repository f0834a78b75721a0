"""Golden files: what each document looks like in Slack (`.slack.json`), in a terminal (`.txt`) and as data (`.json`).

After a wanted change run `IDP_UPDATE_GOLDEN=1 ./idp test -k golden` and read the difference before committing it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.render import blocks, text
from bot.render.jsonable import jsonable
from commands._kit.doc import Button, Doc
from integrations.slack.simulator.blockkit import validate_message
from tests.bot.render.documents import DOCUMENTS, HOSTS, NOON

GOLDEN = Path(__file__).parents[2] / "golden" / "render"
UPDATE = bool(os.environ.get("IDP_UPDATE_GOLDEN"))


def button(one: Button, number: int) -> tuple[str, str]:
    return f"run:{one.command}:{number}", json.dumps(dict(one.arguments))


def compare(path: Path, content: str) -> None:
    """Hold what was rendered against its file, or write the file where that was asked for."""
    if UPDATE:
        path.write_text(content, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing; IDP_UPDATE_GOLDEN=1 writes it"
    assert content == path.read_text(encoding="utf-8")


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def slack(doc: Doc) -> Any:
    """Return what is posted, files by name and size."""
    rendered = blocks.render(doc, button=button, allowed_hosts=HOSTS)
    assert validate_message(rendered.body()) == []
    overflow = rendered.overflow
    files = {file.name: len(file.content) for file in (*rendered.files, *([overflow] if overflow else []))}
    return {**rendered.body(), "files": files}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_slack_matches_its_golden_file(name: str) -> None:
    """A document's blocks are what its golden file says, and Slack would take them."""
    compare(GOLDEN / f"{name}.slack.json", dump(slack(DOCUMENTS[name])))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_text_matches_its_golden_file(name: str) -> None:
    """A document in a terminal of 80 columns is what its golden file says."""
    compare(GOLDEN / f"{name}.txt", text.render(DOCUMENTS[name], width=80, now=NOON))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_data_matches_its_golden_file(name: str) -> None:
    """A document as data is what its golden file says."""
    compare(GOLDEN / f"{name}.json", dump(jsonable(DOCUMENTS[name])))


def test_no_golden_file_is_left_over() -> None:
    """Each golden file belongs to a document that is still rendered."""
    wanted = {f"{name}{suffix}" for name in DOCUMENTS for suffix in (".slack.json", ".txt", ".json")}
    assert {path.name for path in GOLDEN.iterdir()} == wanted
