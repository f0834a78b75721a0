"""How a service's card and the list of services read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from commands._kit.doc import (
    Block,
    Bold,
    Button,
    Buttons,
    Doc,
    Fields,
    Inline,
    Link,
    Mono,
    Note,
    Span,
    Table,
    Text,
    Time,
    Tone,
)
from commands._kit.paging import page_buttons, pages_of, range_words
from commands._kit.words import counted
from commands._service_card import Card, Running
from integrations.gitlab import MergeRequests, Pipeline, Release, RunStatus
from integrations.store import CatalogueProblem, Page, Service

PAGE = 20
OPEN_BUTTONS = 5
PROBLEMS = 5
MERGE_REQUESTS = 3
CURRENT = "–"
_STATUS: Mapping[RunStatus, str] = {
    RunStatus.SUCCESS: "✓ passed",
    RunStatus.FAILED: "✗ failed",
    RunStatus.RUNNING: "▸ running",
    RunStatus.CREATED: "▸ waiting to run",
    RunStatus.CANCELED: "– cancelled",
    RunStatus.SKIPPED: "– skipped",
    RunStatus.BLOCKED: "! waits for approval",
    RunStatus.MANUAL: "! waits for a click in GitLab",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of services. `arguments` ask for the same page again; `instead` is the name that no service has, where the
    list answers with what it could mean; `mine` are names of services on the page that the reader's teams own.
    """

    page: Page[Service]
    number: int
    arguments: Mapping[str, str]
    instead: str = ""
    mine: frozenset[str] = frozenset()
    problems: tuple[CatalogueProblem, ...] = ()


def show_list(listed: Listed) -> Doc:
    page = listed.page
    if not page.items:
        return _nothing(listed)
    asked = ", ".join(f"{name} {value}" for name, value in listed.arguments.items() if name != "page")
    title = f"Services: {asked}" if asked else "Services"
    blocks: list[Block] = []
    if listed.instead:
        title = "Services"
        matches = "One comes near:" if page.total == 1 else "These come near:"
        blocks.append(Text(("No service is called ", Bold(listed.instead), f". {matches}"), Tone.WARN))
    blocks += [
        Table(
            ("Service", "Owner", "Lifecycle", "What it is"),
            tuple(_row(service, listed) for service in page.items),
        ),
        Note(_where(page)),
        *_problems(listed),
        Buttons(_list_buttons(listed)),
    ]
    shown = ", ".join(service.name for service in page.items[:3])
    count = counted(page.total, "service")
    return Doc(title, tuple(blocks), summary=f"{count}: {shown}{' …' if page.total > 3 else ''}")


def _where(page: Page[Service]) -> Inline:
    """Return where the page is; where its services have no buttons, how to open one."""
    place = range_words(page.offset, len(page.items), page.total)
    if len(page.items) <= OPEN_BUTTONS:
        return place
    return (f"{place}. To open one, give its name: ", Mono(f"service {page.items[0].name}"))


def _row(service: Service, listed: Listed) -> tuple[Inline, ...]:
    flawed = service.problems and service.name in listed.mine
    name: Inline = (Mono(service.name), " ! see its card") if flawed else Mono(service.name)
    return (name, service.team, service.lifecycle, service.title or service.description or "–")


def _list_buttons(listed: Listed) -> tuple[Button, ...]:
    few = listed.page.items if len(listed.page.items) <= OPEN_BUTTONS else ()
    opening = tuple(Button(service.name, "service", {"name": service.name}) for service in few)
    pages = pages_of(listed.page.total, PAGE)
    return (*opening, *page_buttons("service", listed.arguments, listed.number, pages))


def _problems(listed: Listed) -> list[Block]:
    """Return the catalogue's complaints about files of the reader's teams."""
    if not listed.problems:
        return []
    count = len(listed.problems)
    head = (
        "A catalogue file of your teams cannot be used:" if count == 1 else f"{count:,} catalogue files cannot be used:"
    )
    lines = tuple(f"\n• {p.path}: {p.message}" for p in listed.problems[:PROBLEMS])
    more = (f"\n… and {count - PROBLEMS:,} more",) if count > PROBLEMS else ()
    return [Text((Bold(head), *lines, *more), Tone.WARN)]


def _nothing(listed: Listed) -> Doc:
    filtered = any(name != "page" for name in listed.arguments)
    if not filtered:
        text = "There is no service yet. A project appears here once it has a catalog-info.yaml."
        return Doc("Services", (Text(text), *_problems(listed)))
    asked = ", ".join(f"{name} {value}" for name, value in listed.arguments.items() if name != "page")
    buttons = Buttons((Button("All services", "service", {"page": "1"}),))
    return Doc("No service matches", (Text(f"No service matches {asked}."), *_problems(listed), buttons))


# -- the card


