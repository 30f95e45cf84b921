"""Tables of posts that are written as a web page, as programs do that call such a page an Excel file."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from dideban.ingest.encoding import Decoded

LEAST = 3
"""Columns of a table of posts."""
MOST_CELL = 1_000_000
"""Characters of a cell."""
MOST_CELLS = 1_000
"""Cells of a row."""


class _Rows(HTMLParser):
    """Collects the rows of tables; a table inside a cell is text of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._size = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        if tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            self._cell, self._size = [], 0
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End what is open."""
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        """Take words of a cell."""
        if self._cell is not None and self._size < MOST_CELL:
            self._cell.append(data)
            self._size += len(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None and len(self._row) < MOST_CELLS:
            self._row.append("".join(self._cell).strip())
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row:
            self.rows.append(self._row)
        self._row = None


def header_of(head: str, *, is_header: Callable[[list[str]], bool]) -> list[str]:
    """Return the names of the columns of the first table of posts in a page; empty where there is none."""
    if "<t" not in head.casefold():
        return []
    reader = _Rows()
    reader.feed(head)
    return next((row for row in reader.rows if len(row) >= LEAST and is_header(row)), [])


def write_table(text: Decoded, header: list[str], *, folder: Path) -> Path:
    """Write the table that begins with ``header`` as CSV."""
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, delete=False, suffix=".csv", encoding="utf-8", errors="replace", newline=""
    ) as file:
        writer = csv.writer(file)
        writer.writerows(_rows_from(text, header))
    return Path(file.name)


def _rows_from(text: Decoded, header: list[str]) -> Iterator[list[str]]:
    """Yield the header and the rows behind it; a row of another number of cells is kept as it is."""
    reader, is_begun = _Rows(), False
    for block in text.blocks():
        reader.feed(block.decode("utf-8", "replace"))
        rows, reader.rows = reader.rows, []
        for row in rows:
            is_begun = is_begun or row == header
            if is_begun:
                yield row
    reader.close()
    reader._end_row()  # a page that is cut short
    yield from (row for row in reader.rows if is_begun)
