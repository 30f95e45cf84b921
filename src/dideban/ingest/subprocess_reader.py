"""Compiled readers at arm's length: Parquet and XLSX are read in a process of their own (docs/decisions/007)."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from dideban.errors import StoreError
from dideban.ingest.model import UnusableError
from dideban.messages.message import NOTHING, Message, Value

PATIENCE_S = 300.0
"""Longest wait for the next rows, seconds."""
LEAST_MEMORY = 4 * 1024**3
"""The reader may always take so much address space, bytes."""
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


_LOCK = threading.Lock()
_SHARED: list[Reader] = []


class ReaderError(UnusableError):
    """A file that the reader could not read, or did not survive."""

    def __init__(self, message: str | Message, /, *, path: str = "", **values: Value) -> None:
        super().__init__(message, slug="file-unreadable", path=path, **values)


class Reader:
    """A process that reads Parquet and XLSX; it is started when first asked, and again after it died.

    Parameters
    ----------
    scratch : path
        Folder of the files through which rows come; each is removed when it was read.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._listener: threading.Thread | None = None
        self._n_asked = 0
        self._is_ready = self._is_under_way = False
        self._form = NOTHING

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, op: str, path: Path, *, name: str) -> dict[str, Any]:
        """Return the facts of a file.

        Raises
        ------
        ReaderError
            The file is broken, or reading it ended the reader.
        """
        self._send({"op": op, "path": os.fspath(path.absolute())})
        return self._answer(name)

    def frames(self, op: str, path: Path, *, name: str, **request: Any) -> Iterator[pl.DataFrame]:
        """Yield the rows of a file, a stretch at a time; a reader left in the middle is ended.

        Raises
        ------
        ReaderError
            The file is broken, or reading it ended the reader.
        StoreError
            The scratch folder cannot be written.
        """
        self._n_asked += 1
        out = self.scratch.absolute() / f"rows-{self._n_asked}-"
        self._send({"op": op, "path": os.fspath(path.absolute()), "out": os.fspath(out), **request})
        self._is_under_way = True
        process = self._process
        try:
            while "file" in (said := self._answer(name)):
                frame = pl.read_ipc(said["file"])
                Path(said["file"]).unlink(missing_ok=True)
                self._write(b"\n")
                yield frame
            self._is_under_way = False
        finally:
            if self._is_under_way and process is self._process:
                self.close()

    def close(self) -> None:
        """End the process."""
        process, self._process, self._is_under_way = self._process, None, False
        if process is None:
            return
        process.kill()
        process.wait()
        if self._listener is not None:
            self._listener.join(timeout=5)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was written last never arrived
                    pipe.close()

    def _send(self, request: dict[str, Any]) -> None:
        if self._process is None or self._process.poll() is not None or self._is_under_way:
            self.close()
            self._start()
        kind = "parquet" if request["op"].startswith("parquet") else "workbook"
        self._form = Message(f"ingest.form-{kind}")
        self._write(json.dumps(request).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(data)
            process.stdin.flush()
        except OSError:  # it died: the missing answer will tell
            return

    def _start(self) -> None:
        worker = Path(__file__).with_name("worker.py")
        self._process = subprocess.Popen(  # noqa: S603 - our own file, by the interpreter that runs us
            [sys.executable, "-P", "-Wignore", os.fspath(worker), str(memory_limit())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "RUST_BACKTRACE": "0", "PYTHONIOENCODING": "utf-8"},
            creationflags=_NO_WINDOW,
        )
        self._answers, self._is_ready = queue.SimpleQueue(), False
        self._listener = threading.Thread(target=_listen, args=(self._process, self._answers), daemon=True)
        self._listener.start()

    def _answer(self, name: str) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=PATIENCE_S)
        except queue.Empty:
            self.close()
            raise ReaderError("ingest.damaged-silent", name=name, form=self._form, seconds_s=PATIENCE_S) from None
        if not line and not self._is_ready:
            self.close()
            raise StoreError(
                "ingest.reader-not-started",
                hint="ingest.hint-works",
                command=f"{sys.executable} -c 'import polars, python_calamine'",
            )
        if not line:
            self.close()
            raise ReaderError("ingest.damaged-memory", name=name, form=self._form)
        said: dict[str, Any] = json.loads(line)
        if "ready" in said:
            self._is_ready = True
            return self._answer(name)
        if said.get("disk"):
            raise StoreError("ingest.not-unpacked", hint="ingest.hint-free-space", name=name, reason=said["error"])
        if "error" in said:
            raise ReaderError("ingest.broken", name=name, form=self._form, reason=said["error"])
        return said


@contextlib.contextmanager
def shared_reader() -> Iterator[Reader]:
    """Lend the reader of this process, one borrower at a time; for callers that read small tables again and again."""
    with _LOCK:
        if not _SHARED:
            folder = tempfile.mkdtemp(prefix="dideban-")
            atexit.register(_give_back, os.getpid())
            _SHARED.append(Reader(Path(folder)))
        yield _SHARED[0]


def _give_back(pid: int) -> None:
    while _SHARED and pid == os.getpid():
        reader = _SHARED.pop()
        reader.close()
        shutil.rmtree(reader.scratch, ignore_errors=True)


if hasattr(os, "register_at_fork"):  # a child does not speak to the reader of its parent
    os.register_at_fork(after_in_child=_SHARED.clear)


def _listen(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    """Hand on what the reader says; an empty line when it says no more."""
    try:
        for line in process.stdout or ():
            answers.put(line)
    except (OSError, ValueError):  # closed while it was read
        pass
    answers.put(b"")


def memory_limit() -> int:
    """Return how much address space the reader may take: as much as the machine has memory, bytes."""
    try:
        return max(LEAST_MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return 64 * 1024**3
