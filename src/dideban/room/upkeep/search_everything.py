"""Whether anything of an erased person is left: every file of the room and of its database is read and searched."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import polars as pl
from django.conf import settings
from django.db import connection

from dideban.errors import StoreError
from dideban.room.disk import files_below
from dideban.room.rooms.folder import folder_of
from dideban.room.ticks.redaction import pattern_of
from dideban.store.delta import PostTable
from dideban.text.normalise import normal_form

BLOCK = 8 * 1024 * 1024
LEAST_CHARS = 12
"""A shorter piece of text is found by chance."""
MOST_CHARS = 60
MOST_MARKS = 48
OF_OTHERS = ("text", "post_id", "reply_to", "repost_of", "quote_of", "urls", "hashtags")
"""Where others may say what the person said: who answers a post names it."""
MOST_UNPACKED = 4 * 1024 * 1024 * 1024
"""Bytes that are looked through in one archive."""
LEFT_OUT = {"pseudonym.key", "seal.private", "seal.public"}
NAMES_SHOWN = 5
OVERLAP = MOST_CHARS * 12
MOST_DEEP = 2
"""Archives within archives that are opened."""
ZIP = b"PK\x03\x04"
PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open,
}  # fmt: skip
"""How packed files begin, and what unpacks them."""


@dataclass(frozen=True)
class Marks:
    """Pieces of what one account wrote, and of no one else: texts, their normal forms, ids of posts."""

    texts: tuple[str, ...] = ()

    def pattern(self) -> re.Pattern[bytes] | None:
        """Return what finds any of them in bytes, however a program of the room may have written it."""
        return pattern_of(self.texts)


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
    others = table.scan(columns=["account_id", *OF_OTHERS]).filter(pl.col("account_id") != account).collect()
    shared: set[str] = set()
    lists = [others[name].explode() for name in OF_OTHERS if others.schema[name] == pl.List(pl.String)]
    plain = [others[name] for name in OF_OTHERS if others.schema[name] == pl.String]
    for column in (normal_form(others["text"]), *plain, *lists):
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
        with path.open("rb") as file:
            return any(pattern.search(block) for block in _blocks(file))
    except FileNotFoundError:
        return False
    except pl.exceptions.PolarsError:  # nobody can say what is in a table that cannot be read
        return True


def _table_holds(path: Path, texts: Sequence[str]) -> bool:
    frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    for name in frame.collect_schema().names():
        column = frame.select(pl.col(name)).collect(engine="streaming").to_series()
        if any(text.str.contains_any(list(texts)).any() for text in _texts_in(column)):
            return True
    return False


def _texts_in(column: pl.Series) -> Iterator[pl.Series]:
    """Yield the texts of a column, however deep they lie in it."""
    if isinstance(column.dtype, pl.Struct):
        for name in column.struct.fields:
            yield from _texts_in(column.struct.field(name))
    elif isinstance(column.dtype, pl.List | pl.Array):
        yield from _texts_in(column.explode())
    elif column.dtype in (pl.String, pl.Categorical, pl.Enum):
        yield column.cast(pl.String)


def _blocks(file: IO[bytes], *, depth: int = 0) -> Iterator[bytes]:
    """Yield the content in blocks that overlap, so that nothing is cut in two; what is packed is unpacked too."""
    head = file.read(8)
    file.seek(0)
    yield from _cut(file)
    file.seek(0)
    if depth > MOST_DEEP:
        return
    try:
        if head.startswith(ZIP) and zipfile.is_zipfile(file):
            yield from _zipped(file, depth=depth)
        elif opened := next((opened for mark, opened in PACKED.items() if head.startswith(mark)), None):
            with opened(file) as content:
                yield from _cut(content)
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return  # damaged, or with a password: its bytes were looked at as they are
    except OSError as error:
        if error.errno:  # our disk, and not what is in the file
            raise


def _zipped(file: IO[bytes], *, depth: int) -> Iterator[bytes]:
    """Yield the content of the files in an archive: an office document is one too."""
    with zipfile.ZipFile(file) as archive:
        for one in archive.infolist():
            if not one.is_dir():
                with archive.open(one) as content, tempfile.TemporaryFile(dir=settings.DATA) as held:
                    shutil.copyfileobj(_Portion(content), held)
                    held.seek(0)
                    yield from _blocks(held, depth=depth + 1)


class _Portion:
    """A file of which so much is read at most."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.left = file, MOST_UNPACKED

    def read(self, n: int = BLOCK) -> bytes:
        """Return the next bytes."""
        data = self.file.read(min(n, self.left))
        self.left -= len(data)
        return data


def _cut(content: Any) -> Iterator[bytes]:
    tail, bounded = b"", _Portion(content)
    while block := bounded.read(BLOCK):
        yield tail + block
        tail = block[-OVERLAP:]


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
