"""Backup and restore: one file with everything, made while the room runs, tested by restoring it.

Order matters: the database first (it names findings and posts), then everything on disk. What is written to the disk
after the copy of the database began only adds to it: packages that no row names yet, batches of posts that came later.
The spool is copied last, so that a post is in the table, in the spool, or in both, and never in neither.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, connection, connections

from dideban import __version__
from dideban.atomic import scratch_folder, swapping
from dideban.errors import InputError, StoreError
from dideban.room.audit.anchors import drop_later
from dideban.room.disk import files_below, os_reason
from dideban.room.locks import LOCKS, MERGE, wait_for
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.upkeep.dump import dump, load

MANIFEST = "backup.json"
SCHEMA = "dideban.room-backup/1"
MOVING = ("flat", "reading", "scan", "site", "site-packages")
"""Folders of a room that hold work under way, or what is made again from the table."""
UNFINISHED = "restore.unfinished"
"""File in the data folder while a backup is brought back: nothing starts on half a room."""
PIECE = 1024 * 1024
MOST_AT_ONCE = 64 * 1024 * 1024
"""Bytes of one read, and of the list of files."""
MOST_FILES = 1_000_000
MOST_RATIO = 200
"""Times its own size that a backup may unpack to."""
KEEP_FREE = 256 * 1024 * 1024
"""Bytes of the disk that restoring leaves."""
DATABASES = frozenset({"room.sqlite3", "database.jsonl"})
"""One of them is in every backup."""
SINGLE = DATABASES | {"secret.key", "audit.anchors", MANIFEST}
"""Files of a backup that are of no room."""
UNREAD = (
    DatabaseError, DeserializationError, ValidationError, shutil.Error, IsADirectoryError, NotADirectoryError,
    FileExistsError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What Django, SQLite and the file system raise where a file is none of its kind; a full disk is not among them."""
MOST_REASON = 300
"""Characters of what they say."""


