from __future__ import annotations

from typing import Any

import pytest

from integrations.slack.simulator.blockkit import validate_message
from tests.integrations.slack.blockkit.payloads import (
    actions,
    button,
    cell,
    entry,
    image,
    message,
    mrkdwn,
    option,
    options,
    pie,
    plain,
    plot,
    rich,
    section,
    select,
    series,
    table,
    video,
    without,
    word,
)

Json = dict[str, Any]


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def header(text: str, **more: Any) -> Json:
    return {"type": "header", "text": plain(text), **more}


def boxes(kind: str, **more: Any) -> Json:
    return {"type": kind, "options": options(2), **more}


def confirm(**more: Any) -> Json:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def number(**more: Any) -> Json:
    return entry({"type": "number_input", "is_decimal_allowed": False, **more})


def text_input(**more: Any) -> Json:
    return entry({"type": "plain_text_input", **more})


LESS = "must be less than {} characters".format
EMPTY = "must be more than 0 characters"
MISSING = "missing required field: {}".format
EXTRA = "invalid additional property: {}".format
TYPE = "unsupported type: {}".format
ITEMS = "no more than {} items allowed".format
NONE = "must provide at least 1 items"
ENUM = "must be a valid enum value"
TWICE = '`{}` "{}" already exists'.format
OFFERED = "must match one of the provided options"

