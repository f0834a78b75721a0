"""What the README says is true: its tables are made from the code, its examples are tried, its links lead somewhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from bot import __main__ as entry
from bot.settings import load
from tests._harness.pictures import FOLDER, MOST_BYTES, PICTURES, path_of
from tests._harness.readme import TABLE, regenerated, tables


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    path = root / "README.md"
    text = path.read_text(encoding="utf-8")
    if os.environ.get("IDP_REGENERATE") and not os.environ.get("CI"):
        text = regenerated(text, root)
        path.write_text(text, encoding="utf-8")
    return text


def example(readme: str, name: str) -> str:
    """Return the code block that follows this marker."""
    found = re.search(rf"<!-- example: {re.escape(name)} -->\n```\w+\n(.*?)```", readme, re.DOTALL)
    assert found, f"the README has no example {name}"
    return found.group(1)


def test_tables_are_true(readme: str, root: Path) -> None:
    """Every table says what the code says; `IDP_REGENERATE=1` writes them anew."""
    assert readme == regenerated(readme, root), "run: IDP_REGENERATE=1 ./idp test tests/test_readme.py"


def test_every_table_is_there(readme: str, root: Path) -> None:
    """No table that could be made is missing, and none is there twice."""
    assert sorted(found.group(2) for found in TABLE.finditer(readme)) == sorted(tables(root))


def test_example_settings_are_good(readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example settings, with the example environment, are accepted as they stand."""
    for line in example(readme, "idp.env").splitlines():
        if not line.startswith("#"):
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value * 40)
    config = tmp_path / "idp.yaml"
    config.write_text(example(readme, "idp.yaml"), encoding="utf-8")
    monkeypatch.setenv("IDP_CONFIG", str(config))
    settings = load(config)
    assert set(settings.model_fields_set) >= set(yaml.safe_load(config.read_text(encoding="utf-8")))


def test_links_lead_somewhere(readme: str, root: Path) -> None:
    """Links within the repository lead to files that are there, and links within the README to its headings."""
    headings = {
        re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-")
        for h in re.findall(r"^#+ (.*)$", readme, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", readme):
        if target.startswith("#"):
            assert target[1:] in headings
        elif "://" not in target:
            assert (root / target).exists(), target


def test_subcommands_exist(readme: str) -> None:
    """Every `./idp ...` that the README shows is a subcommand that there is."""
    shown = set(re.findall(r"\./idp ([a-z]+)", readme))
    known = set(re.findall(r"\b[a-z]+\b", entry._parser().format_help()))
    assert shown <= known


def test_commands_parse(readme: str) -> None:
    """Every `/idp <command>` that the README shows begins with a command, or its alias or plural."""
    from bot.app import command_set  # noqa: PLC0415 - only this test needs it

    commands = command_set()
    for word in set(re.findall(r"(?<!\.)/idp ([a-z]+)", readme)):
        assert commands.find(word), word


def test_pictures_are_shown(readme: str, root: Path) -> None:
    """The README shows every picture that the browser test takes, with the words for those who do not see it; there is
    no other, and none is large.
    """
    shown = dict(re.findall(rf"!\[([^\]]+)\]\(({FOLDER}/[^)]+)\)", readme))
    assert shown == {words: str(path_of(name)) for name, words in PICTURES.items()}
    kept = {path.relative_to(root): path.stat().st_size for path in (root / FOLDER).iterdir()}
    assert set(kept) == {path_of(name) for name in PICTURES}
    assert max(kept.values()) <= MOST_BYTES
