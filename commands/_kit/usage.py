"""How a command is used, in words: its usage line, its fields, its examples and who may; made from its definition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from commands._kit.assign import Slot, slots_of
from commands._kit.command import Command, Effect, base_type, marker
from commands._kit.doc import Block, Bold, Code, Doc, Fields, Heading, Inline, Note, Table, Text
from commands._kit.fields import Named
from commands._kit.form import FieldKind, kind_of
from commands._kit.match import listed
from commands._kit.roles import Role
from commands._kit.write import default_of, written

_VALUES = {
    FieldKind.NUMBER: "number",
    FieldKind.BOOLEAN: "yes or no",
    FieldKind.PERSON: "@person",
    FieldKind.CHANNEL: "#channel",
    FieldKind.DATE: "date like 2026-03-31",
    FieldKind.DURATION: "duration like 90m, 2h30m or 7d",
}


@dataclass(frozen=True, slots=True)
class FieldUsage:
    """One field in words: how it is written, what it means, what it takes and what it is where it is not given."""

    written: str
    meaning: str
    takes: str
    default: str
    required: bool


def usage_line(command: Command, *, full: bool = True) -> str:
    """Return how the command is written: `deploy <service> [ref] to <env>`. Not `full`, without its named fields."""
    parts = [_part(command, slot) for slot in slots_of(command) if full or slot.positional]
    return " ".join([command.name, *parts])


def _part(command: Command, slot: Slot) -> str:
    key = slot.name.replace("_", "-")
    if slot.boolean:
        return f"[--{key}]"
    if not slot.positional:
        return f"--{key} <{key}>" if slot.required else f"[--{key} <{key}>]"
    names = _members(command, slot.name)
    shown = "|".join(names) if names and len(names) <= 5 else key
    shown = f"{shown} …" if slot.rest or slot.words else shown
    filler = f"{slot.after[0]} " if slot.after else ""
    return f"{filler}<{shown}>" if slot.required else f"[{filler}{shown}]"


def _members(command: Command, name: str) -> tuple[str, ...]:
    of = base_type(command.request.model_fields[name].annotation)
    return tuple(str(m.value) for m in of) if issubclass(of, Enum) else ()


def field_usages(command: Command) -> tuple[FieldUsage, ...]:
    """Return the command's fields in words, in order."""
    usages = []
    for slot in slots_of(command):
        info = command.request.model_fields[slot.name]
        named, default = marker(info, Named), default_of(info)
        key = slot.name.replace("_", "-")
        flag = f"-{slot.short}, --{key}" if slot.short else f"--{key}"
        members = _members(command, slot.name)
        usages.append(
            FieldUsage(
                written=flag if named is not None or slot.boolean else key,
                meaning=info.description or "",
                takes=listed(members) if members else _VALUES.get(kind_of(info), "text"),
                default="" if default in (None, "") else written(default),
                required=slot.required,
            )
        )
    return tuple(usages)


def allowed_words(roles: tuple[Role, ...]) -> str:
    """Return who may use a command, as a sentence has it."""
    if len(roles) == len(Role):
        return "everyone"
    return listed((f"{role.words}s" for role in roles), last="and") or "nobody"


def help_doc(command: Command, who: tuple[Role, ...], *, mine: bool = True) -> Doc:
    """Return all there is to know before using the command; `who` may use it, and so may the reader where `mine`."""
    rows: tuple[tuple[Inline, ...], ...] = tuple(
        (f.written, f.meaning, f.takes, "needed" if f.required else f.default or "–") for f in field_usages(command)
    )
    facts: list[tuple[str, Inline]] = [("Who may", allowed_words(who) + _bound(command))]
    if command.aliases:
        facts.append(("Also called", ", ".join(command.aliases)))
    if command.effect is Effect.CHANGE:
        facts.append(("What it does", "changes something, after showing you its plan and asking"))
    summary, _, more = command.summary.partition("\n")
    blocks: list[Block] = [Text((Bold(summary.rstrip(".")), ".")), Code(usage_line(command))]
    if more.strip():
        blocks.append(Text(" ".join(more.split())))
    if rows:
        blocks.append(Table(("Field", "Meaning", "Takes", "Default"), rows))
    if command.examples:
        blocks += [Heading("Examples"), Code("\n".join(command.examples))]
    blocks.append(Fields(tuple(facts)))
    if not mine:
        blocks.append(Note("Your roles do not open this command. `whoami` shows them, and who can grant others."))
    return Doc(f"How to use {command.name}", tuple(blocks), summary=summary)


def _bound(command: Command) -> str:
    return f", for services that their teams own ({command.may.owns})" if command.may.owns else ""
