from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integrations.slack.simulator.blockkit import Problem, validate_message, validate_view
from integrations.slack.simulator.blockkit.blocks import BLOCKS
from integrations.slack.simulator.blockkit.elements import ELEMENTS

WORDS = """
    accessory action_id axis_config block_id blocks categories chart column_settings confirm data element elements
    fields focus_on_load initial_option initial_options initial_value is_decimal_allowed label max_length max_value
    min_length min_value option_groups options rows segments series style submit text title type value
"""
NAMES = st.sampled_from(WORDS.split())
TYPES = st.sampled_from([*BLOCKS, *ELEMENTS, "plain_text", "mrkdwn", "rich_text_section", "line", "pie", "raw_text"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    TYPES,
    st.just("x" * 3_100),
    st.just(10**400),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(NAMES, st.text(max_size=5)), inner, max_size=5),
        st.fixed_dictionaries(
            {"type": TYPES}, optional={"text": inner, "elements": inner, "rows": inner, "chart": inner}
        ),
    ),
    max_leaves=25,
)


def well_formed(problems: list[Problem]) -> bool:
    return all(problem.message and (problem.path == "" or problem.path.startswith("/")) for problem in problems)


@given(blocks=JSON, attachments=JSON, text=JSON)
def test_any_message_is_judged(blocks: Any, attachments: Any, text: Any) -> None:
    """Whatever JSON is sent as a message, the validator answers with problems and never fails."""
    assert well_formed(validate_message({"blocks": blocks, "attachments": attachments, "text": text}))
    assert well_formed(validate_message({"blocks": [blocks, blocks]}))


@given(blocks=JSON, extra=st.dictionaries(NAMES, JSON, max_size=3), kind=st.sampled_from(["modal", "home"]))
def test_any_view_is_judged(blocks: Any, extra: dict[str, Any], kind: str) -> None:
    """Whatever JSON is sent as a view, the validator answers with problems and never fails."""
    assert well_formed(validate_view({**extra, "type": kind, "blocks": [blocks, blocks]}))
    assert well_formed(validate_view({"blocks": blocks, **extra}))
