"""Collects the commands and steps of modules into one immutable set, and refuses what does not fit together.

There is no registry: a command exists because a public module of `commands` holds it. Everything that can be wrong with
definitions is found here, at start-up, in a sentence that names the command.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any

from commands._kit.command import Command, Section, base_type, marker
from commands._kit.context import Place
from commands._kit.definition import DefinitionError
from commands._kit.fields import After, FromPlace, Multiline, Named, Options, Words
from commands._kit.match import folded
from commands._kit.plan import Step

SOURCES = frozenset({"services", "teams", "lifecycles", "commands"})
"""Where the values of an `Options` field may come from; each front end's options are answered from these."""

_NAME = re.compile(r"[a-z][a-z0-9-]*(?: [a-z][a-z0-9-]*)?")
_PLACES = frozenset(Place.__dataclass_fields__) - {"private"}


@dataclass(frozen=True, slots=True)
class CommandSet:
    """All commands, in the order in which help lists them, and all steps by name."""

    _commands: tuple[Command, ...]
    _names: Mapping[str, Command]
    steps: Mapping[str, Step[Any, Any]]

    def commands(self) -> tuple[Command, ...]:
        """Return every command, by section and name."""
        return self._commands

    def names(self) -> tuple[str, ...]:
        """Return every name and alias, sorted."""
        return tuple(sorted(self._names))

    def find(self, name: str) -> Command | None:
        """Return the command of that name or alias, in the singular or the plural, whatever the case."""
        word = name.strip().casefold()
        return (
            self._names.get(word)
            or self._names.get(f"{word}s")
            or (self._names.get(word[:-1]) if word.endswith("s") else None)
        )


def collect(
    modules: Iterable[ModuleType], ports: Collection[type[Any]], sources: Collection[str] = SOURCES
) -> CommandSet:
    """Return the set of what the modules define. Raises DefinitionError where something does not fit."""
    found: dict[int, Command] = {}
    steps: dict[str, Step[Any, Any]] = {}
    for module in modules:
        for thing in vars(module).values():
            if isinstance(thing, Command):
                found[id(thing)] = thing
            elif isinstance(thing, Step):
                if steps.setdefault(thing.name, thing) is not thing:
                    raise DefinitionError(f"step {thing.name} is defined twice; give one another name")
                _check_ports(f"step {thing.name}", thing.ports, ports)
    order = list(Section)
    commands = tuple(sorted(found.values(), key=lambda c: (order.index(c.section), c.name)))
    for command in commands:
        _check_ports(f"command {command.name}", command.ports, ports)
        _check_fields(command, sources)
    return CommandSet(commands, MappingProxyType(_by_name(commands)), MappingProxyType(steps))


def _by_name(commands: Iterable[Command]) -> dict[str, Command]:
    names: dict[str, Command] = {}
    for command in commands:
        for name in (command.name, *command.aliases):
            if not _NAME.fullmatch(name):
                raise DefinitionError(
                    f"command {command.name}: {name!r} is no name; use lower case words like `roll-back`"
                )
            holder = names.setdefault(name, command)
            if holder is not command:
                raise DefinitionError(f"command {command.name}: the name {name!r} is taken by command {holder.name}")
    return names


def _check_ports(what: str, wanted: Mapping[str, type[Any]], ports: Collection[type[Any]]) -> None:
    for parameter, kind in wanted.items():
        if kind not in ports:
            known = ", ".join(sorted(p.__name__ for p in ports)) or "none"
            called = getattr(kind, "__name__", repr(kind))
            raise DefinitionError(
                f"{what}: parameter {parameter!r} wants {called}, which is no port; ports are {known}"
            )


def _check_fields(command: Command, sources: Collection[str]) -> None:
    seen: dict[str, str] = {}
    takes_rest = ""
    for name, info in command.request.model_fields.items():
        where = f"command {command.name}: field {name}"
        options, place, named = marker(info, Options), marker(info, FromPlace), marker(info, Named)
        if options and options.source not in sources:
            known = ", ".join(sorted(sources))
            raise DefinitionError(f"{where}: no source of options is called {options.source!r}; there are {known}")
        if place and place.source not in _PLACES:
            raise DefinitionError(f"{where}: a place has no {place.source!r}; it has {', '.join(sorted(_PLACES))}")
        short = named.short if named else ""
        if short and (len(short) != 1 or not short.isascii() or not short.isalpha()):
            raise DefinitionError(f"{where}: a short flag is one letter, not {short!r}")
        for key in filter(None, (folded(name), short)):
            if key in seen:
                raise DefinitionError(f"{where}: {key!r} also names field {seen[key]}")
            seen[key] = name
        if takes_rest and not named and base_type(info.annotation) is not bool and marker(info, After) is None:
            raise DefinitionError(f"{where}: field {takes_rest} before it takes all words; mark this one Named")
        if named is None and (marker(info, Multiline) is not None or marker(info, Words) is not None):
            takes_rest = name
