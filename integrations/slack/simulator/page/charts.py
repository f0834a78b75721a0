"""The data_visualization block as an inline drawing with its figures in a table beneath.

The drawing is for the eye alone (`aria-hidden`); a screen reader gets the title and the table. Colours come from the
style sheet by class, because the page's content security policy refuses styles on elements.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

Json = Mapping[str, Any]

WIDTH, HEIGHT = 520, 220
LEFT, RIGHT, TOP, BOTTOM = 48, 10, 10, 30
TICKS = 4
SHOWN_LABELS = 8
LABEL_LENGTH = 12
PIE_RADIUS = 92


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values to heights; runs from `low` to `high` in round steps."""

    low: float
    high: float
    step: float

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def scale_for(values: Sequence[float]) -> Scale:
    """Return a scale that shows zero and all values, with about `TICKS` round steps."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    span = (high - low) or 1.0
    raw = span / TICKS
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw)
    return Scale(math.floor(low / step) * step, math.ceil((high or step) / step) * step, step)


def number(value: float | None) -> str:
    """Return a figure as people read it: no needless zeros, thousands apart."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"


def chart(block: Json) -> Markup:
    """Return the block as a figure."""
    drawn = block.get("chart") or {}
    title = str(block.get("title", ""))
    kind = str(drawn.get("type", ""))
    if kind == "pie":
        segments = [(str(s.get("label", "")), float(s.get("value", 0))) for s in drawn.get("segments", ())]
        names = [label for label, _ in segments]
        drawing = _pie([value for _, value in segments])
        table = _table(["Part", "Value"], [[label, number(value)] for label, value in segments])
    else:
        axis = drawn.get("axis_config") or {}
        categories = [str(c) for c in axis.get("categories", ())]
        series = [_series(s, categories) for s in drawn.get("series", ())]
        names = [s.name for s in series]
        drawing = _axes(kind, categories, series)
        label = str(axis.get("x_label") or "")
        rows = [[c, *(number(s.values[i]) for s in series)] for i, c in enumerate(categories)]
        table = _table([label, *names], rows)
        drawing += _axis_labels(label, str(axis.get("y_label") or ""))
    legend = Markup().join(
        Markup('<li><span class="swatch series-{}"></span>{}</li>').format(i, name) for i, name in enumerate(names)
    )
    return Markup(
        '<figure class="chart"><figcaption>{title}</figcaption>'
        '<svg viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false" class="chart-{kind}">{drawing}</svg>'
        '<ul class="legend" aria-hidden="true">{legend}</ul>'
        "<details><summary>Show the figures</summary>{table}</details></figure>"
    ).format(title=title, width=WIDTH, height=HEIGHT, kind=kind, drawing=drawing, legend=legend, table=table)


def _series(series: Json, categories: Sequence[str]) -> Series:
    points = {str(p.get("label", "")): float(p.get("value", 0)) for p in series.get("data", ())}
    return Series(str(series.get("name", "")), tuple(points.get(category) for category in categories))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    head = Markup().join(Markup('<th scope="col">{}</th>').format(column) for column in columns)
    body = Markup().join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            row[0], Markup().join(Markup("<td>{}</td>").format(cell) for cell in row[1:])
        )
        for row in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def _axis_labels(x_label: str, y_label: str) -> Markup:
    out = Markup()
    if x_label:
        out += Markup('<text class="axis-name" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            (WIDTH + LEFT) / 2, HEIGHT - 1, x_label
        )
    if y_label:
        out += Markup(
            '<text class="axis-name" x="9" y="{y}" transform="rotate(-90 9 {y})" text-anchor="middle">{text}</text>'
        ).format(y=(HEIGHT - BOTTOM + TOP) / 2, text=y_label)
    return out


def _axes(kind: str, categories: Sequence[str], series: Sequence[Series]) -> Markup:
    scale = scale_for([v for s in series for v in s.values if v is not None] or [0.0])
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(categories))
    return _grid(scale) + _categories(categories, slot) + _shapes(kind, series, scale, slot)


def _grid(scale: Scale) -> Markup:
    out = Markup()
    for tick in range(round((scale.high - scale.low) / scale.step) + 1):
        value = scale.low + tick * scale.step
        out += Markup(
            '<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>'
            '<text class="tick" x="{text}" y="{base}" text-anchor="end">{value}</text>'
        ).format(
            left=LEFT,
            right=WIDTH - RIGHT,
            y=scale.y(value),
            text=LEFT - 6,
            base=scale.y(value) + 3,
            value=number(value),
        )
    return out


def _categories(categories: Sequence[str], slot: float) -> Markup:
    every = math.ceil(len(categories) / SHOWN_LABELS) or 1
    return Markup().join(
        Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            round(LEFT + slot * (i + 0.5), 1),
            HEIGHT - BOTTOM + 13,
            category if len(category) <= LABEL_LENGTH else category[: LABEL_LENGTH - 1] + "…",
        )
        for i, category in enumerate(categories)
        if i % every == 0
    )


def _shapes(kind: str, series: Sequence[Series], scale: Scale, slot: float) -> Markup:
    if kind == "bar":
        return _bars(series, scale, slot)
    out = Markup()
    for order, one in enumerate(series):
        points = [
            (round(LEFT + slot * (i + 0.5), 1), scale.y(value))
            for i, value in enumerate(one.values)
            if value is not None
        ]
        if not points:
            continue
        line = " ".join(f"{x},{y}" for x, y in points)
        if kind == "area":
            base = scale.y(0)
            out += Markup('<polygon class="area series-{}" points="{},{} {} {},{}"/>').format(
                order, points[0][0], base, line, points[-1][0], base
            )
        out += Markup('<polyline class="line series-{}" points="{}"/>').format(order, line)
        out += Markup().join(
            Markup('<circle class="dot series-{}" cx="{}" cy="{}" r="2.5"/>').format(order, x, y) for x, y in points
        )
    return out


def _bars(series: Sequence[Series], scale: Scale, slot: float) -> Markup:
    out = Markup()
    width = slot * 0.7 / max(1, len(series))
    for order, one in enumerate(series):
        for i, value in enumerate(one.values):
            if value is None:
                continue
            top, base = sorted((scale.y(value), scale.y(0)))
            out += Markup('<rect class="bar series-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
                order,
                round(LEFT + slot * (i + 0.15) + order * width, 1),
                top,
                round(width - 1, 1),
                max(0.5, base - top),
            )
    return out


def _pie(values: Sequence[float]) -> Markup:
    total = sum(values) or 1.0
    middle_x, middle_y = WIDTH / 2, HEIGHT / 2
    out = Markup()
    turned = 0.0
    for order, value in enumerate(values):
        share = value / total
        if share > 0.9999:
            return Markup('<circle class="slice series-{}" cx="{}" cy="{}" r="{}"/>').format(
                order, middle_x, middle_y, PIE_RADIUS
            )
        ends = [
            (middle_x + PIE_RADIUS * math.sin(angle), middle_y - PIE_RADIUS * math.cos(angle))
            for angle in (turned * math.tau, (turned + share) * math.tau)
        ]
        out += Markup('<path class="slice series-{}" d="M{} {}L{:.1f} {:.1f}A{r} {r} 0 {} 1 {:.1f} {:.1f}Z"/>').format(
            order, middle_x, middle_y, *ends[0], int(share > 0.5), *ends[1], r=PIE_RADIUS
        )
        turned += share
    return out
