from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def sample_views(data_dir: Path) -> list[Path]:
    """Slack's own sample views, of which there must be some: nothing else checks leniency."""
    found = sorted((data_dir / "slack" / "views").glob("view_*.json"))
    assert found
    return found
