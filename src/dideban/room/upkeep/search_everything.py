"""Whether anything of an erased person is left: every file of the room and of its database is read and searched."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import connection

from dideban.errors import StoreError
from dideban.room.disk import files_below
from dideban.room.rooms.folder import folder_of
from dideban.store.delta import PostTable
from dideban.text.normalise import normal_form

BLOCK = 8 * 1024 * 1024
LEAST_CHARS = 12
"""A shorter piece of text is found by chance."""
MOST_CHARS = 60
MOST_MARKS = 48
LEFT_OUT = {"pseudonym.key", "seal.private", "seal.public"}
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Marks:
    """Pieces of what one account wrote, and of no one else: texts, their normal forms, ids of posts."""

    texts: tuple[str, ...] = ()

    def pattern(self) -> re.Pattern[bytes] | None:
        """Return what finds any of them in bytes: plain, and as JSON escapes it."""
        forms = {form for text in self.texts for form in (text.encode(), json.dumps(text)[1:-1].encode())}
        return (
            re.compile(b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))) if forms else None
        )


def marks_of(table: PostTable, account: str) -> Marks:
    """Return what to search for once the posts of an account are gone; nothing that others wrote too."""
    mine = table.scan(columns=["account_id", "text", "post_id"]).filter(pl.col("account_id") == account)
    posts = mine.select("text", "post_id").collect()
    if posts.is_empty():
        return Marks()
    lines = posts["text"].drop_nulls().str.split("\n").explode().drop_nulls()
    forms = normal_form(posts["text"].drop_nulls()).drop_nulls().str.strip_chars()
    pieces = pl.concat([s.cast(pl.String).rename("mark") for s in (lines, forms, posts["post_id"])])
    pieces = pieces.str.strip_chars().str.slice(0, MOST_CHARS).str.strip_chars()
    own = pieces.filter(pieces.str.len_chars() >= LEAST_CHARS).unique().to_frame()
    own = own.sort(pl.col("mark").str.len_chars(), "mark", descending=[True, False]).head(MOST_MARKS * 4)
    return Marks(tuple(_of_nobody_else(own["mark"].to_list(), table, account)[:MOST_MARKS]))


def _of_nobody_else(pieces: list[str], table: PostTable, account: str) -> list[str]:
    if not pieces:
        return []
    columns = ["account_id", "text", "post_id"]
    others = table.scan(columns=columns).filter(pl.col("account_id") != account).select("text", "post_id").collect()
    shared: set[str] = set()
    forms = normal_form(others["text"])
    for column in (others["text"], forms, others["post_id"]):
        hits = column.str.extract_many(pieces, overlapping=True).explode().drop_nulls().unique()
        shared |= set(hits.to_list())
    return [piece for piece in pieces if piece not in shared]


def prove_gone(room: str, marks: Marks) -> int:
    """Search every file; return how many there were.

    Raises
    ------
    StoreError
        Something is left: the files are named.

    Notes
    -----
    Free pages of an SQLite database may hold what was deleted: where something is found there, it is rewritten once.
    """
    pattern = marks.pattern()
    _settle_database()
    files = list(_files(room))
    if pattern is None:
        return len(files)
    left = [path for path in files if _holds(path, pattern, marks.texts)]
    if any(path.name.startswith("room.sqlite3") for path in left):
        _rewrite_database()
        left = [path for path in left if path.exists() and _holds(path, pattern, marks.texts)]
    if left:
        names = [path.relative_to(settings.DATA).as_posix() for path in left[:NAMES_SHOWN]]
        raise StoreError("erasure.left", n=len(left), names=names)
    return len(files)


def _files(room: str) -> Iterator[Path]:
    """Yield the files of a room, and those of the installation that hold what rooms hold."""
    home = Path(settings.DATA)
    for folder in (folder_of(room).root, Path(settings.INCOMING)):
        if folder.is_dir():
            yield from (path for path in files_below(folder) if path.name not in LEFT_OUT)
    yield from (p for p in sorted(home.glob("*")) if p.is_file() and ".sqlite3" in p.name)


def _holds(path: Path, pattern: re.Pattern[bytes], texts: Sequence[str]) -> bool:
    try:
        if path.suffix == ".parquet":
            return _table_holds(path, texts)
        return any(pattern.search(block) for block in _blocks(path))
    except FileNotFoundError:
        return False
    except pl.exceptions.PolarsError:
        return any(pattern.search(block) for block in _blocks(path))


def _table_holds(path: Path, texts: Sequence[str]) -> bool:
    frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    names = [n for n, t in frame.collect_schema().items() if t == pl.String or t == pl.List(pl.String)]
    if not names:
        return False
    for name in names:
        column = frame.select(pl.col(name)).collect(engine="streaming").to_series()
        flat = column.explode() if column.dtype == pl.List(pl.String) else column
        if flat.str.contains_any(list(texts)).any():
            return True
    return False


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the content in blocks that overlap, so that nothing is cut in two; gzip is unpacked."""
    overlap = MOST_CHARS * 12
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    tail = b""
    try:
        with gzip.open(path) if is_packed else path.open("rb") as content:
            while block := content.read(BLOCK):
                yield tail + block
                tail = block[-overlap:]
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return


def _settle_database() -> None:
    """Empty the write-ahead log into the database."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _rewrite_database() -> None:
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
        _settle_database()
