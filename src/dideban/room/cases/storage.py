"""Files of cases on disk: named by the hash of their content, so that a path trick has nothing to work on."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from dideban.atomic import part_of, publish
from dideban.errors import InputError, StoreError
from dideban.room.disk import os_reason
from dideban.room.rooms.folder import folder_of

MAX_BYTES = 100 * 1024 * 1024
JOINERS = "\u200c\u200d"
DEVICE = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
"""Names that Windows takes for machines."""


def keep_file(room: str, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write a file; return its SHA-256 and size.

    Raises
    ------
    InputError
        Too large, or empty.
    StoreError
        It cannot be written.
    """
    home = folder_of(room).case_files
    total, content = 0, hashlib.sha256()
    try:
        with part_of(home / "file") as part:
            with part.open("wb") as file:
                for chunk in chunks:
                    total += len(chunk)
                    if total > MAX_BYTES:
                        raise InputError("room.file-too-large", n=MAX_BYTES // 1024 // 1024)
                    content.update(chunk)
                    file.write(chunk)
            if not total:
                raise InputError("room.file-empty")
            publish({part: home / content.hexdigest()}, survives="power")
    except OSError as error:
        raise StoreError("room.cannot-keep", hint="room.disk-full-hint", reason=os_reason(error)) from error
    return content.hexdigest(), total


def file_name(given: str) -> str:
    r"""Return the last part of a name without anything that is not seen, or that makes it look like another.

    Examples
    --------
    >>> file_name("C:\\temp\\..\\photo\u202egnp.exe")
    'photognp.exe'
    """
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(c for c in last if c in JOINERS or unicodedata.category(c)[0] != "C").strip(". ")
    return f"_{seen}"[:200] if DEVICE.match(seen) else seen[-200:] or "file"


def path_of(room: str, sha256: str) -> Path:
    """Return where a file lies."""
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise InputError("room.not-a-file-name")
    return folder_of(room).case_files / sha256


def drop_file(room: str, sha256: str) -> None:
    """Remove a file that no case keeps any more."""
    path_of(room, sha256).unlink(missing_ok=True)
