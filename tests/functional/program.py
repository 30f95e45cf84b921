"""The program run inside the test: the same arguments, environment, streams and exit codes, without a new process.

A process costs a second or two for its libraries. What only a process shows (Ctrl-C, limits, its entry point, a crash
of a library) is tested with one.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

from dideban.cli import cli
from dideban.cli.console import run_guarded


def dideban(
    *arguments: object, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``dideban`` with arguments; an exception that leaves it ends in 1 and a traceback, as in a process.

    Parameters
    ----------
    cwd : path
        Folder to run in; default: this one.
    environment : mapping
        Variables named DIDEBAN_...; those of the test run are not seen.
    """
    given = ["dideban", *map(str, arguments)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DIDEBAN")}
    out, err = _stream(), _stream()
    with (
        mock.patch.object(sys, "argv", given),
        mock.patch.object(cli, "_help_option", None, create=True),  # it keeps the words of an earlier run
        mock.patch.dict(os.environ, {**clean, **(environment or {})}, clear=True),
        _inside(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = run_guarded(cli)
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception:
            code = 1
            traceback.print_exc()
    return subprocess.CompletedProcess(given, code, _text(out), _text(err))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", newline="", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8", "replace").replace(os.linesep, "\n")


@contextlib.contextmanager
def _inside(folder: Path | None) -> Iterator[None]:
    before = Path.cwd()
    try:
        os.chdir(folder or before)
        yield
    finally:
        os.chdir(before)
