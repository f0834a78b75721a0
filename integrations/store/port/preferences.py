"""What channels prefer."""

from __future__ import annotations

from typing import Protocol


class Preferences(Protocol):
    async def default_service(self, workspace: str, channel: str) -> str | None:
        """Return the service that `use` set for this channel."""

    async def set_default_service(self, workspace: str, channel: str, service: str | None) -> None:
        """Set, or with None clear, the channel's default service."""
