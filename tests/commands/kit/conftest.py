from __future__ import annotations

import pytest

from commands._kit.discover import CommandSet
from tests.commands.kit.samples import command_set


@pytest.fixture(scope="session")
def commands() -> CommandSet:
    return command_set()
