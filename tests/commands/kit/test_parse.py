from __future__ import annotations

import pytest

from commands._kit.context import Place
from commands._kit.discover import CommandSet
from commands._kit.errors import Code
from commands._kit.parse import LONGEST, Parsed, parse


def values(text: str, commands: CommandSet) -> dict[str, str]:
    return dict(parse(text, commands).values)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("deploy a to b", "deploy"),
        ("DEPLOY a b", "deploy"),
        ("ship a b", "deploy"),
        ("deploys a b", "deploy"),
        ("ci lint", "ci lint"),
        ("", "help"),
        ("--help", "help"),
        ("?", "help"),
    ],
)
def test_the_first_words_name_the_command(text: str, name: str, commands: CommandSet) -> None:
    """A command is found by name, alias, singular, plural, in two words and in any case; nothing at all is `help`."""
    command = parse(text, commands).command
    assert command is not None
    assert command.name == name


def test_an_unknown_command_gives_its_word_and_what_could_be_meant(commands: CommandSet) -> None:
    """A word that is no command is handed back, for it may be a service, with the line that could be meant."""
    parsed = parse("dpeloy api to prod", commands)
    assert parsed.failure is not None
    assert (parsed.command, parsed.word, parsed.failure.code) == (None, "dpeloy", Code.USAGE)
    assert parsed.failure.suggestions == ("deploy api to prod",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deploy api to prod", {"service": "api", "env": "prod"}),
        ("deploy api prod", {"service": "api", "env": "prod"}),
        ("deploy api v1 prod", {"service": "api", "ref": "v1", "env": "prod"}),
        ("deploy api v1 to prod", {"service": "api", "ref": "v1", "env": "prod"}),
        ("deploy api to prod v1", {"service": "api", "ref": "v1", "env": "prod"}),
        ("deploy for api in v1 to prod", {"service": "api", "ref": "v1", "env": "prod"}),
        ("deploy 'to' 'to' 'to'", {"service": "to", "ref": "to", "env": "to"}),
        ("deploy --env prod api", {"service": "api", "env": "prod"}),
        ("deploy env=prod service=api ref=v1", {"service": "api", "ref": "v1", "env": "prod"}),
        ("deploy -- --ref prod", {"service": "--ref", "env": "prod"}),
        ("deploy api", {"service": "api"}),
        ("deploy to prod", {"env": "prod"}),
    ],
)
def test_positions_fillers_and_names_fill_fields(text: str, expected: dict[str, str], commands: CommandSet) -> None:
    """Words fill fields in order, required ones first where words are few; `to` says which field follows."""
    assert values(text, commands) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("find --team a", {"team": "a"}),
        ("find --team=a", {"team": "a"}),
        ("find -t a", {"team": "a"}),
        ("find -t=a", {"team": "a"}),
        ("find -team a", {"team": "a"}),
        ("find —team a", {"team": "a"}),
        ("find –team=a", {"team": "a"}),
        ("find TEAM=a", {"team": "a"}),
        ("find team=“a b”", {"team": "a b"}),
        ("find --team 'a b'", {"team": "a b"}),
        ("find pay api -t a", {"text": "pay api", "team": "a"}),
        ("find for pay in api", {"text": "pay in api"}),
        ('find "--team"', {"text": "--team"}),
        ("find a=b", {"text": "a=b"}),
        ("everything --loud", {"loud": "yes"}),
        ("everything --no-loud", {"loud": "no"}),
        ("everything loud=No", {"loud": "No"}),
        ("everything VERY-HIGH", {"level": "VERY-HIGH"}),
        ("everything 30", {"count": "30"}),
        ("everything low 30", {"level": "low", "count": "30"}),
        ("everything --owner <@U1|ann> --channel <#C1|x>", {"owner": "U1", "channel": "C1"}),
        ("everything -o @U1", {"owner": "U1"}),
        ("everything owner=<@U1|ann>", {"owner": "U1"}),
    ],
)
def test_flags_and_pairs_name_fields(text: str, expected: dict[str, str], commands: CommandSet) -> None:
    """`--name value`, `--name=value`, `name=value`, short flags and dashes that a phone made name a field."""
    assert values(text, commands) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("say 5 it's great — really", {"rating": "5", "text": "it's great — really"}),
        ("say 5 two\nlines  kept", {"rating": "5", "text": "two\nlines  kept"}),
        ("say 5 “quoted whole”", {"rating": "5", "text": "quoted whole"}),
        ('say 5 "a" and "b"', {"rating": "5", "text": '"a" and "b"'}),
        ('say 5 a 5" disk', {"rating": "5", "text": 'a 5" disk'}),
        ('say 5 he said "stop', {"rating": "5", "text": 'he said "stop'}),
        ("say 5 'tis fine", {"rating": "5", "text": "'tis fine"}),
        ("say 5 for me to in", {"rating": "5", "text": "for me to in"}),
        ("say 5 fine --anonymous", {"rating": "5", "text": "fine", "anonymous": "yes"}),
        ("say --anonymous 5 fine", {"rating": "5", "text": "fine", "anonymous": "yes"}),
        ("say 5 the --anonymous flag is fine", {"rating": "5", "text": "the --anonymous flag is fine"}),
        ("say 5 see --help", {"rating": "5", "text": "see --help"}),
        ("say fine as it is", {"text": "fine as it is"}),
        ("say 5 a &amp; b <https://x.example>", {"rating": "5", "text": "a & b https://x.example"}),
    ],
)
def test_a_long_text_takes_the_rest_as_typed(text: str, expected: dict[str, str], commands: CommandSet) -> None:
    """A long text is the rest of the line, letter for letter; only flags at its very end are flags."""
    assert values(text, commands) == expected


