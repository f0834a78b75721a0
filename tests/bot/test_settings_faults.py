"""What an operator reads whose settings cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.settings import SettingsError, load


def told(folder: Path, **content: object) -> list[str]:
    """Return the lines about a file with this content."""
    file = folder / "own.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load(file)
    return str(raised.value).splitlines()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IDP_CONFIG", str(tmp_path / "idp.yaml"))


def test_sections_that_are_missing_are_told_by_what_they_need(tmp_path: Path) -> None:
    """Who has written nothing yet is told each setting that is needed, a secret by its variable."""
    assert told(tmp_path) == [
        "slack.bot_token is not set; it is a secret: put it in IDP_SLACK__BOT_TOKEN",
        "gitlab: set exactly one of token (IDP_GITLAB__TOKEN) and token_file",
        "audit_key is not set; it is a secret: put it in IDP_AUDIT_KEY",
    ]


def test_no_file_is_told_where_it_matters(tmp_path: Path) -> None:
    """Where something is missing and no file was found, its path is told, and what to copy."""
    with pytest.raises(SettingsError) as raised:
        load()
    first = str(raised.value).splitlines()[0]
    assert first == f"there is no settings file {tmp_path / 'idp.yaml'}; copy idp.example.yaml and fill it in"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"slak": {}}, "slak: there is no such setting; did you mean slack?"),
        ({"slack": {"bot_tokn": "x"}}, "slack.bot_tokn: there is no such setting; did you mean slack.bot_token?"),
        ({"gitlab": {"tokens": "x"}}, "gitlab.tokens: there is no such setting; did you mean gitlab.token?"),
        ({"store": {"datadir": "x"}}, "store.datadir: there is no such setting; did you mean store.data_dir?"),
        (
            {"people": [{"slack": "T1/U1", "gitlab": 1, "osuser": "x"}]},
            "people.0.osuser: there is no such setting; did you mean people.0.os_user?",
        ),
        (
            {"roles": {"auditor": {"group": ["x"]}}},
            "roles.auditor.group: there is no such setting",
        ),
        ({"http": {"zzz": 1}}, "http.zzz: there is no such setting"),
        ({"audit_key": "short"}, "audit_key: must have at least 32 characters"),
        (
            {"people": [{"slack": "ana", "gitlab": 1}]},
            "people.0.slack: does not have the form that is wanted: Slack workspace and user id, `T…/U…`",
        ),
        ({"log": {"level": "loud"}}, "log.level: must be 'debug', 'info', 'warning' or 'error'"),
        ({"slack": {"bot_token": "xoxb-…"}}, "slack.bot_token: is empty or has characters that none of these has"),
        ({"gitlab": {"token": " "}}, "gitlab.token: is empty or has characters that none of these has"),
        ({"gitlab": {"url": "https://a.b/api/v4"}}, "gitlab.url: write GitLab's address without /api/v4, like"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(tmp_path: Path, content: dict[str, object], line: str) -> None:
    """A setting that does not exist, or that holds what it cannot, is told in words, with what it may have meant."""
    assert any(one.startswith(line) for one in told(tmp_path, **content))
