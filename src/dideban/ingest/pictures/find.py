"""Which file is the picture that a post names."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections import Counter
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

SUFFIXES = frozenset((".jpg", ".jpeg", ".jfif", ".png", ".gif", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".svg"))
FILMS = frozenset(
    (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".3gp", ".mpg", ".mpeg", ".ts", ".flv", ".wmv", ".ogv")
)
OUTSIDE = "picture-outside"
"""Reason of a picture behind a link that leads out of its folder."""
MOST_FILES = 5_000_000
MOST_LIST_BYTES = 64 * 1024 * 1024
MOST_LOOKED = 1_000
"""Entries of the folder of an export among which a folder with a list is looked for."""
LIST = ".metadata.json"
"""List that 4CAT puts beside the pictures it fetched: address to file and posts."""


def looks_like_picture(name: str) -> bool:
    """Whether a name or an address ends as pictures and videos do."""
    return PurePosixPath(_path_of(name)).suffix.lower() in SUFFIXES or looks_like_film(name)


def looks_like_film(name: str) -> bool:
    """Whether a name or an address ends as videos do."""
    return PurePosixPath(_path_of(name)).suffix.lower() in FILMS


def _path_of(name: str) -> str:
    if "://" not in name:
        return name
    try:
        return unquote(urlsplit(name).path)
    except ValueError:
        return ""


class Library:
    """A folder of pictures, listed once.

    Parameters
    ----------
    folder : path
        Links that lead out of it are never followed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.paths = {path.relative_to(folder).as_posix(): path for path in _listed(folder)}
        names = Counter(PurePosixPath(name).name for name in self.paths)
        self.by_name = {
            PurePosixPath(name).name: path for name, path in self.paths.items() if names[PurePosixPath(name).name] == 1
        }
        self.by_post = self._by_post()
        self.by_address = _addresses(folder)

    def _by_post(self) -> dict[str, list[Path]]:
        """Files named for a post: its id, or its id and a number."""
        found: dict[str, list[Path]] = {}
        for name, path in sorted(self.paths.items()):
            if not looks_like_picture(name):
                continue
            stem = PurePosixPath(name).stem
            found.setdefault(stem, []).append(path)
            head, sign, number = stem.rpartition("_")
            if sign and number.isdigit() and len(number) <= 3:
                found.setdefault(head, []).append(path)
        return found

    def named(self, value: str) -> Path | None:
        """Return the file that a media value of a post names: by its path, its address, or its name alone."""
        plain = _path_of(value).replace("\\", "/").removeprefix("./")
        name = PurePosixPath(plain).name
        listed = self.by_address.get(value)
        return self.paths.get(plain) or (self.by_name.get(listed) if listed else None) or self.by_name.get(name)

    def of_post(self, post_id: str) -> list[Path]:
        """Return the files that carry the id of a post in their names."""
        return self.by_post.get(post_id) or self.by_post.get(post_id.rpartition("/")[2]) or []

    def is_inside(self, path: Path) -> bool:
        """Whether a file lies in the folder, links followed."""
        return path.resolve().is_relative_to(self.folder)


class Neighbours:
    """The folder of an export, looked at only where posts name a file by its path.

    Parameters
    ----------
    folder : path
        Not listed: it may be the home of everything a person has.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @cached_property
    def by_address(self) -> dict[str, Path]:
        """Files that a list of 4CAT in the folder, or in a folder in it, names by their address."""
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            inner = [
                Path(one.path) for one in itertools.islice(entries, MOST_LOOKED) if one.is_dir(follow_symlinks=False)
            ]
            return {
                address: home / name
                for home in [*sorted(inner), self.folder]
                for address, name in _addresses(home).items()
                if PurePosixPath(name).name == name and (home / name).is_file()
            }
        return {}

    def named(self, value: str) -> Path | None:
        """Return the file that a media value names by its path from the folder, or a list there by its address."""
        if "://" in value:
            return self.by_address.get(value)
        plain = value.replace("\\", "/").removeprefix("./")
        parts = PurePosixPath(plain).parts
        if "\0" in value or plain.startswith("/") or ".." in parts or ":" in plain[:2]:
            return None
        path = self.folder.joinpath(*parts)
        try:
            return path if path.is_file() else None
        except OSError:  # a name too long for the disk
            return None

    def of_post(self, _post_id: str) -> list[Path]:
        """Return nothing: only what is named is looked at."""
        return []

    def is_inside(self, path: Path) -> bool:
        """Whether a file lies in the folder, links followed."""
        return path.resolve().is_relative_to(self.folder)


def _listed(folder: Path) -> list[Path]:
    found: list[Path] = []
    for home, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(home) / name for name in sorted(names) if not name.startswith(".")]
        if len(found) >= MOST_FILES:
            return found[:MOST_FILES]
    return found


def _addresses(folder: Path) -> dict[str, str]:
    """Read the list of 4CAT, where there is one; a damaged one is as good as none."""
    path = folder / LIST
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_LIST_BYTES:
            return {}
        listed: Any = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    entries = listed.items() if isinstance(listed, dict) else ()
    return {
        address: entry["filename"]
        for address, entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("filename"), str)
    }
