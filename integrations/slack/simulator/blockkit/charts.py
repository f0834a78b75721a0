"""The table and the chart: the two blocks that show data.

https://docs.slack.dev/reference/block-kit/blocks/table-block and .../data-visualization-block.
"""

from __future__ import annotations

from typing import Any

from integrations.slack.simulator.blockkit.richtext import rich_text_elements
from integrations.slack.simulator.blockkit.rules import (
    Rule,
    Scope,
    Surface,
    array,
    boolean,
    choice,
    is_number,
    kind,
    number,
    only_on,
    record,
    string,
    variant,
)

TABLE_CHARACTERS = 10_000
SERIES = 6
POINTS = 20

_cell = variant(
    {
        "raw_text": kind({"text": string()}, {}),
        "raw_number": kind({"value": number, "text": string()}, {}),
        "rich_text": kind({"elements": rich_text_elements}, {"block_id": string(255)}),
    }
)
_column = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})


def _column_or_null(scope: Scope, path: str, value: Any) -> None:
    if value is not None:
        _column(scope, path, value)


def characters(value: Any) -> int:
    """Return how many characters a block's texts have together, as Slack adds them up."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(characters(item) for item in value.values() if isinstance(item, dict | list))
    if isinstance(value, list):
        return sum(characters(item) for item in value)
    return 0


def _table_size(scope: Scope, path: str, value: Any) -> None:
    if characters(value["rows"]) > TABLE_CHARACTERS:
        scope.report(f"{path}/rows", f"must be less than {TABLE_CHARACTERS + 1} characters in all cells")


table = kind(
    {"rows": array(array(_cell, 20, least=1), 100, least=1)},
    {"block_id": string(255), "column_settings": array(_column_or_null, 20)},
    only_on(Surface.MESSAGE, Surface.HOME),
    _table_size,
)


def _positive(scope: Scope, path: str, value: Any) -> None:
    number(scope, path, value)
    if is_number(value) and not value > 0:
        scope.report(path, "must be greater than 0")


def _distinct(what: str, names: list[str], scope: Scope, path: str, pointer: str) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            scope.report(f"{path}/{pointer.format(index)}", f'`{what}` "{name}" already exists')


def _matching(scope: Scope, path: str, value: Any) -> None:
    categories = value["axis_config"]["categories"]
    _distinct("category", categories, scope, path, "axis_config/categories/{}")
    _distinct("name", [one["name"] for one in value["series"]], scope, path, "series/{}/name")
    for index, one in enumerate(value["series"]):
        labels = [point["label"] for point in one["data"]]
        _distinct("label", labels, scope, f"{path}/series/{index}", "data/{}/label")
        for point, label in enumerate(labels):
            if label not in categories:
                scope.report(f"{path}/series/{index}/data/{point}/label", "must match one of axis_config.categories")
        if set(categories) - set(labels):
            scope.report(f"{path}/series/{index}/data", "must have one entry for every one of axis_config.categories")


_point = record({"label": string(20), "value": number}, {})
_series = record({"name": string(20), "data": array(_point, POINTS, least=1)}, {})
_axes = record({"categories": array(string(20), POINTS, least=1)}, {"x_label": string(50), "y_label": string(50)})
_plot = kind({"series": array(_series, SERIES, least=1), "axis_config": _axes}, {}, _matching)
_pie = kind({"segments": array(record({"label": string(20), "value": _positive}, {}), SERIES, least=1)}, {})
_chart: Rule = variant({"pie": _pie, "line": _plot, "bar": _plot, "area": _plot})

data_visualization = kind({"title": string(50), "chart": _chart}, {"block_id": string(255)}, only_on(Surface.MESSAGE))
