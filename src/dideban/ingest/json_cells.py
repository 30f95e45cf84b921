"""Tables that keep each post whole as JSON in one column, as databases and collectors write them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import orjson
import polars as pl

from dideban.ingest.column_evidence import MOST, FirstRows
from dideban.ingest.model import ROW, Block


def column_of_records(evidence: FirstRows) -> str:
    """Return the column in which nearly every cell is an object of JSON, the longest of several; empty = none is."""
    found = [name for name in evidence.sample.columns if evidence.is_mostly(name, r"^\s*\{[\s\S]*\}\s*$")]
    found = [name for name in found if _is_json(evidence.filled(name))]
    return max(found, key=lambda name: int(evidence.filled(name).str.len_bytes().sum()), default="")


def _is_json(cells: pl.Series) -> bool:
    n = sum(isinstance(_object(cell), dict) for cell in cells.head(50))
    return n >= MOST * min(len(cells), 50) > 0


def _object(cell: str) -> object:
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return None


def _beside(cell: str, row: dict[str, object]) -> bytes:
    """An object with the other cells of its row; what is no object stays as it is, to be a reject."""
    inner = _object(cell) if cell else {}
    if not isinstance(inner, dict):
        return cell.encode("utf-8", "replace")
    try:
        return orjson.dumps({**{name: value for name, value in row.items() if value is not None}, **inner})
    except TypeError:  # nested deeper than is ever written; what is read has bounds of its own
        return cell.encode("utf-8", "replace")


def write_records(blocks: Iterable[Block], column: str, *, folder: Path, whole: bool = False) -> Path:
    """Write the cells of a column as lines; a row that has none is an empty object, so that it is counted.

    Parameters
    ----------
    whole : bool
        With the other columns of the row beside what the cell holds.
    """
    with tempfile.NamedTemporaryFile(dir=folder, delete=False, suffix=".ndjson") as file:
        for block in blocks:
            cells = block.frame[column].fill_null("{}").str.replace_all(r"[\r\n]+", " ").str.strip_chars()
            rows = block.frame.drop(column, ROW).iter_rows(named=True) if whole else [{}] * block.frame.height
            for cell, row in zip(cells, rows, strict=True):
                file.write((_beside(cell, row) if whole else (cell or "{}").encode("utf-8", "replace")) + b"\n")
    return Path(file.name)
