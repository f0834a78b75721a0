"""Query parameters and pagination as GitLab's REST API has them, with its words for what does not fit.

Parameters that GitLab does not know are ignored, as there; a wrong value is a 400.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from integrations.gitlab.simulator.access import refuse

T = TypeVar("T")
DEFAULT_PER_PAGE = 20
LARGEST_PER_PAGE = 100
COUNTED = 10_000


def whole(text: str) -> int:
    return int(text)


def boolean(text: str) -> bool:
    """Return a boolean as GitLab reads it. Raises ValueError for other words."""
    lowered = text.lower()
    if lowered in ("true", "t", "1", "yes", "y", "on"):
        return True
    if lowered in ("false", "f", "0", "no", "n", "off", ""):
        return False
    raise ValueError(text)


def moment(text: str) -> datetime:
    """Return a moment; one without a zone is UTC. Raises ValueError for other texts."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def words(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Param:
    """One query parameter: how it is read, what it may be, and what it is by default."""

    read: Callable[[str], Any]
    values: Sequence[Any] = ()
    default: Any = None


PAGED: Mapping[str, Param] = {"page": Param(whole, default=1), "per_page": Param(whole, default=DEFAULT_PER_PAGE)}
SORT = Param(words, ("asc", "desc"), "desc")


def read(request: web.Request, known: Mapping[str, Param]) -> dict[str, Any]:
    """Return the parameters with defaults. Raises Refused for a value that GitLab would not take."""
    values: dict[str, Any] = {}
    for name, param in known.items():
        text = request.query.get(name)
        if text is None:
            values[name] = param.default
            continue
        try:
            value = param.read(text)
        except ValueError:
            raise refuse(400, {"error": f"{name} is invalid"}) from None
        if param.values and value not in param.values:
            raise refuse(400, {"error": f"{name} does not have a valid value"})
        values[name] = value
    return values


def _address(request: web.Request, **changed: int | str) -> str:
    query = {**request.query, **{name: str(value) for name, value in changed.items()}}
    return f"{request.url.with_query(None)}?{urlencode(query)}"


def _link(request: web.Request, relations: Mapping[str, int]) -> str:
    return ", ".join(f'<{_address(request, page=page)}>; rel="{name}"' for name, page in relations.items())


def page_of(request: web.Request, values: Mapping[str, Any], items: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
    """Return one page by offset, and GitLab's headers for it; beyond 10,000 items it does not count them."""
    size = min(max(1, values["per_page"]), LARGEST_PER_PAGE)
    page = max(1, values["page"])
    last = max(1, -(-len(items) // size))
    part = items[(page - 1) * size : page * size]
    relations = {"prev": page - 1} if page > 1 else {}
    if page < last:
        relations["next"] = page + 1
    relations["first"] = 1
    headers = {
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Next-Page": str(page + 1) if page < last else "",
        "X-Prev-Page": str(page - 1) if page > 1 else "",
    }
    if len(items) <= COUNTED:
        relations["last"] = last
        headers |= {"X-Total": str(len(items)), "X-Total-Pages": str(last)}
    return part, {**headers, "Link": _link(request, relations)}


def keyset_link(request: web.Request, last_id: int) -> dict[str, str]:
    """Return the header that leads to the next page of a keyset pagination."""
    return {"Link": f'<{_address(request, id_after=last_id)}>; rel="next"'}
