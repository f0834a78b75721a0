"""Lines that were written to hold everybody up: what one person types costs the others nothing."""

from __future__ import annotations

import time

import pytest

from commands._kit.parse import LONGEST
from commands._kit.tokens import tokenise

# Measured: without memory of what was looked for in vain these took up to 3.5 s, now a few hundredths.
SOON = 0.3


@pytest.mark.parametrize("atom", ['„a" ', "‚a' ", "'='", "'a", "'a ", '"a” ', '„<@U1|“>" ', '"\\" ', "‘a' ", "a='b"])
def test_quotes_are_read_in_time(atom: str) -> None:
    """The longest line that is read takes no time that others notice, however its quotes are set."""
    line = (atom * LONGEST)[:LONGEST]
    started = time.process_time()
    tokenise(line)
    assert time.process_time() - started < SOON
