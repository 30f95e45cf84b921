"""A real browser for tests that need one; they skip where none is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip


@contextmanager
def launched() -> Iterator[Any]:
    """Start a Chromium: the one that DIDEBAN_CHROMIUM names, else one on PATH."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("DIDEBAN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on PATH")
    with api.sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield made
        made.close()
