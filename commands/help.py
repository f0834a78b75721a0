"""`help`: what this person may ask for, or how one command is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from commands._kit.command import Command, Effect, Section, command
from commands._kit.context import Actor, Context
from commands._kit.doc import Block, Bold, Button, Buttons, Doc, Heading, Mono, Note, Span, Text
from commands._kit.errors import not_found
from commands._kit.fields import Words
from commands._kit.match import nearest
from commands._kit.ports import CommandIndex
from commands._kit.roles import Component, Role, Verb, on
from commands._kit.usage import help_doc, usage_line

BUTTONS = 5
# Where a button says more than the command's name would.
_LABELS = {"service": "All services", "survey": "Feedback", "whoami": "Who am I", "audit": "Audit trail"}


class Help(BaseModel):
    command: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), Words()] | None = Field(
        default=None, description="Command to explain; without one, everything that you may use"
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """The commands that a person may use, in the order of sections."""

    name: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One command, who may use it, and whether the asker may."""

    command: Command
    who: tuple[Role, ...]
    mine: bool


def show(answer: Overview | Explained) -> Doc:
    if isinstance(answer, Explained):
        return _explained(answer)
    blocks: list[Block] = [Text(("Hello ", Bold(answer.name), ". This is what you can ask for:"))]
    for section in Section:
        commands = [c for c in answer.commands if c.section is section]
        if commands:
            blocks += [Heading(section.value), Text(_lines(commands))]
    blocks += [
        Buttons(tuple(_button(c) for c in answer.commands if _at_once(c))[:BUTTONS]),
        Note(("A service's name alone opens its card. ", Mono("help <command>"), " or --help tells more about one.")),
    ]
    return Doc("Your commands", tuple(blocks), summary=f"You can use {len(answer.commands)} commands")


def _lines(commands: list[Command]) -> tuple[Span, ...]:
    """Return a line for each command: how it is written, what it does, and an example where that tells more."""
    spans: list[Span] = []
    for each in commands:
        spans += ["\n"] if spans else []
        spans += [Mono(usage_line(each, full=False)), f"  {each.summary.partition(chr(10))[0]}"]
        example = next((example for example in each.examples if example != each.name), "")
        spans += [" Try ", Mono(example)] if example else []
    return tuple(spans)


def _at_once(each: Command) -> bool:
    fields = each.request.model_fields.values()
    return each.effect is Effect.READ and each.name != "help" and not any(f.is_required() for f in fields)


def _button(each: Command) -> Button:
    return Button(_LABELS.get(each.name, each.name.capitalize()), each.name)


def _explained(answer: Explained) -> Doc:
    doc = help_doc(answer.command, answer.who, mine=answer.mine)
    more = (Button(f"Open {answer.command.name}", answer.command.name),) if answer.mine else ()
    return Doc(doc.title, (*doc.blocks, Buttons((*more, Button("All commands", "help")))), summary=doc.summary)


@command(
    "help",
    may=on(Component.PLATFORM, Verb.USE),
    effect=Effect.READ,
    view=show,
    section=Section.ME,
    aliases=("commands",),
    examples=("help", "help service"),
)
async def help_(req: Help, ctx: Context, index: CommandIndex) -> Overview | Explained:
    """Show what you can ask for, or how one command is used."""
    if not req.command:
        return Overview(ctx.actor.name, tuple(c for c in index.commands() if index.allowed(c, ctx.actor)))
    found = index.find(req.command)
    if found is None:
        names = (name for c in index.commands() for name in (c.name, *c.aliases))
        near = tuple(f"help {name}" for name in nearest(req.command, names))
        raise not_found(
            f"There is no command {req.command}.",
            field_name="command",
            hint="`help` alone lists what you can ask for.",
            suggestions=near,
        )
    return Explained(found, _who(found, index), index.allowed(found, ctx.actor))


def _who(found: Command, index: CommandIndex) -> tuple[Role, ...]:
    """Return the roles that open the command: those whose holder, and nothing more, may use it."""
    holders = {role: Actor("", "", frozenset({role}), gitlab_user_id=0) for role in Role}
    return tuple(role for role, holder in holders.items() if index.allowed(found, holder))
