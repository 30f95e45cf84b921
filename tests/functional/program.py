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
from typing import Any
from unittest import mock

from dideban.cli import cli
from dideban.cli.console import run_guarded

PROGRAM = [str(Path(sys.executable).parent / "dideban")]
QUIET = ("--method", "threshold", "--keep-ids", "--quiet")


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


class Room:
    """A folder with a key and files of posts, and the program run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DIDEBAN")}
        self.environment["DIDEBAN_KEY_FILE"] = str(folder / "key")

    def file(self, name: str, content: bytes | str) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def start(self, *arguments: str, **settings: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **settings,
        )

    def run(self, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
        """Run the program; in a process of its own where that has limits."""
        if not settings:
            own = {name: value for name, value in self.environment.items() if name.startswith("DIDEBAN")}
            done = dideban(*arguments, cwd=self.folder, environment=own)
            assert "Traceback" not in done.stderr, done.stderr
            return done
        process = self.start(*arguments, **settings)
        try:
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def scan(self, *files: str, out: str = "out", **settings: Any) -> subprocess.CompletedProcess[str]:
        return self.run("scan", *files, "--out", out, *QUIET, **settings)

    def leftovers(self) -> set[str]:
        """Names in the folder that are neither input nor key."""
        return {path.name for path in self.folder.iterdir() if "out" in path.name}
