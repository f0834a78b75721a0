"""How the audit trail reads: a page of it, an export, a sample, and what checking it found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from commands._kit.doc import (
    Attachment,
    Block,
    Bold,
    Button,
    Buttons,
    Doc,
    Fields,
    Inline,
    Mono,
    Note,
    Person,
    Table,
    Text,
    Time,
    Tone,
)
from commands._kit.paging import page_buttons, pages_of, range_words
from commands._kit.words import clipped, counted
from integrations.store import AuditEntry, AuditRecord, Head, Page, Phase, Verification

PAGE = 20
CLIP = 80
_RESULTS = {"ok": "✓ ok", "denied": "✗ denied", "failed": "✗ failed", "unknown": "? unknown"}


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of records; `arguments` ask for it again."""

    page: Page[AuditRecord]
    number: int
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exported:
    """Files with `rows` records, up to the chain's head."""

    files: tuple[Attachment, ...]
    rows: int
    first: int | None
    last: int | None
    head: Head
    asked: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """Records drawn from `population` by `seed`."""

    records: tuple[AuditRecord, ...]
    population: int
    seed: int
    head: Head
    asked: str
    own_reads: bool
    files: tuple[Attachment, ...] = ()


Shown = Trail | Exported | Sampled | Verification


def show(answer: Shown) -> Doc:
    match answer:
        case Trail():
            return _trail(answer)
        case Exported():
            return _exported(answer)
        case Sampled():
            return _sampled(answer)
        case Verification():
            return _verified(answer)


def _table(records: tuple[AuditRecord, ...]) -> Table:
    rows = tuple(_row(record) for record in records)
    return Table(("No.", "When", "Who", "What", "About", "Result"), rows)


def _row(record: AuditRecord) -> tuple[Inline, ...]:
    entry = record.entry
    who: Inline = Person(entry.actor, entry.actor_name) if entry.actor else "not named"
    return (
        str(record.seq),
        Time(entry.at),
        who,
        entry.command or "–",
        clipped(entry.target, CLIP) or "–",
        _result(entry),
    )


def _result(entry: AuditEntry) -> str:
    word = "▸ begun" if entry.phase is Phase.INTENT else _RESULTS.get(entry.result, entry.result or "–")
    return f"{word}: {clipped(entry.detail.replace('`', ''), CLIP)}" if entry.detail else word


def _filters(arguments: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in arguments.items() if name not in {"action", "page", "count", "seed"}}


def _trail(trail: Trail) -> Doc:
    page, filters = trail.page, _filters(trail.arguments)
    asked = ", ".join(f"{name} {value}" for name, value in filters.items())
    title = f"Who did what: {asked}" if asked else "Who did what"
    if not page.items:
        text = "Nothing that matches is in the audit trail." if filters else "The audit trail is empty."
        everything = (Buttons((Button("Everything", "audit"),)),) if filters else ()
        return Doc(title, (Text(text), *everything))
    buttons = (
        *page_buttons("audit", filters, trail.number, pages_of(page.total, PAGE)),
        Button("Export", "audit", {**filters, "action": "export"}),
        Button("Check the chain", "audit", {"action": "verify"}),
    )
    note = Note(
        (f"{range_words(page.offset, len(page.items), page.total)}, newest first. This look is recorded, too.",)
    )
    records = counted(page.total, "record")
    return Doc(title, (_table(page.items), note, Buttons(buttons)), summary=f"{title}: {records}")


def _range(first: int | None, last: int | None) -> str:
    return f"{first}–{last}" if first is not None else "none"


def _exported(exported: Exported) -> Doc:
    if not exported.rows:
        return Doc("Nothing to export", (Text("Nothing that matches is in the audit trail, so there is no file."),))
    rows = counted(exported.rows, "record")
    facts: tuple[tuple[str, Inline], ...] = (
        ("Query", Mono(exported.asked)),
        ("Numbers", _range(exported.first, exported.last)),
        ("Chain head", (f"{exported.head.seq}, ", Mono(exported.head.mac))),
    )
    blocks: tuple[Block, ...] = (
        Text((Bold(rows), " in the file." if len(exported.files) == 1 else " in each file."), Tone.GOOD),
        Fields(facts),
        Note("Each file begins with its query, counts and the chain's head. This export is recorded."),
    )
    return Doc("Audit trail exported", blocks, summary=f"{rows} exported", files=exported.files)


def _sampled(sampled: Sampled) -> Doc:
    if not sampled.records:
        return Doc("Nothing to draw from", (Text("Nothing that matches is in the audit trail."),))
    left_out = "" if sampled.own_reads else " Looks at the audit trail itself are left out."
    blocks: tuple[Block, ...] = (
        Text(
            (Bold(f"{len(sampled.records):,} of {sampled.population:,} records"), f", drawn with seed {sampled.seed}.")
        ),
        _table(sampled.records),
        Note(
            (
                "To draw the same again: ",
                Mono(sampled.asked),
                f". More records may change it; a past --until keeps it as it is.{left_out}",
            )
        ),
        Note((f"Chain head {sampled.head.seq}, ", Mono(sampled.head.mac))),
    )
    return Doc("Audit sample", blocks, summary=f"A sample of {len(sampled.records):,} records", files=sampled.files)


def _verified(found: Verification) -> Doc:
    facts: tuple[tuple[str, Inline], ...] = (
        ("Records", f"{found.records:,}"),
        ("Chain head", (f"{found.head.seq}, ", Mono(found.head.mac or "–"))),
        ("Outside anchors that agree", f"{found.anchors:,}"),
    )
    if found.ok:
        text = f"The audit trail is whole: all {found.records:,} links hold."
        return Doc("Audit trail checked", (Text(text, Tone.GOOD), Fields(facts)), summary=text)
    where = f" at record {found.broken_at}" if found.broken_at is not None else ""
    text = f"The audit trail is broken{where}."
    blocks = (
        Text((Bold(text), f" {found.message}" if found.message else ""), Tone.BAD),
        Fields(facts),
        Note("Keep the store and its anchors as they are, and tell the auditors and the platform engineers."),
    )
    return Doc("Audit trail checked", blocks, summary=text, tone=Tone.BAD)
