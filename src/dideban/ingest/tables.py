"""Parquet: native columns, read a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from dideban.ingest.decompress import BombError
from dideban.ingest.model import Block, UnusableError
from dideban.ingest.subprocess_reader import Reader, shared_reader

FREE_ROWS = 100_000
"""Fewer rows are never a bomb."""


def parquet_columns(path: Path, *, name: str, reader: Reader, max_ratio: float) -> list[str]:
    """Return the column names.

    Raises
    ------
    UnusableError
        The file is broken.
    BombError
        It claims far more rows than its bytes can tell apart: more than FREE_ROWS, and ``max_ratio`` to a byte.
    """
    facts = reader.ask("parquet-columns", path, name=name)
    n_rows = int(facts["n_rows"])
    if n_rows > FREE_ROWS and n_rows > max_ratio * path.stat().st_size:
        raise BombError("ingest.rows-in-bytes", path=str(path), name=name, n=n_rows, n_bytes=path.stat().st_size)
    return list(facts["columns"])


def read_parquet(
    path: Path, columns: Mapping[str, str], *, name: str, reader: Reader, chunk_rows: int, limit: int = 0
) -> Iterator[Block]:
    """Yield columns of a Parquet file under the names given (name to column), ``chunk_rows`` rows at a time.

    Parameters
    ----------
    limit : count
        Rows to read; 0 = all.

    Raises
    ------
    UnusableError
        The file is broken inside.
    """
    wanted = dict(columns)
    request = {"columns": wanted, "chunk_rows": chunk_rows, "numbered": True, "limit": limit}
    for frame in reader.frames("parquet", path, name=name, **request):
        yield Block(frame)


def table_from_bytes(data: bytes, *, name: str, max_rows: int, max_columns: int) -> pl.DataFrame:
    """Return a small Parquet table that a stranger wrote.

    Raises
    ------
    UnusableError
        It is broken, or has too many rows or columns.
    """
    with shared_reader() as reader:
        path = reader.scratch / "table.parquet"
        try:
            path.write_bytes(data)
            facts = reader.ask("parquet-columns", path, name=name)
            columns, n_rows = facts["columns"], facts["n_rows"]
            if len(columns) > max_columns:
                raise UnusableError("ingest.too-many-columns", slug="file-unreadable", name=name, most=max_columns)
            if n_rows > max_rows:
                raise UnusableError("ingest.too-many-rows", slug="file-unreadable", name=name, n=n_rows, most=max_rows)
            wanted = dict(zip(columns, columns, strict=True))
            request = {"columns": wanted, "chunk_rows": max_rows, "numbered": False, "empty": True}
            return pl.concat(list(reader.frames("parquet", path, name=name, **request)))
        finally:
            path.unlink(missing_ok=True)
