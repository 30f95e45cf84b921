"""Run a command and say how long it took and how much memory it needed at most, children included."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu_seconds: float
    peak_mb: float
    code: int


def run(command: list[str], *, cwd: Path | None = None, timeout: float = 3600) -> Cost:
    """Whole process, from start to exit."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, errors = process.communicate(timeout=timeout) if not hasattr(os, "wait4") else (None, b"")
        if hasattr(os, "wait4"):
            errors = process.stderr.read() if process.stderr else b""
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
        else:  # no wait4: time only
            cpu = peak = float("nan")
    except BaseException:
        process.kill()
        raise
    if process.returncode:
        sys.stderr.write(errors.decode(errors="replace"))
    return Cost(time.perf_counter() - start, cpu, peak, process.returncode)


def dideban(*arguments: object, cwd: Path | None = None) -> Cost:
    """Run the command line of this environment; it must succeed."""
    program = Path(sys.executable).parent / "dideban"
    cost = run([str(program), *map(str, arguments)], cwd=cwd)
    if cost.code:
        raise RuntimeError(f"dideban {' '.join(map(str, arguments))} ended with {cost.code}")
    return cost
