"""Processes of a demonstration: started together, started again where one dies, stopped together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dideban.errors import SourceError
from dideban.messages import Message
from dideban.parent_watch import WITH_PARENT

MOST_STARTS = 6
"""A process that ends again and again is left alone."""
PATIENCE_S = 25.0
"""How long a process may take to stop before it is killed."""
PROGRAM = (sys.executable, "-P", "-c", "from dideban.cli import main; main()")
ROOM = (sys.executable, "-P", "-m", "django")


@dataclass
class KeptProcess:
    """One process."""

    name: str
    """As people read it."""
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    n_starts: int = 0

    def start(self) -> None:
        """Start it; it ends when this process does, however this one ends."""
        self.n_starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                list(self.command), env={**os.environ, **self.environment, WITH_PARENT: str(os.getpid())},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @property
    def ended(self) -> int | None:
        """How it ended, None while it runs or where it was never started."""
        return None if self.process is None else self.process.poll()


class Children:
    """Processes that live and end together.

    Parameters
    ----------
    say : function
        Gets what people should know.
    """

    def __init__(self, say: Callable[[Message], None]) -> None:
        self._say, self._kept = say, list[KeptProcess]()

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def add(self, child: KeptProcess) -> None:
        """Start a process and keep it alive from now on."""
        self._kept.append(child)
        child.start()

    def pids(self) -> dict[str, int]:
        """Return the process ids by name."""
        return {one.name: one.process.pid for one in self._kept if one.process is not None}

    def look(self) -> None:
        """Start again what ended, and say so.

        Raises
        ------
        SourceError
            A process ended again and again.
        """
        for one in self._kept:
            if (code := one.ended) is None:
                continue
            if one.n_starts >= MOST_STARTS:
                raise SourceError("federation.child-fails", name=one.name, n=one.n_starts, path=one.log)
            how = Message("federation.child-killed", signal=-code) if code < 0 else None
            self._say(
                Message("federation.child-ended", name=one.name, how=how or Message("federation.child-code", code=code))
            )
            one.start()

    def dismiss(self, name: str) -> None:
        """Stop one process for good."""
        gone = [one for one in self._kept if one.name == name]
        self._kept = [one for one in self._kept if one.name != name]
        _stop(gone)

    def stop(self) -> None:
        """Stop all of them and wait until they have ended."""
        gone, self._kept = self._kept, []
        _stop(gone)


def _stop(some: Sequence[KeptProcess]) -> None:
    running = [one.process for one in some if one.process is not None and one.process.poll() is None]
    for process in running:
        process.terminate()
    end = time.monotonic() + PATIENCE_S
    for process in running:
        try:
            process.wait(timeout=max(end - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
