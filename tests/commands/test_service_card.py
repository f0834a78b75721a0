from __future__ import annotations

from collections.abc import Callable

import pytest

from commands._kit.doc import Doc
from commands._service_card import look
from commands._service_view import show_card
from integrations.errors import BackendError, Denied, Invalid, NotFound, Unauthenticated, Unavailable
from integrations.gitlab import Deployment, RunStatus
from tests.commands.in_memory import GitLab, a_service, ago
from tests.commands.reading import buttons, lines

Golden = Callable[[str, Doc], None]
PARTS = ("releases", "environments", "deployments", "pipelines", "merge_requests")
SHOP = a_service("shop")


async def card(gitlab: GitLab, *, deadline: float = 1.0) -> Doc:
    return show_card(await look(SHOP, gitlab, mine=False, default=False, usable_here=True, deadline=deadline))


async def test_all_parts_are_asked_for_at_once() -> None:
    """No part waits for another: while one is silent all others have been asked."""
    gitlab = GitLab(silent=frozenset({"releases"}))
    await card(gitlab, deadline=0.01)
    assert sorted(gitlab.asked) == sorted(PARTS)
    assert gitlab.together == len(PARTS) - 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unavailable("x", backend="gitlab", retry_after=30.0), "GitLab is not available; try again in 30 s"),
        (Unavailable("x", backend="gitlab"), "GitLab is not available"),
        (Unauthenticated("x", backend="gitlab"), "GitLab refuses the platform's token"),
        (Denied("x", backend="gitlab", rights=("read_api",)), "lacks the right to read this in GitLab (read_api)"),
        (NotFound("x", backend="gitlab"), "GitLab no longer has this project"),
        (Invalid("x", backend="gitlab"), "GitLab gave an answer that cannot be used"),
    ],
)
async def test_a_broken_part_says_what_happened_on_its_own_line(error: BackendError, words: str) -> None:
    """A part that fails tells why on its line; the others stand, and there is a button to try again."""
    doc = await card(GitLab(broken={"releases": error}))
    shown = lines(doc)
    assert f"Last release: {words}" in shown or words in shown.split("Last release: ")[1].splitlines()[0]
    assert "✓ passed on `main`" in shown
    assert "Try again" in buttons(doc)


@pytest.mark.parametrize("part", PARTS)
async def test_any_silent_part_leaves_the_rest_standing(part: str) -> None:
    """A part that does not answer in time is said to be late, and no other line is lost."""
    shown = lines(await card(GitLab(silent=frozenset({part})), deadline=0.01))
    assert "GitLab did not answer within 0.01 s" in shown
    kept = {
        "releases": "v2.3.1",
        "pipelines": "#512",
        "merge_requests": "Open merge requests: 7",
        "environments": "staging",
        "deployments": "c0ffee00",
    }
    assert all(word in shown for name, word in kept.items() if name != part)


async def test_everything_down_still_shows_what_the_catalogue_knows(golden: Golden) -> None:
    """With GitLab down the card has owner, lifecycle and repository, and says what is missing."""
    down = Unavailable("x", backend="gitlab")
    golden("service_card_down", await card(GitLab(broken=dict.fromkeys(PARTS, down))))


async def test_a_new_project_has_nothing_yet(golden: Golden) -> None:
    """What there is none of is said in words, not left blank."""
    golden("service_card_new", await card(GitLab(empty=True)))


async def test_a_failed_pipeline_shows_in_the_summary() -> None:
    """A card whose last pipeline failed says so where notifications show it."""
    doc = await card(GitLab(last=RunStatus.FAILED))
    assert doc.summary == "shop, owned by acme/payments; production runs v2.3.1; the last pipeline failed"
    assert doc.tone.value == "warn"


async def test_a_failed_deployment_does_not_hide_what_runs() -> None:
    """After a failed try an environment shows what still runs, and the failure."""
    deployed = (
        Deployment(2, "production", RunStatus.FAILED, "v2", "bbbb", "Bob", ago(hours=1)),
        Deployment(1, "production", RunStatus.SUCCESS, "v1", "aaaa", "Alice", ago(days=1)),
    )
    shown = lines(await card(GitLab(deployed=deployed)))
    assert "`v1` aaaa | 2026-03-30 12:00~ | Alice | ✗ failed, 2026-03-31 11:00~" in shown


async def test_environments_that_gitlab_does_not_list_come_from_the_deployments() -> None:
    """Where the list of environments is missing, deployments still tell what runs where."""
    shown = lines(await card(GitLab(broken={"environments": Unavailable("x", backend="gitlab")})))
    assert "production | `v2.3.1` c0ffee00" in shown
    assert "<warn> Deployments: GitLab is not available." in shown


async def test_unknown_deployments_are_not_taken_for_none() -> None:
    """Where deployments are not known, an environment is unknown and not empty."""
    shown = lines(await card(GitLab(broken={"deployments": Unavailable("x", backend="gitlab")})))
    assert "[production](https://acme.example) | unknown" in shown
    assert "nothing yet" not in shown
