"""Small pictures of posts for members: kept where a source is asked to, for as long as the posts, and for pages alone.

A picture waits in ``new`` until the merge took a post that shows it; what no post showed within an hour is removed. A
page holds the pictures that it shows, so no address gives one to anybody who may not see its post.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from dideban.atomic import write_bytes
from dideban.report.pictures import MOST_BYTES, Thumbnail, read_thumbnail
from dideban.room.rooms.folder import folder_of
from dideban.store.delta import PostTable

MOST_SHOWN = 24
"""Pictures that a page shows."""
MOST_KEPT = 100_000
"""Pictures that a room keeps, about 400 MB; the oldest leave first."""
KEEP_NEW_S = 3600.0
"""How long a picture waits for its post, seconds."""
NEW = "new"


def hold(room: str, value: str, jpeg: bytes) -> None:
    """Keep a small picture until its post is merged."""
    home = folder_of(room).thumbnails
    if len(jpeg) > MOST_BYTES or (home / _name(value)).exists():
        return
    (home / NEW).mkdir(parents=True, exist_ok=True, mode=0o700)
    write_bytes(home / NEW / _name(value), jpeg, survives="kill")


def is_kept(room: str, value: str) -> bool:
    """Whether there is a picture that a page may show."""
    return (folder_of(room).thumbnails / _name(value)).exists()


def is_held(room: str, value: str) -> bool:
    """Whether the picture is kept, or waits."""
    return is_kept(room, value) or (folder_of(room).thumbnails / NEW / _name(value)).exists()


def take_in(room: str, media: pl.Series) -> None:
    """Keep the pictures of posts that were merged; remove those that nobody waits for any more."""
    home = folder_of(room).thumbnails
    waiting = {path.name: path for path in _files(home / NEW)}
    if not waiting:
        return
    for value in _values(media):
        if (path := waiting.pop(_name(value), None)) is not None:
            with contextlib.suppress(FileNotFoundError):
                os.replace(path, home / path.name)  # noqa: PTH105 - the atomic call, named as such
    _remove(path for path in waiting.values() if _age_s(path) > KEEP_NEW_S)


def find(room: str, values: Iterable[str]) -> dict[str, Thumbnail]:
    """Return the pictures that are kept, of the first values that a page may show."""
    home, found = folder_of(room).thumbnails, {}
    if not home.is_dir():
        return {}
    for value in dict.fromkeys(values):
        with contextlib.suppress(OSError):
            shown = read_thumbnail((home / _name(value)).read_bytes())
            if shown is not None:
                found[value] = shown
        if len(found) == MOST_SHOWN:
            break
    return found


def pictures_of(room: str, posts: Iterable[Mapping[str, Any]]) -> dict[str, Thumbnail]:
    """Return the pictures that a page of posts shows: rows of POSTS that its reader may see."""
    return find(room, (value for post in posts for value in post["media"] or ()))


def forget(room: str, media: pl.Series) -> None:
    """Remove the pictures that stand in ``media``, whoever else posted them, and all that wait."""
    home = folder_of(room).thumbnails
    _remove(home / _name(value) for value in _values(media))
    _remove(_files(home / NEW))


def sweep(room: str) -> int:
    """Remove pictures that no post of the table shows any more, and the oldest of too many; return how many."""
    home = folder_of(room).thumbnails
    kept = {path.name: path for path in _files(home)}
    _remove(path for path in _files(home / NEW) if _age_s(path) > KEEP_NEW_S)
    if not kept:
        return 0
    table = PostTable(folder_of(room).posts)
    shown = table.scan(columns=["media"]).select(pl.col("media").explode().drop_nulls().unique()).collect()["media"]
    used = {_name(value) for value in shown}
    gone = [path for name, path in kept.items() if name not in used]
    left = sorted((path for name, path in kept.items() if name in used), key=_age_s)
    gone += left[MOST_KEPT:]
    _remove(gone)
    return len(gone)


def _name(value: str) -> str:
    return f"{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.jpg"


def _values(media: pl.Series) -> list[str]:
    return media.explode().drop_nulls().unique().to_list()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jpg")) if folder.is_dir() else []


def _age_s(path: Path) -> float:
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime
    return 0.0


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
