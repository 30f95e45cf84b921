"""CSV that spreadsheets open in the right script and never execute."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from dideban.atomic import replacing
from dideban.exchange.files import clean, is_formula

LIST_SEPARATOR = " | "


def write_csv(path: Path, frame: pl.DataFrame) -> Path:
    """Write a table as CSV for spreadsheets: UTF-8 with BOM, ISO 8601 times, formulas neutralised.

    Parameters
    ----------
    path : path
        Replaced when complete.
    frame : any table
        Lists are joined by ``" | "``; one that holds a bar itself, or would begin with a bracket, is written as JSON
        (``["a|b", "c"]``), so that every list can be told apart. A text that a spreadsheet would run gets a leading
        apostrophe.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    columns = [_inert(frame[name]).alias(_inert_text(name)) for name in frame.columns]
    with replacing(path, survives="kill") as part:
        pl.DataFrame(columns).write_csv(part, include_bom=True, line_terminator="\n")
    return path


def _inert(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if isinstance(dtype, pl.List):
        column = _joined(column.cast(pl.List(pl.String)))
    elif isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ" if dtype.time_zone == "UTC" else "%Y-%m-%dT%H:%M:%S%.f")
    elif dtype.is_numeric() or dtype == pl.Boolean:
        return column
    else:
        column = column.cast(pl.String)
    distinct = column.drop_nulls().unique()
    changed = {text: inert for text in distinct.to_list() if (inert := _inert_text(text)) != text}
    return column.replace(changed) if changed else column


def _joined(lists: pl.Series) -> pl.Series:
    """Lists as text that can be taken apart again."""
    joined = lists.list.join(LIST_SEPARATOR, ignore_nulls=True)
    bars = joined.str.count_matches("|", literal=True) != lists.list.drop_nulls().list.len().cast(pl.Int64) - 1
    doubtful = (joined.str.contains("|", literal=True) & bars) | joined.str.starts_with("[")
    if not doubtful.fill_null(value=False).any():
        return joined
    texts = [
        json.dumps([item for item in row if item is not None], ensure_ascii=False) if odd else text
        for row, text, odd in zip(lists.to_list(), joined.to_list(), doubtful.to_list(), strict=True)
    ]
    return pl.Series(lists.name, texts, dtype=pl.String)


def _inert_text(text: str) -> str:
    safe = clean(text)
    return f"'{safe}" if is_formula(safe) else safe
