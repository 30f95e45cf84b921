"""The comment process: granian with the application of ``app.py``; what it needs comes from the environment."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from dideban.comments.app import CommentApp
from dideban.comments.limits import WORK_BITS
from dideban.comments.service import CommentDesk
from dideban.comments.store import CommentStore

HEAD_S = 5
PARENT_S = 0.5
FOLDER, SITE, PROXY, SECURE, BITS = (f"DIDEBAN_COMMENTS_{name}" for name in ("DIR", "SITE", "PROXY", "SECURE", "BITS"))


def make_app() -> CommentApp:
    """Return the application that the environment describes."""
    exit_with_parent()
    desk = CommentDesk(
        store=CommentStore(Path(os.environ[FOLDER])), site=Path(os.environ[SITE]),
        bits=int(os.environ.get(BITS, WORK_BITS)),
    )  # fmt: skip
    return CommentApp(desk, behind_proxy=bool(os.environ.get(PROXY)), is_secure=bool(os.environ.get(SECURE)))


def watched_serve(*, host: str, port: int) -> None:
    """Serve what the environment describes, and end with the process that started this one."""
    exit_with_parent()
    serve(
        Path(os.environ[FOLDER]), site=Path(os.environ[SITE]), host=host, port=port,
        behind_proxy=bool(os.environ.get(PROXY)), is_secure=bool(os.environ.get(SECURE)),
    )  # fmt: skip


def exit_with_parent() -> None:
    """End this process when the one that started it is gone: an orphan would go on answering on the same port."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_S)
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def serve(folder: Path, *, site: Path, host: str, port: int, behind_proxy: bool, is_secure: bool) -> None:
    """Serve until told to stop; one process, which holds few connections."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    os.environ[FOLDER], os.environ[SITE] = str(folder.absolute()), str(site.absolute())
    os.environ[PROXY], os.environ[SECURE] = "1" if behind_proxy else "", "1" if is_secure else ""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    Granian(
        "dideban.comments.server:make_app", address=host, port=port, interface=Interfaces.ASGI, workers=1, factory=True,
        http=HTTPModes.http1, http1_settings=HTTP1Settings(header_read_timeout=HEAD_S * 1_000), websockets=False,
        log_access=False, respawn_failed_workers=True, respawn_interval=0.5, backlog=512, backpressure=256,
    ).serve()  # fmt: skip
