"""XLSX: the cells of each sheet as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dideban.errors import InputError
from dideban.ingest.decompress import ZIP_ERRORS, open_zip
from dideban.ingest.model import Block
from dideban.ingest.subprocess_reader import Reader

MAX_UNPACKED = 2 * 1024**3
"""A workbook is held in memory whole; larger ones are refused."""
MARKER = "xl/workbook.xml"


@dataclass(frozen=True)
class Sheet:
    """A sheet and its header: the first row with two filled cells."""

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


class Workbook:
    """The sheets of a workbook.

    Raises
    ------
    InputError
        The workbook is broken or too large.
    """

    def __init__(self, path: Path, *, name: str, reader: Reader, max_ratio: float) -> None:
        with open_zip(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > MAX_UNPACKED or size > max(64 * 1024**2, max_ratio * path.stat().st_size):
            raise InputError("ingest.workbook-too-large", path=str(path), name=name)
        self.path, self.name, self.reader = path, name, reader
        facts = reader.ask("sheets", path, name=name)
        self.sheets = [Sheet(one["name"], one["skip"], one["columns"]) for one in facts["sheets"]]

    def blocks(self, sheet: Sheet, *, time_column: str, limit: int = 0) -> Iterator[Block]:
        """Yield the rows below the header as text columns, at most ``limit`` unless 0; empty rows are passed over."""
        for frame in self.reader.frames(
            "sheet", self.path, name=self.name, sheet=sheet.name, skip=sheet.skip, columns=sheet.columns,
            time_column=time_column, limit=limit,
        ):  # fmt: skip
            yield Block(frame)
