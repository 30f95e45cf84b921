"""Run writers in forked processes and kill them, fill their disk, take their rights: what is left is reported as JSON.

One process imports the program and forks a child for each case: a process of its own for each would cost seconds. The
parent never runs Polars, whose threads do not survive a fork.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dideban import atomic

Writer = Callable[[Path, int], object]
NOBODY = 65_534
PATIENCE_S = 400


def held(home: Path) -> dict[str, str]:
    """Return what a reader sees: names and digests of contents."""
    seen = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in Path(name).parts):
            seen[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return seen


def parts_in(home: Path) -> list[str]:
    """Return what writers left unfinished."""
    return sorted(p.relative_to(home).as_posix() for p in home.rglob(".*") if p.name.endswith((".part", ".old")))


def _die_at(step: int) -> None:
    """Let the process die instead of the renaming number ``step``."""
    left = [step]

    def dying(before: Any) -> Any:
        def rename(*arguments: Any, **more: Any) -> Any:
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1
            return before(*arguments, **more)

        return rename

    Path.replace = dying(Path.replace)  # type: ignore[method-assign]
    os.link, os.rename = dying(os.link), dying(os.rename)


def _fill_the_disk(home: Path) -> None:
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))


def _take_rights(home: Path) -> None:
    """Make every folder read-only, and become somebody whom that stops."""
    for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
        folder.chmod(0o555)
    for name in ("ascii", "cp437"):
        codecs.lookup(name)  # what is loaded late may be out of reach afterwards
    if os.getuid() == 0:
        for above in home.parents:
            if above.stat().st_mode & 0o005 != 0o005:
                above.chmod(above.stat().st_mode | 0o005)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _forked(work: Callable[[Callable[[Any], None]], None]) -> tuple[int, list[Any]]:
    """Run ``work`` in a process of its own; return how it ended and what it returned."""
    reads, writes = os.pipe()
    if not (child := os.fork()):
        os.close(reads)
        signal.alarm(PATIENCE_S)
        code = 1
        try:

            def tell(found: Any) -> None:
                os.write(writes, json.dumps(found).encode() + b"\n")

            work(tell)
            code = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), [json.loads(line) for line in lines]


def in_a_fork(work: Callable[[], object]) -> None:
    """Run ``work`` in a process of its own, which keeps its threads."""
    assert _forked(lambda tell: tell(work() is None))[0] == 0


def kill(write: Writer, home: Path, step: int, *, prepared: bool) -> dict[str, Any]:
    """Kill a second writing at a renaming; then write again. Return what was there before, left, and after."""

    def first(tell: Any) -> None:
        if prepared:
            write(home, 1)
        tell(held(home))
        _die_at(step)
        write(home, 2)
        tell("lived")

    def again(tell: Any) -> None:
        atomic.START_S = 0.0
        found = {"left": held(home), "parts": parts_in(home)}
        write(home, 2)
        for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
            atomic.sweep(folder)
        tell({**found, "after": held(home), "parts_after": parts_in(home)})

    code, told = _forked(first)
    result = {"code": code, "before": told[0] if told else None, "lived": "lived" in told}
    code, told = _forked(again)
    return {**result, "code_again": code, **(told[0] if told else {})}


def refuse(write: Writer, home: Path, trouble: Callable[[Path], None]) -> dict[str, Any]:
    """Let a second writing meet trouble; return how it ended and what is left."""

    def work(tell: Any) -> None:
        write(home, 1)
        tell(held(home))
        error = ""
        trouble(home)
        try:
            write(home, 2)
        except Exception as caught:
            error = type(caught).__name__
        tell(error)

    code, told = _forked(work)
    same = bool(told) and told[0] == held(home)
    return {"code": code, "same": same, "error": told[-1] if told else "", "parts": parts_in(home)}


def report(
    writers: Mapping[str, Writer], root: Path, *, steps: Mapping[str, int], create: set[str], only: set[str]
) -> dict[str, Any]:
    """Run every case of the writers named; ``create``: these never overwrite."""
    found: dict[str, Any] = {}
    for name, write in writers.items():
        if name not in only:
            continue

        def home(case: str, name: str = name) -> Path:
            folder = root / f"{name}-{case}"
            folder.mkdir()
            return folder

        for step in range(steps.get(name, 1)):
            found[f"{name}-kill-{step}"] = kill(write, home(f"kill-{step}"), step, prepared=name not in create)
        if name not in create and sys.platform != "win32":
            found[f"{name}-full"] = refuse(write, home("full"), _fill_the_disk)
            found[f"{name}-read-only"] = refuse(write, home("read-only"), _take_rights)
    return found


def main(writers: Mapping[str, Writer], *, steps: Mapping[str, int], create: set[str]) -> None:
    """Run the cases named on the command line: ROOT NAME ..."""
    began = time.monotonic()
    found = report(writers, Path(sys.argv[1]), steps=steps, create=create, only=set(sys.argv[2:]))
    os.write(1, json.dumps({**found, "seconds": time.monotonic() - began}).encode())
