"""What the worker does when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dideban.room.queue import TASKS

Work = Callable[..., None]


def work(function: Work) -> Work:
    """Let a function be asked for by its name."""
    TASKS[function.__name__] = function
    return function


@work
def run_source(*, run_id: int, **details: Any) -> None:
    """Try a source now: test, backfill or upload."""


@work
def erase(*, erasure_id: int) -> None:
    """Delete the posts of a person."""
