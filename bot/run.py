"""`idp run <command>`: a command from a terminal, through the running process where there is one.

Where none runs, the command runs here, on the store itself. Either way the person is who the operating system says.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from bot.frontends.terminal import Said, answer, running_as
from bot.settings import Settings
from integrations.errors import Unavailable

NOBODY_TO_ASK = " There is no terminal to ask at; confirm with: ./idp run --yes ..."
_PLAIN = re.compile(r"[\w@%+:,./#=*?!-]+")
_NAMED = re.compile(r"(?P<name>(?:--?)?[^\W\d_][\w-]*=)(?P<value>.*)", re.DOTALL)
_SPECIAL = re.compile(r'["\\&<“”]')
Ask = Callable[[dict[str, Any]], Awaitable[Said]]


def line_of(words: Sequence[str]) -> str:
    """Return the words as one line in the command language, which reads exactly these words from it."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    """Return a word as it is where it is plain, else in quotes; of `name=value` only the value, or it were no flag."""
    if _PLAIN.fullmatch(word):
        return word
    found = _NAMED.fullmatch(word)
    name, value = (found["name"], found["value"]) if found else ("", word)
    escaped = _SPECIAL.sub(lambda match: f"\\{match[0]}", value)
    return f'{name}"{escaped}"'


async def run(settings: Settings, words: Sequence[str], *, yes: bool) -> int:
    """Run the command, asking before a change; return 0 where it was done."""
    path = settings.store.data_dir / "idp.sock"
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=64 * 1024 * 1024)
    except (FileNotFoundError, ConnectionRefusedError):
        return await _here(settings, words, yes=yes)

    async def ask(request: dict[str, Any]) -> Said:
        try:
            writer.write(orjson.dumps(request) + b"\n")
            await writer.drain()
            line = await reader.readline()
        except ConnectionError:
            line = b""
        if not line:
            raise Unavailable("the running process ended before it answered; look whether it was done", backend="idp")
        return Said.load(line)

    try:
        return await _converse(ask, words, yes=yes)
    finally:
        writer.close()


async def _here(settings: Settings, words: Sequence[str], *, yes: bool) -> int:
    from bot.app import core  # noqa: PLC0415 - a client of a running process needs none of it

    async with core(settings) as parts:
        await parts.memberships.refresh(await parts.store.catalogue.teams())

        async def ask(request: dict[str, Any]) -> Said:
            return await answer(parts.dispatch, running_as(), request)

        return await _converse(ask, words, yes=yes)


async def _converse(ask: Ask, words: Sequence[str], *, yes: bool) -> int:
    width = shutil.get_terminal_size().columns
    said = await ask({"text": line_of(words), "width": width})
    while said.offer:
        print(said.text)
        if not yes and not _agreed():
            print(f"Nothing was changed.{'' if sys.stdin.isatty() else NOBODY_TO_ASK}")
            return 1
        said = await ask({"consent": said.offer, "width": width})
        yes = False
    print(said.text, file=sys.stdout if said.ok else sys.stderr)
    for name, content in said.files:
        path = Path(name).name
        await asyncio.to_thread(Path(path).write_bytes, content)
        print(f"written: {path}")
    return 0 if said.ok else 1


def _agreed() -> bool:
    return sys.stdin.isatty() and input("Do this? [y/N] ").strip().lower() in {"y", "yes"}
