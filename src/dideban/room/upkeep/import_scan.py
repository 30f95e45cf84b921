"""Results of another scan brought into a room by its operator: their ids are pseudonyms already, of another key."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
from django.db import transaction

from dideban.errors import InputError
from dideban.room.audit.actions import record
from dideban.room.posts.intake import Taken, keep_frame, origin_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from dideban.schema import POSTS, PSEUDONYM

CHUNK_ROWS = 100_000
MAX_ROWS = 20_000_000


def import_scan(path: Path, *, room: Room, name: str) -> Taken:
    """Bring the posts of a scan, or of a finding package, into a room as they are.

    Parameters
    ----------
    path : path
        ``posts.parquet``, or a folder that holds it.
    name : str
        What the source is called; made where it is not there.

    Raises
    ------
    InputError
        Not posts of ours, or ids that are no pseudonyms: such a file is uploaded, and its ids are hashed.

    Notes
    -----
    The same person has another pseudonym here than in what the room reads itself: the keys differ.
    """
    file = path / "posts.parquet" if path.is_dir() else path
    posts = _posts(file)
    source = Source.objects.filter(room=room, name=name).first() or add_source(room, kind="upload", name=name, by=None)
    source = Source.objects.select_related("room", "place").get(pk=source.pk)
    total, n_rows = Taken(), int(posts.select(pl.len()).collect().item())
    for start in range(0, n_rows, CHUNK_ROWS):
        part = POSTS.check(posts.slice(start, CHUNK_ROWS).collect())
        total.add(keep_frame(part, origin=origin_of(source), are_pseudonyms=True))
    with transaction.atomic():
        details = {"posts": total.n_posts, "sha256": _digest(file)}
        record(room, "posts.import", by=None, subject=f"source:{source.slug}", details=details)
    return total


def _posts(file: Path) -> pl.LazyFrame:
    try:
        posts = pl.scan_parquet(file, glob=False)
        has_all = set(POSTS.names) <= set(posts.collect_schema().names())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("import.unreadable", name=file.name) from error
    if not has_all:
        raise InputError("import.not-posts", name=file.name)
    posts = posts.select(POSTS.names)
    mentions = posts.select(pl.col("mentions").explode().drop_nulls().str.contains(PSEUDONYM).all()).collect().item()
    facts = posts.select(n=pl.len(), hidden=pl.col("account_id").str.contains(PSEUDONYM).all()).collect()
    n, are_hidden = facts.row(0)
    if n > MAX_ROWS:
        raise InputError("import.too-many", n=n, most=MAX_ROWS)
    if not are_hidden or not mentions:
        raise InputError("import.real-ids", hint="import.upload-it", name=file.name)
    return posts


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
