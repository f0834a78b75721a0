"""Dispatch of reads: the order of the stages, every front end alike, what is recorded, logged and asked for."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.limits import RateLimit
from bot.replies import Failed, FormNeeded, Reply
from bot.telemetry.metrics import Metrics
from commands._kit.context import Place
from commands._kit.errors import Code
from integrations.errors import Unavailable
from integrations.store import Phase
from tests.bot.dispatching import FRONT_ENDS, WHERE, Desk, answered, asked_for_form, failed
from tests.bot.rig import make_read_only


def words(reply: Reply) -> str:
    return str(reply)


def counted(metrics: Metrics, command: str, outcome: str) -> float:
    labels = {"command": command, "outcome": outcome, "front_end": "slack"}
    return metrics.registry.get_sample_value("idp_commands_total", labels) or 0


# -- the road


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_a_read_is_answered_on_every_front_end(desk: Desk, front_end: str) -> None:
    """The same line gets the same answer in Slack and at a terminal."""
    desk.board.labels["checkout"] = "hello"
    answer = answered(await desk.text("look checkout", front_end=front_end))
    assert answer.command == "look"
    assert "checkout says hello" in words(answer)


async def test_fields_from_a_form_are_the_same_as_a_line(desk: Desk) -> None:
    """A button's or form's values lead to the same answer as the line that says the same."""
    by_line = answered(await desk.text("look checkout --since 2h"))
    by_form = answered(await desk.run("look", service="checkout", since="2h"))
    assert by_line == by_form
    assert by_form.asked == "look checkout --since=2h"


async def test_the_handler_knows_the_call(desk: Desk) -> None:
    """A handler is told who asks, from where, when, under which request id and with which line."""
    await desk.text("look checkout")
    (context,) = desk.board.asked
    assert (context.actor.id, context.place, context.now) == ("slack:T1/U0ANN", WHERE, desk.clock())
    assert (context.request_id, context.asked) == ("request-1", "look checkout")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_an_unknown_command_is_told_with_what_could_be_meant(desk: Desk, front_end: str) -> None:
    """A slip in the command's name gets a guess, on every front end."""
    failure = failed(await desk.text("lok checkout", front_end=front_end)).failure
    assert failure.suggestions == ("look checkout",)


async def test_a_guest_is_not_even_told_what_commands_there_are(desk: Desk) -> None:
    """Who is not served is refused before anything about the commands is said."""
    failure = failed(await desk.text("lok checkout", "gus")).failure
    assert failure.code is Code.DENIED
    assert failure.suggestions == ()


async def test_who_somebody_is_comes_before_what_they_may(desk: Desk) -> None:
    """A guest is refused as a guest, not for a role; the denial names the command in the audit trail."""
    assert "Guests" in failed(await desk.text("tune", "gus")).failure.message
    (record,) = await desk.records()
    assert (record.entry.command, record.entry.result, record.entry.actor) == ("tune", "denied", "slack:T1/U0GUS")


async def test_what_somebody_may_comes_before_what_is_missing(desk: Desk) -> None:
    """Who may not use a command gets no form for it."""
    assert failed(await desk.run("label", "una")).failure.code is Code.UNLINKED
    assert failed(await desk.run("tune", "ann")).failure.code is Code.DENIED


async def test_a_denial_is_recorded_with_its_reason(desk: Desk) -> None:
    """A denial is in the audit trail, with the person, the arguments and why."""
    await desk.text("logs search")
    (record,) = await desk.records()
    entry = record.entry
    assert (entry.phase, entry.result, entry.command, entry.target) == (Phase.EVENT, "denied", "logs", "search")
    assert entry.arguments == {"service": "search"}
    assert "acme/shop" in entry.detail


async def test_a_denial_of_a_confidential_command_keeps_what_was_typed_to_itself(desk: Desk) -> None:
    """What somebody wanted to say confidentially is not in the record of its denial."""
    await desk.text("murmur my secret", "una")
    (record,) = await desk.records()
    assert record.entry.result == "denied"
    assert "my secret" not in str(record)


async def test_a_plain_read_is_not_recorded(desk: Desk) -> None:
    """Looking at a service leaves nothing in the audit trail."""
    await desk.text("look checkout")
    assert await desk.records() == []


async def test_an_audited_read_is_recorded(desk: Desk) -> None:
    """A read that is marked so is in the audit trail once it was answered."""
    await desk.text("peek")
    (record,) = await desk.records()
    assert (record.entry.command, record.entry.phase, record.entry.result) == ("peek", Phase.EVENT, "ok")


# -- limits


async def test_too_many_commands_are_refused(desk: Desk) -> None:
    """Beyond the limit a command is refused with the time to wait, and nothing of it runs."""
    desk.dispatch._limit = RateLimit(60, 1, lambda: 0.0)
    await desk.text("look checkout")
    failure = failed(await desk.text("look checkout")).failure
    assert failure.code is Code.LIMITED
    assert failure.retry_after
    assert len(desk.board.asked) == 1