def show_card(card: Card) -> Doc:
    service = card.service
    blocks: list[Block] = []
    if service.title and _bare(service.title) != _bare(service.name):
        blocks.append(Text(Bold(service.title)))
    if service.description:
        blocks.append(Text(service.description))
    if card.mine and service.problems:
        lines = tuple(f"\n• {problem}" for problem in service.problems)
        blocks.append(Text((Bold("Its catalog-info.yaml needs you:"), *lines), Tone.WARN))
    blocks += [Fields(_facts(card)), *_deployments(card)]
    if card.failed:
        blocks.append(Note("What GitLab did not tell is marked; the rest is current."))
    blocks.append(Buttons(_card_buttons(card)))
    broken = _pipeline_failed(card) or any(r.failing for r in card.running)
    return Doc(service.name, tuple(blocks), summary=_summary(card), tone=Tone.WARN if broken else Tone.PLAIN)


def _bare(name: str) -> str:
    """Return a name without what a title writes differently: `payments-api` is `Payments API`."""
    return "".join(filter(str.isalnum, name.casefold()))


def _summary(card: Card) -> str:
    live = next((r for r in card.running if r.current), None)
    runs = f"; {live.name} runs {live.current.ref}" if live and live.current else ""
    failed = "; the last pipeline failed" if _pipeline_failed(card) else ""
    return f"{card.service.name}, owned by {card.service.team}{runs}{failed}"


def _pipeline_failed(card: Card) -> bool:
    return any(pipeline.status is RunStatus.FAILED for pipeline in card.pipeline.value or ())


def _facts(card: Card) -> tuple[tuple[str, Inline], ...]:
    service = card.service
    links: list[Span] = [s for title, url in service.links for s in (Link(title or url, url), "  ")]
    extra: list[tuple[str, Inline]] = [("System", service.system)] if service.system else []
    if service.tags:
        extra.append(("Tags", ", ".join(service.tags)))
    if links:
        extra.append(("Links", tuple(links[:-1])))
    return (
        ("Owner", f"{service.team} (you)" if card.mine else service.team),
        ("Lifecycle", service.lifecycle),
        ("Repository", Link(service.path, service.web_url)),
        ("Last release", card.release.problem or _release(card.release.value or ())),
        ("Last pipeline", card.pipeline.problem or _pipeline(card.pipeline.value or ())),
        ("Open merge requests", card.merge_requests.problem or _merge_requests(card.merge_requests.value)),
        *extra,
    )


def _release(releases: tuple[Release, ...]) -> Inline:
    if not releases:
        return "none yet"
    return (Link(releases[0].tag, releases[0].web_url), ", ", Time(releases[0].released_at, relative=True))


def _pipeline(pipelines: tuple[Pipeline, ...]) -> Inline:
    if not pipelines:
        return "none yet"
    newest = pipelines[0]
    return (
        f"{_STATUS[newest.status]} on ",
        Mono(newest.ref),
        ", ",
        Time(newest.at, relative=True),
        ", ",
        Link(f"#{newest.id}", newest.web_url),
    )


def _merge_requests(found: MergeRequests | None) -> Inline:
    if found is None or not found.total:
        return "none"
    spans: list[Span] = [f"{found.total:,}"]
    for request in found.newest[:MERGE_REQUESTS]:
        draft = "draft, " if request.draft else ""
        spans += ["\n", Link(f"!{request.iid} {request.title}", request.web_url), f" ({draft}{request.author})"]
    left = found.total - min(len(found.newest), MERGE_REQUESTS)
    return (*spans, f"\n… and {left:,} more") if left else tuple(spans)


def _deployments(card: Card) -> list[Block]:
    if not card.running:
        problem = f"Deployments: {card.problem}." if card.problem else "It has no environment in GitLab yet."
        return [Text(problem, Tone.WARN if card.problem else Tone.PLAIN)]
    columns: tuple[str, ...] = ("Environment", "Runs", "Since", "Deployed by", "Newer try")
    rows = tuple(_place(running) for running in card.running)
    if not any(row[-1] != CURRENT for row in rows):
        # What runs everywhere is what was tried last: the column would only say it again.
        columns, rows = columns[:-1], tuple(row[:-1] for row in rows)
    blocks: list[Block] = [Table(columns, rows)]
    if card.problem:
        blocks.append(Text(f"Deployments: {card.problem}.", Tone.WARN))
    if card.stopped:
        count = counted(card.stopped, "stopped environment is", "stopped environments are")
        blocks.append(Note(f"{count} not shown."))
    return blocks


def _place(running: Running) -> tuple[Inline, ...]:
    name: Inline = Link(running.name, running.url) if running.url else running.name
    if not running.seen:
        return (name, "unknown", "–", "–", "unknown")
    current, newest = running.current, running.newest
    last: Inline = CURRENT
    if newest is not None and newest != current:
        last = (f"{_STATUS[newest.status]}, ", Time(newest.at, relative=True))
    if current is None:
        return (name, "nothing yet", "–", "–", last)
    runs: Inline = (Mono(current.ref), f" {current.sha[:8]}")
    return (name, runs, Time(current.at, relative=True), current.by, last)


def _card_buttons(card: Card) -> tuple[Button, ...]:
    service = card.service
    again = (Button("Try again", "service", {"name": service.name}),) if card.failed else ()
    here = (Button("Use in this channel", "use", {"service": service.name}),) if card.usable_here else ()
    every = (Button("All services", "service", {"page": "1"}),)
    return (*again, *here, Button("Services of its team", "service", {"team": service.team}), *every)
