"""What is made once for a whole run of the tests, also where several processes share the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import coverage
import pytest

from dideban.room.locks import wait_for


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first process to need it fills; the others wait, and must not write into it."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, part = shared / name, shared / f"{name}-{os.getpid()}"
    with wait_for(shared / f"{name}.lock", seconds=300) as is_ours:
        assert is_ours
        if not folder.exists():
            part.mkdir()
            make(part)
            part.rename(folder)
    return folder


@contextmanager
def unmeasured() -> Iterator[None]:
    """Leave coverage out of preparations that measure nothing: migrations are not counted, and take twice as long."""
    running = coverage.Coverage.current()
    if running is not None:
        running.stop()
    try:
        yield
    finally:
        if running is not None:
            running.start()
