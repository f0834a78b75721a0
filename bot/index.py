"""The commands there are, as `help` sees them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rights import Rights
from commands._kit.command import Command
from commands._kit.context import Actor
from commands._kit.discover import CommandSet


class Index:
    """`commands._kit.ports.CommandIndex` over the discovered set and the settings' rights."""

    def __init__(self, commands: CommandSet, rights: Rights) -> None:
        self._commands = commands
        self._rights = rights

    def commands(self) -> Sequence[Command]:
        return self._commands.commands()

    def find(self, name: str) -> Command | None:
        return self._commands.find(name)

    def allowed(self, command: Command, actor: Actor) -> bool:
        return self._rights.allowed(command, actor)
