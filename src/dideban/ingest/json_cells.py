"""Tables that keep each post whole as JSON in one column, as databases and collectors write them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import orjson
import polars as pl

from dideban.ingest.column_evidence import MOST, FirstRows
from dideban.ingest.model import Block


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


def write_records(blocks: Iterable[Block], column: str, *, folder: Path) -> Path:
    """Write the cells of a column as lines; a row that has none is an empty object, so that it is counted."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False, suffix=".ndjson") as file:
        for block in blocks:
            cells = block.frame[column].fill_null("{}").str.replace_all(r"[\r\n]+", " ").str.strip_chars()
            file.writelines((cell or "{}").encode("utf-8", "replace") + b"\n" for cell in cells)
    return Path(file.name)
