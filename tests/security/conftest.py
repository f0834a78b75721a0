"""The organisation, as whoever attacks it meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests._harness.organisation import QUICK, Organisation, organisation


@pytest.fixture
async def org(tmp_path: Path) -> AsyncIterator[Organisation]:
    """The whole product over HTTP."""
    async with organisation(tmp_path, pace=QUICK) as made:
        yield made
