"""The web server: granian, with the application of asgi.py."""

from __future__ import annotations

import contextlib
import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from dideban.parent_watch import WITH_PARENT, exit_with_parent

HEAD_S = 10
"""Seconds a sender has for the head of a request."""
MOST_CONNECTIONS = 8_192


def run_web(*, host: str, port: int, workers: int) -> None:
    """Serve until told to stop."""
    exit_with_parent()
    os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))  # the rest is for other pages
    os.environ[WITH_PARENT] = "1"  # its own processes end with it
    Granian(
        "dideban.room.asgi:application", address=host, port=port, interface=Interfaces.ASGINL, workers=workers,
        http=HTTPModes.http1, http1_settings=HTTP1Settings(header_read_timeout=HEAD_S * 1_000), websockets=False,
        log_access=False, respawn_failed_workers=True, respawn_interval=0.5, workers_kill_timeout=10,
        backlog=2_048, backpressure=most_connections(),
    ).serve()  # fmt: skip


def most_connections() -> int:
    """Return how many connections a process may hold; the limit of open files is raised to what the system allows."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(64, min(MOST_CONNECTIONS, soft // 2))
