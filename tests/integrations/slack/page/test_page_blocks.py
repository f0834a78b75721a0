import json
from pathlib import Path
from typing import Any

import pytest

from integrations.slack.simulator.page.blocks import blocks_html
from integrations.slack.simulator.page.choices import Scope
from integrations.slack.simulator.page.reader import Reader

READER = Reader(id="U1", people={"U1": "Alice", "U2": "Bob"}, channels={"C1": "general"})
SCOPE = Scope("message", "m", READER)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;lt;b&amp;gt;'


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str = "") -> dict[str, Any]:
    return {"text": words(text), "value": value or text}


def draw(*blocks: dict[str, Any], scope: Scope = SCOPE) -> str:
    return str(blocks_html(blocks, scope))


def field(element: dict[str, Any], **details: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": "b", "label": words("Name"), "element": element, **details}


def test_every_official_sample_is_drawn(data_dir: Path) -> None:
    """All views that Slack publishes are drawn without a kind that the page does not know."""
    for path in sorted((data_dir / "slack" / "views").glob("*.json")):
        view = json.loads(path.read_text())
        html = draw(*view["blocks"])
        assert "unsupported" not in html, path.name
        assert html.count('class="block ') == len(view["blocks"]), path.name


def every_text_replaced(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: value
            if key in ("type", "style", "align")
            else HOSTILE
            if isinstance(value, str)
            else every_text_replaced(value)
            for key, value in node.items()
        }
    return [every_text_replaced(one) for one in node] if isinstance(node, list) else node


ALL_KINDS: list[dict[str, Any]] = [
    {
        "type": "section",
        "text": words("x"),
        "fields": [words("y")],
        "accessory": {
            "type": "button",
            "text": words("z"),
            "action_id": "a",
            "value": "v",
            "url": "https://x.example",
            "confirm": {"title": words("t"), "text": words("t"), "confirm": words("t"), "deny": words("t")},
        },
    },
    {"type": "header", "text": words("x")},
    {
        "type": "context",
        "elements": [
            {"type": "mrkdwn", "text": "x"},
            {"type": "image", "image_url": "https://x.example/y.png", "alt_text": "x"},
        ],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "overflow", "action_id": "o", "options": [option("x")]},
            {"type": "static_select", "action_id": "s", "placeholder": words("p"), "options": [option("x")]},
            {"type": "checkboxes", "action_id": "c", "options": [option("x")]},
            {"type": "radio_buttons", "action_id": "r", "options": [option("x")]},
            {"type": "datepicker", "action_id": "d", "initial_date": "2026-01-01"},
        ],
    },
    {"type": "image", "image_url": "https://x.example/y.png", "alt_text": "x", "title": words("t")},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "x", "style": {"bold": True}},
                    {"type": "link", "url": "https://x.example", "text": "x"},
                    {"type": "user", "user_id": "U1"},
                    {"type": "emoji", "name": "x"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        ],
    },
    {"type": "markdown", "text": "# x"},
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "x"}],
            [
                {
                    "type": "rich_text",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
                }
            ],
        ],
    },
    {
        "type": "data_visualization",
        "title": "x",
        "chart": {
            "type": "bar",
            "series": [{"name": "x", "data": [{"label": "x", "value": 1}]}],
            "axis_config": {"categories": ["x"], "x_label": "x", "y_label": "x"},
        },
    },
    {"type": "data_visualization", "title": "x", "chart": {"type": "pie", "segments": [{"label": "x", "value": 1}]}},
    field(
        {"type": "plain_text_input", "action_id": "a", "placeholder": words("p"), "initial_value": "x"}, hint=words("h")
    ),
    field({"type": "plain_text_input", "multiline": True, "action_id": "a", "initial_value": "x"}),
    field(
        {"type": "multi_static_select", "action_id": "a", "options": [option("x")], "initial_options": [option("x")]}
    ),
]


@pytest.mark.parametrize("block", ALL_KINDS, ids=lambda b: f"{b['type']}-{b.get('element', {}).get('type', '')}")
def test_hostile_text_stays_text_everywhere(block: dict[str, Any]) -> None:
    """Markup in any text of any block is shown, never obeyed."""
    html = draw(every_text_replaced(block))
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;script&gt;") or html.count("&lt;/script")


def test_buttons_carry_what_a_press_needs() -> None:
    """A button says its action, its value and its block, and keeps Slack's styles and confirmation."""
    html = draw(
        {
            "type": "actions",
            "block_id": "b1",
            "elements": [
                {
                    "type": "button",
                    "action_id": "go",
                    "value": "42",
                    "style": "danger",
                    "text": words("Delete"),
                    "confirm": {
                        "title": words("Sure?"),
                        "text": words("x"),
                        "confirm": words("Yes"),
                        "deny": words("No"),
                    },
                }
            ],
        }
    )
    for part in ('data-block="b1"', 'data-action="go"', 'data-value="42"', 'class="button danger"', "Sure?"):
        assert part in html


