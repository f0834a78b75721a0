from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from integrations.gitlab.settings import GitLabSettings


def test_the_token_is_not_shown() -> None:
    """Printing settings does not print the token."""
    settings = GitLabSettings.model_validate({"token": "glpat-secret"})
    assert "glpat-secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("given", [{}, {"token": "a", "token_file": "b"}])
def test_one_token(given: dict[str, str]) -> None:
    """There is exactly one token: given, or in a file."""
    with pytest.raises(ValidationError, match=r"exactly one of token \(IDP_GITLAB__TOKEN\) and token_file"):
        GitLabSettings.model_validate(given)


@pytest.mark.parametrize(
    "url", ["gitlab.com", "ftp://gitlab.com", "https://user:secret@gitlab.com", "https://", "", "https://a.b/api/v4/"]
)
def test_wrong_address(url: str) -> None:
    """An address that is none, or that has credentials in it, is refused."""
    with pytest.raises(ValidationError, match="address"):
        GitLabSettings.model_validate({"url": url, "token": "a"})


def test_link_hosts() -> None:
    """Links may lead to the address's own host and to the further ones, ports apart."""
    settings = GitLabSettings.model_validate(
        {"url": "https://gitlab.example:8443/", "token": "a", "web_hosts": ["code.example"]}
    )
    assert settings.link_hosts == {"gitlab.example", "code.example"}
    assert settings.url == "https://gitlab.example:8443"


def test_token_file(tmp_path: Path) -> None:
    """A token in a file is read without the line's end."""
    path = tmp_path / "token"
    path.write_text("abc\n", encoding="utf-8")
    assert GitLabSettings(token_file=path).read_token() == "abc"
