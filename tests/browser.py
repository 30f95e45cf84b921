"""A real browser for tests that need one; they skip where none is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip


PATIENCE_MS = 180_000
"""A machine that is loaded, or stopped for a while, makes a page slow, not wrong."""


def _patient(made: Any) -> Any:
    """Let every page of a browser wait as long as that."""
    for name in ("new_context", "new_page"):
        setattr(made, name, _then_patient(getattr(made, name)))
    return made


def _then_patient(make: Callable[..., Any]) -> Callable[..., Any]:
    def made(**options: Any) -> Any:
        one = make(**options)
        one.set_default_timeout(PATIENCE_MS)
        return one

    return made


@contextmanager
def launched() -> Iterator[Any]:
    """Start a Chromium: the one that DIDEBAN_CHROMIUM names, else one on PATH."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("DIDEBAN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on PATH")
    api.expect.set_options(timeout=PATIENCE_MS)
    with api.sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=list(ARGUMENTS), timeout=PATIENCE_MS)
        yield _patient(made)
        made.close()
