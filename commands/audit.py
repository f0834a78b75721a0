"""`audit`: who did what; as a page, a file, a repeatable sample, and a check of the chain."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, StringConstraints

from commands._audit_files import as_csv, as_json_lines, header_for
from commands._audit_view import PAGE, Exported, Sampled, Shown, Trail, show
from commands._kit.command import Effect, Section, command
from commands._kit.context import Context
from commands._kit.doc import Attachment
from commands._kit.errors import invalid
from commands._kit.fields import Moment, Named, Options, PersonId, moment_at
from commands._kit.paging import pages_of
from commands._kit.ports import Platform
from commands._kit.roles import Component, Verb, on
from commands._kit.write import values_of
from integrations.store import AuditLog, AuditQuery, AuditRecord, Head

READ_AT_ONCE = 1_000
MOST_ROWS = 100_000
MOST_SAMPLED = 1_000
_SEEDS = 1_000_000
_NAME = StringConstraints(strip_whitespace=True, max_length=64)


class Do(StrEnum):
    LIST = "list"
    EXPORT = "export"
    SAMPLE = "sample"
    VERIFY = "verify"


class Result(StrEnum):
    OK = "ok"
    DENIED = "denied"
    FAILED = "failed"
    UNKNOWN = "unknown"


class File(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"


class Audit(BaseModel):
    action: Do = Field(default=Do.LIST, description="List records, export them, draw a sample, or verify the chain")
    count: int = Field(default=25, ge=1, le=MOST_SAMPLED, description="How many records a sample has")
    seed: Annotated[int, Named()] | None = Field(
        default=None, ge=0, lt=2**53, description="Number that makes a sample repeatable"
    )
    actor: Annotated[PersonId, Named("a")] | None = Field(default=None, description="Only what this person did")
    command: Annotated[str, _NAME, Options("commands", free=True), Named("c")] | None = Field(
        default=None, description="Only this command"
    )
    service: Annotated[str, _NAME, Options("services", free=True), Named("s")] | None = Field(
        default=None, description="Only what was about this service"
    )
    result: Annotated[Result, Named("r")] | None = Field(default=None, description="Only with this result")
    since: Annotated[Moment, Named()] | None = Field(
        default=None, description="From this day on, or so long ago: 2026-03-31, 7d"
    )
    until: Annotated[Moment, Named()] | None = Field(
        default=None, description="Up to the end of this day, or until so long ago: 2026-03-31, 2h"
    )
    format: Annotated[File, Named("f")] | None = Field(
        default=None, description="Only this kind of file; without it, an export has both"
    )
    page: Annotated[int, Named("p")] = Field(default=1, ge=1, le=1_000_000, description="Page of the list")


@command(
    "audit",
    may=on(Component.SECURITY, Verb.AUDIT) | on(Component.PLATFORM, Verb.MAINTAIN),
    effect=Effect.READ,
    view=show,
    section=Section.REPORT,
    examples=("audit --since 7d --result denied", "audit export --since 2026-03-01", "audit sample 25 --seed 7"),
    audited=True,
)
async def audit(req: Audit, ctx: Context, log: AuditLog, process: Platform) -> Shown:
    """Show who did what: list, export, sample or verify the audit trail.

    Days are those of your time zone. Looking is recorded as well.
    """
    if req.action is Do.VERIFY:
        await ctx.progress("Checking every link of the audit trail …")
        return await log.verify()
    query = await _query(req, ctx)
    match req.action:
        case Do.LIST:
            return await _trail(req, query, log)
        case Do.EXPORT:
            return await _export(req, query, ctx, log, process)
        case _:
            return await _sample(req, query, ctx, log, process)


async def _query(req: Audit, ctx: Context) -> AuditQuery:
    zone = await _zone(ctx.actor.time_zone)
    since = moment_at(req.since, ctx.now, zone) if req.since else None
    until = moment_at(req.until, ctx.now, zone, ends=True) if req.until else None
    if since and until and since >= until:
        raise invalid("is before the time that it should end", field_name="until", hint="Give an earlier --since.")
    return AuditQuery(
        actor=_person(req.actor, ctx) if req.actor else "",
        command=(req.command or "").lower(),
        target=req.service or "",
        result=req.result.value if req.result else "",
        since=since,
        until=until,
    )


def _person(typed: str, ctx: Context) -> str:
    """Return the stable id: a front end's own id is meant in the asker's own workspace."""
    if typed.casefold() == "me":
        return ctx.actor.id
    own = re.match(r".*[/:]", ctx.actor.id)
    return typed if ":" in typed or own is None else f"{own[0]}{typed}"


async def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        # The first look reads a file.
        return await asyncio.to_thread(ZoneInfo, name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


async def _trail(req: Audit, query: AuditQuery, log: AuditLog) -> Trail:
    number = req.page
    page = await log.query(replace(query, offset=(number - 1) * PAGE, limit=PAGE))
    if number > (last := pages_of(page.total, PAGE)):
        number = last
        page = await log.query(replace(query, offset=(number - 1) * PAGE, limit=PAGE))
    return Trail(page, number, values_of(req))


async def _export(req: Audit, query: AuditQuery, ctx: Context, log: AuditLog, process: Platform) -> Exported:
    head = await log.head()
    total = (await log.query(replace(query, limit=1))).total
    if total > MOST_ROWS:
        raise invalid(
            f"{total:,} records match; an export has at most {MOST_ROWS:,}.",
            hint="Narrow it with --since and --until, and export it in parts.",
        )
    # Records that are written meanwhile shift the pages, so some come twice; those after the head are left out.
    found: dict[int, AuditRecord] = {}
    for offset in range(0, total + READ_AT_ONCE, READ_AT_ONCE):
        page = await log.query(replace(query, offset=offset, limit=READ_AT_ONCE))
        found.update({record.seq: record for record in page.items if record.seq <= head.seq})
        if len(page.items) < READ_AT_ONCE:
            break
        await ctx.progress(f"Reading {min(offset + READ_AT_ONCE, total):,} of {total:,} records …")
    records = tuple(found[seq] for seq in sorted(found))
    if not records:
        return Exported((), 0, None, None, head, ctx.asked)
    files = await _files(req, ctx, process, records, head)
    return Exported(files, len(records), records[0].seq, records[-1].seq, head, ctx.asked)


async def _files(
    req: Audit, ctx: Context, process: Platform, records: tuple[AuditRecord, ...], head: Head
) -> tuple[Attachment, ...]:
    header = header_for(
        records,
        query=ctx.asked,
        time_zone=ctx.actor.time_zone,
        generated_at=ctx.now,
        generated_by=f"{ctx.actor.name} ({ctx.actor.id})",
        version=(await process.state()).version,
        head=head,
    )
    writers = {File.CSV: as_csv, File.JSON_LINES: as_json_lines}
    # Writing 100,000 rows takes a second, which the event loop does not have.
    return tuple(
        [
            await asyncio.to_thread(write, header, records)
            for kind, write in writers.items()
            if req.format in (None, kind)
        ]
    )


async def _sample(req: Audit, query: AuditQuery, ctx: Context, log: AuditLog, process: Platform) -> Sampled:
    # Each look adds a record to the trail. Were those drawn from, the next look could not repeat the sample.
    without = "" if query.command else "audit"
    query = replace(query, limit=1, except_reads_of=without)
    seed = req.seed if req.seed is not None else int(ctx.now.timestamp() * 1000) % _SEEDS
    head = await log.head()
    population = (await log.query(query)).total
    records = await log.sample(req.count, seed=seed, query=query)
    asked = ctx.asked if req.seed is not None else f"{ctx.asked} --seed={seed}"
    files = await _files(req, ctx, process, records, head) if req.format and records else ()
    return Sampled(records, population, seed, head, asked, not without, files)
