"""Takes secrets out of text before it leaves the process: log lines, audit records, what people read.

It knows secrets by their shape, by the name of what holds them, and by value where they were `register`ed. It is the
second line of defence: code that handles a secret keeps it out of texts in the first place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

MARK = "[redacted]"
_DEPTH = 6

# Shapes that vendors give to their secrets, so that one is known wherever it turns up.
_SHAPES = re.compile(
    r"""
    \b(?:
        (?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[A-Za-z0-9-]{6,}             # Slack
        | (?:gl(?:pat|rtr?|cbt|ptt|ft|imt|agent|wt|soat|ffct|oas)|gldt)-[\w.=-]{8,}  # GitLab
        | gh[pousr]_[A-Za-z0-9]{20,}                                       # GitHub
        | eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}                            # JSON web tokens
        | (?:AKIA|ASIA)[A-Z0-9]{16}\b                                      # AWS
    )
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
# A response_url or webhook lets whoever has it write as the bot.
_SLACK_HOOK = re.compile(r"(https://hooks\.slack(?:-gov)?\.com/)[\w/.-]+")
_USER_INFO = re.compile(r"\b([a-z][a-z0-9+.-]{0,20}://)[^\s/?#@'\"]+@", re.IGNORECASE)
# A digit or padding tells a credential from prose such as "Basic authentication".
_SCHEME = re.compile(r"\b(Bearer|Basic)\s+(?=\S*[\d=])[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_NAMED = (
    r"(?:[\w-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|private[_-]?key|audit[_-]?key)"
    r"|pwd|authorization)"
)
_PAIR = re.compile(
    r"(?<![\w-])(['\"]?" + _NAMED + r"['\"]?\s*[=:]\s*)"
    r"(?:\"[^\"]*\"|'[^']*'|(?:(?:Bearer|Basic|Token)\s+)?[^\s,;&'\"})\]]+)",
    re.IGNORECASE,
)
_NAME = re.compile(_NAMED + "s?", re.IGNORECASE)

_registered: set[str] = set()
_registered_pattern: re.Pattern[str] | None = None


def register(secrets: Iterable[str]) -> None:
    """Have these values redacted wherever they appear; what is shorter than 8 characters is too common to be."""
    global _registered_pattern  # noqa: PLW0603 - one process has one set of secrets, and the log is process-wide too
    _registered.update(secret for secret in secrets if len(secret) >= 8)
    longest_first = sorted(_registered, key=len, reverse=True)
    _registered_pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
    _short.cache_clear()


def redact(text: str) -> str:
    """Return the text without the secrets in it; everything else stays as it is."""
    return _short(text) if len(text) <= 64 else _redact(text)


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    """Redact names of commands, people and outcomes, of which every log line has the same few."""
    return _redact(text)


def _redact(text: str) -> str:
    if _registered_pattern is not None:
        text = _registered_pattern.sub(MARK, text)
    text = _SHAPES.sub(MARK, text)
    text = _SCHEME.sub(rf"\g<1> {MARK}", text)
    if "://" in text:
        text = _SLACK_HOOK.sub(rf"\g<1>{MARK}", text)
        text = _USER_INFO.sub(rf"\g<1>{MARK}@", text)
    if "=" in text or ":" in text:
        text = _PAIR.sub(rf"\g<1>{MARK}", text)
    return text


def redact_value(value: object, name: str = "", depth: int = 0) -> object:
    """Return the value, and what it contains, without secrets; what is held under a secret's name goes whatever it is.

    Objects that are no plain data are turned into their redacted text, as a log renderer would print them.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if name and value and _NAME.fullmatch(name):
        return MARK
    if isinstance(value, Mapping) and depth < _DEPTH:
        return {str(key): redact_value(inner, str(key), depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEPTH:
        return [redact_value(inner, "", depth + 1) for inner in value]
    return redact(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
