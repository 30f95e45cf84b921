"""Files and folders that are either complete or as they were: the one place that writes and then renames.

A killed process never leaves half a file under the real name. Whether a file also survives a power cut is for the
caller to say, because it costs a wait for the disk: ``survives="power"`` syncs the content before the rename and the
folder after it, ``survives="kill"`` does neither. docs/architecture.md lists what a power cut costs whom.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from dideban.errors import DidebanError, StoreError
from dideban.messages import cause_of
from dideban.messages.causes import system_code

Survives = Literal["kill", "power"]
LOCK = ".lock"
"""File in a temporary folder that its writer has locked."""
START_S = 2.0
"""Age from which a temporary file without a lock is that of a dead writer."""
LONG_S = 86_400.0
"""The same where there are no locks."""
OURS = re.compile(r"\..+\.\d+-[0-9a-f]{8}\.part", re.DOTALL)
_SWEPT: set[Path] = set()


@contextlib.contextmanager
def our_disk(path: Path) -> Iterator[None]:
    """Turn an operating system error into a StoreError that names ``path``."""
    try:
        yield
    except OSError as error:
        raise StoreError("file.not-written", hint="hint.disk", path=str(path), reason=cause_of(error)) from error


@contextlib.contextmanager
def as_os_error() -> Iterator[None]:
    """Raise as OSError what Polars and Delta Lake report of the disk as an error of their own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        code = None if isinstance(error, DidebanError) else system_code(error)
        if code is None:
            raise
        raise OSError(code, os.strerror(code)) from error


@contextlib.contextmanager
def swapping(path: Path, *, survives: Survives) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write a file to; it takes its place when the block ends well.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written.
    """
    with part_of(path) as part:
        yield part
        publish({part: path}, survives=survives)


@contextlib.contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """Give an empty file beside ``path`` to write to, which is gone in the end unless it was published.

    What writers that were killed left in the folder is removed first.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep_once(path.parent)
    part = beside(path)
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        _lock(handle)
        _close_early(handle)
        with as_os_error():
            yield part
    finally:
        _close(handle)
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def scratch_folder(home: Path, *, name: str) -> Iterator[Path]:
    """Give a folder for work under way inside ``home``, which is gone in the end.

    What writers that were killed left in ``home`` is removed first.

    Raises
    ------
    OSError
        The disk is full, or there is no ``home`` that can be written.
    """
    _sweep_once(home)
    folder = beside(home / name)
    folder.mkdir()
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(handle)
        with as_os_error():
            yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def publish(files: Mapping[Path, Path], *, survives: Survives) -> None:
    """Put written files in their places, one after the other: each is whole, whenever a kill comes.

    Raises
    ------
    OSError
        A file cannot be renamed.
    """
    if survives == "power":
        for part in files:
            sync(part)
    for part, path in files.items():
        part.replace(path)
    if survives == "power":
        for home in {path.parent for path in files.values()}:
            sync(home)


def sweep(home: Path) -> None:
    """Remove the temporary files and folders that killed writers left in a folder; those of live writers stay.

    A writer holds a lock while it works, which ends with its process, in whatever container it ran. Where there are
    no such locks everything stays, but on Windows, where what is older than a day goes.
    """
    with contextlib.suppress(OSError):
        for part in [path for path in home.iterdir() if OURS.fullmatch(path.name)]:
            with contextlib.suppress(OSError):
                if _is_dead(part):
                    shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)


def _sweep_once(home: Path) -> None:
    """Sweep a folder before the first file that this process writes there: listing it for each would cost too much."""
    if home.absolute() not in _SWEPT:
        _SWEPT.add(home.absolute())
        sweep(home)


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
    with our_disk(folder), building(folder, survives=survives) as part:
        for name, data in files.items():  # a name may lead into folders below
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_bytes(data)


@contextlib.contextmanager
def building(folder: Path, *, survives: Survives) -> Iterator[Path]:
    """Give a temporary folder beside ``folder`` that takes its place when the block ends well.

    A folder cannot be replaced in one step. What a process killed between the two steps left under a temporary name
    is put back first.

    Raises
    ------
    OSError
        The disk is full, the parent cannot be written, or ``folder`` is a file.
    """
    old = folder.with_name(f".{folder.name}.old")
    if old.is_dir() and not folder.exists():
        old.replace(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder(folder.parent, name=folder.name) as scratch:
        part = scratch / "new"
        part.mkdir()
        yield part
        if survives == "power":
            for path in part.rglob("*"):
                sync(path)
        _swap(part, folder, old)
        if survives == "power":
            sync(folder.parent)


def _swap(part: Path, folder: Path, old: Path) -> None:
    shutil.rmtree(old, ignore_errors=True)
    if folder.is_dir() and not folder.is_symlink():
        folder.replace(old)
    try:
        part.replace(folder)
    except OSError:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def create_bytes(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all, never over another; it survives a power cut.

    Raises
    ------
    FileExistsError
        There is one.
    OSError
        The disk is full or the folder cannot be written.
    """
    with part_of(path) as part:
        part.chmod(0o600)
        part.write_bytes(data)
        sync(part)
        try:
            os.link(part, path)  # unlike a rename, it fails where there is one
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            part.replace(path)
        sync(path.parent)


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


def _lock(handle: int) -> bool:
    """Take a lock that ends with the process; False where another holds it, or where there are no such locks."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _close_early(handle: int) -> None:
    """Let go of the file where an open one cannot be renamed."""
    if sys.platform == "win32":
        os.close(handle)


def _close(handle: int) -> None:
    if sys.platform != "win32":
        os.close(handle)


def _is_dead(part: Path) -> bool:
    held = part / LOCK if part.is_dir() else part  # the lock of a folder is as old as the work, the folder is not
    try:
        age_s = time.time() - (held if held.exists() else part).stat().st_mtime
        if sys.platform == "win32":
            return age_s > LONG_S
        if age_s < START_S:  # a writer may have made it and not have locked it yet
            return False
        handle = os.open(held, os.O_RDWR)
    except FileNotFoundError:
        return part.is_dir()
    try:
        return _lock(handle)
    finally:
        os.close(handle)


__all__ = [
    "Survives", "as_os_error", "beside", "building", "create_bytes", "our_disk", "part_of", "publish", "replacing",
    "scratch_folder", "swapping", "sweep", "sync", "write_bytes", "write_folder",
]  # fmt: skip
