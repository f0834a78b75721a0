from __future__ import annotations

from collections.abc import Callable

from commands._kit.context import Actor
from commands._kit.doc import Doc
from commands._kit.roles import Role
from commands.whoami import WhoAmI, show, whoami
from tests.commands.in_memory import context, person
from tests.commands.reading import lines

Golden = Callable[[str, Doc], None]


async def answer(actor: Actor) -> Doc:
    return show(await whoami.handler(WhoAmI(), context(actor)))


async def test_whoami_shows_roles_teams_and_their_sources(golden: Golden) -> None:
    """A person sees each role and team with what it comes from."""
    golden("whoami", await answer(person("Alice")))


async def test_somebody_unlinked_is_told_what_that_means() -> None:
    """Without a GitLab user a person reads only, and sees who can change that."""
    shown = lines(await answer(person("Nina", Role.DEVELOPER, teams=(), gitlab=None)))
    assert "You read only: no GitLab user is linked to you. A platform engineer can link one." in shown
    assert "GitLab: not linked" in shown
