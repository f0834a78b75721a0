"""Slack's date tokens (`<!date^..^{date_short} {time}|fallback>` and the rich text date element) in the reader's time.

An unknown placeholder makes the fallback show, as in Slack.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from integrations.slack.simulator.page.reader import Reader, ago, clock, day

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def _short(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


def _plain(moment: datetime) -> str:
    return f"{moment:%B} {moment.day}, {moment.year}"


def _long(moment: datetime) -> str:
    return f"{moment:%A}, {_plain(moment)}"


def _pretty(form: Callable[[datetime], str]) -> Callable[[datetime, datetime], str]:
    def shown(moment: datetime, now: datetime) -> str:
        word = day(moment, now)
        return word.lower() if word in ("Today", "Yesterday") else form(moment)

    return shown


FORMS: dict[str, Callable[[datetime, datetime], str]] = {
    "date_num": lambda moment, _: f"{moment:%Y-%m-%d}",
    "date_slash": lambda moment, _: f"{moment:%m/%d/%Y}",
    "date": lambda moment, _: _plain(moment),
    "date_short": lambda moment, _: _short(moment),
    "date_long": lambda moment, _: _long(moment),
    "date_pretty": _pretty(_plain),
    "date_short_pretty": _pretty(_short),
    "date_long_pretty": _pretty(_long),
    "day_divider_pretty": _pretty(_long),
    "time": lambda moment, _: clock(moment),
    "time_secs": lambda moment, _: f"{moment:%H:%M:%S}",
    "ago": ago,
}


def date_text(seconds: float, form: str, fallback: str, reader: Reader) -> str:
    """Return the date in the asked form and the reader's time zone, or the fallback."""
    names = PLACEHOLDER.findall(form)
    if not names or any(name not in FORMS for name in names):
        return fallback or form
    moment = reader.at(seconds)
    return PLACEHOLDER.sub(lambda match: FORMS[match[1]](moment, reader.now), form)
