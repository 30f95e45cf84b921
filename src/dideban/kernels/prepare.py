"""Compile kernels before they are needed, on all processors, as the first run on a machine would do one by one.

``signatures.json`` lists which kernels the program calls and with which types (``scripts/make_signatures.py``).
The compiling processes write to the folder of compiled kernels and nowhere else; a kernel that one of them could not
compile is compiled when it is called.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import numba
from numba import types
from numba.core.registry import cpu_target

from dideban.kernels.cache import is_writable, kernel_folder

SIGNATURES = Path(__file__).with_name("signatures.json")
CODE = "from dideban.kernels.prepare import serve; serve()"
MOST_PROCESSES = 4
"""A process holds 0.3 GB while it compiles."""

Done = Callable[[], None]


def call_list(*, everything: bool = False) -> list[dict[str, Any]]:
    """Return the kernels that a scan calls, or all, the longest to compile first: module, name and types."""
    listed: list[dict[str, Any]] = json.loads(SIGNATURES.read_text("utf-8"))
    return [one for one in listed if everything or one["scan"]]


def is_prepared(*, everything: bool = False) -> bool:
    """Tell whether there is nothing to compile, or nowhere to keep it."""
    folder = kernel_folder()
    if folder is None or numba.config.DISABLE_JIT:
        return True
    marks = [folder / _mark(every) for every in (True, everything)]
    return any(mark.is_file() for mark in marks) or not is_writable(folder)


def prepare(*, everything: bool = False, processes: int | None = None, done: Done = lambda: None) -> None:
    """Compile what a scan calls, or everything, and keep it.

    Parameters
    ----------
    processes : count
        None = one per processor, at most 4.
    done : function
        Called for each kernel that is ready.
    """
    folder = kernel_folder()
    jobs: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    for calls in by_module(call_list(everything=everything)):
        jobs.put([json.dumps(one) for one in calls])
    n = processes or min(MOST_PROCESSES, os.cpu_count() or 1)
    failed: list[str] = []
    threads = [threading.Thread(target=_feed, args=(jobs, done, failed), daemon=True) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if folder is not None and not failed:
        (folder / _mark(everything)).touch()


def by_module(calls: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Group calls by module, the largest file first: kernels of one file call the same others."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in calls:
        groups.setdefault(one["module"], []).append(one)
    size = {name: SIGNATURES.with_name(f"{name}.py").stat().st_size for name in groups}
    return [groups[name] for name in sorted(groups, key=lambda name: (-size[name], name))]


def _mark(everything: bool) -> str:
    """Name the file that says: compiled, for this processor and this Python."""
    _, name, features = cpu_target.target_context.codegen().magic_tuple()
    told = f"{sys.version_info[:2]} {name} {features}"
    return f"{'all' if everything else 'scan'}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _feed(jobs: queue.SimpleQueue[list[str]], done: Done, failed: list[str]) -> None:
    """Give one process the kernels of one module after another until there are none."""
    pipe = subprocess.PIPE
    with suppress(BrokenPipeError), subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-P", "-c", CODE], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:  # fmt: skip
        to, back = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        with suppress(queue.Empty):
            while True:
                for job in jobs.get_nowait():
                    if not _compiled(job, to, back):
                        failed.append(job)
                    done()


def _compiled(job: str, to: IO[str], back: IO[str]) -> bool:
    """Tell whether a process compiled a kernel; one that has ended did not."""
    try:
        to.write(job + "\n")
        to.flush()
    except OSError:
        return False
    return back.readline() == "ready\n"


def serve() -> None:
    """Compile the kernels named on stdin, one per line: what each of the processes does.

    A compiler makes many objects that live long: looking for garbage among them takes an eighth of the time.
    """
    gc.set_threshold(200_000, 50, 100)
    for line in sys.stdin:
        compile_one(json.loads(line))
        sys.stdout.write("ready\n")
        sys.stdout.flush()


def compile_one(call: dict[str, Any]) -> None:
    """Compile one kernel for the types of its call."""
    dispatcher = getattr(importlib.import_module(f"dideban.kernels.{call['module']}"), call["name"])
    dispatcher.compile(tuple(read_type(one) for one in call["types"]))


def read_type(written: Any) -> Any:
    """Return the type that ``signatures.json`` writes as ``int64``, ``[int32, 1, "C", true]`` or a named tuple.

    The parts of an array: type of its items, dimensions, layout, whether it is read only.
    """
    if isinstance(written, str):
        return getattr(types, written)
    if isinstance(written, list):
        item, n_dimensions, layout, is_read_only = written
        return types.Array(getattr(types, item), n_dimensions, layout, readonly=is_read_only)
    home = importlib.import_module(f"dideban.kernels.{written['module']}")
    return types.NamedTuple([read_type(one) for one in written["fields"]], getattr(home, written["tuple"]))


def write_type(kind: Any) -> Any:
    """Write a type as ``read_type`` reads it."""
    if isinstance(kind, types.Array):
        return [kind.dtype.name, kind.ndim, kind.layout, not kind.mutable]
    if isinstance(kind, types.NamedTuple):
        tuple_class = kind.instance_class
        module = tuple_class.__module__.rpartition(".")[2]
        return {"module": module, "tuple": tuple_class.__name__, "fields": [write_type(one) for one in kind.types]}
    return str(kind.name)


def called(modules: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the kernels of modules that this process has called, with the types of each call."""
    found = []
    for module in modules:
        home = module.__name__.rpartition(".")[2]
        for name, kernel in sorted(vars(module).items()):
            if getattr(kernel, "signatures", None) and kernel.py_func.__module__ == module.__name__:
                for signature in kernel.signatures:
                    found.append({"module": home, "name": name, "types": [write_type(one) for one in signature]})
    return found


__all__ = ["call_list", "called", "is_prepared", "prepare"]
