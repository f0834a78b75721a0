"""Which word of a command line belongs to which field: flags, `name=value`, positions, filler words.

It decides by the request model alone and judges no value. What it cannot place it reports with what could be meant;
what was typed stays in the values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from pydantic import BaseModel

from commands._kit.command import Command, base_type, marker
from commands._kit.errors import Code, Failure
from commands._kit.fields import After, ChannelField, FromPlace, Multiline, Named, PersonField, Words
from commands._kit.match import folded, listed, nearest
from commands._kit.tokens import APOSTROPHES, Token, Tokens, readable
from commands._kit.validate import read
from commands._kit.words import clipped

FILLER = frozenset({"to", "in", "for"})
# Phones turn two hyphens into one dash.
_LONG = re.compile(r"(?:--|[—–―]|-(?=[^\W\d_][\w-]))(?P<name>[^\W\d_][\w-]*)(?:=(?P<value>.*))?", re.DOTALL)
_SHORT = re.compile(r"-(?P<name>[A-Za-z])(?:=(?P<value>.*))?", re.DOTALL)
_PAIR = re.compile(r"(?P<name>[^\W\d_][\w-]*)=(?P<value>.*)", re.DOTALL)
_SLIP = 0.75


@dataclass(frozen=True, slots=True)
class Slot:
    """A field as the line fills it."""

    name: str
    boolean: bool
    positional: bool
    required: bool
    rest: bool
    words: bool
    reference: bool
    after: tuple[str, ...]
    short: str


def slots_of(command: Command) -> tuple[Slot, ...]:
    """Return the command's fields as a line fills them, in order."""
    return _slots(command.request)


# A model's fields never change; reading its annotations anew took two thirds of the time of parsing a line.
@lru_cache(maxsize=1024)
def _slots(request: type[BaseModel]) -> tuple[Slot, ...]:
    slots = []
    for name, info in request.model_fields.items():
        named, after = marker(info, Named), marker(info, After)
        boolean = issubclass(base_type(info.annotation), bool)
        slots.append(
            Slot(
                name=name,
                boolean=boolean,
                positional=named is None and not boolean,
                required=info.is_required() and marker(info, FromPlace) is None,
                rest=marker(info, Multiline) is not None,
                words=marker(info, Words) is not None,
                reference=marker(info, PersonField) is not None or marker(info, ChannelField) is not None,
                after=after.words if after else (),
                short=named.short if named else "",
            )
        )
    return tuple(slots)


@dataclass(slots=True)
class Assignment:
    """What a line gives to a command's fields."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    help: bool = False


def assign(command: Command, text: str, tokens: Tokens, first: int) -> Assignment:
    """Return what the words from `first` on give to the command's fields."""
    return _Line(command, text, tokens, first).read()