def back_up(to: Path) -> dict[str, Any]:
    """Write a backup; it appears whole or not at all.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    try:
        with swapping(to, survives="power") as part, scratch_folder(to.parent, name="backup") as scratch:
            part.chmod(0o600)
            return _write(part, scratch)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise StoreError(
            "room.backup-unwritable", hint="room.disk-full-hint", file=to.name, reason=os_reason(error)
        ) from error


def restore(source: Path) -> dict[str, Any]:
    """Make a room from a backup; the data folder must hold no room yet.

    Raises
    ------
    InputError
        Not a backup of ours, damaged, or the data folder is in use.
    """
    home = Path(settings.DATA)
    _tidy_unfinished(home)
    if any((home / name).exists() for name in ("room.sqlite3", "rooms")):
        raise InputError("room.restore-not-empty", hint="room.restore-hint", folder=home)
    home.mkdir(parents=True, exist_ok=True)
    (home / UNFINISHED).touch()
    try:
        return _restore(source, home)
    except BaseException:
        _tidy_unfinished(home)
        raise
    finally:
        (home / UNFINISHED).unlink(missing_ok=True)


def _restore(source: Path, home: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="restore-", dir=home) as scratch:
        manifest = _unpack(source, Path(scratch))
        try:
            for path in sorted(Path(scratch).iterdir()):
                if path.name not in (MANIFEST, "database.jsonl"):
                    shutil.move(path, home / path.name)
            _restore_database(Path(scratch) / "database.jsonl")
            drop_later(home / "audit.anchors")
        except UNREAD as error:
            for link in connections.all():
                link.close()
            raise InputError("room.backup-damaged", file=source.name, reason=str(error)[:MOST_REASON]) from error
    return manifest


def _tidy_unfinished(home: Path) -> None:
    """Remove what a restore left that was killed on its way: the folder held no room before it."""
    if not (home / UNFINISHED).exists():
        return
    for path in (*home.glob("restore-*"), home / "rooms"):
        shutil.rmtree(path, ignore_errors=True)
    for path in (*home.glob("room.sqlite3*"), home / "secret.key", home / "audit.anchors"):
        path.unlink(missing_ok=True)


def _write(partial: Path, scratch: Path) -> dict[str, Any]:
    home, hashes = Path(settings.DATA), {}
    with tarfile.open(partial, "w:gz", compresslevel=3) as archive:

        def add(path: Path, name: str) -> None:
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # moved on while we looked: the spool is read last, so it is found there
                return
            hashes[name] = hashlib.sha256(content).hexdigest()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o600, int(datetime.now(UTC).timestamp())
            archive.addfile(entry, io.BytesIO(content))

        for name, path in _databases(home, scratch).items():
            add(path, name)
        for name in ("secret.key", "audit.anchors"):
            add(home / name, name)
        for room in Room.objects.order_by("slug"):
            _add_room(room.slug, scratch, add)
        manifest = {
            "schema": SCHEMA, "version": __version__, "made_at": datetime.now(UTC).isoformat(), "sha256": hashes,
            "database": connection.vendor,
        }  # fmt: skip
        body = json.dumps(manifest, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(body)
        archive.addfile(entry, io.BytesIO(body))
    return manifest


def _databases(home: Path, scratch: Path) -> dict[str, Path]:
    """Copy the database as it is at one moment."""
    if connection.vendor == "sqlite":
        return {"room.sqlite3": _copy_sqlite(Path(connection.settings_dict["NAME"]), scratch / "room.sqlite3")}
    path = scratch / "database.jsonl"
    dump(path)
    return {"database.jsonl": path}


def _add_room(slug: str, scratch: Path, add: Any) -> None:
    """Add the files of one room; the merge waits while the table is copied, acknowledging goes on."""
    folder = folder_of(slug)
    with wait_for(folder.root / MERGE, seconds=120) as is_ours:
        if not is_ours:
            raise StoreError("room.table-busy", hint="room.try-again")
        index = _copy_sqlite(folder.index, scratch / f"{slug}.index")
        add(index, f"rooms/{slug}/index.sqlite3")
        own = {folder.index.name, f"{folder.index.name}-wal", f"{folder.index.name}-shm"}
        for path in files_below(folder.root):
            part = path.relative_to(folder.root).parts
            if part[0] in MOVING or part[0] in own or path.name in LOCKS or part[0] == "spool":
                continue
            add(path, "/".join(("rooms", slug, *part)))
        for path in files_below(folder.spool):
            if path.suffix == ".parquet" and path.parent.name != "tmp":
                add(path, "/".join(("rooms", slug, "spool", *path.relative_to(folder.spool).parts)))


def _copy_sqlite(source: Path, to: Path) -> Path:
    """Copy an SQLite file as it is at one moment, while others write it."""
    with sqlite3.connect(source, timeout=30) as old, sqlite3.connect(to) as new:
        old.backup(new)
    for link in (old, new):
        link.close()
    return to


def _unpack(source: Path, scratch: Path) -> dict[str, Any]:
    hashes: dict[str, str] = {}
    try:
        with gzip.open(source) as packed, tarfile.open(fileobj=_Bounded(packed, source, scratch), mode="r:") as archive:
            for entry in archive:
                target = scratch / entry.name
                if not entry.isfile() or not _is_ours(entry.name):
                    raise InputError("room.backup-foreign", file=source.name, entry=entry.name)
                if entry.issparse() or len(hashes) >= MOST_FILES or entry.name in hashes:
                    raise InputError("room.backup-too-large", file=source.name)
                hashes[entry.name] = _take_out(archive, entry, target)
        if (scratch / MANIFEST).stat().st_size > MOST_AT_ONCE:
            raise InputError("room.backup-too-large", file=source.name)
        manifest: dict[str, Any] = json.loads((scratch / MANIFEST).read_bytes())
    except (OSError, EOFError, tarfile.TarError, ValueError, RecursionError, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("room.backup-damaged", file=source.name, reason=str(error)) from error
    hashes.pop(MANIFEST, None)
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA or manifest.get("sha256") != hashes:
        raise InputError("room.backup-changed", file=source.name)
    if not isinstance(manifest.get("made_at"), str) or not DATABASES & set(hashes):
        raise InputError(
            "room.backup-changed", file=source.name
        )  # without them a new room would be made, and called whole
    return manifest


def _is_ours(name: str) -> bool:
    """Say whether a backup writes files of this name: one of a few, or one below the folder of the rooms."""
    first, *rest = name.split("/")
    return name in SINGLE if not rest else first == "rooms" and not {"", ".", ".."} & set(rest)


def _take_out(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> str:
    """Write one file of a backup piece by piece; return its hash."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    stream, seen = archive.extractfile(entry), hashlib.sha256()
    assert stream is not None
    with target.open("wb") as file:
        while piece := stream.read(PIECE):
            seen.update(piece)
            file.write(piece)
    target.chmod(0o600)
    return seen.hexdigest()


class _Bounded(io.RawIOBase):
    """A packed backup that ends in words where it unpacks to more than the disk holds, or than it can be true.

    tarfile reads long names and headers whole: what asks for much at once is no backup of ours.
    """

    def __init__(self, packed: gzip.GzipFile, source: Path, folder: Path) -> None:
        self.packed, self.name = packed, source.name
        usual = source.stat().st_size * MOST_RATIO + MOST_AT_ONCE
        self.most = min(usual, max(0, shutil.disk_usage(folder).free - KEEP_FREE))

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        if size < 0 or size > MOST_AT_ONCE:
            raise InputError("room.backup-too-large", file=self.name)
        self._check(self.packed.tell() + size)
        return self.packed.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""
        if whence == 0:
            self._check(offset)
        return self.packed.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self.packed.tell()

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def _check(self, place: int) -> None:
        if place > self.most:
            raise InputError("room.backup-too-large", file=self.name)


def _restore_database(content: Path) -> None:
    """Bring the database up to date; load a dump where there is one."""
    for link in connections.all():
        link.close()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if content.exists():
        load(content)


__all__ = ["back_up", "restore"]
