"""Which rights the bot asks Slack for, and what each is for: one table for manifest, README and `check`.

A scope stands here only while something uses it. Withholding an optional one disables its feature and nothing else.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum


class Feature(StrEnum):
    """What an administrator may decline at installation; the value is how people read it."""

    FILES = "exports and long answers as files"
    USER_GROUPS = "lowering rights by user group"
    SHARING = "sharing an answer into a channel"


@dataclass(frozen=True, slots=True)
class Scope:
    """A bot scope. Without `feature` it is required."""

    name: str
    needed_for: str
    feature: Feature | None = None

    @property
    def required(self) -> bool:
        return self.feature is None


SCOPES: tuple[Scope, ...] = (
    Scope("app_mentions:read", "commands given by mentioning the bot, threads included"),
    Scope("chat:write", "answers, progress and notices as messages"),
    Scope("commands", "`/idp` and the message shortcut"),
    Scope("im:history", "commands given in the direct message, and finding out whether a notice has arrived"),
    Scope("im:write", "opening the direct message in which long work reports"),
    Scope("users:read", "telling members from guests, outsiders and deactivated people, on every click"),
    Scope("channels:read", "seeing whether guests or outsiders read a public channel", Feature.SHARING),
    Scope("groups:read", "the same for a private channel", Feature.SHARING),
    Scope("mpim:read", "the same for a group direct message", Feature.SHARING),
    Scope("im:read", "the same for a direct message", Feature.SHARING),
    Scope("files:write", "uploading exports and answers that are too long for a message", Feature.FILES),
    Scope("usergroups:read", "reading the user groups that lower somebody's rights", Feature.USER_GROUPS),
)


def missing(granted: AbstractSet[str]) -> tuple[Scope, ...]:
    """Return the required scopes that a token lacks."""
    return tuple(scope for scope in SCOPES if scope.required and scope.name not in granted)


def disabled(granted: AbstractSet[str]) -> dict[Feature, tuple[Scope, ...]]:
    """Return the features that cannot be used with these scopes, each with the scopes that it lacks."""
    lacking = [scope for scope in SCOPES if scope.name not in granted]
    return {
        feature: scopes
        for feature in Feature
        if (scopes := tuple(scope for scope in lacking if scope.feature is feature))
    }
