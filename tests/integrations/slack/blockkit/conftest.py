from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def sample_views(root: Path) -> list[Path]:
    """Slack's own sample views; where CI is set their absence is a failure, because nothing else checks leniency."""
    folder = Path(os.environ.get("IDP_TEST_DATA") or root.parent / "shared" / "data").resolve() / "slack" / "views"
    found = sorted(folder.glob("view_*.json"))
    if not found:
        reason = "needs the reference data: set IDP_TEST_DATA to the folder that holds slack/views"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found
