"""Charts as text: sparklines for lines and areas, bars for bars and pies."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.render.foreign import EMPTY, one_line
from bot.render.tabular import cells, fit, pad
from commands._kit.doc import Chart, ChartKind

_LEVELS = "▁▂▃▄▅▆▇█"
_BAR = "█"
LABEL = 24


def figure(value: float) -> str:
    """Return a number as people read it: without a fraction where it is whole, else with three digits."""
    if not math.isfinite(value):
        return EMPTY
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.1f}"


def downsample(values: Sequence[float], most: int) -> list[int]:
    """Return at most `most` indexes, evenly spread, the first and the last among them."""
    count = len(values)
    if count <= most:
        return list(range(count))
    return [round(index * (count - 1) / (most - 1)) for index in range(most)] if most > 1 else [count - 1]


def spark(values: Sequence[float], width: int) -> str:
    """Return a line as levels; a point without a value is a gap."""
    chosen = [values[index] for index in downsample(values, width)]
    finite = [value for value in chosen if math.isfinite(value)]
    if not finite:
        return ""
    low, span = min(finite), max(finite) - min(finite)

    def level(value: float) -> str:
        if not math.isfinite(value):
            return " "
        # Scaled before it is subtracted, so that the largest floats do not overflow.
        share = (value / span - low / span) if span and math.isfinite(span) else 0.5
        return _LEVELS[min(len(_LEVELS) - 1, max(0, int(share * len(_LEVELS))))]

    return "".join(level(value) for value in chosen)


def lines(chart: Chart, width: int) -> list[str]:
    """Return a chart as lines no wider than `width`."""
    unit = f" {one_line(chart.unit)}" if chart.unit.strip() else ""
    title = one_line(chart.title)
    head = [fit(f"{title}{f' [{unit.strip()}]' if unit else ''}", width)] if title or unit else []
    if not any(values for _, values in chart.series):
        return [*head, "(no data)"]
    if chart.kind in (ChartKind.LINE, ChartKind.AREA):
        return head + _sparklines(chart, width, unit)
    return head + _bars(chart, width, unit)


def _sparklines(chart: Chart, width: int, unit: str) -> list[str]:
    names = [fit(one_line(name) or EMPTY, LABEL) for name, _ in chart.series]
    widest = max(cells(name) for name in names)
    found: list[str] = []
    for name, (_, values) in zip(names, chart.series, strict=True):
        finite = [value for value in values if math.isfinite(value)]
        ends = f"  {figure(min(finite))}–{figure(max(finite))}{unit}, last {figure(values[-1])}" if finite else "  –"
        room = max(8, width - widest - 2 - cells(ends))
        found.append(f"{pad(name, widest)}  {spark(values, room)}{ends}")
    if chart.categories:
        first, last = one_line(chart.categories[0]), one_line(chart.categories[-1])
        found.append(fit(f"{pad('', widest)}  {first} … {last}", width))
    return found


def _bars(chart: Chart, width: int, unit: str) -> list[str]:
    several = len(chart.series) > 1
    rows: list[tuple[str, float]] = []
    for name, values in chart.series:
        for index, value in enumerate(values):
            category = one_line(chart.categories[index]) if index < len(chart.categories) else str(index + 1)
            rows.append((f"{category} · {one_line(name)}" if several else category, value))
    labels = [fit(label or EMPTY, LABEL) for label, _ in rows]
    widest = max(cells(label) for label in labels)
    total = sum(v for _, v in rows if math.isfinite(v) and v > 0)
    largest = max((abs(v) for _, v in rows if math.isfinite(v)), default=0.0)
    found: list[str] = []
    for label, (_, value) in zip(labels, rows, strict=True):
        share = f" ({value / total:.0%})" if chart.kind is ChartKind.PIE and 0 < value < math.inf and total else ""
        shown = f" {figure(value)}{unit}{share}"
        room = max(4, width - widest - 2 - cells(shown))
        size = round(abs(value) / largest * room) if largest and math.isfinite(value) else 0
        found.append(f"{pad(label, widest)}  {_BAR * size}{shown}")
    return found
