"""Charts as Slack's `data_visualization` block, brought within its limits; what had to go is said in words.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from bot.render.foreign import EMPTY, clip, length, one_line
from bot.render.plot import downsample
from commands._kit.doc import Chart, ChartKind

PER_MESSAGE = 2
TITLE, AXIS, LABEL = 50, 50, 20
SERIES, POINTS = 6, 20

Json = dict[str, Any]


def distinct(names: Sequence[str], most: int = LABEL) -> list[str]:
    """Return one-line names of at most `most` units, a number added where two would be the same."""
    found: list[str] = []
    for name in names:
        label = clip(one_line(name) or EMPTY, most)
        number = 1
        while label in found:
            number += 1
            suffix = f" {number}"
            label = clip(one_line(name) or EMPTY, most - length(suffix)) + suffix
        found.append(label)
    return found


def _complete(chart: Chart) -> list[int]:
    """Return the indexes at which every series has a finite value."""
    count = min([len(chart.categories), *(len(values) for _, values in chart.series)])
    return [index for index in range(count) if all(math.isfinite(values[index]) for _, values in chart.series)]


def chart_block(chart: Chart) -> tuple[Json, list[str]] | None:
    """Return the block and what was left out of it, or None where the chart has nothing that Slack could draw."""
    if not chart.series or not chart.categories:
        return None
    drawn = _pie(chart) if chart.kind is ChartKind.PIE else _plot(chart)
    if drawn is None:
        return None
    body, notes = drawn
    unit = one_line(chart.unit)
    title = one_line(chart.title) or (chart.kind.value.capitalize() + " chart")
    if unit and chart.kind is ChartKind.PIE:
        title = f"{clip(title, TITLE - min(length(unit), 20) - 3)} [{clip(unit, 20)}]"
    return {"type": "data_visualization", "title": clip(title, TITLE), "chart": body}, notes


def _pie(chart: Chart) -> tuple[Json, list[str]] | None:
    name, values = chart.series[0]
    slices = [
        (category, value)
        for category, value in zip(chart.categories, values, strict=False)
        if math.isfinite(value) and value > 0
    ]
    if not slices:
        return None
    notes: list[str] = []
    if len(slices) > SERIES:
        slices.sort(key=lambda one: -one[1])
        rest = slices[SERIES - 1 :]
        total = sum(value for _, value in rest)
        slices = [*slices[: SERIES - 1], (f"{len(rest)} others", total if math.isfinite(total) else rest[0][1])]
        notes.append(f"“{len(rest)} others” adds up the smallest")
    without = min(len(chart.categories), len(values)) - sum(math.isfinite(v) and v > 0 for v in values)
    if without > 0:
        notes.append(f"{without} without a share are not drawn")
    if len(chart.series) > 1:
        notes.append(f"only {one_line(name) or 'the first series'} is drawn, … and {len(chart.series) - 1} more")
    labels = distinct([label for label, _ in slices])
    segments = [{"label": label, "value": value} for label, (_, value) in zip(labels, slices, strict=True)]
    return {"type": "pie", "segments": segments}, notes


def _plot(chart: Chart) -> tuple[Json, list[str]] | None:
    indexes = _complete(chart)
    if not indexes:
        return None
    notes: list[str] = []
    missing = len(chart.categories) - len(indexes)
    if missing:
        notes.append(f"{missing} of {len(chart.categories)} points have no value everywhere and are not drawn")
    if len(indexes) > POINTS:
        count = len(indexes)
        if chart.kind is ChartKind.BAR:
            indexes = indexes[:POINTS]
            notes.append(f"… and {count - POINTS} more bars")
        else:
            indexes = [indexes[i] for i in downsample(indexes, POINTS)]
            notes.append(f"{POINTS} of {count} points are drawn, evenly spread")
    if len(chart.series) > SERIES:
        notes.append(f"… and {len(chart.series) - SERIES} more series")
    categories = distinct([chart.categories[index] for index in indexes])
    names = distinct([name for name, _ in chart.series[:SERIES]])
    series = [
        {
            "name": name,
            "data": [{"label": label, "value": values[i]} for label, i in zip(categories, indexes, strict=True)],
        }
        for name, (_, values) in zip(names, chart.series, strict=False)
    ]
    axes: Json = {"categories": categories}
    if one_line(chart.unit):
        axes["y_label"] = clip(one_line(chart.unit), AXIS)
    return {"type": chart.kind.value, "series": series, "axis_config": axes}, notes
