"""Parquet: native columns, read a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from dideban.ingest.model import ROW, Block, UnusableError


def parquet_columns(path: Path) -> dict[str, pl.DataType]:
    """Return column names and types; raises a Polars error where the file is broken."""
    return dict(pl.scan_parquet(path, glob=False).collect_schema())


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
