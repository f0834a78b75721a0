"""`platform`: how the platform itself is, for those who run it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from commands._kit.command import Effect, Section, command
from commands._kit.context import Context
from commands._kit.doc import (
    Block,
    Bold,
    Button,
    Buttons,
    Doc,
    Fields,
    Heading,
    Inline,
    Mono,
    Note,
    Table,
    Text,
    Time,
    Tone,
)
from commands._kit.match import listed
from commands._kit.ports import Health, Platform, PlatformState, State
from commands._kit.roles import Component, Verb, on

_SIGNS = {State.FINE: "✓", State.READ_ONLY: "!"}
INCIDENTS = 10


class Look(BaseModel):
    """Nothing to fill in."""


def show(state: PlatformState) -> Doc:
    faulty = [health for health in state.backends if health.state is not State.FINE]
    words = (
        f"{listed((f'{health.backend} is {health.state.value}' for health in faulty), last='and')}."
        if faulty
        else "All backends are fine."
    )
    blocks: list[Block] = [
        Text((Bold(words),), Tone.BAD if faulty else Tone.GOOD),
        Table(("Backend", "State", "Detail", "Looked at"), tuple(_row(health) for health in state.backends)),
    ]
    if state.disabled:
        off = tuple((feature, why) for feature, why in sorted(state.disabled.items()))
        blocks += [Heading("Switched off"), Fields(off)]
    blocks += [
        Heading("The process"),
        Fields(
            (
                ("Version", Mono(state.version)),
                ("Up since", Time(state.started_at, relative=True)),
                ("Queues", _listed(state.queues) or "none"),
                ("Parts", _listed(state.versions) or "unknown"),
            )
        ),
        Heading("Last unexpected errors"),
        *_incidents(state),
        Buttons((Button("Look again", "platform"), Button("Audit trail", "audit"), Button("Feedback", "survey"))),
    ]
    return Doc("The platform", tuple(blocks), summary=words, tone=Tone.WARN if faulty else Tone.PLAIN)


def _row(health: Health) -> tuple[Inline, ...]:
    sign = _SIGNS.get(health.state, "✗")
    return (health.backend, f"{sign} {health.state.value}", health.detail or "–", Time(health.checked_at))


def _listed(named: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(named.items()))


def _incidents(state: PlatformState) -> list[Block]:
    if not state.incidents:
        return [Text("None since the start.")]
    newest = sorted(state.incidents, key=lambda incident: incident.at, reverse=True)[:INCIDENTS]
    rows: tuple[tuple[Inline, ...], ...] = tuple((Mono(i.id), Time(i.at), i.command, i.kind) for i in newest)
    return [
        Table(("Incident", "When", "Command", "Kind"), rows, total=len(state.incidents)),
        Note("The log has each error's trace under its incident id."),
    ]


@command(
    "platform",
    may=on(Component.PLATFORM, Verb.MAINTAIN),
    effect=Effect.READ,
    view=show,
    section=Section.PLATFORM,
    aliases=("doctor",),
    examples=("platform",),
)
async def platform(_req: Look, _ctx: Context, process: Platform) -> PlatformState:
    """Show how backends, queues and versions are, and the last unexpected errors."""
    return await process.state()