@pytest.mark.parametrize("text", ["nonsense", "look --sinse 2h checkout", 'look "checkout', "help", "look --help"])
async def test_every_kind_of_line_counts_towards_the_limit(desk: Desk, text: str) -> None:
    """Nonsense, slips and help count as much as anything else."""
    desk.dispatch._limit = RateLimit(60, 1, lambda: 0.0)
    await desk.text(text)
    assert failed(await desk.text("look checkout")).failure.code is Code.LIMITED


# -- forms, defaults, names


async def test_missing_fields_ask_for_a_form(desk: Desk) -> None:
    """A line without a required field asks for the form, with what was given in it."""
    form = asked_for_form(await desk.text("look --since 2h"))
    assert form.command.name == "look"
    assert form.values == {"since": "2h"}
    assert form.errors == {}


async def test_wrong_values_ask_for_a_form_with_the_faults(desk: Desk) -> None:
    """A value that cannot be used is given back with what is wrong on its field, together with the others."""
    form = asked_for_form(await desk.text("look checkout --since soon"))
    assert set(form.errors) == {"since"}
    assert form.values["service"] == "checkout"
    assert form.values["since"] == "soon"


async def test_a_name_that_does_not_exist_asks_for_a_form(desk: Desk) -> None:
    """An unknown service is a fault of its field, with a guess."""
    form = asked_for_form(await desk.text("look chekout"))
    assert "Did you mean checkout?" in form.errors["service"]


async def test_a_field_that_does_not_exist_is_refused(desk: Desk) -> None:
    """A form or button with a field that the command does not have changes and answers nothing."""
    assert isinstance(await desk.run("look", service="checkout", colour="red"), FormNeeded | Failed)


async def test_a_command_that_does_not_exist_any_more_is_told(desk: Desk) -> None:
    """A button of a command that has gone is answered in words."""
    assert failed(await desk.run("gone")).failure.code is Code.NOT_FOUND


async def test_the_channels_default_service_fills_in(desk: Desk) -> None:
    """Where a channel has a default service, a command that needs one and was given none takes it."""
    await desk.store.preferences.set_default_service("T1", "C1", "checkout")
    assert "checkout says" in words(answered(await desk.text("look")))


async def test_what_was_typed_wins_over_the_channels_default(desk: Desk) -> None:
    """A service that was named is the one that is meant."""
    await desk.store.preferences.set_default_service("T1", "C1", "checkout")
    assert "search says" in words(answered(await desk.text("look search")))


async def test_a_default_counts_in_its_channel_only(desk: Desk) -> None:
    """Another channel, another workspace and a terminal have no part in a channel's default."""
    await desk.store.preferences.set_default_service("T1", "C1", "checkout")
    for place in (Place("T1", "C2"), Place("T2", "C1"), Place()):
        asked_for_form(await desk.text("look", place=place))
    asked_for_form(await desk.text("look", front_end="terminal"))


async def test_the_place_fills_in_itself(desk: Desk) -> None:
    """A field that the place knows needs no typing; where it knows nothing the form asks."""
    plan = await desk.plan("pin --text hello")
    assert "C1" in words(plan)
    form = asked_for_form(await desk.text("pin --text hello", front_end="terminal"))
    assert form.values == {"text": "hello"}


async def test_a_services_name_alone_opens_its_card(desk: Desk) -> None:
    """A line that is the name of a service, and of no command, opens the service's card."""
    answer = answered(await desk.text(" checkout "))
    assert answer.command == "service"
    assert "the card of checkout" in words(answer)


async def test_a_guest_opens_no_card_by_its_name(desk: Desk) -> None:
    """Naming a service is no way past being refused."""
    assert failed(await desk.text("checkout", "gus")).failure.code is Code.DENIED


async def test_help_on_a_command(desk: Desk) -> None:
    """`--help` on a command is the help command's answer about it."""
    assert "how to use look" in words(answered(await desk.text("look --help")))


async def test_opening_a_form_is_authorised_too(desk: Desk) -> None:
    """The form of a command that somebody may not use is not opened."""
    call = desk.call("una")
    assert failed(await desk.dispatch.form(call, desk.sample("label"), {})).failure.code is Code.UNLINKED
    form = asked_for_form(await desk.dispatch.form(desk.call(), desk.sample("pin"), {"text": "x"}))
    assert form.values == {"channel": "C1", "text": "x"}


async def test_options_are_for_people_who_are_served(desk: Desk) -> None:
    """A guest who asks for a select's options gets none."""
    assert await desk.dispatch.options(desk.call(), "services", "") != ()
    assert await desk.dispatch.options(desk.call("gus"), "services", "") == ()


# -- ownership


async def test_a_read_for_owners_is_refused_to_others(desk: Desk) -> None:
    """Another team's logs are refused, one's own are not."""
    assert failed(await desk.text("logs search")).failure.code is Code.DENIED
    answered(await desk.text("logs checkout"))


@pytest.mark.parametrize("name", [" search", "search ", "\tsearch\n"])
async def test_blanks_around_a_name_are_no_way_past_its_owner(desk: Desk, name: str) -> None:
    """A name is judged as the request has it, with the blanks taken off."""
    assert failed(await desk.run("logs", service=name)).failure.code is Code.DENIED


