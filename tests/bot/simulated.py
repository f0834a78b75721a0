"""Simulated backends for what needs real clients: settings that lead to them, with what a test wants changed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo.run import Options, settings_of
from bot.settings import Settings
from integrations.gitlab.simulator.server import GitLabSimulator
from integrations.slack.simulator.server import SlackSimulator


@dataclass
class Simulated:
    slack: SlackSimulator
    gitlab: GitLabSimulator
    folder: Path

    async def settings(self, **changed: dict[str, Any]) -> Settings:
        """Return settings in which these sections have these values replaced."""
        options = Options(0, self.folder, fast=True, services=5, socket_mode=False)
        made = settings_of(self.slack.world, self.slack.url, self.gitlab.url, 0, self.folder, options)
        made["gitlab"]["attempts"] = 1
        for section, values in changed.items():
            made[section] = {**made.get(section, {}), **values}
        return await asyncio.to_thread(Settings, **made)
