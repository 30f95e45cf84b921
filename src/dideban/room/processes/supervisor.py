"""Web, intake and worker together: processes that are started again when one ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dideban.parent_watch import WITH_PARENT, exit_with_parent
from dideban.room.hand_over import CAN_HAND_OVER, SOCKET

log = logging.getLogger("dideban.room.supervisor")
SETTLED_S = 30.0
QUICK_S = 0.1
"""Pause before a process that somebody or the system killed is started again."""
DJANGO = (sys.executable, "-P", "-m", "django")
LONGEST_SOCKET = 100
"""Bytes; systems allow 104 or 108."""
KILLED = (-signal.SIGKILL, -signal.SIGTERM) if os.name == "posix" else ()


@dataclass
class Child:
    """One process that is kept alive."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause_s: float = 0.5
    again_at: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    """Variables that begin like one of these are kept from the process."""

    def keep(self, now: float) -> None:
        """Start it where it does not run; one that fails at once again and again is started ever more slowly."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None and not self.again_at:
            log.warning("%s ended with code %s and is started again", self.name, self.process.returncode)
            self.again_at = now + self._pause(now, self.process.returncode)
        if now >= self.again_at:
            environment = self._environment()
            self.process = subprocess.Popen(self.command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603
            self.began, self.again_at = now, 0.0

    def _environment(self) -> dict[str, str]:
        if self.hidden:
            return {k: v for k, v in os.environ.items() if not k.startswith(self.hidden)} | self.environment
        return {**os.environ, **self.environment, WITH_PARENT: "1"}

    def _pause(self, now: float, code: int) -> float:
        """Return how long to wait: being killed says nothing against starting again, failing does."""
        if code in KILLED:
            return QUICK_S
        self.pause_s = 0.5 if now - self.began > SETTLED_S else min(self.pause_s * 2, 15.0)
        return self.pause_s


def serve(*, host: str, port: int, workers: int = 1, comments: Child | None = None) -> None:
    """Run web, intake and worker until told to stop; in a demo the comments too."""
    exit_with_parent()
    with tempfile.TemporaryDirectory(prefix="dideban-", ignore_cleanup_errors=True) as folder:
        children = [*web_and_intake(host, port, workers, Path(folder)), Child("worker", [*DJANGO, "room_work"])]
        _keep([*children, *([comments] if comments else [])])


def web_and_intake(host: str, port: int, workers: int, folder: Path) -> list[Child]:
    """Return the web server and, where it can hand posts over, the process that takes them."""
    web = Child("web", [*DJANGO, "room_web", "--host", host, "--port", str(port), "--workers", str(workers)])
    at = folder / "intake"
    if not CAN_HAND_OVER or len(os.fsencode(at)) > LONGEST_SOCKET:
        return [web]
    web.environment[SOCKET] = str(at)
    return [web, Child("intake", [*DJANGO, "room_intake", "--socket", str(at)])]


def _keep(children: Sequence[Child]) -> None:
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    while not stopping.wait(0.1):
        for child in children:
            child.keep(time.monotonic())
    _stop([child.process for child in children if child.process is not None])


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, then wait; what does not end is killed."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=25)
        except subprocess.TimeoutExpired:
            process.kill()
