"""The GitLab that a suite runs against, and settings for a client that tests with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from bot.demo.organisation import BOT_TOKEN
from integrations.gitlab.settings import GitLabSettings

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FILE = "catalog-info.yaml"


@dataclass(frozen=True, slots=True)
class Target:
    """The server under test and what is known to be on it."""

    url: str
    token: str
    project_id: int
    group: str


def settings_for(url: str, token: str = BOT_TOKEN, **changed: Any) -> GitLabSettings:
    """Return settings that neither retry nor slow a test down, unless it wants that."""
    return GitLabSettings.model_validate(
        {"url": url, "token": SecretStr(token), "requests_per_second": 0, "attempts": 1, **changed}
    )
