"""Ask the separate process. Some files cost libraries minutes or gigabytes: a process over its limits is killed."""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import Any

import orjson

from dideban.errors import SourceError
from dideban.messages import Message

LIMIT_S = 30.0
MOST_USES = 500
"""Questions to one process before a fresh one takes its place."""
MOST_IDLE = 2


class _Child:
    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "dideban.room.reader.child"]
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
        self.n_uses = 0

    def ask(self, question: dict[str, Any], body: bytes, *, limit_s: float) -> dict[str, Any]:
        """Return the answer, or raise EOFError where there is none."""
        self.n_uses += 1
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = threading.Timer(limit_s, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(orjson.dumps({**question, "size": len(body)}) + b"\n" + body)
            self.process.stdin.flush()
            line = self.process.stdout.readline(20)
            payload = self.process.stdout.read(int(line)) if line.strip().isdigit() else b""
        except OSError as error:
            raise EOFError from error
        finally:
            timer.cancel()
        if not line.strip().isdigit() or len(payload) < int(line):
            raise EOFError
        said: dict[str, Any] = orjson.loads(payload)
        return said

    def end(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


_idle: list[_Child] = []
_lock = threading.Lock()


def read_apart(work: str, body: bytes, *, limit_s: float | None = None, **arguments: Any) -> dict[str, Any]:
    """Return what reading gave.

    Parameters
    ----------
    work : str
        ``feed`` (``content_type``, ``url``, ``now``: to ``records``, ``n``, ``is_cut``), ``article`` (to ``text``),
        ``telegram`` (to ``records``, ``is_view``, ``n_odd``) or ``links`` (``url``: to ``links``, ``asks_password``).

    Raises
    ------
    SourceError
        It cannot be read, or takes too long or too much memory.
    """
    began, limit_s = time.monotonic(), LIMIT_S if limit_s is None else limit_s
    with _lock:
        child = _idle.pop() if _idle else None
    child = child or _Child()
    try:
        said = child.ask({"work": work, **arguments}, body, limit_s=limit_s)
    except EOFError:
        child.end()
        if time.monotonic() - began >= limit_s:
            raise SourceError("room.feed-slow") from None
        raise SourceError("room.feed-memory") from None
    except BaseException:
        child.end()
        raise
    _give_back(child)
    if "trouble" in said:
        raise SourceError(
            Message.from_dict(said["trouble"]), hint=Message.from_dict(said["hint"]) if said["hint"] else ""
        )
    if "mistake" in said:
        raise SourceError("room.our-mistake", name=said["mistake"])
    return said


def _give_back(child: _Child) -> None:
    with _lock:
        if child.n_uses < MOST_USES and len(_idle) < MOST_IDLE:
            _idle.append(child)
            return
    child.end()


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()
