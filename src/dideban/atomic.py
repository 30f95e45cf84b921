"""Files and folders that are either complete or as they were: the one place that writes and then renames.

A killed process never leaves half a file under the real name. Whether a file also survives a power cut is for the
caller to say, because it costs a wait for the disk: ``survives="power"`` syncs the content before the rename and the
folder after it, ``survives="kill"`` does neither. docs/architecture.md lists what a power cut costs whom.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from dideban.errors import StoreError
from dideban.messages import cause_of

Survives = Literal["kill", "power"]


@contextlib.contextmanager
def our_disk(path: Path) -> Iterator[None]:
    """Turn an operating system error into a StoreError that names ``path``."""
    try:
        yield
    except OSError as error:
        raise StoreError("file.not-written", hint="hint.disk", path=str(path), reason=cause_of(error)) from error


@contextlib.contextmanager
def swapping(path: Path, *, survives: Survives) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write a file to; it takes its place when the block ends well.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = beside(path)
    try:
        yield part
        if survives == "power":
            sync(part)
        part.replace(path)
        if survives == "power":
            sync(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(path: Path, *, survives: Survives) -> Iterator[Path]:
    """Do as :func:`swapping`, with a StoreError.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    with our_disk(path), swapping(path, survives=survives) as part:
        yield part


def write_bytes(path: Path, data: bytes, *, survives: Survives) -> None:
    """Write a file under a temporary name beside it, then rename.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    with replacing(path, survives=survives) as part:
        part.write_bytes(data)


def write_folder(folder: Path, files: Mapping[str, bytes], *, survives: Survives) -> None:
    """Write a folder of files under a temporary name beside it, then put it in place of what was there.

    A folder cannot be replaced in one step. A process killed between the two steps leaves what was there under a
    temporary name, which the next call removes once the new folder is in place.

    Raises
    ------
    StoreError
        The disk is full, the parent cannot be written, or ``folder`` is a file.
    """
    part, old = beside(folder), folder.with_name(f".{folder.name}.old")
    with our_disk(folder):
        try:
            part.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                (part / name).write_bytes(data)
                if survives == "power":
                    sync(part / name)
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(old, ignore_errors=True)
                folder.replace(old)
            part.replace(folder)
            if survives == "power":
                sync(folder.parent)
            shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def create_bytes(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all, never over another; it survives a power cut.

    Raises
    ------
    FileExistsError
        There is one.
    OSError
        The disk is full or the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = beside(path)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, it fails where there is one
        sync(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Return a temporary name beside ``path`` that no other process or thread uses."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk. Where folders cannot be synced (Windows), their names are not."""
    if path.is_dir() and sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


__all__ = [
    "Survives", "beside", "create_bytes", "our_disk", "replacing", "swapping", "sync", "write_bytes", "write_folder",
]  # fmt: skip
