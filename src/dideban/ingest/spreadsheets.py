"""XLSX: the cells of each sheet as text."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from dideban.errors import InputError
from dideban.ingest.model import ROW, Block
from dideban.ingest.unpack import ZIP_ERRORS

MAX_UNPACKED = 2 * 1024**3
"""A workbook is held in memory whole; larger ones are refused."""
ROWS_PER_BLOCK = 50_000
MARKER = "xl/workbook.xml"
EPOCH = dt.datetime(1899, 12, 30)
SERIALS = (20_000.0, 60_000.0)
"""Numbers in a time column that are days since 1899: 1954 to 2064."""


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is an XLSX workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return MARKER in archive.namelist()
    except ZIP_ERRORS:
        return False


class Workbook:
    """The sheets of a workbook that hold something.

    Raises
    ------
    InputError
        The workbook is broken or too large.
    """

    def __init__(self, path: Path, *, max_ratio: float) -> None:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > MAX_UNPACKED or size > max(64 * 1024**2, max_ratio * path.stat().st_size):
            raise InputError(f"{path}: the workbook is too large; save the sheet as CSV", path=str(path))
        try:
            self._book = CalamineWorkbook.from_path(str(path))
        except (CalamineError, OSError, ValueError) as error:
            raise InputError(f"{path}: a broken workbook ({error})", path=str(path)) from error

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, in order."""
        return list(self._book.sheet_names)

    def rows(self, sheet: str) -> Iterator[list[Any]]:
        """Yield the rows of a sheet as Python values."""
        try:
            yield from self._book.get_sheet_by_name(sheet).iter_rows()
        except CalamineError as error:
            raise InputError(f"{sheet}: a broken sheet ({error})") from error

    def header(self, sheet: str) -> tuple[int, list[str]]:
        """Return the place of the first row with two filled cells, and its names; (0, []) where there is none."""
        for place, row in enumerate(self.rows(sheet)):
            if sum(cell not in ("", None) for cell in row) > 1:
                return place, _names(row)
            if place > 50:
                break
        return 0, []

    def blocks(self, sheet: str, *, skip: int, names: list[str], time_column: str) -> Iterator[Block]:
        """Yield the rows below the header as text columns; empty rows are passed over."""
        time_at = names.index(time_column) if time_column in names else -1
        held: list[list[Any]] = []
        row = 0
        for place, cells in enumerate(self.rows(sheet)):
            if place <= skip or all(cell in ("", None) for cell in cells):
                continue
            row += 1
            held.append([*(cell_text(cell, is_time=i == time_at) for i, cell in enumerate(cells)), row])
            if len(held) >= ROWS_PER_BLOCK:
                yield _block(held, names)
                held = []
        yield _block(held, names)


def _names(row: list[Any]) -> list[str]:
    names: list[str] = []
    for place, cell in enumerate(row, start=1):
        name = str(cell).strip() or f"column_{place}"
        while name in names:
            name += "_"
        names.append(name)
    return names


def _block(held: list[list[Any]], names: list[str]) -> Block:
    schema: dict[str, pl.DataType] = {**dict.fromkeys(names, pl.String()), ROW: pl.Int64()}
    return Block(pl.DataFrame(held, schema=schema, orient="row"))


def cell_text(cell: Any, *, is_time: bool) -> str | None:
    """Return a cell as text: whole numbers without a point, moments as ISO, serial dates where a time is due."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        if is_time and SERIALS[0] <= cell < SERIALS[1]:
            moment = EPOCH + dt.timedelta(days=float(cell))
            return (moment + dt.timedelta(microseconds=500)).replace(microsecond=0).isoformat()
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    return str(cell)
