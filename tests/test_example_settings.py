"""idp.example.yaml is complete, can be used as it stands, and shows the defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, SecretStr

from bot.settings import Settings, load
from tests._harness.readme import nested_model

SECRETS = {
    "IDP_SLACK__BOT_TOKEN": "xoxb-1",
    "IDP_SLACK__APP_TOKEN": "xapp-1",
    "IDP_GITLAB__TOKEN": "glpat-1",
    "IDP_AUDIT_KEY": "k" * 64,
}
# What nobody can leave as it is, and what the example recommends.
OWN = {"slack.mode", "gitlab.url", "people", "roles"}


@pytest.fixture
def example(root: Path) -> Path:
    return root / "idp.example.yaml"


def sections(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each setting that holds a value, or a list or mapping as a whole."""
    for name, info in model.model_fields.items():
        nested, many = nested_model(info.annotation)
        if nested is not None and not many:
            yield from sections(nested, f"{path}{name}.")
        else:
            yield f"{path}{name}", info


def paths(content: Mapping[str, Any], model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, value in content.items():
        nested, many = nested_model(model.model_fields[name].annotation)
        if nested is not None and not many:
            yield from paths(value, nested, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in getattr(annotation, "__args__", ())


def test_the_example_is_complete(example: Path) -> None:
    """Every setting is there, commented out where it has no sensible value; secrets are told by their variables."""
    names = {path.rpartition(".")[2] for path, _ in sections(Settings)}
    text = example.read_text(encoding="utf-8")
    shown = re.sub(rf"^( *)# ({'|'.join(names)}):( |$)", r"\1\2:\3", text, flags=re.MULTILINE)
    shown = re.sub(r"^#.*\n", "", shown, flags=re.MULTILINE)
    written = set(paths(yaml.safe_load(shown), Settings))
    for path, info in sections(Settings):
        variable = "IDP_" + path.replace(".", "__").upper()
        assert variable in text if is_secret(info.annotation) else path in written, path


def test_the_example_can_be_used(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied as it stands, with the secrets in the environment, it is accepted, and what it shows is the default."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("IDP_CONFIG", str(example))
    loaded = load(example)
    for path in set(paths(yaml.safe_load(example.read_text(encoding="utf-8")), Settings)) - OWN:
        section, _, name = path.rpartition(".")
        holder = getattr(loaded, section) if section else loaded
        default = type(holder).model_fields[name].get_default(call_default_factory=True, validated_data={})
        assert getattr(holder, name) == default, path