class _Line:
    """One pass over the words. Positions are dealt out at the end, when it is known how many words there are."""

    def __init__(self, command: Command, text: str, tokens: Tokens, first: int) -> None:
        self._command = command
        self._text = text
        self._words = tokens.words[first:]
        self._unclosed = tokens.unclosed
        self._slots = slots_of(command)
        self._keys = {folded(s.name): s for s in self._slots}
        self._shorts = {s.short: s for s in self._slots if s.short}
        self._loose: list[Token] = []
        self._at = 0
        self._flags_end = False
        self._result = Assignment()

    def read(self) -> Assignment:
        if len(self._words) == 1 and not self._words[0].quoted and self._words[0].text.casefold() in {"help", "?"}:
            self._result.help = True
            return self._result
        while self._at < len(self._words):
            word = self._words[self._at]
            self._at += 1
            if not word.quoted and self._special(word):
                continue
            rest = next((s for s in self._open() if s.rest), None)
            if rest is None:
                self._loose.append(word)
            elif before := self._before(rest, word):
                self._set(before, word)
            else:
                self._take_rest(rest)
        self._deal()
        if self._unclosed is not None:
            self._fail(unclosed_quote(self._text, self._unclosed))
        return self._result

    def _fail(self, failure: Failure) -> None:
        if self._result.failure is None:
            self._result.failure = failure

    # -- words with a meaning of their own

    def _special(self, word: Token) -> bool:
        """Take a flag, a pair or filler; return whether the word was one."""
        if word.text == "--" and not self._flags_end:
            self._flags_end = True
            return True
        if not self._flags_end and (self._short(word) or self._long(word) or self._pair(word)):
            return True
        return self._filler(word)

    def _short(self, word: Token) -> bool:
        match = _SHORT.fullmatch(word.text)
        if match is None:
            return False
        slot = self._shorts.get(match["name"])
        if slot is not None:
            self._give(slot, word, inline=match["value"] is not None)
        elif match["name"] == "h":
            self._result.help = True
        else:
            self._fail(self._no_field(word, f"-{match['name']}", ""))
        return True

    def _long(self, word: Token) -> bool:
        match = _LONG.fullmatch(word.text)
        if match is None:
            return False
        key = folded(match["name"])
        slot = self._keys.get(key)
        negated = self._keys.get(key.removeprefix("no_")) if key.startswith("no_") else None
        if slot is not None:
            self._give(slot, word, inline=match["value"] is not None)
        elif negated is not None and negated.boolean and match["value"] is None:
            self._result.values[negated.name] = "no"
        elif key == "help":
            self._result.help = True
        else:
            self._fail(self._no_field(word, f"--{match['name']}", match["name"]))
        return True

    def _pair(self, word: Token) -> bool:
        match = _PAIR.fullmatch(word.text)
        if match is None:
            return False
        key = folded(match["name"])
        slot = self._keys.get(key)
        if slot is not None:
            self._give(slot, word, inline=True)
            return True
        if nearest(key, self._keys, near=_SLIP):
            self._fail(self._no_field(word, match["name"], match["name"]))
            return True
        return False

    def _give(self, slot: Slot, word: Token, *, inline: bool) -> None:
        if inline:
            value = (word.value if slot.reference else word.text).partition("=")[2]
            self._result.values[slot.name] = _reference(value) if slot.reference else value
        elif slot.boolean:
            self._result.values[slot.name] = "yes"
        elif self._at < len(self._words) and not self._is_flag(self._words[self._at]):
            self._set(slot, self._words[self._at])
            self._at += 1
        else:
            self._result.errors[slot.name] = f"needs a value: write `{word.text} …`"

    def _is_flag(self, word: Token) -> bool:
        if word.quoted:
            return False
        long, short = _LONG.fullmatch(word.text), _SHORT.fullmatch(word.text)
        known = {*self._keys, "help", *(f"no_{s.name}" for s in self._slots if s.boolean)}
        return bool((long and folded(long["name"]) in known) or (short and short["name"] in self._shorts))

    def _set(self, slot: Slot, word: Token) -> None:
        self._result.values[slot.name] = _reference(word.value) if slot.reference else word.text

    def _filler(self, word: Token) -> bool:
        key = word.text.casefold()
        if key not in FILLER or self._at >= len(self._words):
            return False
        bound = next((s for s in self._open() if key in s.after), None)
        if bound is not None:
            self._set(bound, self._words[self._at])
            self._at += 1
            return True
        # Search words and long texts are somebody's own words: only a leading filler goes, and none of a long text.
        taking = next((s for s in self._open() if s.rest or s.words), None)
        return taking is None or (taking.words and not self._loose)

    # -- positions

    def _open(self) -> list[Slot]:
        return [s for s in self._slots if s.positional and s.name not in self._result.values]

    def _before(self, rest: Slot, word: Token) -> Slot | None:
        """Return the slot in front of a long text that the word fits; without one, the word begins the text."""
        slots = self._open()
        return next((s for s in slots[: slots.index(rest)] if self._fits(s, word)), None)

    def _take_rest(self, slot: Slot) -> None:
        """Take the line from this word on as it was typed, line breaks and all; flags at its very end are flags."""
        body = list(self._words[self._at - 1 :])
        self._at = len(self._words)
        while len(body) > 1 and self._is_closing_flag(body[-1]):
            self._long(body.pop())
        first, last = body[0], body[-1]
        if self._unclosed is not None and (first.start != self._unclosed or self._text[first.start] in APOSTROPHES):
            # An inch sign or an apostrophe inside somebody's own text opens nothing.
            self._unclosed = None
        elif first is last and first.quoted:
            self._result.values[slot.name] = first.text
            return
        self._result.values[slot.name] = readable(self._text[first.start : last.end])

    def _is_closing_flag(self, word: Token) -> bool:
        match = None if word.quoted else _LONG.fullmatch(word.text)
        if match is None or not self._is_flag(word):
            return False
        key = folded(match["name"])
        slot = self._keys.get(key)
        # Somebody who wrote a text wants it kept, not help instead of it.
        return key != "help" and (slot is None or slot.boolean or match["value"] is not None)

    def _deal(self) -> None:
        """Give the loose words to the open positions, in order. An optional one is passed over where the words would
        not suffice for the required ones after it, and any one is where a later one is of the word's kind.
        """
        words = self._loose
        for index, word in enumerate(words):
            slots = self._open()
            needed = [s for s in slots if s.required]
            candidates = needed if needed and len(words) - index <= len(needed) else slots
            if not candidates:
                self._fail(self._too_many(words[index:]))
                return
            slot = next((s for s in candidates if self._fits(s, word)), candidates[0])
            if slot.words:
                self._result.values[slot.name] = " ".join(w.text for w in words[index:])
                return
            self._set(slot, word)

    def _fits(self, slot: Slot, word: Token) -> bool:
        try:
            read(self._command.request.model_fields[slot.name], word.text)
        except ValueError:
            return False
        return True

    # -- what does not fit

    def _no_field(self, word: Token, typed: str, key: str) -> Failure:
        near = nearest(key, (name for name in self._keys), limit=2) if key else ()
        lines = tuple(
            f"{self._text[: word.start]}{self._text[word.start : word.end].replace(key, name.replace('_', '-'), 1)}"
            f"{self._text[word.end :]}"
            for name in near
        )
        fields = listed((f"--{s.name.replace('_', '-')}" for s in self._slots), last="and")
        hint = f"Its fields are {fields}." if self._slots else "It has no fields."
        return Failure(Code.USAGE, f"`{self._command.name}` has no field {typed[:40]}.", hint, suggestions=lines)

    def _too_many(self, words: list[Token]) -> Failure:
        left = " ".join(w.text for w in words)
        return Failure(
            Code.USAGE,
            f"`{self._command.name}` has no place for: {clipped(left, 60)}",
            'Put a value of several words into quotes: "like this".',
        )


def _reference(value: str) -> str:
    """Return the id that a reference stands for; a sign typed in front of an id is no part of it."""
    return value.lstrip("@#")


def unclosed_quote(text: str, at: int) -> Failure:
    """Return the failure that shows where a quote opens that is never closed."""
    before, after = text[max(0, at - 20) : at], text[at : at + 20]
    lead, tail = "…" if at > 20 else "", "…" if at + 20 < len(text) else ""
    return Failure(
        Code.USAGE,
        "A quotation mark is opened and never closed.",
        f"It is character {at + 1}, here: {lead}{before}▸{after}{tail}",
    )