def test_link_buttons_go_to_the_web_only() -> None:
    """A link button with another scheme becomes an ordinary button."""
    element = {"type": "button", "action_id": "a", "text": words("x"), "url": "javascript:alert(1)"}
    html = draw({"type": "actions", "elements": [element]})
    assert "href" not in html


def test_foreign_pictures_are_named_and_not_loaded() -> None:
    """A picture from elsewhere shows its alternative text and host instead of being fetched."""
    html = draw({"type": "image", "image_url": "https://pictures.example/cat.png", "alt_text": "A cat"})
    assert "<img" not in html
    assert "A cat" in html
    assert "pictures.example" in html


def test_typed_state_wins_over_initial_values() -> None:
    """What a person typed is drawn instead of what the app filled in."""
    block = field({"type": "plain_text_input", "action_id": "a", "initial_value": "old"})
    scope = Scope("modal", "v", READER, values={"b": {"a": {"type": "plain_text_input", "value": "new"}}})
    assert 'value="new"' in draw(block, scope=scope)


def test_errors_stand_with_their_field() -> None:
    """A validation error is drawn in its field and tied to the control for screen readers."""
    block = field({"type": "plain_text_input", "action_id": "a"})
    html = draw(block, scope=Scope("modal", "v", READER, errors={"b": "That name is taken"}))
    assert "That name is taken" in html
    assert "has-error" in html
    assert "aria-describedby" in html


@pytest.mark.parametrize(
    ("element", "shown"),
    [
        ({"type": "users_select", "initial_user": "U2"}, "Bob"),
        ({"type": "channels_select", "initial_channel": "C1"}, "#general"),
        ({"type": "conversations_select", "initial_conversation": "C1"}, "#general"),
        ({"type": "external_select", "initial_option": option("checkout")}, "checkout"),
        ({"type": "multi_users_select", "initial_users": ["U1"]}, "Alice"),
        ({"type": "datepicker", "initial_date": "2026-11-23"}, "2026-11-23"),
        ({"type": "timepicker", "initial_time": "09:30"}, "09:30"),
        ({"type": "datetimepicker", "initial_date_time": 1795431600}, "2026-11-23T11:00"),
        ({"type": "number_input", "initial_value": "7", "is_decimal_allowed": False}, "7"),
        ({"type": "email_text_input", "initial_value": "a@b.example"}, "a@b.example"),
        ({"type": "url_text_input", "initial_value": "https://b.example"}, "https://b.example"),
    ],
    ids=lambda case: case["type"] if isinstance(case, dict) else "",
)
def test_every_kind_of_input_shows_its_value(element: dict[str, Any], shown: str) -> None:
    """Each kind of input element is drawn with a control that holds its initial value."""
    html = draw(field({"action_id": "a", **element}))
    assert f'"{shown}"' in html
    assert f'data-control="{element["type"]}"' in html


def test_labels_belong_to_their_controls() -> None:
    """A field's label names its control by id."""
    html = draw(field({"type": "plain_text_input", "action_id": "a"}))
    control = html.split('<label class="field-label"')[1].split('for="')[1].split('"')[0]
    assert f'<input id="{control}"' in html


def test_charts_have_their_figures_in_a_table() -> None:
    """Whoever cannot see the drawing finds every figure in a table."""
    chart = {
        "type": "line",
        "series": [{"name": "errors", "data": [{"label": "Mon", "value": 1200}, {"label": "Tue", "value": 0.5}]}],
        "axis_config": {"categories": ["Mon", "Tue"]},
    }
    html = draw({"type": "data_visualization", "title": "Errors", "chart": chart})
    assert '<th scope="row">Mon</th><td>1,200</td>' in html
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("values", [[0, 0], [-5, 5], [1e9, 1e-9], [3], [-2, -1]])
def test_charts_scale_to_any_values(values: list[float]) -> None:
    """Zeros, negatives and extremes are drawn within the picture."""
    labels = [str(i) for i in range(len(values))]
    data = [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)]
    chart = {"type": "bar", "series": [{"name": "s", "data": data}], "axis_config": {"categories": labels}}
    html = draw({"type": "data_visualization", "title": "t", "chart": chart})
    tops = [float(part.split('"')[0]) for part in html.split(' y="')[1:]]
    assert all(-5 <= top <= 225 for top in tops)


def test_markdown_blocks_are_drawn() -> None:
    """The markdown block's headings, lists, emphasis, code and links become HTML."""
    text = "# Title\n\n- **one**\n- `two`\n\n1. [three](https://x.example)\n\n```\n<raw>\n```"
    html = draw({"type": "markdown", "text": text})
    for part in (
        "<h3>Title</h3>",
        "<strong>one</strong>",
        "<code>two</code>",
        "<ol>",
        "&lt;raw&gt;",
        "https://x.example",
    ):
        assert part in html


def test_unknown_blocks_say_so() -> None:
    """A block that the page does not know is named instead of vanishing."""
    assert "video" in draw({"type": "video"})
