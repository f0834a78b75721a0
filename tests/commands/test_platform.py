from __future__ import annotations

from collections.abc import Callable

from commands._kit.doc import Doc
from commands._kit.ports import Health, Incident, PlatformState, State
from commands.platform import Look, platform
from tests.commands.in_memory import Platform, ago, context
from tests.commands.reading import lines

Golden = Callable[[str, Doc], None]
FINE = Health("store", State.FINE, "schema 3", ago(seconds=5))


async def ask(report: PlatformState) -> Doc:
    return platform.view(await platform.handler(Look(), context(), Platform(report)))


async def test_a_healthy_platform_says_so_first() -> None:
    """Where all is well the first line says so."""
    doc = await ask(PlatformState("1.2.3", ago(days=1), (FINE,), {}, {}, ()))
    assert doc.summary == "All backends are fine."
    assert "None since the start." in lines(doc)


async def test_what_is_wrong_leads(golden: Golden) -> None:
    """Backends that are not fine come first, with what to do; incidents have ids and no traces."""
    down = Health("gitlab", State.UNREACHABLE, "no answer within 5 s; look at the network", ago(seconds=5))
    rights = Health("slack", State.RIGHTS, "files:write; add it in the app's settings", ago(seconds=5))
    report = PlatformState(
        "1.2.3",
        ago(days=1),
        (FINE, down, rights),
        {"python": "3.11.2", "aiohttp": "3.14.0"},
        {"outbox": 3, "operations": 0},
        (Incident("inc-1", ago(hours=2), "service", "KeyError"), Incident("inc-2", ago(hours=1), "help", "TypeError")),
        {"exports as files": "the scope files:write was not granted"},
    )
    golden("platform", await ask(report))
