"""`use`: which service commands in a channel mean when none is named."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from commands._kit.command import Effect, Section, command
from commands._kit.context import Context, StepContext
from commands._kit.doc import Bold, Button, Buttons, Channel, Doc, Note, Text, Tone
from commands._kit.errors import invalid, not_found
from commands._kit.fields import ChannelId, FromPlace, Options
from commands._kit.plan import Action, Change, Plan, Results, step
from commands._kit.roles import Component, Verb, on
from integrations.store import Catalogue, Preferences

NONE = "none"


class Use(BaseModel):
    # `none` is no service, so the value need not be one of the options; the handler looks the service up.
    service: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=63), Options("services", free=True)
    ] = Field(description="Service that commands in this channel mean when they name none; “none” clears it")
    channel: Annotated[ChannelId, FromPlace()] = Field(description="Channel it is for: the one you are in")


class SetDefault(BaseModel):
    workspace: str
    channel: str
    service: str | None


class DefaultSet(BaseModel):
    channel: str
    service: str | None
    before: str | None


@step
async def set_default(args: SetDefault, _ctx: StepContext, preferences: Preferences) -> DefaultSet:
    """Set the channel's default service."""
    before = await preferences.default_service(args.workspace, args.channel)
    if before != args.service:
        await preferences.set_default_service(args.workspace, args.channel, args.service)
    return DefaultSet(channel=args.channel, service=args.service, before=before)


def show(results: Results) -> Doc:
    done = results.of(set_default)
    channel = Channel(done.channel)
    undo = Button("Undo", "use", {"service": done.before or NONE, "channel": done.channel})
    undos = (undo,) if done.before != done.service else ()
    if done.service is None:
        text = Text((channel, " has no default service now: commands there name the one they mean."), Tone.GOOD)
        return Doc("Default service cleared", (text, Buttons(undos)) if undos else (text,))
    return Doc(
        "Default service set",
        (
            Text(("Commands in ", channel, " that name no service mean ", Bold(done.service), "."), Tone.GOOD),
            Buttons((Button(f"Open {done.service}", "service", {"name": done.service}), *undos)),
            Note("It only saves typing: what each person may do stays the same."),
        ),
    )


@command(
    "use",
    may=on(Component.PLATFORM, Verb.USE),
    effect=Effect.CHANGE,
    view=show,
    section=Section.ME,
    examples=("use payments-api", "use none"),
)
async def use(req: Use, ctx: Context, catalogue: Catalogue, preferences: Preferences) -> Plan:
    """Set this channel's default service, so that commands here need not name it."""
    if req.channel != ctx.place.channel:
        # Who may read another channel is not known here, so it is neither shown nor set.
        raise invalid("is not where you are.", field_name="channel", hint="Give the command in the channel it is for.")
    wanted = None if req.service.casefold() == NONE else await _service(req.service, catalogue)
    now = await preferences.default_service(ctx.place.workspace, req.channel)
    if now == wanted:
        state = f"This channel's default service is {now} already." if now else "This channel has no default service."
        return Plan("Default service", (), (), (state,))
    action = Action.CREATE if now is None else Action.REMOVE if wanted is None else Action.CHANGE
    return Plan(
        f"Use {wanted} in this channel" if wanted else "Clear this channel's default service",
        (Change(action, "this channel's default service", now or "", wanted or ""),),
        (set_default.with_(workspace=ctx.place.workspace, channel=req.channel, service=wanted),),
        ("Everybody in the channel gets it; anybody can change it again.",),
    )


async def _service(name: str, catalogue: Catalogue) -> str:
    found = await catalogue.service(name) or await catalogue.service(name.lower())
    if found is None:
        raise not_found(
            f"There is no service {name}.",
            field_name="service",
            hint="`service` lists them all.",
            suggestions=tuple(f"use {near}" for near in await catalogue.similar(name)),
        )
    return found.name
