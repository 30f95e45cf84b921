"""The flat files of a room: one beside each data file of its table, written by the worker, memory-mapped by searches.

Data files never change: a flat file is right as long as its data file is in the table, and goes with it (deleted on
request, too old, joined with others). Only the worker writes here, under the lock of the merge.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from django.conf import settings

from dideban.errors import StoreError
from dideban.room.deferred_writes import deferred
from dideban.room.rooms.folder import folder_of
from dideban.store.delta import PostTable
from dideban.store.flat import COLUMNS, Flat, lay_out, read_flat, write_flat

log = logging.getLogger("dideban.room.search_files")
MOST_BUILT = 256 * 1024 * 1024
"""Bytes of what a process lays out for itself where the worker has not come to it yet."""
MOST_MAPPED = 1024 * 1024 * 1024
"""Bytes read at the start, about."""

_held: OrderedDict[Path, tuple[Flat, bool]] = OrderedDict()
"""Data file to its posts laid out, and whether they are mapped."""
_lock = threading.Lock()


def keep_up(room: str) -> int:
    """Make the flat files that are missing, remove those whose data file has left the table; return how many are new.

    The lock of the merge must be held. A full disk makes searches slower, nothing else.
    """
    folder = folder_of(room)
    files = {_flat_path(path): path for path in PostTable(folder.posts).files()}
    for path in _entries(folder.flat):
        if path not in files:
            _remove(path)
    missing = [(flat, path) for flat, path in sorted(files.items()) if not flat.exists()]
    try:
        for flat, path in missing:
            write_flat(flat, _laid_out(path))
    except StoreError as error:
        log.warning("a flat file is not written: %s", error)
    return len(missing)


def flat_of(path: Path) -> Flat:
    """Return the posts of a data file laid out."""
    with _lock:
        if (held := _held.get(path)) is not None:
            _held.move_to_end(path)
            return held[0]
    flat_path = _flat_path(path)
    mapped = read_flat(flat_path)
    if mapped is None:
        _remove(flat_path)  # damaged: the worker rebuilds it
    flat = mapped if mapped is not None else _laid_out(path)
    with _lock:
        _held[path] = flat, mapped is not None
        _bound()
    return flat


def map_all() -> int:
    """Map the flat files of all rooms, newest first, before somebody waits for it; return how many bytes."""
    size = 0
    for folder in _entries(Path(settings.DATA) / "rooms"):
        for path in reversed(PostTable(folder / "posts").files()):
            if size < MOST_MAPPED and _flat_path(path).exists():
                size += flat_of(path).n_bytes
    return size


def let_go() -> None:
    """Let go of what is laid out of data files that are gone: nothing of them stays in memory or on the disk."""
    with _lock:
        for path in [path for path, (_, is_mapped) in _held.items() if not _stays(path, is_mapped)]:
            del _held[path]


def _stays(path: Path, is_mapped: bool) -> bool:
    return path.exists() and _flat_path(path).exists() == is_mapped


def _bound() -> None:
    built = [path for path, (_, is_mapped) in _held.items() if not is_mapped]
    size = sum(_held[path][0].n_bytes for path in built)
    for path in built[:-1]:
        if size <= MOST_BUILT:
            return
        size -= _held.pop(path)[0].n_bytes


def _laid_out(path: Path) -> Flat:
    return lay_out(pl.scan_parquet(path, glob=False, hive_partitioning=False).select(COLUMNS).collect())


def _flat_path(path: Path) -> Path:
    """Return where the flat file of a data file lies: rooms/NAME/posts/day=.../X.parquet -> rooms/NAME/flat/X.flat."""
    return path.parents[2] / "flat" / f"{path.name}.flat"


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # where a system holds on to what is mapped: the next time
        path.unlink(missing_ok=True)


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


deferred.tidy(let_go)
