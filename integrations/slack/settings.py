"""How the bot reaches Slack, and how Slack reaches the bot."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class Mode(StrEnum):
    """HTTP: Slack calls the bot's address. Socket Mode: the bot calls Slack, no address is needed."""

    HTTP = "http"
    SOCKET = "socket"


class SlackSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mode: Mode = Field(Mode.HTTP, description="How Slack delivers: `http` (a public address) or `socket` (none needed)")
    bot_token: SecretStr = Field(description="The bot's token (`xoxb-...`) from *Install App*")
    signing_secret: SecretStr | None = Field(
        None, description="The app's signing secret, from *Basic Information*; needed in `http` mode"
    )
    app_token: SecretStr | None = Field(
        None, description="An app-level token (`xapp-...`) with `connections:write`; needed in `socket` mode"
    )
    api_url: str = Field("https://slack.com/api/", description="Slack's Web API; change it for GovSlack")
    deadline: float = Field(10.0, gt=0, description="Seconds that one Web API call may take")
    link_hosts: frozenset[str] = Field(
        frozenset(),
        description="Further hosts that links in answers may lead to, `.example.com` for all below a domain; GitLab's "
        "own is always allowed",
    )

    @field_validator("bot_token", "signing_secret", "app_token")
    @classmethod
    def _can_be_sent(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else "-"
        if not (text.isascii() and text.isprintable() and text and " " not in text):
            raise ValueError("is empty or has characters that none of these has; was a placeholder left in its place?")
        return value

    @model_validator(mode="after")
    def _has_what_the_mode_needs(self) -> Self:
        if self.mode is Mode.HTTP and self.signing_secret is None:
            raise ValueError("mode `http` needs signing_secret (IDP_SLACK__SIGNING_SECRET)")
        if self.mode is Mode.SOCKET and self.app_token is None:
            raise ValueError("mode `socket` needs app_token (IDP_SLACK__APP_TOKEN)")
        return self
