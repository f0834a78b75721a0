"""The App Home: my services, what waits for me, and the commands that I may use.

Published when somebody opens it, and again when something changed for those who opened it in the last ten minutes.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.frontends.slack.deliver import Origin
from bot.frontends.slack.front import Front
from bot.identity import SlackPrincipal
from bot.render.blocks import Surface
from bot.render.failure import show_failure
from bot.replies import Failed
from commands._kit.command import Command, Effect
from commands._kit.context import Actor
from commands._kit.doc import (
    Bold,
    Button,
    Buttons,
    ButtonStyle,
    Doc,
    Fields,
    Heading,
    Inline,
    Mono,
    Note,
    Span,
    Table,
    Text,
)
from integrations.store import Offer, Page, Service, ServiceQuery

RECENT = timedelta(minutes=10)
SHOWN = 15


async def opened(front: Front, principal: SlackPrincipal) -> None:
    """Publish for somebody who has just opened it."""
    front.homes[principal] = front.clock()
    await publish(front, principal)


async def changed(front: Front, user: str = "") -> None:
    """Publish again for those (or the one) who opened it lately."""
    horizon = front.clock() - RECENT
    for principal in [p for p, at in front.homes.items() if at <= horizon]:
        del front.homes[principal]
    await asyncio.gather(*(publish(front, p) for p in list(front.homes) if user in ("", p.user)))


async def publish(front: Front, principal: SlackPrincipal) -> None:
    """Compose and publish one person's home."""
    who = await front.dispatch.actor(front.call(Origin(principal)))
    if isinstance(who, Failed):
        doc = show_failure(who.failure)
    else:
        searches = [front.store.catalogue.search(ServiceQuery(team=t, limit=SHOWN)) for t in sorted(who.teams)]
        pages, waiting = await asyncio.gather(
            asyncio.gather(*searches), front.store.offers.open_for(who.id, front.clock())
        )
        doc = home_doc(who, pages, waiting, front.dispatch.usable(who))
    book = front.presenter.book(principal.id)
    rendered = front.presenter.doc(doc, book, Surface.HOME)
    view = await front.with_offers({"type": "home", "blocks": rendered.blocks}, book)
    await front.slack.publish_home(principal.user, view)


def home_doc(actor: Actor, pages: list[Page[Service]], waiting: tuple[Offer, ...], commands: list[Command]) -> Doc:
    """Return the home of a person as a document."""
    roles = ", ".join(sorted(r.words for r in actor.roles))
    intro: tuple[Inline, ...] = (("You are ", Bold(actor.name), f", {roles}."),)
    services = {s.name: s for page in pages for s in page.items}
    total = sum(page.total for page in pages)
    quick = [
        Button("Find a service", "service", {}, ButtonStyle.PRIMARY),
        *(
            Button(label, name, {})
            for label, name in (("Give feedback", "feedback"), ("Who am I", "whoami"), ("Help", "help"))
        ),
    ]
    usable = {c.name for c in commands}
    blocks: list[object] = [Text(text) for text in intro]
    if not actor.linked:
        blocks.append(Note("You read only: your Slack account is not linked to a GitLab user yet."))
    blocks.append(Buttons(tuple(b for b in quick if b.command in usable)))
    blocks.append(Heading("My services"))
    if services:
        rows = tuple((Bold(s.name), s.team, s.lifecycle) for s in list(services.values())[:SHOWN])
        blocks.append(Table(("Service", "Team", "Lifecycle"), rows, total))
        blocks.append(Buttons(tuple(Button(n, "service", {"name": n}) for n in list(services)[:5])))
    else:
        blocks.append(Text("None of your teams owns a service yet."))
    blocks.append(Heading("Waiting for me"))
    if waiting:
        waits = " waits for your confirmation, in the message with its plan."
        blocks.extend(Text((Mono(str(offer.payload["command"])), waits)) for offer in waiting[:SHOWN])
    else:
        blocks.append(Text("Nothing."))
    blocks.append(Heading("What I can do"))
    blocks.append(Fields(tuple((f"/idp {c.name}", _line(c)) for c in commands)))
    return Doc("Home", tuple(blocks))  # type: ignore[arg-type]


def _line(command: Command) -> Span:
    changes = " (changes something)" if command.effect is Effect.CHANGE else ""
    return f"{command.summary.splitlines()[0]}{changes}"
