"""Walking all projects by pages of ids, in the order of ids, with something done for several pages at once.

The list itself comes one page after the other (each page says where the next begins), but the next page is asked for
while earlier ones are still in use, and whoever stops reading stops the walk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Page = Callable[[int], Coroutine[Any, Any, tuple[tuple[int, ...], bool]]]


async def walk(
    page: Page, use: Callable[[Sequence[int]], Coroutine[Any, Any, tuple[T, ...]]], *, parallel: int
) -> AsyncGenerator[tuple[T, ...], None]:
    """Yield what `use` makes of each page, in order, with at most `parallel` pages in use. The first error ends it.

    `page(after)` returns the ids that follow `after`, and whether there may be more.
    """
    used: deque[asyncio.Task[tuple[T, ...]]] = deque()
    listed: asyncio.Task[tuple[tuple[int, ...], bool]] | None = asyncio.create_task(page(0))
    try:
        while listed is not None or used:
            while listed is not None and len(used) < parallel:
                ids, more = await listed
                listed = asyncio.create_task(page(ids[-1])) if more and ids else None
                if ids:
                    used.append(asyncio.create_task(use(ids)))
            if used:
                result = await used[0]
                used.popleft()
                yield result
    finally:
        left = [*used, *([listed] if listed is not None else [])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
