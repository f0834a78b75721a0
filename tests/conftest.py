"""What every test gets: reference data, a loop that is watched, and a network that ends at this machine.

The parts live in `tests/_harness`, one each, so that they can be tested themselves.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests._harness.blocking", "tests._harness.network", "tests._harness.skips"]

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every run in CI: a failure there is the change's, not the day's. Deadlines measure a machine
# that is shared, so none are set.
settings.register_profile("dev", deadline=None, max_examples=100)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=100,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Reference data that nobody here wrote (`IDP_TEST_DATA`, by default beside the checkout)."""
    path = Path(os.environ.get("IDP_TEST_DATA") or ROOT.parent / "shared" / "data").resolve()
    if not path.is_dir():
        pytest.skip(f"needs the reference data: set IDP_TEST_DATA ({path} is no folder)")
    return path
