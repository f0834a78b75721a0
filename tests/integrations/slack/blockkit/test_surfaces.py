from __future__ import annotations

from typing import Any

import pytest

from integrations.slack.simulator.blockkit import Problem, validate_message, validate_view
from tests.integrations.slack.blockkit.payloads import (
    actions,
    button,
    entry,
    home,
    message,
    modal,
    mrkdwn,
    plain,
    plot,
    section,
    table,
    without,
)

DIVIDER = {"type": "divider"}


def test_a_problem_reads_as_slack_writes_it() -> None:
    """A problem's text is Slack's: the words, then the pointer in brackets."""
    problem = Problem("/blocks/0/text/text", "must be less than 3001 characters")
    assert str(problem) == "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"


def test_a_message_has_at_most_50_blocks() -> None:
    """The 51st block of a message is one too many."""
    assert validate_message(message(*[DIVIDER] * 50)) == []
    assert [str(p) for p in validate_message(message(*[DIVIDER] * 51))] == [
        "no more than 50 items allowed [json-pointer:/blocks]"
    ]


def test_a_message_needs_something_to_say() -> None:
    """A message without text, blocks and attachments is refused as `no_text`."""
    assert [problem.error for problem in validate_message({"text": ""})] == ["no_text"]


def test_a_text_alone_is_a_message() -> None:
    """A message of text alone is accepted up to 40,000 characters, and refused as `msg_too_long` beyond."""
    assert validate_message({"text": "x" * 40_000}) == []
    assert [problem.error for problem in validate_message({"text": "x" * 40_001})] == ["msg_too_long"]


@pytest.mark.parametrize("blocks", ["[]", {"type": "divider"}, 7])
def test_blocks_are_an_array(blocks: Any) -> None:
    """Blocks that are no array are refused."""
    assert [str(p) for p in validate_message({"text": "x", "blocks": blocks})] == [
        "must provide an array [json-pointer:/blocks]"
    ]


def test_a_block_id_is_unique_in_a_message() -> None:
    """Two blocks of a message may not share a block_id."""
    problems = validate_message(message(section(block_id="a"), section(block_id="a")))
    assert [str(p) for p in problems] == ['`block_id` "a" already exists [json-pointer:/blocks/1/block_id]']


def test_an_action_id_may_return_in_another_block() -> None:
    """An action_id is unique within its block only, as Slack has it."""
    assert validate_message(message(actions(button(action_id="a")), actions(button(action_id="a")))) == []


def test_a_message_has_at_most_two_charts() -> None:
    """The third chart of a message is refused."""
    assert validate_message(message(plot(), plot())) == []
    assert [problem.path for problem in validate_message(message(plot(), plot(), plot()))] == ["/blocks/2"]


def test_a_message_has_at_most_one_table() -> None:
    """The second table of a message is refused as `only_one_table_allowed`, attachments counted."""
    payload = message(table(), attachments=[{"blocks": [table()]}])
    assert [(p.path, p.message, p.error) for p in validate_message(payload)] == [
        ("/attachments/0/blocks/0", "only_one_table_allowed", "invalid_attachments")
    ]


def test_blocks_in_attachments_are_judged_too() -> None:
    """A fault in an attachment's blocks is found, with the pointer through the attachment."""
    payload = message(attachments=[{"color": "#fff"}, {"blocks": [{"type": "header", "text": plain("")}]}])
    assert [problem.path for problem in validate_message(payload)] == ["/attachments/1/blocks/0/text/text"]


def test_all_markdown_of_a_message_counts_together() -> None:
    """Markdown blocks of a message have 12,000 characters together."""
    half = {"type": "markdown", "text": "x" * 6_001}
    assert "must be less than 12001 characters in all markdown blocks" in [
        problem.message for problem in validate_message(message(half, half))
    ]


def test_a_message_has_a_size_as_a_whole() -> None:
    """Blocks that are each within their limits are refused as `msg_blocks_too_long` when they are too much together."""
    long = section(text=mrkdwn("x" * 3000))
    assert validate_message(message(*[long] * 4)) == []
    assert [problem.error for problem in validate_message(message(*[long] * 5))] == ["msg_blocks_too_long"]


def test_a_view_has_at_most_100_blocks_and_at_least_one() -> None:
    """A view has 1 to 100 blocks."""
    assert validate_view(home(*[DIVIDER] * 100)) == []
    assert [str(p) for p in validate_view(home(*[DIVIDER] * 101))] == [
        "no more than 100 items allowed [json-pointer:/view/blocks]"
    ]
    assert [problem.path for problem in validate_view(home())] == ["/view/blocks"]


def test_a_modal_with_an_input_needs_submit() -> None:
    """A modal that asks for something has a submit button; a home tab has none."""
    assert [str(p) for p in validate_view(without(modal(entry()), "submit"))] == [
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]"
    ]
    assert validate_view(without(modal(DIVIDER), "submit")) == []


def test_a_modal_needs_a_title() -> None:
    """A modal without title is refused."""
    assert [p.message for p in validate_view(without(modal(DIVIDER), "title"))] == ["missing required field: title"]


@pytest.mark.parametrize("name", ["title", "submit", "close"])
def test_a_modals_words_have_24_characters(name: str) -> None:
    """Title, submit and close of a modal have at most 24 characters."""
    assert validate_view(modal(DIVIDER, **{name: plain("x" * 24)})) == []
    assert [str(p) for p in validate_view(modal(DIVIDER, **{name: plain("x" * 25)}))] == [
        f"must be less than 25 characters [json-pointer:/view/{name}/text]"
    ]


@pytest.mark.parametrize("name", ["title", "submit", "close"])
def test_a_home_tab_has_no_frame(name: str) -> None:
    """A home tab has neither title nor buttons of its own."""
    assert [p.message for p in validate_view(home(DIVIDER, **{name: plain()}))] == [
        f"invalid additional property: {name}"
    ]


@pytest.mark.parametrize(("name", "most"), [("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)])
def test_a_views_own_texts_have_limits(name: str, most: int) -> None:
    """private_metadata has at most 3000 characters, callback_id and external_id 255."""
    assert validate_view(modal(DIVIDER, **{name: "x" * most})) == []
    assert [problem.path for problem in validate_view(modal(DIVIDER, **{name: "x" * (most + 1)}))] == [f"/view/{name}"]


def test_a_view_has_at_most_250_kilobytes() -> None:
    """A view is measured in bytes of JSON, and refused as `view_too_large` beyond 250 KB."""
    wide = section(text=mrkdwn("日" * 2900))
    assert validate_view(modal(*[wide] * 25)) == []
    assert [problem.error for problem in validate_view(modal(*[wide] * 30))] == ["view_too_large"]


@pytest.mark.parametrize("kind", ["workflow_step", "sheet", None, []])
def test_a_view_is_a_modal_or_a_home_tab(kind: Any) -> None:
    """A view of another type is refused."""
    assert [str(p) for p in validate_view({**modal(DIVIDER), "type": kind})] == [
        "must be a valid enum value [json-pointer:/view/type]"
    ]


def test_an_unknown_key_of_a_view_is_refused() -> None:
    """A view with a key that Slack does not know is refused."""
    assert [str(p) for p in validate_view(modal(DIVIDER, submit_disabled=True))] == [
        "invalid additional property: submit_disabled [json-pointer:/view]"
    ]


def test_files_do_not_dispatch() -> None:
    """A file input with dispatch_action is refused as an unsupported type, as Slack's reference says."""
    block = entry({"type": "file_input"}, dispatch_action=True)
    assert [problem.path for problem in validate_view(modal(block))] == ["/view/blocks/0/element/type"]
