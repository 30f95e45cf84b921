"""What several test folders need."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(os.environ.pop("DIDEBAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
"""Taken out of the environment: programs that the tests start read every DIDEBAN_ variable as a setting."""

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


MEASURED_CASES = 2
"""Cases of one test function under coverage: further ones reach the same lines, and measuring costs two thirds more."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """With ``-n auto`` one process more than processors: tests that wait for a child or a browser leave theirs idle."""
    return (os.cpu_count() or 1) + (config.option.numprocesses == "auto")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure the first cases of a test and not the rest; laws (Hypothesis) repeat what examples reach."""
    seen: Counter[str] = Counter()
    for item in items:
        function = item.nodeid.partition("[")[0]
        seen[function] += 1
        is_law = getattr(getattr(item, "function", None), "is_hypothesis_test", False)
        if is_law or seen[function] > MEASURED_CASES:
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference data beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder of reference data is not beside the project")
    return SHARED
