from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from commands._kit.discover import CommandSet
from commands._kit.form import form_for
from commands._kit.parse import format_command, parse
from commands._kit.tokens import tokenise
from commands._kit.validate import told, validate
from tests.commands.kit.samples import Deploy, Everything, Find, Level, Say, command_set

COMMANDS: CommandSet = command_set()
# Words that mean something to the parser, and any text between them.
PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                "deploy",
                "say",
                "find",
                "everything",
                "set",
                "ci",
                "lint",
                "help",
                "to",
                "in",
                "for",
                "--",
                "—",
                "-t",
                "-o",
            ),
            *(
                "--team",
                "--team=",
                "team=x",
                "--no-loud",
                "--anonymous",
                "--help",
                "-h",
                "level=high",
                "25",
                "low",
                "7d",
            ),
            *(
                '"',
                "'",
                "“",
                "”",
                "«",
                "`",
                "\\",
                "<@U1|a>",
                "<#C1|>",
                "<https://x|y>",
                "&amp;",
                "<!here>",
                "\u202e",
                "=",
            ),
        ]
    ),
    st.text(max_size=12),
)
LINES = st.one_of(st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=14).map("".join), st.text())
TEXTS = st.text(max_size=40)


@settings(max_examples=400)
@given(LINES)
def test_any_line_is_answered(line: str) -> None:
    """Whatever is typed, the parser answers: with a command and values, or with a failure for people."""
    parsed = parse(line, COMMANDS)
    if parsed.command is None:
        assert parsed.failure is not None
        return
    assert set(parsed.values) <= set(parsed.command.request.model_fields)
    form_for(parsed.command, parsed.values, parsed.errors)
    for sentence in (*parsed.errors.values(), told(parsed.command, parsed.errors)):
        assert "pydantic" not in sentence
        assert "https://" not in sentence.replace(line, "")
    if parsed.request is not None:
        assert (parsed.errors, parsed.missing, parsed.failure) == ({}, (), None)


@settings(max_examples=150)
@given(st.text(max_size=4000))
def test_any_text_is_kept(text: str) -> None:
    """What follows `say 3` as a quoted long text is its value, whatever it is."""
    command = COMMANDS.find("say")
    assert command is not None
    line = format_command(command, Say(rating=3, text=text[:3000]))
    parsed = parse(line, COMMANDS)
    assert parsed.request == Say(rating=3, text=text[:3000])


def named(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


REQUESTS = st.one_of(
    st.builds(
        Deploy,
        service=TEXTS.filter(lambda t: 0 < len(t.strip()) < 64),
        ref=st.none() | TEXTS,
        env=TEXTS.filter(str.strip),
    ),
    st.builds(Say, rating=st.integers(1, 5), text=TEXTS, anonymous=st.booleans()),
    st.builds(Find, text=st.none() | TEXTS, team=st.none() | TEXTS.filter(str.strip)),
    named(
        level=st.sampled_from(Level),
        count=st.integers(1, 98),
        share=st.floats(0.001, 0.999),
        owner=st.from_regex(r"[A-Za-z0-9_:/.-]{1,64}", fullmatch=True),
        channel=st.from_regex(r"[A-Z0-9]{1,32}", fullmatch=True),
        day=st.dates(date(1900, 1, 1)),
        since=st.integers(1, 86400 * 366).map(lambda seconds: timedelta(seconds=seconds)),
        until=st.sampled_from(["7d", "2h30m", "2026-03-31"]),
        title=TEXTS.filter(lambda t: len(t.strip()) >= 3 and len(t) <= 20),
        loud=st.booleans(),
        body=TEXTS.filter(lambda t: t != "secret"),
    ).map(lambda fields: Everything(**fields)),
)


@settings(max_examples=500)
@given(REQUESTS)
def test_a_request_written_as_a_line_is_read_as_the_same_request(request: Deploy | Say | Find | Everything) -> None:
    """Writing a request as a line and parsing that line gives the request back."""
    command = COMMANDS.find(type(request).__name__.lower())
    assert command is not None
    line = format_command(command, request)
    assert parse(line, COMMANDS).request == request, line
    assert tokenise(line).unclosed is None


@given(
    st.dictionaries(st.sampled_from([*Everything.model_fields, "gone"]), st.one_of(TEXTS, st.integers(), st.booleans()))
)
def test_any_values_are_judged_in_words(values: dict[str, object]) -> None:
    """Values from a form or a button, whatever they are, become a request or sentences."""
    command = COMMANDS.find("everything")
    assert command is not None
    request, problems = validate(command, values)
    assert (request is None) == bool(problems)
