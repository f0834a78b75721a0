"""From a line of text to a command with its values, and back; the same line on every front end.

Nothing that was typed is lost: values that cannot be used stay in `values`, with what is wrong with them beside, so
that a form can show both. Nothing here raises, whatever the text.
"""

from __future__ import annotations

from commands._kit.command import Command
from commands._kit.context import Place
from commands._kit.discover import CommandSet
from commands._kit.errors import Code, Failure
from commands._kit.line import Parsed, read_line
from commands._kit.match import nearest
from commands._kit.tokens import Token, Tokens, tokenise
from commands._kit.words import clipped
from commands._kit.write import format_command

__all__ = ["LONGEST", "Parsed", "format_command", "parse"]

LONGEST = 12_000
"""Characters of a line that are read: three times what Slack sends. A longer one is refused, not cut."""


_HELP = frozenset({"--help", "—help", "–help", "-h", "?"})


def parse(text: str, commands: CommandSet, *, place: Place | None = None) -> Parsed:
    """Return what the line says. An empty line is `help`; fields that the place knows are filled in from `place`."""
    if len(text) > LONGEST:
        message = f"That line has {len(text):,} characters; {LONGEST:,} are the most that I read."
        return Parsed(text, failure=Failure(Code.USAGE, message, "Give long texts in the command's form."))
    tokens = tokenise(text)
    if not tokens.words and (overview := commands.find("help")):
        return read_line(overview, text, tokens, 0)
    command, first = _command(tokens.words, commands)
    if command is None:
        return _unknown(text, tokens, commands)
    return read_line(command, text, tokens, first, place=place)


def _command(words: tuple[Token, ...], commands: CommandSet) -> tuple[Command | None, int]:
    """Return the command that the first words name, two-word names first, and how many words that took."""
    for count in (2, 1):
        named = words[:count]
        if len(named) == count and all(w.text.strip() for w in named):
            command = commands.find(" ".join(w.text for w in named))
            if command is not None:
                return command, count
    return None, 0


def _unknown(text: str, tokens: Tokens, commands: CommandSet) -> Parsed:
    first = tokens.words[0] if tokens.words else Token("", "", 0, 0, quoted=False)
    overview = commands.find("help")
    if overview and not first.quoted and first.text.casefold() in _HELP:
        return read_line(overview, text, tokens, len(tokens.words))
    near = nearest(first.text, commands.names(), limit=2)
    lines = tuple(f"{name}{text[first.end :]}" for name in near)
    shown = clipped(first.text, 40)
    hint = "`help` lists what you can ask for."
    return Parsed(text, None, first.text, failure=Failure(Code.USAGE, f"There is no command {shown}.", hint, {}, lines))