# Each line: what is wrong, the block, the pointer below the block, and Slack's words.
FAULTS: list[tuple[str, Any, str, str]] = [
    ("a block that is no object", "text", "", "must provide an object"),
    ("a block without type", {}, "", MISSING("type")),
    ("a block of unknown type", {"type": "blink"}, "/type", TYPE("blink")),
    ("a block whose type is no text", {"type": ["section"]}, "/type", TYPE("['section']")),
    ("a block that the simulator does not draw", {"type": "carousel", "elements": []}, "/type", TYPE("carousel")),
    ("an unknown key in a block", section(color="red"), "", EXTRA("color")),
    ("an unknown key in a text", {"type": "header", "text": {**plain(), "x": 1}}, "/text", EXTRA("x")),
    ("a long block_id", section(block_id="x" * 256), "/block_id", LESS(256)),
    ("an empty block_id", section(block_id=""), "/block_id", EMPTY),
    # Text objects
    ("a text that is a string", {"type": "section", "text": "x"}, "/text", "must provide an object"),
    ("a text of unknown type", {"type": "section", "text": {"type": "html", "text": "x"}}, "/text/type", TYPE("html")),
    ("an empty text", {"type": "section", "text": mrkdwn("")}, "/text/text", EMPTY),
    (
        "a text that is a number",
        {"type": "section", "text": {**plain(), "text": 1}},
        "/text/text",
        "must provide a string",
    ),
    ("emoji on mrkdwn", {"type": "section", "text": {**mrkdwn(), "emoji": True}}, "/text", EXTRA("emoji")),
    ("verbatim on plain text", {"type": "section", "text": {**plain(), "verbatim": True}}, "/text", EXTRA("verbatim")),
    ("a flag that is no boolean", section(expand="yes"), "/expand", "must provide a boolean"),
    # Sections
    ("a section without content", {"type": "section"}, "", MISSING("text")),
    ("a long section", {"type": "section", "text": mrkdwn("x" * 3001)}, "/text/text", LESS(3001)),
    ("11 fields", {"type": "section", "fields": [plain()] * 11}, "/fields", ITEMS(10)),
    ("no fields", {"type": "section", "fields": []}, "/fields", NONE),
    ("a long field", section(fields=[plain("x" * 2001)]), "/fields/0/text", LESS(2001)),
    (
        "an input as accessory",
        section(accessory={"type": "plain_text_input"}),
        "/accessory/type",
        TYPE("plain_text_input"),
    ),
    # Headers, context, images, videos, files
    ("a header in mrkdwn", {"type": "header", "text": mrkdwn()}, "/text/type", TYPE("mrkdwn")),
    ("a long header", header("x" * 151), "/text/text", LESS(151)),
    ("an empty header", header(""), "/text/text", EMPTY),
    ("a header of level 5", header("x", level=5), "/level", "must be less than 5"),
    ("11 context elements", context(*[plain()] * 11), "/elements", ITEMS(10)),
    ("an empty context", context(), "/elements", NONE),
    ("a button in a context", context(button()), "/elements/0/type", TYPE("button")),
    ("an image without alt_text", without(image(), "alt_text"), "", MISSING("alt_text")),
    ("an image without source", without(image(), "image_url"), "", MISSING("image_url")),
    (
        "an image with two sources",
        image(slack_file={"id": "F1"}),
        "",
        "cannot provide both `image_url` and `slack_file`",
    ),
    ("an image at a long address", image(image_url="https://x.y/" + "x" * 3000), "/image_url", LESS(3001)),
    ("an image at no web address", image(image_url="file:///etc/passwd"), "/image_url", "must be a valid url"),
    ("a long alt_text", image(alt_text="x" * 2001), "/alt_text", LESS(2001)),
    ("a long image title", image(title=plain("x" * 2001)), "/title/text", LESS(2001)),
    ("a video without thumbnail", without(video(), "thumbnail_url"), "", MISSING("thumbnail_url")),
    ("a video title of 200", video(title=plain("x" * 200)), "/title/text", LESS(200)),
    ("a video author of 50", video(author_name="x" * 50), "/author_name", LESS(50)),
    ("a video without https", video(video_url="http://example.com"), "/video_url", "must be a valid url"),
    ("a file that is not remote", {"type": "file", "external_id": "x", "source": "local"}, "/source", ENUM),
    ("a long markdown block", {"type": "markdown", "text": "x" * 12_001}, "/text", LESS(12_001)),
    # Actions and buttons
    ("26 elements", actions(*[button() for _ in range(26)]), "/elements", ITEMS(25)),
    ("no elements", actions(), "/elements", NONE),
    ("a text input among actions", actions({"type": "plain_text_input"}), "/elements/0/type", TYPE("plain_text_input")),
    (
        "one action_id twice",
        actions(button(action_id="a"), button(action_id="a")),
        "/elements/1/action_id",
        TWICE("action_id", "a"),
    ),
    ("a long action_id", actions(button(action_id="x" * 256)), "/elements/0/action_id", LESS(256)),
    ("a button without text", actions(without(button(), "text")), "/elements/0", MISSING("text")),
    ("a long button text", actions(button(text=plain("x" * 76))), "/elements/0/text/text", LESS(76)),
    ("a button in mrkdwn", actions(button(text=mrkdwn())), "/elements/0/text/type", TYPE("mrkdwn")),
    ("a long button value", actions(button(value="x" * 2001)), "/elements/0/value", LESS(2001)),
    ("a button at a long address", actions(button(url="https://x.y/" + "x" * 3000)), "/elements/0/url", LESS(3001)),
    ("a button at no address", actions(button(url="click me")), "/elements/0/url", "must be a valid url"),
    ("a button style", actions(button(style="default")), "/elements/0/style", ENUM),
    (
        "a long accessibility label",
        actions(button(accessibility_label="x" * 76)),
        "/elements/0/accessibility_label",
        LESS(76),
    ),
    (
        "six icon buttons",
        {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}] * 6},
        "/elements",
        ITEMS(5),
    ),
    (
        "a button among context actions",
        {"type": "context_actions", "elements": [button()]},
        "/elements/0/type",
        TYPE("button"),
    ),
    (
        "an unknown icon",
        {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "star", "text": plain()}]},
        "/elements/0/icon",
        ENUM,
    ),
    (
        "a workflow without trigger",
        actions({"type": "workflow_button", "text": plain(), "workflow": {}}),
        "/elements/0/workflow",
        MISSING("trigger"),
    ),
    # Confirmation dialogs
    (
        "a confirm without deny",
        actions(button(confirm=without(confirm(), "deny"))),
        "/elements/0/confirm",
        MISSING("deny"),
    ),
    (
        "a long confirm title",
        actions(button(confirm=confirm(title=plain("x" * 101)))),
        "/elements/0/confirm/title/text",
        LESS(101),
    ),
    (
        "a long confirm text",
        actions(button(confirm=confirm(text=plain("x" * 301)))),
        "/elements/0/confirm/text/text",
        LESS(301),
    ),
    (
        "a long confirm button",
        actions(button(confirm=confirm(confirm=plain("x" * 31)))),
        "/elements/0/confirm/confirm/text",
        LESS(31),
    ),
    ("a confirm style", actions(button(confirm=confirm(style="red"))), "/elements/0/confirm/style", ENUM),
    # Options
    ("101 options", actions(select(options=options(101))), "/elements/0/options", ITEMS(100)),
    ("no options", actions(select(options=[])), "/elements/0/options", NONE),
    ("neither options nor groups", actions({"type": "static_select"}), "/elements/0", MISSING("options")),
    (
        "options and groups",
        actions(select(option_groups=[{"label": plain(), "options": options(1)}])),
        "/elements/0",
        "cannot provide both `options` and `option_groups`",
    ),
    (
        "101 groups",
        actions({"type": "static_select", "option_groups": [{"label": plain(), "options": options(1)}] * 101}),
        "/elements/0/option_groups",
        ITEMS(100),
    ),
    (
        "an empty group",
        actions({"type": "static_select", "option_groups": [{"label": plain(), "options": []}]}),
        "/elements/0/option_groups/0/options",
        NONE,
    ),
    (
        "a long group label",
        actions({"type": "static_select", "option_groups": [{"label": plain("x" * 76), "options": options(1)}]}),
        "/elements/0/option_groups/0/label/text",
        LESS(76),
    ),
    (
        "a long option text",
        actions(select(options=[option(text="x" * 76)])),
        "/elements/0/options/0/text/text",
        LESS(76),
    ),
    ("a long option value", actions(select(options=[option("x" * 151)])), "/elements/0/options/0/value", LESS(151)),
    (
        "a long option description",
        actions(select(options=[option(description=plain("x" * 76))])),
        "/elements/0/options/0/description/text",
        LESS(76),
    ),
    (
        "an option without value",
        actions(select(options=[without(option(), "value")])),
        "/elements/0/options/0",
        MISSING("value"),
    ),
    (
        "mrkdwn in a select's option",
        actions(select(options=[{"text": mrkdwn(), "value": "a"}])),
        "/elements/0/options/0/text/type",
        TYPE("mrkdwn"),
    ),
    (
        "an address in a select's option",
        actions(select(options=[option(url="https://x.y")])),
        "/elements/0/options/0",
        EXTRA("url"),
    ),
    (
        "an initial option that is not offered",
        actions(select(initial_option=option("other"))),
        "/elements/0/initial_option",
        OFFERED,
    ),
    (
        "an initial option with another text",
        actions(select(initial_option=option("v0", "Other"))),
        "/elements/0/initial_option",
        OFFERED,
    ),
    (
        "initial options that are not offered",
        section(
            accessory={
                "type": "multi_static_select",
                "options": options(2),
                "initial_options": [*options(1), option("other")],
            }
        ),
        "/accessory/initial_options/1",
        OFFERED,
    ),
    ("a long placeholder", actions(select(placeholder=plain("x" * 151))), "/elements/0/placeholder/text", LESS(151)),
    (
        "an empty selection at most",
        section(accessory={"type": "multi_users_select", "max_selected_items": 0}),
        "/accessory/max_selected_items",
        "must be greater than 0",
    ),
    ("6 overflow options", actions({"type": "overflow", "options": options(6)}), "/elements/0/options", ITEMS(5)),
    ("11 checkboxes", actions(boxes("checkboxes", options=options(11))), "/elements/0/options", ITEMS(10)),
    ("11 radio buttons", actions(boxes("radio_buttons", options=options(11))), "/elements/0/options", ITEMS(10)),
    ("no checkboxes", actions(boxes("checkboxes", options=[])), "/elements/0/options", NONE),
    (
        "one value twice",
        actions(boxes("checkboxes", options=[option("a"), option("a")])),
        "/elements/0/options/1/value",
        TWICE("value", "a"),
    ),
    (
        "a checked box that is not there",
        actions(boxes("checkboxes", initial_options=[option("x")])),
        "/elements/0/initial_options/0",
        OFFERED,
    ),
    (
        "a chosen radio that is not there",
        actions(boxes("radio_buttons", initial_option=option("x"))),
        "/elements/0/initial_option",
        OFFERED,
    ),
    (
        "an empty filter",
        actions({"type": "conversations_select", "filter": {}}),
        "/elements/0/filter",
        MISSING("include"),
    ),
    (
        "an unknown kind of conversation",
        actions({"type": "conversations_select", "filter": {"include": ["dm"]}}),
        "/elements/0/filter/include/0",
        ENUM,
    ),
    # Pickers
    (
        "a day that does not exist",
        actions({"type": "datepicker", "initial_date": "2023-02-29"}),
        "/elements/0/initial_date",
        "must be a valid date in the format YYYY-MM-DD",
    ),
    (
        "a date without dashes",
        actions({"type": "datepicker", "initial_date": "20230201"}),
        "/elements/0/initial_date",
        "must be a valid date in the format YYYY-MM-DD",
    ),
    (
        "the hour 24",
        actions({"type": "timepicker", "initial_time": "24:00"}),
        "/elements/0/initial_time",
        "must be a valid time in the format HH:mm",
    ),
    (
        "a moment in text",
        actions({"type": "datetimepicker", "initial_date_time": "1700000000"}),
        "/elements/0/initial_date_time",
        "must provide an integer",
    ),
    # Inputs
    ("an input without label", without(entry(), "label"), "", MISSING("label")),
    ("an input without element", without(entry(), "element"), "", MISSING("element")),
    ("a long label", entry(label=plain("x" * 2001)), "/label/text", LESS(2001)),
    ("a label in mrkdwn", entry(label=mrkdwn()), "/label/type", TYPE("mrkdwn")),
    ("a long hint", entry(hint=plain("x" * 2001)), "/hint/text", LESS(2001)),
    ("a button as input", entry(button()), "/element/type", TYPE("button")),
    (
        "a long placeholder of an input",
        text_input(placeholder=plain("x" * 151)),
        "/element/placeholder/text",
        LESS(151),
    ),
    ("a max_length over 3000", text_input(max_length=3001), "/element/max_length", "must be less than 3001"),
    (
        "bounds that cross",
        text_input(min_length=5, max_length=4),
        "/element/min_length",
        "must not be greater than max_length",
    ),
    (
        "an initial text that is too long",
        text_input(max_length=2, initial_value="abc"),
        "/element/initial_value",
        "must keep min_length and max_length",
    ),
    (
        "an unknown trigger",
        text_input(dispatch_action_config={"trigger_actions_on": ["on_blur"]}),
        "/element/dispatch_action_config/trigger_actions_on/0",
        ENUM,
    ),
    (
        "a number input that says nothing of decimals",
        entry({"type": "number_input"}),
        "/element",
        MISSING("is_decimal_allowed"),
    ),
    (
        "a number that is a number",
        number(initial_value=1),
        "/element/initial_value",
        "must be a string that is a number",
    ),
    (
        "a number that is not whole",
        number(initial_value="1.5"),
        "/element/initial_value",
        "must be a whole number where is_decimal_allowed is false",
    ),
    (
        "a number out of its bounds",
        number(max_value="3", initial_value="4"),
        "/element/initial_value",
        "must be between min_value and max_value",
    ),
    (
        "numeric bounds that cross",
        number(min_value="3", max_value="2"),
        "/element/min_value",
        "must not be greater than max_value",
    ),
    (
        "two first focuses",
        actions(select(focus_on_load=True), {"type": "users_select", "focus_on_load": True}),
        "/elements/1/focus_on_load",
        "only one element may set `focus_on_load`",
    ),
    # Rich text
    ("rich text without elements", {"type": "rich_text", "elements": []}, "/elements", NONE),
    ("an empty rich text", rich(word("")), "/elements/0/elements/0/text", EMPTY),
    ("a paragraph in rich text", {"type": "rich_text", "elements": [{"type": "p"}]}, "/elements/0/type", TYPE("p")),
    ("mrkdwn in rich text", rich(mrkdwn()), "/elements/0/elements/0/type", TYPE("mrkdwn")),
    ("an unknown style", rich(word(style={"blink": True})), "/elements/0/elements/0/style", EXTRA("blink")),
    ("a link without address", rich({"type": "link", "text": "x"}), "/elements/0/elements/0", MISSING("url")),
    (
        "a date in text",
        rich({"type": "date", "timestamp": "1", "format": "{date}"}),
        "/elements/0/elements/0/timestamp",
        "must provide an integer",
    ),
    ("a broadcast to all", rich({"type": "broadcast", "range": "all"}), "/elements/0/elements/0/range", ENUM),
    (
        "a person in code",
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}],
        },
        "/elements/0/elements/0/type",
        TYPE("user"),
    ),
    (
        "a list of text",
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [word()]}]},
        "/elements/0/elements/0/type",
        TYPE("text"),
    ),
    # Tables and charts
    ("101 rows", table(101), "/rows", ITEMS(100)),
    ("21 columns", {"type": "table", "rows": [[cell()] * 21]}, "/rows/0", ITEMS(20)),
    ("no rows", table(0), "/rows", NONE),
    ("an empty cell", table(1, 1, text=""), "/rows/0/0/text", EMPTY),
    ("a cell of mrkdwn", {"type": "table", "rows": [[mrkdwn()]]}, "/rows/0/0/type", TYPE("mrkdwn")),
    (
        "a number cell without number",
        {"type": "table", "rows": [[{"type": "raw_number", "text": "1"}]]},
        "/rows/0/0",
        MISSING("value"),
    ),
    ("21 column settings", table(column_settings=[None] * 21), "/column_settings", ITEMS(20)),
    ("a column in the middle", table(column_settings=[{"align": "middle"}]), "/column_settings/0/align", ENUM),
    (
        "a table of 10,001 characters",
        table(1, 1, text="x" * 10_001),
        "/rows",
        "must be less than 10001 characters in all cells",
    ),
    ("a long chart title", {**plot(), "title": "x" * 51}, "/title", LESS(51)),
    ("a chart of unknown type", {**plot(), "chart": {"type": "radar"}}, "/chart/type", TYPE("radar")),
    ("7 series", plot(*[series(str(n)) for n in range(7)]), "/chart/series", ITEMS(6)),
    ("a long series name", plot(series("x" * 21)), "/chart/series/0/name", LESS(21)),
    ("one series name twice", plot(series(), series()), "/chart/series/1/name", TWICE("name", "s")),
    (
        "a long category",
        plot(series(labels=("a",)), categories=("a", "x" * 21)),
        "/chart/axis_config/categories/1",
        LESS(21),
    ),
    (
        "a label that is no category",
        plot(series(labels=("a", "b", "c"))),
        "/chart/series/0/data/2/label",
        "must match one of axis_config.categories",
    ),
    (
        "a category without point",
        plot(series(labels=("a",))),
        "/chart/series/0/data",
        "must have one entry for every one of axis_config.categories",
    ),
    ("a long axis label", plot(y_label="x" * 51), "/chart/axis_config/y_label", LESS(51)),
    (
        "a point that is not a number",
        plot({"name": "s", "data": [{"label": "a", "value": float("nan")}]}, categories=("a",)),
        "/chart/series/0/data/0/value",
        "must provide a number",
    ),
    ("a segment of nothing", pie(("a", 0)), "/chart/segments/0/value", "must be greater than 0"),
    ("7 segments", pie(*[(str(n), 1) for n in range(7)]), "/chart/segments", ITEMS(6)),
    (
        "a chart without axes",
        {**plot(), "chart": without(plot()["chart"], "axis_config")},
        "/chart",
        MISSING("axis_config"),
    ),
]


@pytest.mark.parametrize(("block", "pointer", "words"), [fault[1:] for fault in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_is_reported_with_its_pointer(block: Any, pointer: str, words: str) -> None:
    """Each fault in a block is reported once, where it is and in Slack's words."""
    problems = validate_message(message({"type": "divider"}, block))
    assert [str(problem) for problem in problems] == [f"{words} [json-pointer:/blocks/1{pointer}]"]


def test_21_points_are_too_many() -> None:
    """A chart has at most 20 categories, and a series at most 20 points."""
    labels = tuple(str(n) for n in range(21))
    problems = validate_message(message(plot(categories=labels)))
    assert {problem.path for problem in problems} == {
        "/blocks/0/chart/series/0/data",
        "/blocks/0/chart/axis_config/categories",
    }


def test_every_fault_is_reported() -> None:
    """Faults do not hide each other: all of a message's are reported together."""
    problems = validate_message(message(header("x" * 151), actions(), {"type": "nothing"}))
    assert [problem.path for problem in problems] == ["/blocks/0/text/text", "/blocks/1/elements", "/blocks/2/type"]
