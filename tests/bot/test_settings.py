"""Settings: from file and environment, with faults told in words and never with a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings, SettingsError, load
from commands._kit.roles import MATRIX, Component, Role, Verb

SECRET = "xoxb-do-not-show-this"
GOOD: dict[str, Any] = {
    "slack": {"bot_token": SECRET, "signing_secret": "signing-do-not-show-this"},
    "gitlab": {"url": "https://gitlab.acme.example", "token": "glpat-do-not-show-this"},
    "audit_key": "do-not-show-this-key-of-the-audit-chain",
}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IDP_CONFIG", str(tmp_path / "idp.yaml"))
    monkeypatch.chdir(tmp_path)


def settings(folder: Path, **changed: Any) -> Settings:
    """Load a good file with these sections changed."""
    (folder / "idp.yaml").write_text(yaml.safe_dump({**GOOD, **changed}), encoding="utf-8")
    return load(folder / "idp.yaml")


def refused(folder: Path, **changed: Any) -> str:
    with pytest.raises(SettingsError) as raised:
        settings(folder, **changed)
    return str(raised.value)


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    """With the secrets and GitLab's address in the file everything else has a default."""
    found = settings(tmp_path)
    assert found.http.port == 8080
    assert found.store.data_dir == Path(".data")
    assert found.gitlab.url == "https://gitlab.acme.example"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable replaces the file's value, and only that value of its section."""
    monkeypatch.setenv("IDP_HTTP__PORT", "9999")
    found = settings(tmp_path, http={"port": 1111, "host": "0.0.0.0"})  # noqa: S104 - a setting, nobody listens
    assert (found.http.port, found.http.host) == (9999, "0.0.0.0")  # noqa: S104 - as above


def test_the_environment_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without a file takes everything from its environment."""
    del tmp_path
    monkeypatch.setenv("IDP_SLACK__BOT_TOKEN", SECRET)
    monkeypatch.setenv("IDP_SLACK__SIGNING_SECRET", "s")
    monkeypatch.setenv("IDP_GITLAB__TOKEN", "t")
    monkeypatch.setenv("IDP_AUDIT_KEY", "k" * 32)
    assert load().slack.bot_token.get_secret_value() == SECRET


def test_every_fault_has_a_line_of_its_own(tmp_path: Path) -> None:
    """Three faults are three lines, each with where it is."""
    lines = refused(
        tmp_path, http={"port": 99999}, limits={"burst": 0}, people=[{"slack": "alice", "gitlab": 1}]
    ).splitlines()
    assert len(lines) == 3
    for place in ("http.port", "limits.burst", "people.0.slack"):
        assert any(line.startswith(f"{place}: ") for line in lines)


def test_no_fault_shows_a_value(tmp_path: Path) -> None:
    """What was written is in no message: it could be a secret in the wrong place."""
    told = refused(
        tmp_path,
        audit_key="too-short-SECRET",
        slack={"bot_token": {"oops": SECRET}, "signing_secret": ["SECRET"], "mode": "SECRET-mode"},
        gitlab={"url": "SECRET", "token": "SECRET"},
        typo="SECRET",
    )
    assert "SECRET" not in told
    assert SECRET not in told


@pytest.mark.parametrize(
    ("missing", "variable"),
    [("audit_key", "IDP_AUDIT_KEY"), ("slack.bot_token", "IDP_SLACK__BOT_TOKEN")],
)
def test_a_missing_secret_is_named_with_its_variable(tmp_path: Path, missing: str, variable: str) -> None:
    """Who leaves a secret out is told which variable to set."""
    changed = {k: v for k, v in GOOD.items() if k != missing}
    if missing == "slack.bot_token":
        changed = {**GOOD, "slack": {"signing_secret": "s"}}
    (tmp_path / "idp.yaml").write_text(yaml.safe_dump(changed), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"^{missing} is not set; .*{variable}$"):
        load(tmp_path / "idp.yaml")


def test_a_missing_file_is_said_with_what_to_copy(tmp_path: Path) -> None:
    """Who names a file that is not there is told which example to copy."""
    with pytest.raises(SettingsError, match=r"there is no settings file .*copy idp\.example\.yaml"):
        load(tmp_path / "nowhere.yaml")


def test_broken_yaml_is_told_by_its_line(tmp_path: Path) -> None:
    """A file that is no YAML is refused with the line, not with what stands there."""
    (tmp_path / "idp.yaml").write_text(f"a: 1\nslack: [{SECRET}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"no valid YAML at line \d") as raised:
        load(tmp_path / "idp.yaml")
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("content", [b"just a sentence\n", b"- a\n- list\n", b"5\n", b"slack: \xff\xfe\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is YAML but no settings, or no text at all, is refused in words."""
    (tmp_path / "idp.yaml").write_bytes(content)
    with pytest.raises(SettingsError, match="the settings file"):
        load(tmp_path / "idp.yaml")


