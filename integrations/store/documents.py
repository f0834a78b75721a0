"""JSON as the store keeps it: text with sorted keys, so that equal values are equal texts."""

from __future__ import annotations

from typing import Any

import orjson

from integrations.errors import Invalid


def to_json(value: Any) -> str:
    """Return the value as JSON. Raises Invalid for what JSON cannot hold (bytes, half a surrogate pair, 2^64)."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as error:
        raise Invalid(f"a value cannot be stored: {error}", backend="store") from error


def from_json(text: str) -> Any:
    """Return the value that `to_json` wrote."""
    return orjson.loads(text)
