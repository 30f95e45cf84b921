"""The scripts that write the documentation, as modules."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def make_docs() -> ModuleType:
    """``scripts/make_docs.py``."""
    return _script("make_docs")


@pytest.fixture(scope="session")
def sessions() -> ModuleType:
    """``scripts/sessions.py``."""
    return _script("sessions")


def _script(name: str) -> ModuleType:
    folder = str(ROOT / "scripts")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)