def test_missing_required_fields_are_named_and_nothing_typed_is_lost(commands: CommandSet) -> None:
    """What is missing is told apart from what is wrong, and good and bad values both stay."""
    parsed = parse("everything exremely 500 --title x", commands)
    assert dict(parsed.values) == {"level": "exremely", "count": "500", "title": "x"}
    assert set(parsed.errors) == {"level", "count", "title"}
    assert parse("deploy api", commands).missing == ("env",)
    assert parsed.request is None


def test_a_complete_line_gives_its_request(commands: CommandSet) -> None:
    """A line that could run as it stands has its request."""
    parsed = parse("say 4 fine", commands)
    assert parsed.request is not None
    assert parsed.request.model_dump() == {"rating": 4, "text": "fine", "anonymous": False}


@pytest.mark.parametrize(
    "text", ["deploy --help", "deploy -h", "deploy —help", "deploy help", "deploy api --help", "say ?"]
)
def test_every_command_answers_help(text: str, commands: CommandSet) -> None:
    """`--help`, `-h` and a lone `help` ask how the command is used, and run nothing."""
    parsed = parse(text, commands)
    assert (parsed.help, parsed.request) == (True, None)


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("find --taem x", "`find` has no field --taem.", "find --team x"),
        ("find taem=x", "`find` has no field taem.", "find team=x"),
        ("find -x", "`find` has no field -x.", ""),
        ("deploy a b c d e", "`deploy` has no place for: d e", ""),
        ("ci lint now", "`ci lint` has no place for: now", ""),
    ],
)
def test_what_has_no_place_is_told(text: str, message: str, suggestion: str, commands: CommandSet) -> None:
    """A field that is not there and words too many are told, with the line that could be meant."""
    failure = parse(text, commands).failure
    assert failure is not None
    assert failure.message == message
    assert failure.suggestions == ((suggestion,) if suggestion else ())


def test_a_quote_that_is_not_closed_is_shown_where_it_opens(commands: CommandSet) -> None:
    """The failure shows the place of the quote, and the values are there to go on from."""
    parsed = parse('deploy api "prod and more', commands)
    assert parsed.failure is not None
    assert '▸"prod and more' in parsed.failure.hint
    assert parsed.values["service"] == "api"


def test_a_flag_without_its_value_is_an_error_on_its_field(commands: CommandSet) -> None:
    """A flag at the end of a line, or before another, says that it needs a value."""
    assert parse("find --team", commands).errors == {"team": "needs a value: write `--team …`"}
    assert set(parse("everything --owner --no-loud", commands).errors) == {"owner"}


def test_the_place_fills_what_it_knows(commands: CommandSet) -> None:
    """A field that the place knows is filled from it, unless it was typed."""
    place = Place("T1", "C1")
    assert parse("set api", commands, place=place).values == {"service": "api", "channel": "C1"}
    assert parse("set api in <#C2|x>", commands, place=place).values["channel"] == "C2"
    assert parse("set api", commands).missing == ("channel",)


def test_a_line_that_is_too_long_is_refused_whole(commands: CommandSet) -> None:
    """Nothing is cut silently: a line over the limit is refused with both numbers."""
    failure = parse("say 5 " + "x" * LONGEST, commands).failure
    assert failure is not None
    assert f"{LONGEST:,}" in failure.message


@pytest.mark.parametrize(
    "body", ["x" * 3000, "😀 " * 1000, "שלום " * 600, "<!channel> *bold* _x_ " * 100, "a\u202eb " * 500]
)
def test_long_and_foreign_texts_arrive_unharmed(body: str, commands: CommandSet) -> None:
    """Thousands of characters, emoji, right-to-left text, mentions and markup arrive as text."""
    parsed: Parsed = parse(f"say 5 {body}", commands)
    expected = body.strip().replace("<!channel>", "@channel")
    assert parsed.values["text"].strip("\u202e") == expected.strip("\u202e")
