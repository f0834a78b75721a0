"""What a person can ask for: one file per command; `discover` finds them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection
from typing import Any

from commands._kit.discover import SOURCES, CommandSet, collect


def discover(ports: Collection[type[Any]], sources: Collection[str] = SOURCES) -> CommandSet:
    """Return all commands and steps of this package's public modules. `ports` are the types that handlers may ask for.

    Raises DefinitionError, in words for whoever wrote the command, where a definition is wrong.
    """
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return collect((importlib.import_module(f"{__name__}.{name}") for name in names), ports, sources)
