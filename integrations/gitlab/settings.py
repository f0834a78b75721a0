"""How the platform reaches GitLab. Tokens stay secrets here; nothing in this module prints one."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class GitLabSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: str = Field("https://gitlab.com", description="GitLab's address, without `/api/v4`")
    token: SecretStr | None = Field(
        None,
        description="A group or personal access token of the bot with the scope `read_api` and the role Reporter",
    )
    token_file: Path | None = Field(
        None, description="A file with the token instead, read again when GitLab refuses the one that was read"
    )
    ca_file: Path | None = Field(None, description="A PEM bundle, where GitLab's certificate is your own authority's")
    membership: bool = Field(
        True,
        description="Only projects and groups that the bot is a member of; without it all that it can see, which on "
        "gitlab.com is every public project",
    )
    deadline: float = Field(10.0, gt=0, description="Seconds that one question to GitLab may take, retries included")
    catalogue_deadline: float = Field(
        60.0, gt=0, description="Seconds that one page of the catalogue's refresh may take, retries included"
    )
    attempts: int = Field(3, ge=1, le=10, description="How often a read is tried when GitLab is unavailable")
    requests_per_second: float = Field(
        30.0, ge=0, description="The most requests a second that the bot sends (gitlab.com allows 33); 0 is no limit"
    )
    catalogue_parallel: int = Field(
        4, ge=1, le=6, description="Pages of the catalogue in flight; the rest of the 8 connections stays for people"
    )
    web_hosts: frozenset[str] = Field(
        frozenset(), description="Further hosts that GitLab's links lead to; the host of `url` is always one"
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError("write GitLab's address like https://gitlab.example.com")
        if "/api/" in f"{parts.path}/":
            raise ValueError("write GitLab's address without /api/v4, like https://gitlab.example.com")
        return value.rstrip("/")

    @field_validator("token")
    @classmethod
    def _can_be_sent(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else "-"
        if not (text.isascii() and text.isprintable() and text and " " not in text):
            raise ValueError("is empty or has characters that none of these has; was a placeholder left in its place?")
        return value

    @model_validator(mode="after")
    def _has_one_token(self) -> Self:
        if (self.token is None) == (self.token_file is None):
            raise ValueError("set exactly one of token (IDP_GITLAB__TOKEN) and token_file")
        return self

    @property
    def link_hosts(self) -> frozenset[str]:
        """The hosts that links from GitLab may lead to."""
        return self.web_hosts | {urlsplit(self.url).hostname or ""}

    def read_token(self) -> str:
        """Return the token, read afresh where it is in a file. Raises OSError where the file cannot be read."""
        if self.token is not None:
            return self.token.get_secret_value()
        assert self.token_file is not None
        return self.token_file.read_text(encoding="utf-8").strip()
