"""Files on their way in: kept under names of our own, bounded in size."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from dideban.atomic import building
from dideban.errors import InputError, StoreError
from dideban.room.disk import os_reason
from dideban.room.rooms.folder import folder_of

MAX_BYTES = 2 * 1024**3
MAX_FILES = 50
MAX_NAME = 200
"""Bytes of a name: file systems take 255."""


def keep_uploads(room: str, files: Iterable[tuple[str, Iterable[bytes]]]) -> tuple[Path, list[str]]:
    """Write uploaded files to a folder of their own; return it and the names as given, made harmless.

    Raises
    ------
    InputError
        Nothing, too many, or more than MAX_BYTES together.
    StoreError
        The disk is full.
    """
    folder = folder_of(room).uploads / secrets.token_hex(12)
    try:
        with building(folder, survives="power") as part:
            return folder, _keep(part, files)
    except OSError as error:
        raise StoreError("room.cannot-keep", hint="room.disk-full-hint", reason=os_reason(error)) from error


def _keep(folder: Path, files: Iterable[tuple[str, Iterable[bytes]]]) -> list[str]:
    names: list[str] = []
    total = 0
    for given, chunks in files:
        if len(names) >= MAX_FILES:
            raise InputError("room.too-many-files", n=MAX_FILES)
        names.append(harmless(given))
        with (folder / f"{len(names):02d}-{names[-1]}").open("wb") as out:
            for chunk in chunks:
                total += len(chunk)
                if total > MAX_BYTES:
                    raise InputError("room.upload-too-large", n=MAX_BYTES // 1024**3)
                out.write(chunk)
    if not total:
        raise InputError("room.files-empty")
    return names


def harmless(name: str) -> str:
    """Return the last part of a file name with plain letters only.

    Examples
    --------
    >>> harmless("../../etc/pass wd.csv")
    'pass_wd.csv'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = re.sub(r"[^\w.-]", "_", last).lstrip(".")
    return plain.encode()[-MAX_NAME:].decode("utf-8", "ignore") or "file"
