"""The organisation, by HTTP and by Socket Mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests._harness.organisation import QUICK, Organisation, organisation


@pytest.fixture
async def org(tmp_path: Path) -> AsyncIterator[Organisation]:
    """The whole product over HTTP."""
    async with organisation(tmp_path) as made:
        yield made


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[Organisation]:
    """The whole product over HTTP, in which everybody is a tenth as patient."""
    async with organisation(tmp_path, pace=QUICK) as made:
        yield made


@pytest.fixture
async def socket(tmp_path: Path) -> AsyncIterator[Organisation]:
    """The whole product over Socket Mode."""
    async with organisation(tmp_path, socket_mode=True) as made:
        yield made


@pytest.fixture(params=["http", "socket"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Organisation]:
    """The whole product, once over HTTP and once over Socket Mode."""
    async with organisation(tmp_path, socket_mode=request.param == "socket") as made:
        yield made
