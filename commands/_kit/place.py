"""Fields that the place fills in: the channel where a command was typed needs no typing."""

from __future__ import annotations

from commands._kit.command import Command, marker
from commands._kit.context import Place
from commands._kit.fields import FromPlace


def from_place(command: Command, place: Place | None) -> dict[str, str]:
    """Return, by field, what the place knows; nothing where it knows nothing."""
    if place is None:
        return {}
    known = {
        name: str(getattr(place, source.source))
        for name, info in command.request.model_fields.items()
        if (source := marker(info, FromPlace)) is not None
    }
    return {name: value for name, value in known.items() if value}
