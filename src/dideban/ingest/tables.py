"""Parquet: native columns, read a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from dideban.ingest.model import ROW, Block, UnusableError
from dideban.ingest.unpack import BombError

FREE_ROWS = 100_000
"""Fewer rows are never a bomb."""


def parquet_columns(path: Path) -> dict[str, pl.DataType]:
    """Return column names and types; raises a Polars error where the file is broken."""
    return dict(pl.scan_parquet(path, glob=False).collect_schema())


def check_rows(path: Path, *, name: str, max_ratio: float) -> None:
    """Refuse a file that claims far more rows than its bytes can tell apart.

    Raises
    ------
    BombError
        More than FREE_ROWS rows, and more than ``max_ratio`` of them to a byte.
    """
    n_rows = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    if n_rows > FREE_ROWS and n_rows > max_ratio * path.stat().st_size:
        raise BombError(f"{name}: {n_rows:,} rows in {path.stat().st_size:,} bytes", path=str(path))


def read_parquet(path: Path, columns: list[str], *, name: str, chunk_rows: int) -> Iterator[Block]:
    """Yield the named columns of a Parquet file, ``chunk_rows`` rows at a time.

    Raises
    ------
    UnusableError
        The file is broken inside.
    """
    row = 1
    scan = pl.scan_parquet(path, glob=False).select(columns)
    try:
        for batch in scan.collect_batches(chunk_size=chunk_rows, maintain_order=True, lazy=True):
            rows = pl.int_range(row, row + batch.height, dtype=pl.Int64, eager=True)
            row += batch.height
            yield Block(batch.with_columns(rows.alias(ROW)))
    except pl.exceptions.PolarsError as error:
        raise UnusableError(f"{name}: a broken Parquet file ({error})", slug="file-unreadable", path=name) from error
