"""`whoami`: a person's roles and teams, and where each comes from."""

from __future__ import annotations

from pydantic import BaseModel

from commands._kit.command import Effect, Section, command
from commands._kit.context import Actor, Context
from commands._kit.doc import Block, Bold, Button, Buttons, Doc, Fields, Inline, Mono, Note, Table, Text, Tone
from commands._kit.match import listed
from commands._kit.roles import Component, Verb, on

TEAM_BUTTONS = 3


class WhoAmI(BaseModel):
    """Nothing to fill in."""


def show(actor: Actor) -> Doc:
    roles = listed(sorted(role.words for role in actor.roles), last="and") or "without a role"
    teams = f", in {listed(sorted(actor.teams), last='and')}" if actor.teams else ""
    facts: tuple[tuple[str, Inline], ...] = (
        ("GitLab", f"linked, user {actor.gitlab_user_id}" if actor.linked else "not linked"),
        ("Time zone", actor.time_zone),
        ("Id", Mono(actor.id)),
    )
    blocks: list[Block] = [Text(("You are ", Bold(actor.name), f": {roles}{teams}."))]
    if not actor.linked:
        blocks.append(
            Text("You read only: no GitLab user is linked to you. A platform engineer can link one.", Tone.WARN)
        )
    if actor.grants:
        blocks.append(Table(("You have", "Because of"), tuple((grant.what, grant.source) for grant in actor.grants)))
    blocks += [
        Fields(facts),
        Buttons(
            (
                Button("What may I do?", "help"),
                *(
                    Button(f"Services of {team}", "service", {"team": team})
                    for team in sorted(actor.teams)[:TEAM_BUTTONS]
                ),
            )
        ),
        Note("Roles and teams follow their sources: whoever maintains a group can add you to it or take you out."),
    ]
    return Doc("Who you are here", tuple(blocks), summary=f"You are {actor.name}: {roles}{teams}")


@command(
    "whoami",
    may=on(Component.PLATFORM, Verb.USE),
    effect=Effect.READ,
    view=show,
    section=Section.ME,
    aliases=("me",),
    examples=("whoami",),
)
async def whoami(_req: WhoAmI, ctx: Context) -> Actor:
    """Show your roles and teams, and where each comes from."""
    return ctx.actor
