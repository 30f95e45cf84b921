"""The web server: granian, with the application of wsgi.py."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import Interfaces

from dideban.room.parent_watch import WITH_PARENT, exit_with_parent

THREADS = 12


def run_web(*, host: str, port: int, workers: int) -> None:
    """Serve until told to stop."""
    exit_with_parent()
    os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))  # the rest is for other pages
    os.environ[WITH_PARENT] = "1"  # its own processes end with it
    Granian(
        "dideban.room.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=THREADS, log_access=False, respawn_failed_workers=True, respawn_interval=0.5,
        workers_kill_timeout=10, backlog=512,
    ).serve()  # fmt: skip
