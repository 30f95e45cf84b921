"""Files and folders that are either complete or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from dideban.errors import StoreError
from dideban.messages import cause_of


@contextlib.contextmanager
def our_disk(path: Path) -> Iterator[None]:
    """Turn an operating system error into a StoreError that names ``path``."""
    try:
        yield
    except OSError as error:
        raise StoreError("file.not-written", hint="hint.disk", path=str(path), reason=cause_of(error)) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, then rename.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with our_disk(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write a folder of files under a temporary name beside it, then put it in place of what was there.

    Raises
    ------
    StoreError
        The disk is full, the parent cannot be written, or ``folder`` is a file.
    """
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    with our_disk(folder):
        try:
            part.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                (part / name).write_bytes(data)
            if folder.is_dir() and not folder.is_symlink():
                folder.replace(old)
            part.replace(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