def test_a_variable_that_is_no_json_is_told_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list in the environment is JSON; where it is not, its name is told and its value is not."""
    monkeypatch.setenv("IDP_PEOPLE", "alice=SECRET")
    told = refused(tmp_path)
    assert "people" in told
    assert "SECRET" not in told


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    """A setting that does not exist is a slip, not a wish that is silently ignored."""
    assert refused(tmp_path, cataloge={"refresh": "1m"}).startswith("cataloge: ")


@pytest.mark.parametrize("field", ["slack", "gitlab", "os_user"])
def test_a_link_belongs_to_one_person(tmp_path: Path, field: str) -> None:
    """A Slack id, GitLab id or OS user that two people share is refused, by name."""
    people: list[dict[str, Any]] = [
        {"slack": "T1/U1", "gitlab": 1, "os_user": "ann"},
        {"slack": "T1/U2", "gitlab": 2, "os_user": "bob"},
    ]
    people[1][field] = people[0][field]
    assert f"{field} {people[0][field]} is given to more than one person" in refused(tmp_path, people=people)


def test_people_without_an_os_user_do_not_share_it(tmp_path: Path) -> None:
    """Leaving the OS user out is no link that could be given twice."""
    people = [{"slack": "T1/U1", "gitlab": 1}, {"slack": "T1/U2", "gitlab": 2}]
    assert len(settings(tmp_path, people=people).people) == 2


def test_a_cell_of_the_matrix_can_be_replaced(tmp_path: Path) -> None:
    """An operator's cell takes the place of the product's, and no other cell changes."""
    found = settings(tmp_path, matrix={"security": {"manager": ["audit"], "auditor": []}}).permissions
    assert found[Component.SECURITY][Role.MANAGER] == {Verb.AUDIT}
    assert found[Component.SECURITY][Role.AUDITOR] == frozenset()
    assert found[Component.SECURITY][Role.DEVELOPER] == MATRIX[Component.SECURITY][Role.DEVELOPER]
    assert found[Component.PLATFORM] == MATRIX[Component.PLATFORM]


def test_a_role_or_verb_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A slip in the matrix or the roles is found at the start, with where it is."""
    assert "matrix.security" in refused(tmp_path, matrix={"security": {"boss": ["audit"]}})
    assert "roles.boss" in refused(tmp_path, roles={"boss": {"people": ["T1/U1"]}})


def test_durations_are_written_as_people_write_them(tmp_path: Path) -> None:
    """`90s` and `2h30m` are durations in the file."""
    found = settings(tmp_path, shutdown="90s", catalogue={"refresh": "5m", "full_refresh": "2h30m"})
    assert found.shutdown.total_seconds() == 90
    assert found.catalogue.full_refresh.total_seconds() == 9000


def test_a_mode_without_its_secret_is_refused(tmp_path: Path) -> None:
    """Socket Mode without an app-level token is refused at the start, saying what is needed."""
    assert "needs app_token" in refused(tmp_path, slack={"mode": "socket", "bot_token": SECRET})


def test_settings_do_not_print_their_secrets(tmp_path: Path) -> None:
    """Printing the settings shows no secret."""
    assert "do-not-show-this" not in repr(settings(tmp_path))
