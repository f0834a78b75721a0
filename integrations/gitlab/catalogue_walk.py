"""Walking all projects in pages of ids, several pages in flight, with something done for each page.

GitLab's keyset pagination gives one page after the other; cutting the range of ids into segments lets several walks run
beside each other. What is read but not used yet is bounded, and whoever stops reading stops the walk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Page = Callable[[int, int | None], Awaitable[tuple[tuple[int, ...], bool]]]


@dataclass(frozen=True, slots=True)
class Segment:
    """Ids above `after` and below `before` (None: however many there are by then)."""

    after: int
    before: int | None


EVERYTHING = Segment(0, None)


def split(newest: int, parts: int) -> tuple[Segment, ...]:
    """Return segments that cover every id up to `newest`, and those that come while walking, in the last one."""
    width = max(1, -(-newest // parts))
    if newest <= parts:
        return (EVERYTHING,)
    starts = [width * part for part in range(parts)]
    return tuple(Segment(start, start + width + 1 if part < parts - 1 else None) for part, start in enumerate(starts))


async def walk(
    segments: Sequence[Segment], page: Page, use: Callable[[Sequence[int]], Awaitable[tuple[T, ...]]]
) -> AsyncIterator[tuple[T, ...]]:
    """Yield what `use` makes of each page of ids, in no particular order. The first error ends the walk."""
    places = asyncio.Semaphore(2 * len(segments))
    made: asyncio.Queue[tuple[T, ...] | asyncio.Task[None]] = asyncio.Queue()

    async def one(segment: Segment) -> None:
        after, more = segment.after, True
        while more:
            await places.acquire()
            ids, more = await page(after, segment.before)
            after, more = (ids[-1], more) if ids else (after, False)
            made.put_nowait(await use(ids) if ids else ())

    tasks = [asyncio.create_task(one(segment)) for segment in segments]
    for task in tasks:
        task.add_done_callback(made.put_nowait)
    walking = len(tasks)
    try:
        while walking:
            item = await made.get()
            if isinstance(item, asyncio.Task):
                item.result()
                walking -= 1
                continue
            places.release()
            if item:
                yield item
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