async def test_a_channels_default_is_no_way_past_the_owner(desk: Desk) -> None:
    """A service that the channel fills in is judged as one that was typed."""
    await desk.store.preferences.set_default_service("T1", "C1", "search")
    assert failed(await desk.text("logs")).failure.code is Code.DENIED
    (record,) = await desk.records()
    assert (record.entry.result, record.entry.target) == ("denied", "search")


# -- what goes wrong


@pytest.mark.parametrize("front_end", FRONT_ENDS)
async def test_the_unforeseen_is_an_incident(desk: Desk, front_end: str) -> None:
    """A crash is told by an incident id alone, on every front end, and operators see which command it was."""
    reply = failed(await desk.text("crash", front_end=front_end))
    assert reply.failure.code is Code.INTERNAL
    assert "xoxb-secret" not in words(reply)
    (incident,) = desk.failures.incidents
    assert (incident.id, incident.command) == (reply.failure.incident, "crash")


async def test_a_failure_is_counted_under_its_command(desk: Desk) -> None:
    """A command that fails counts under its own name, nonsense under none, and nothing under what was typed."""
    await desk.text("crash")
    await desk.text("tune")
    await desk.text("gibberish")
    assert counted(desk.metrics, "crash", "internal") == 1
    assert counted(desk.metrics, "tune", "denied") == 1
    assert "gibberish" not in desk.metrics.render().decode()


async def test_a_store_that_cannot_be_read_is_told(desk: Desk) -> None:
    """Where the catalogue cannot be read the answer says so, and does not fail otherwise."""
    await desk.store.close()
    assert failed(await desk.text("look checkout")).failure.code is Code.UNAVAILABLE


async def test_a_stopped_workspace_is_told_so(desk: Desk) -> None:
    """Once the app was uninstalled every command is refused with that reason."""
    desk.dispatch.stopped = "The app was uninstalled from this workspace."
    failure = failed(await desk.text("look checkout")).failure
    assert failure.code is Code.UNAVAILABLE
    assert "uninstalled" in failure.message


async def test_who_cannot_be_checked_is_not_recorded_as_denied(desk: Desk) -> None:
    """Where Slack does not say who somebody is they are refused for now, which is no denial."""
    desk.slack.broken["person"] = Unavailable("no answer", backend="slack")
    assert failed(await desk.text("look checkout")).failure.code is Code.UNAVAILABLE
    assert await desk.records() == []


# -- the audit trail cannot be written


async def test_an_audited_read_goes_on_with_a_warning(desk: Desk) -> None:
    """Where the look cannot be recorded it is answered with a note, and counted."""
    await make_read_only(desk.store)
    reply = answered(await desk.text("peek"))
    assert "could not be recorded" in words(reply)
    assert desk.metrics.registry.get_sample_value("idp_audit_unwritten_total") == 1


async def test_an_export_is_refused_where_it_cannot_be_recorded(desk: Desk) -> None:
    """Nothing is taken away as a file that is not on record."""
    answered(await desk.text("export"))
    await make_read_only(desk.store)
    assert failed(await desk.text("export")).failure.code is Code.READ_ONLY


async def test_a_plain_read_does_not_care(desk: Desk) -> None:
    """A read that is not audited is the same without an audit trail."""
    await make_read_only(desk.store)
    assert "could not be recorded" not in words(answered(await desk.text("look checkout")))


async def test_a_denial_stays_a_denial(desk: Desk) -> None:
    """A denial that cannot be recorded is a denial all the same, and counted."""
    await make_read_only(desk.store)
    assert failed(await desk.text("tune")).failure.code is Code.DENIED
    assert desk.metrics.registry.get_sample_value("idp_audit_unwritten_total") == 1


# -- the log


def lines(logs: list[Any], event: str = "command") -> list[Any]:
    return [entry for entry in logs if entry["event"] == event]


async def test_a_command_is_logged_with_person_and_request(desk: Desk) -> None:
    """One line says which command, how it went, who gave it and under which request id."""
    with capture_logs() as logs:
        await desk.text("look checkout")
    (line,) = lines(logs)
    assert (line["command"], line["outcome"], line["person"]) == ("look", "answer", "slack:T1/U0ANN")
    assert line["request_id"] == "request-1"


@pytest.mark.parametrize("text", ["murmur my secret", "murmur", 'murmur "my secret', "murmur --nonsense=1 my secret"])
@pytest.mark.parametrize("who", ["ann", "una"])
async def test_a_confidential_command_is_not_logged_with_a_person(desk: Desk, text: str, who: str) -> None:
    """Neither the answer nor a refusal of a confidential command leaves a line with a person or the text."""
    with capture_logs() as logs:
        await desk.text(text, who)
    assert lines(logs) == []
    assert "secret" not in str(logs)


async def test_a_refused_confidential_command_is_marked_as_such(desk: Desk) -> None:
    """A front end can tell that a failure is a confidential command's, whose existence must not be stored."""
    assert failed(await desk.text("murmur x", "una")).command == "murmur"
