"""What the page's script may ask, validated at the door."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Go(Asked):
    channel: str
    tab: str = ""
    thread: str = ""


class Send(Asked):
    text: str = Field(max_length=40_000)
    channel: str
    thread: str = ""


class Where(Asked):
    """What an element sits in, as `data-target` on the page says."""

    channel: str = ""
    ts: str = ""
    view: str = ""
    home: bool = False


class Act(Asked):
    target: Where
    block: str
    action: str
    kind: str = "button"
    value: str | None = None
    selected: Any = None
    typed: dict[str, Any] = Field(default_factory=dict)


class Suggest(Asked):
    target: Where
    block: str
    action: str
    query: str = ""
    list: str = ""


class Submit(Asked):
    view: str
    typed: dict[str, Any] = Field(default_factory=dict)


class Close(Asked):
    view: str
    everything: bool = False


class OnMessage(Asked):
    channel: str
    ts: str
    text: str = Field(default="", max_length=40_000)
    shortcut: str = ""
