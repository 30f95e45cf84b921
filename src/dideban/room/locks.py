"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

TICK, MERGE, NARRATIVES, REHEARSAL = "tick.lock", "merge.lock", "narratives.lock", "rehearsal.lock"
SITE, JOINT, PAST = "site.lock", "joint.lock", "past.lock"
"""Locks in the folder of a room: one analysis, one writer of the table of posts, one step of narratives at a time, one
rehearsal, one build of the site, one step with other rooms, one analysis of a past period."""
WORKER = "worker.lock"
"""Lock in the folder of all rooms: one worker."""
LOCKS = frozenset({TICK, MERGE, NARRATIVES, REHEARSAL, SITE, JOINT, PAST, WORKER})


def try_lock(file: IO[str]) -> bool:
    """Lock a file for this process; False where another process holds it."""
    try:
        if os.name == "nt":  # pragma: no cover - Windows
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def only_one(path: Path) -> Iterator[bool]:
    """Yield whether this process alone holds the lock at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        yield try_lock(file)


@contextmanager
def wait_for(path: Path, *, seconds: float) -> Iterator[bool]:
    """Yield whether the lock at ``path`` could be had within some time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    with path.open("a") as file:
        while not (is_ours := try_lock(file)) and time.monotonic() < end:
            time.sleep(0.1)
        yield is_ours
