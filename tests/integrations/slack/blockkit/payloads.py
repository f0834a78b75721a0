"""Small valid payloads that each test spoils in one place."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str = "Text") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "Text") -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "a", text: str = "A", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def options(count: int) -> list[Json]:
    return [option(f"v{n}", f"V{n}") for n in range(count)]


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(), **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def select(**more: Any) -> Json:
    return {"type": "static_select", "options": options(2), **more}


def entry(element: Json | None = None, **more: Any) -> Json:
    return {"type": "input", "label": plain(), "element": element or {"type": "plain_text_input"}, **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def word(text: str = "x", **more: Any) -> Json:
    return {"type": "text", "text": text, **more}


def cell(text: str = "x") -> Json:
    return {"type": "raw_text", "text": text}


def table(rows: int = 2, columns: int = 2, text: str = "x", **more: Any) -> Json:
    return {"type": "table", "rows": [[cell(text) for _ in range(columns)] for _ in range(rows)], **more}


def series(name: str = "s", labels: tuple[str, ...] = ("a", "b")) -> Json:
    return {"name": name, "data": [{"label": label, "value": 1} for label in labels]}


def plot(*lines: Json, categories: tuple[str, ...] = ("a", "b"), **axes: Any) -> Json:
    chart = {
        "type": "line",
        "series": list(lines) or [series(labels=categories)],
        "axis_config": {"categories": list(categories), **axes},
    }
    return {"type": "data_visualization", "title": "Chart", "chart": chart}


def pie(*segments: tuple[str, float]) -> Json:
    found = [{"label": label, "value": value} for label, value in segments or (("a", 1.0),)]
    return {"type": "data_visualization", "title": "Chart", "chart": {"type": "pie", "segments": found}}


def image(**more: Any) -> Json:
    return {"type": "image", "alt_text": "A cat", "image_url": "https://example.com/cat.png", **more}


def video(**more: Any) -> Json:
    return {
        "type": "video",
        "alt_text": "A cat",
        "title": plain(),
        "video_url": "https://example.com/v",
        "thumbnail_url": "https://example.com/t.png",
        **more,
    }


def without(payload: Json, name: str) -> Json:
    return {key: value for key, value in payload.items() if key != name}


def message(*blocks: Json, **more: Any) -> Json:
    return {"text": "Fallback", "blocks": list(blocks), **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Go"), "blocks": list(blocks), **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}
