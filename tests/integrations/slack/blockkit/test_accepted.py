from __future__ import annotations

from typing import Any

import pytest

from integrations.slack.simulator.blockkit import validate_message, validate_view
from tests.integrations.slack.blockkit.payloads import (
    actions,
    button,
    entry,
    home,
    image,
    message,
    modal,
    mrkdwn,
    option,
    options,
    pie,
    plain,
    plot,
    section,
    select,
    series,
    table,
    video,
    word,
)

CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain("Yes"), "deny": plain("No"), "style": "danger"}
GROUPS = [{"label": plain("Group"), "options": options(2)}]
FEEDBACK = {"text": plain("Good"), "value": "good", "accessibility_label": "Good answer"}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                word("bold", style={"bold": True, "code": False}),
                {"type": "link", "url": "https://example.com", "text": "here", "unsafe": False},
                {"type": "user", "user_id": "U1"},
                {"type": "usergroup", "usergroup_id": "S1"},
                {"type": "channel", "channel_id": "C1"},
                {"type": "team", "team_id": "T1"},
                {"type": "broadcast", "range": "here"},
                {"type": "emoji", "name": "tada", "skin_tone": 2},
                {"type": "color", "value": "#ff0000"},
                {"type": "date", "timestamp": 1_700_000_000, "format": "{date}", "fallback": "then"},
            ],
        },
        {"type": "rich_text_preformatted", "elements": [word("code")], "border": 0},
        {"type": "rich_text_quote", "elements": [word("said")]},
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 1,
            "offset": 2,
            "elements": [{"type": "rich_text_section", "elements": [word("one")]}],
        },
    ],
}
EVERYWHERE = {
    "section": section(fields=[plain(), mrkdwn()], expand=True, block_id="b"),
    "section of fields": {"type": "section", "fields": [mrkdwn()]},
    "header": {"type": "header", "text": plain(), "level": 2},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [mrkdwn(), plain(), image()]},
    "image": image(title=plain()),
    "image from a Slack file": {"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}},
    "video": video(title_url="https://example.com", description=plain(), author_name="Ann"),
    "rich text": RICH,
    "button": actions(button(url="https://example.com", value="v", style="primary", confirm=CONFIRM, action_id="a")),
    "workflow button": actions(
        {"type": "workflow_button", "text": plain(), "workflow": {"trigger": {"url": "https://slack.com/shortcuts/x"}}}
    ),
    "overflow": actions({"type": "overflow", "options": [option(url="https://example.com")]}),
    "datetimepicker": actions({"type": "datetimepicker", "initial_date_time": 1_700_000_000}),
    "select": section(accessory=select(initial_option=option("v0", "V0"), placeholder=plain())),
    "select of groups": section(accessory={"type": "static_select", "option_groups": GROUPS}),
    "external select": actions({"type": "external_select", "min_query_length": 0, "initial_option": option()}),
    "users select": actions({"type": "users_select", "initial_user": "U1"}),
    "channels select": actions({"type": "channels_select", "initial_channel": "C1"}),
    "conversations select": actions(
        {
            "type": "conversations_select",
            "default_to_current_conversation": True,
            "filter": {"include": ["im", "public"], "exclude_bot_users": True},
        }
    ),
    "multi static select": section(
        accessory={
            "type": "multi_static_select",
            "options": options(3),
            "initial_options": options(2),
            "max_selected_items": 2,
        }
    ),
    "multi external select": section(accessory={"type": "multi_external_select", "min_query_length": 3}),
    "multi users select": section(accessory={"type": "multi_users_select", "initial_users": ["U1"]}),
    "multi channels select": section(accessory={"type": "multi_channels_select", "initial_channels": ["C1"]}),
    "multi conversations select": section(
        accessory={"type": "multi_conversations_select", "initial_conversations": ["C1"]}
    ),
    "checkboxes": actions({"type": "checkboxes", "options": options(10), "initial_options": options(1)}),
    "radio buttons": actions({"type": "radio_buttons", "options": [option(text="A", description=mrkdwn())]}),
    "datepicker": actions({"type": "datepicker", "initial_date": "2024-02-29"}),
    "timepicker": actions({"type": "timepicker", "initial_time": "23:59", "timezone": "Europe/Berlin"}),
    "text input": entry(
        {"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": 3000, "initial_value": "x"},
        hint=plain(),
        optional=True,
        dispatch_action=True,
    ),
    "email input": entry({"type": "email_text_input", "initial_value": ""}),
    "url input": entry({"type": "url_text_input", "placeholder": plain()}),
    "number input": entry(
        {"type": "number_input", "is_decimal_allowed": False, "min_value": "-1", "max_value": "9", "initial_value": "3"}
    ),
    "rich text input": entry({"type": "rich_text_input", "initial_value": RICH, "focus_on_load": True}),
    "datetimepicker input": entry({"type": "datetimepicker"}),
}
MESSAGES = {
    "table": table(100, 20, column_settings=[{"align": "right", "is_wrapped": True}, None]),
    "line chart": plot(series("a"), series("b"), x_label="Day", y_label="ms"),
    "pie chart": pie(("a", 1), ("b", 0.5)),
    "markdown": {"type": "markdown", "text": "**bold**"},
    "context actions": {
        "type": "context_actions",
        "elements": [
            {"type": "feedback_buttons", "positive_button": FEEDBACK, "negative_button": FEEDBACK},
            {"type": "icon_button", "icon": "trash", "text": plain("Delete"), "value": "x"},
        ],
    },
    "file": {"type": "file", "external_id": "x", "source": "remote"},
}
MODALS = {
    "file input": entry({"type": "file_input", "filetypes": ["pdf"], "max_files": 10}),
    "alert": {"type": "alert", "text": mrkdwn(), "level": "warning"},
    "response_url": entry({"type": "conversations_select", "response_url_enabled": True}),
}


@pytest.mark.parametrize("name", [*EVERYWHERE, *MESSAGES])
def test_it_is_accepted_in_a_message(name: str) -> None:
    """What Slack's reference allows in a message is accepted there."""
    assert validate_message(message({**EVERYWHERE, **MESSAGES}[name])) == []


@pytest.mark.parametrize("name", [*EVERYWHERE, *MODALS])
def test_it_is_accepted_in_a_modal(name: str) -> None:
    """What Slack's reference allows in a modal is accepted there."""
    assert validate_view(modal({**EVERYWHERE, **MODALS}[name])) == []


@pytest.mark.parametrize("name", [*EVERYWHERE, "table"])
def test_it_is_accepted_on_the_home_tab(name: str) -> None:
    """What Slack's reference allows on the home tab is accepted there; its inputs need no submit."""
    assert validate_view(home({**EVERYWHERE, **MESSAGES}[name])) == []


@pytest.mark.parametrize("name", [*MESSAGES, *MODALS])
def test_it_is_refused_elsewhere(name: str) -> None:
    """A block or element that belongs to one surface is refused on another one."""
    wrong: dict[str, Any] = {**MESSAGES, **MODALS}
    problems = validate_message(message(wrong[name])) if name in MODALS else validate_view(modal(wrong[name]))
    assert len(problems) == 1
    assert "unsupported type" in problems[0].message or "only allowed in modals" in problems[0].message
