"""Slack: the Web API as the platform uses it. Import the port from here."""

from integrations.slack.port import (
    Conversation,
    Install,
    MessageRef,
    Slack,
    SlackPerson,
    UserGroup,
)

__all__ = [
    "Conversation",
    "Install",
    "MessageRef",
    "Slack",
    "SlackPerson",
    "UserGroup",
]
