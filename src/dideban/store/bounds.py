"""How large what a stranger sends may be, found out before it is read: sizes first, then entries, then values."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from dideban.errors import ExchangeError
from dideban.messages import cause_of

MB = 1024**2
MAX_FILE_BYTES = {"manifest.json": 4 * MB, "finding.json": 32 * MB, "report.html": 64 * MB, "pictures.json": 2 * MB}
"""Of files of a package, unpacked; tables have MAX_TABLE_BYTES."""
MAX_TABLE_BYTES = 256 * MB
MAX_TOTAL_BYTES = 512 * MB
"""All files of a package together, unpacked."""
MAX_ENTRIES = 32
"""Entries of a zip or folder."""
MAX_DIRECTORY_BYTES = 64 * 1024
"""The list of entries of a zip."""
MAX_VALUES = 2_000_000
"""Values of a JSON document: each takes about a hundred bytes of memory, however few it takes on disk."""
MAX_ROWS = 10_000_000
"""Rows of a table."""
ROWS_PER_BYTE = 50
"""Rows that a byte of a table can hold at most, beyond FREE_ROWS."""
FREE_ROWS = 100_000
MAX_COLUMNS = 64
MAX_TEXT_BYTES = MB
"""Longest text of a table."""
MAX_LIST = 10_000
"""Longest list of a table."""
MAX_TABLE_MEMORY = 2 * 1024 * MB
"""Bytes of all texts of a table together."""
_END, _LOCATOR = b"PK\x05\x06", b"PK\x06\x07"


def most_bytes(name: str) -> int:
    """Return how large a file of a package may be."""
    return MAX_FILE_BYTES.get(name, MAX_TABLE_BYTES)


def check_zip(
    path: Path, *, max_entries: int = MAX_ENTRIES, max_directory_bytes: int = MAX_DIRECTORY_BYTES,
    max_bytes: int = MAX_TOTAL_BYTES,
) -> None:  # fmt: skip
    """Refuse a zip whose list of entries is too long to be read, before a library reads it whole.

    Raises
    ------
    ExchangeError
        It is too large, has too many entries, or says where they are in a way that small files do not need.
    """
    size = path.stat().st_size
    if not path.is_file() or size > max_bytes:
        raise ExchangeError("package.not-small-zip", path=path, most=max_bytes)
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557 - 20))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise ExchangeError("package.not-zip", path=path)
    n_entries, n_bytes = struct.unpack_from("<HL", tail, at + 10)
    if n_entries > max_entries or n_bytes > max_directory_bytes or tail[max(at - 20, 0) : at].startswith(_LOCATOR):
        raise ExchangeError("package.too-many-files", path=path, most=max_entries)


def parse_json(data: bytes, *, name: str, max_values: int = MAX_VALUES) -> Any:
    """Parse JSON that a stranger wrote.

    Raises
    ------
    ExchangeError
        Not JSON, too many values, or nested so deeply that it could not be written again.
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") > max_values:
        raise ExchangeError("package.too-many-values", name=name, most=max_values)
    try:
        document = orjson.loads(data)
        orjson.dumps(document)
    except orjson.JSONDecodeError as error:
        raise ExchangeError("file.not-json", path=name, detail=cause_of(error)) from error
    except (TypeError, RecursionError) as error:
        raise ExchangeError("package.too-deep", name=name) from error
    return document


def check_table(frame: pl.DataFrame, *, name: str, n_bytes: int) -> None:
    """Refuse a table that takes far more memory than its bytes suggest.

    Raises
    ------
    ExchangeError
        Too many rows for its bytes, or a text or list that is too long.
    """
    if frame.height > max(FREE_ROWS, ROWS_PER_BYTE * n_bytes):
        raise ExchangeError("package.too-many-rows", name=name, n=frame.height, size=n_bytes)
    total = 0
    for each in frame.iter_columns():
        column = each
        if isinstance(column.dtype, pl.List):
            if int(column.list.len().max() or 0) > MAX_LIST:  # type: ignore[arg-type]
                raise ExchangeError("package.long-list", name=name, column=column.name, most=MAX_LIST)
            column = column.explode(empty_as_null=True, keep_nulls=True)
        if column.dtype == pl.String:
            lengths = column.str.len_bytes()
            total += int(lengths.sum() or 0)
            if int(lengths.max() or 0) > MAX_TEXT_BYTES:  # type: ignore[arg-type]
                raise ExchangeError("package.long-text", name=name, column=column.name, most=MAX_TEXT_BYTES)
    if total > MAX_TABLE_MEMORY:
        raise ExchangeError("package.much-text", name=name, size=total)
