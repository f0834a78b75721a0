"""Modals as JSON: every kind of field, values and errors in place, and nothing that Slack would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from bot.frontends.slack import views
from bot.frontends.slack.views import ViewState, form_view, values_of
from commands._kit.form import FieldKind, Form, FormField, form_for
from integrations.slack.simulator.blockkit import validate_view
from tests.commands.kit.samples import command_set

STATE = ViewState("everything", "C1", "1.2")


def form_of(*fields: FormField, error: str = "") -> Form:
    return Form("x", "Title", "Show", "Summary", fields, error)


def field(kind: FieldKind, **more: Any) -> FormField:
    given: dict[str, Any] = {"name": "field", "label": "Field", "hint": "", "kind": kind, "required": True, **more}
    return FormField(**given)


def element(kind: FieldKind, **more: Any) -> dict[str, Any]:
    view = form_view(form_of(field(kind, **more)), STATE)
    found: dict[str, Any] = view["blocks"][-1]["element"]
    return found


def texts(view: dict[str, Any]) -> str:
    return " ".join(b["text"]["text"] for b in view["blocks"] if b["type"] == "section")


@pytest.mark.parametrize("name", ["deploy", "say", "find", "set", "everything", "ci lint"])
def test_the_form_of_every_sample_is_a_view_that_slack_takes(name: str) -> None:
    """Each command's form is valid, empty as well as with every field wrong."""
    command = command_set().find(name)
    assert command is not None
    wrong = dict.fromkeys(command.request.model_fields, "<!channel> & *wrong*")
    for values, errors in (({}, {}), (wrong, dict.fromkeys(wrong, "cannot be used"))):
        view = form_view(form_for(command, values, errors), STATE, message="A message")
        assert validate_view(view) == []


def test_a_state_survives_its_journey() -> None:
    """What a view remembers comes back with its submission; a view without it has an empty one."""
    assert ViewState.load(STATE.dump()) == STATE
    assert ViewState.load("") == ViewState()


@pytest.mark.parametrize(
    ("kind", "kind_of_element"),
    [
        (FieldKind.TEXT, "plain_text_input"),
        (FieldKind.MULTILINE, "plain_text_input"),
        (FieldKind.DURATION, "plain_text_input"),
        (FieldKind.NUMBER, "number_input"),
        (FieldKind.BOOLEAN, "checkboxes"),
        (FieldKind.CHOICE, "static_select"),
        (FieldKind.OPTIONS, "external_select"),
        (FieldKind.PERSON, "users_select"),
        (FieldKind.CHANNEL, "conversations_select"),
        (FieldKind.DATE, "datepicker"),
    ],
)
def test_every_kind_of_field_has_its_input(kind: FieldKind, kind_of_element: str) -> None:
    """Each kind of field becomes the input that Slack has for it, named after the field."""
    made = element(kind, choices=(("a", "A"),))
    assert (made["type"], made["action_id"]) == (kind_of_element, "field")


@pytest.mark.parametrize(
    ("kind", "typed", "key", "shown"),
    [
        (FieldKind.TEXT, "hello", "initial_value", "hello"),
        (FieldKind.NUMBER, "7", "initial_value", "7"),
        (FieldKind.DATE, "2026-03-31", "initial_date", "2026-03-31"),
        (FieldKind.PERSON, "U0ANN", "initial_user", "U0ANN"),
        (FieldKind.CHANNEL, "C1", "initial_conversation", "C1"),
    ],
)
def test_what_was_given_is_prefilled(kind: FieldKind, typed: str, key: str, shown: str) -> None:
    """A value that the input can start with is in it."""
    assert element(kind, initial=typed)[key] == shown


def test_selects_start_with_what_was_given() -> None:
    """A choice, an option and a tick start as they were given."""
    assert element(FieldKind.CHOICE, initial="b", choices=(("a", "A"), ("b", "B")))["initial_option"]["value"] == "b"
    assert element(FieldKind.OPTIONS, initial="checkout")["initial_option"]["value"] == "checkout"
    assert "initial_options" in element(FieldKind.BOOLEAN, initial="yes")
    assert "initial_options" not in element(FieldKind.BOOLEAN, initial="no")


