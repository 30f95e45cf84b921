"""What several test folders need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(os.environ.pop("DIDEBAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
"""Taken out of the environment: programs that the tests start read every DIDEBAN_ variable as a setting."""

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference data beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder of reference data is not beside the project")
    return SHARED
