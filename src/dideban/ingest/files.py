"""Which files a run reads: named ones, and everything below named folders, in a fixed order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dideban.errors import InputError

SHOWN = frozenset(
    (".jpg", ".jpeg", ".jfif", ".png", ".gif", ".webp", ".avif", ".heic", ".tif", ".tiff", ".bmp", ".svg", ".tgs",
     ".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".3gp", ".mpg", ".ts", ".ogg", ".oga", ".opus", ".mp3", ".m4a",
     ".wav")
)  # fmt: skip
"""Endings of what lies beside posts in the folder of an export: pictures, films, sounds. A file
that is named is read whatever it is called; in a folder that is walked these are passed over, as no format of posts
has them."""


@dataclass(frozen=True)
class NamedFile:
    """A file and the name it goes by in results."""

    path: Path
    name: str


def expand(paths: Sequence[Path]) -> list[NamedFile]:
    """List the files to read; folders are walked, hidden files and links out of the folder are passed over.

    Raises
    ------
    InputError
        A path that does not exist, or nothing to read at all.
    """
    found: list[NamedFile] = []
    for path in paths:
        if path.is_dir():
            found += _walk(path)
        elif path.is_file():
            found.append(NamedFile(path, path.name))
        else:
            raise InputError("ingest.no-such-path", path=str(path))
    if not found:
        raise InputError("ingest.nothing-to-read")
    return _told_apart(found)


def _walk(folder: Path) -> list[NamedFile]:
    root = folder.resolve()
    files = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.suffix.lower() in SHOWN or not path.is_file() or not path.resolve().is_relative_to(root):
            continue
        files.append(NamedFile(path, path.relative_to(folder).as_posix()))
    return files


def _told_apart(found: list[NamedFile]) -> list[NamedFile]:
    """Two files of one name get their folder in front."""
    names = Counter(item.name for item in found)
    return [
        item if names[item.name] == 1 else NamedFile(item.path, f"{item.path.parent.name}/{item.name}")
        for item in found
    ]


def digest(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file in hex, and its size in bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