@pytest.mark.parametrize(
    ("kind", "typed", "limits"),
    [
        (FieldKind.NUMBER, "many", {}),
        (FieldKind.NUMBER, "2.5", {}),
        (FieldKind.NUMBER, "7", {"maximum": 5.0}),
        (FieldKind.NUMBER, "-1", {"minimum": 0.0}),
        (FieldKind.DATE, "tomorrow", {}),
        (FieldKind.PERSON, "alice", {}),
        (FieldKind.CHANNEL, "#general", {}),
    ],
)
def test_what_an_input_cannot_start_with_is_shown_beside_it(
    kind: FieldKind, typed: str, limits: dict[str, float]
) -> None:
    """Slack refuses a whole view for such a value, so it stands in words over its field: nothing typed is lost."""
    view = form_view(form_of(field(kind, initial=typed, error="cannot be used", **limits)), STATE)
    assert f"Field: cannot be used (you wrote: {typed})" in texts(view)
    assert not any(key.startswith("initial") for key in view["blocks"][-1]["element"])


def test_what_was_typed_is_not_repeated_where_it_is_in_the_input() -> None:
    """A text that is wrong is in its field, with what is wrong above it."""
    view = form_view(form_of(field(FieldKind.TEXT, initial="ab", error="is too short")), STATE)
    assert "Field: is too short" in texts(view)
    assert "you wrote" not in texts(view)


@pytest.mark.parametrize(
    ("minimum", "maximum", "low", "high"),
    [
        (0.0, float(2**53 - 1), "0", "9007199254740991"),
        (1.0, 1_000_000.0, "1", "1000000"),
        (-0.5, 0.0000001, "-0.5", "0.0000001"),
        (123456.75, 1e15, "123456.75", "1000000000000000"),
    ],
)
def test_bounds_are_written_as_slack_reads_them(minimum: float, maximum: float, low: str, high: str) -> None:
    """A bound has all its digits and no exponent."""
    made = element(FieldKind.NUMBER, minimum=minimum, maximum=maximum, decimal=True)
    assert (made["min_value"], made["max_value"]) == (low, high)


def test_a_form_shown_again_has_ids_of_its_own() -> None:
    """Block ids change each time, because Slack keeps what was typed under an unchanged one."""
    first, second = (form_view(form_of(field(FieldKind.TEXT)), STATE)["blocks"][-1]["block_id"] for _ in range(2))
    assert first != second
    assert first.partition(".")[0] == second.partition(".")[0] == "field"


def test_texts_are_cut_to_what_slack_takes() -> None:
    """A long title or sentence is cut with a sign that it was."""
    title = views.modal(views.DONE, "x" * 100, [], STATE)["title"]["text"]
    assert len(title) == 24
    assert title.endswith("…")
    assert len(form_view(form_of(error="x" * 5000), STATE)["blocks"][-1]["text"]["text"]) == 3000


def test_only_a_plan_tells_when_it_is_closed() -> None:
    """Slack tells of the closing of a plan, whose offer is then used up, and of no other view."""
    kinds = (views.CONSENT, views.FORM, views.DONE, views.CHOOSE)
    assert [k for k in kinds if views.modal(k, "x", [], STATE)["notify_on_close"]] == [views.CONSENT]


def test_submitted_values_are_read_by_field() -> None:
    """Every kind of input gives its value under its field's name; what is empty gives none."""
    option = {"value": "a"}
    state: dict[str, dict[str, Any]] = {
        "text.1": {"text": {"type": "plain_text_input", "value": "hello"}},
        "none.1": {"none": {"type": "plain_text_input", "value": None}},
        "count.1": {"count": {"type": "number_input", "value": "7"}},
        "tick.1": {"tick": {"type": "checkboxes", "selected_options": [{"value": "true"}]}},
        "untick.1": {"untick": {"type": "checkboxes", "selected_options": []}},
        "choice.1": {"choice": {"type": "static_select", "selected_option": option}},
        "open.1": {"open": {"type": "external_select", "selected_option": None}},
        "who.1": {"who": {"type": "users_select", "selected_user": "U1"}},
        "where.1": {"where": {"type": "conversations_select", "selected_conversation": "C1"}},
        "day.1": {"day": {"type": "datepicker", "selected_date": "2026-03-31"}},
    }
    values, blocks = values_of(state)
    assert values == {
        "text": "hello",
        "count": "7",
        "tick": True,
        "untick": False,
        "choice": "a",
        "who": "U1",
        "where": "C1",
        "day": "2026-03-31",
    }
    assert blocks["none"] == "none.1"
    assert len(blocks) == len(state)
