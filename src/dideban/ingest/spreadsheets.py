"""XLSX: the cells of each sheet as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dideban.errors import InputError
from dideban.ingest.decompress import ZIP_ERRORS, open_zip
from dideban.ingest.model import Block
from dideban.ingest.subprocess_reader import Reader

MAX_UNPACKED = 2 * 1024**3
"""A workbook is held in memory whole; larger ones are refused."""
WIDE = 0.6
"""Share of the widest row's cells that a header fills: rows above it are about the report."""
MARKER = "xl/workbook.xml"


@dataclass(frozen=True)
class Sheet:
    """A sheet and its header."""

    name: str
    skip: int
    """Place of the header, 0-based."""
    columns: list[str]
    """Empty where no row has two filled cells."""


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is an XLSX workbook."""
    try:
        with open_zip(path) as archive:
            return MARKER in archive.namelist()
    except ZIP_ERRORS:
        return False


def _header(heads: list[tuple[int, list[str]]], is_header: Callable[[list[str]], bool]) -> tuple[int, list[str]]:
    """Choose the header among the first rows: a table of posts, else the first that is about as wide as any."""
    if not heads:
        return 0, []
    known = next((head for head in heads if is_header(head[1])), None)
    if known is not None:
        return known[0], known[1]
    widest = max(_n_named(names) for _, names in heads)
    place, names = next(head for head in heads if _n_named(head[1]) >= WIDE * widest)
    return place, names


def _n_named(names: list[str]) -> int:
    return sum(not name.startswith("column_") for name in names)


class Workbook:
    """The sheets of a workbook.

    Raises
    ------
    InputError
        The workbook is broken or too large.
    """

    def __init__(
        self, path: Path, *, name: str, reader: Reader, max_ratio: float,
        is_header: Callable[[list[str]], bool] = lambda _: True,
    ) -> None:  # fmt: skip
        with open_zip(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > MAX_UNPACKED or size > max(64 * 1024**2, max_ratio * path.stat().st_size):
            raise InputError("ingest.workbook-too-large", path=str(path), name=name)
        self.path, self.name, self.reader = path, name, reader
        facts = reader.ask("sheets", path, name=name)
        self.sheets = [Sheet(one["name"], *_header(one["heads"], is_header)) for one in facts["sheets"]]

    def blocks(self, sheet: Sheet, *, time_column: str, limit: int = 0) -> Iterator[Block]:
        """Yield the rows below the header as text columns, at most ``limit`` unless 0; empty rows are passed over."""
        for frame in self.reader.frames(
            "sheet", self.path, name=self.name, sheet=sheet.name, skip=sheet.skip, columns=sheet.columns,
            time_column=time_column, limit=limit,
        ):  # fmt: skip
            yield Block(frame)
