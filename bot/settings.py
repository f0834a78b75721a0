"""Everything that an operator sets: one tree, from `idp.yaml` and the environment (the environment wins).

A variable is `IDP_` and the path with double underscores: `IDP_SLACK__BOT_TOKEN`. Secrets belong in the environment.
The descriptions below are the README's settings table.
"""

from __future__ import annotations

import os
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource
from pydantic_settings import SettingsError as UnparsableVariable

from bot import settings_faults
from commands._kit.fields import Duration
from commands._kit.roles import MATRIX, Component, Matrix, Role, Verb
from integrations.gitlab.settings import GitLabSettings
from integrations.slack.settings import SlackSettings
from integrations.store.settings import StoreSettings


class SettingsError(Exception):
    """The settings cannot be used; the message lists each fault with where it is and how to put it right."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HttpSettings(Strict):
    host: str = Field("127.0.0.1", description="Address to listen on (`0.0.0.0` in a container)")
    port: int = Field(8080, ge=0, le=65535, description="Port for Slack's deliveries, health and metrics")


class LogFormat(StrEnum):
    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogSettings(Strict):
    format: LogFormat = Field(LogFormat.AUTO, description="`json`, `console`, or `auto`: console in a terminal")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least level that is written")


class LimitSettings(Strict):
    per_minute: int = Field(60, ge=1, description="Commands that one person may give in a minute, in the long run")
    burst: int = Field(20, ge=1, description="Commands that one person may give at once")


class CatalogueSettings(Strict):
    file: str = Field("catalog-info.yaml", description="The file in each project that describes its service")
    refresh: Duration = Field(timedelta(minutes=2), description="How often changed projects are looked for")
    full_refresh: Duration = Field(timedelta(hours=6), description="How often every project is read again")


class PersonSettings(Strict):
    slack: str = Field(pattern=r"^[TE][A-Z0-9]+/[UW][A-Z0-9]+$", description="Slack workspace and user id, `T…/U…`")
    gitlab: int = Field(ge=1, description="The person's GitLab user id (the number, which is never reused)")
    os_user: str = Field("", description="Who this person is on the bot's machine, for `./idp run`")


class RoleSettings(Strict):
    gitlab_groups: tuple[str, ...] = Field((), description="Full paths of GitLab groups whose members have the role")
    people: tuple[str, ...] = Field((), description="Slack people (`T…/U…`) who have the role")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="IDP_", env_nested_delimiter="__", extra="forbid")

    slack: SlackSettings
    gitlab: GitLabSettings
    store: StoreSettings = Field(default_factory=StoreSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    catalogue: CatalogueSettings = Field(default_factory=CatalogueSettings)
    audit_key: SecretStr = Field(
        min_length=32, description="Key of the audit chain, 32 characters or more, kept outside the store"
    )
    people: tuple[PersonSettings, ...] = Field((), description="Links between Slack people and GitLab users")
    roles: dict[Role, RoleSettings] = Field(default_factory=dict, description="Who has which role")
    lowered_by: tuple[str, ...] = Field(
        (), description="Slack user groups (`S…`) whose members are developers only, whatever else they are"
    )
    matrix: dict[Component, dict[Role, frozenset[Verb]]] = Field(
        default_factory=dict, description="Cells of the permission matrix to replace"
    )
    shutdown: Annotated[Duration, Field(description="How long running work may take to finish on SIGTERM")] = timedelta(
        seconds=20
    )

    @field_validator("people")
    @classmethod
    def _one_link_each(cls, people: tuple[PersonSettings, ...]) -> tuple[PersonSettings, ...]:
        for what in ("slack", "gitlab", "os_user"):
            seen = [value for p in people if (value := getattr(p, what))]
            twice = sorted({str(v) for v in seen if seen.count(v) > 1})
            if twice:
                raise ValueError(f"people: {what} {', '.join(twice)} is given to more than one person")
        return people

    @property
    def permissions(self) -> Matrix:
        """The permission matrix with the operator's cells in place."""
        return {component: {**row, **self.matrix.get(component, {})} for component, row in MATRIX.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file; take nothing from anywhere else."""
        del dotenv_settings, file_secret_settings
        file = YamlConfigSettingsSource(settings_cls, yaml_file=_file())
        return init_settings, env_settings, file


COPY = "copy idp.example.yaml and fill it in"


def _file() -> Path:
    return Path(os.environ.get("IDP_CONFIG") or "idp.yaml")


def _no_file() -> list[str]:
    """Say that there is no file, which is a fault only where the environment does not suffice."""
    return [] if _file().exists() else [f"there is no settings file {_file().absolute()}; {COPY}"]


def load(config: Path | None = None) -> Settings:
    """Return the settings. Raises SettingsError with one line per fault, none of which shows a value."""
    if config is not None:
        if not config.is_file():
            raise SettingsError(f"there is no settings file {config}; {COPY}")
        os.environ["IDP_CONFIG"] = str(config)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join([*_no_file(), *settings_faults.told(error, Settings, _file().name)])) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise SettingsError(f"the settings file is no valid YAML{where}") from error
    except UnparsableVariable as error:
        raise SettingsError(f"a variable that holds a list or a section must be JSON: {error}") from error
    except (TypeError, ValueError) as error:
        raise SettingsError("the settings file must be UTF-8 text with `name: value` lines") from error
