"""How a delimited file is written, detected from its beginning: delimiter, header, escapes."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.ingest import notes as said
from dideban.ingest.times import read_times
from dideban.kernels import delimited as _rows
from dideban.messages.message import Message

DELIMITERS = ",\t;|\x01^~\x1f"
MAX_COLUMNS = 4_096
SAMPLE_ROWS = 200
WIDE_COLUMNS = 4
"""Columns of a table that is told from the lines above it by its width."""
MAX_ABOVE = 30
"""Lines above a header that are looked at."""
_SEP = re.compile(r'\ufeff?"?sep=(.)"?\r?\n', re.IGNORECASE)
"""The line by which Excel is told of the delimiter."""
_ESCAPED = re.compile(rb'\\(["\\])')
_OTHER_QUOTES = bytes.maketrans(b"'\"", b"\"'")
QUOTED_LINES = 50
"""Lines by which it is told what stands around fields."""
FAR_FEWER = 10
MOST_QUOTED = 0.9
"""Share of them in which single quotation marks must stand at both sides of a field."""


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written."""

    delimiter: str
    header: list[str]
    n_above: int = 1
    """Lines above the first row: the header, and Excel's ``sep=``."""
    escaped: bool = False
    """Quotation marks inside fields are written with a backslash before them."""
    single: bool = False
    """Fields stand between single quotation marks. They are read with both kinds swapped, and swapped back."""
    headless: bool = False
    """The first line is a row."""
    above: tuple[str, ...] = ()
    """Lines above the header that are not part of the table."""

    def as_usual(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Write quotation marks as the rest of intake reads them."""
        usual = (block.translate(_OTHER_QUOTES) for block in blocks) if self.single else blocks
        return doubled(usual) if self.escaped else usual

    def as_written(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Undo the swapping in what was read."""
        if not self.single:
            return frame
        texts = [name for name, kind in frame.schema.items() if kind == pl.String]
        return frame.with_columns(pl.col(texts).str.replace_many(["'", '"'], ['"', "'"]))

    @property
    def notes(self) -> list[Message]:
        """What is unusual, for people."""
        notes = [said.ESCAPED] if self.escaped else []
        if self.single:
            notes.append(said.SINGLE_QUOTES)
        if self.headless:
            notes.append(said.NO_HEADER)
        if self.above:
            notes.append(said.lines_above(self.above))
        return notes


def sniff_dialect(
    head: str, *, delimiter: str = "", is_header: Callable[[list[str]], bool] = lambda _: True
) -> Dialect | None:
    """Tell how a file is written from its beginning; None where it has a single column.

    Parameters
    ----------
    delimiter : character
        Where it is known already.
    is_header : names to bool
        Whether names are those of a table that can be used. Where those of the first line are not, the lines below
        are looked at: reports put lines about themselves above the table.
    """
    text = head.lstrip("\r\n")
    n_above = 1
    if said_so := _SEP.match(text):
        delimiter, text, n_above = delimiter or said_so[1], text[said_so.end() :], 2
    first = _dialect(text, delimiter, n_above)
    if first is not None and is_header(first.header):
        return first
    return _below(text, delimiter, n_above, is_header) or _wider(text, delimiter, n_above, first) or first


def _wider(text: str, delimiter: str, n_above: int, first: Dialect | None) -> Dialect | None:
    """Look for a table below lines that have a cell or two, whatever its columns are called."""
    width = len(first.header) if first else 1
    if width > WIDE_COLUMNS:
        return None
    return _below(text, delimiter, n_above, lambda names: len(names) >= max(WIDE_COLUMNS, 2 * width))


def _below(text: str, delimiter: str, n_above: int, is_header: Callable[[list[str]], bool]) -> Dialect | None:
    """Look for the header among the first lines below the first."""
    lines = text.split("\n", MAX_ABOVE + 1)[: MAX_ABOVE + 1]
    at, above = 0, []
    for line in lines[:-1]:
        at += len(line) + 1
        if line.strip():
            above.append(line.strip())
        found = _dialect(text[at:].lstrip("\r\n"), delimiter, n_above + len(above))
        if found is not None and len(found.header) > 2 and is_header(found.header):
            return dataclasses.replace(found, above=tuple(above))
    return None


def _dialect(text: str, delimiter: str, n_above: int) -> Dialect | None:
    single = False
    if "'" in text:
        swapped = text.encode("utf-8", "replace").translate(_OTHER_QUOTES).decode()
        likely = delimiter or sniff_delimiter(swapped)
        single = bool(likely) and _is_single(text, likely)
        text, delimiter = (swapped, likely) if single else (text, delimiter)
    delimiter = delimiter or sniff_delimiter(text)
    if not delimiter:
        return None
    escaped = _is_escaped(text, delimiter)
    first = _ESCAPED.sub(_double, text.encode("utf-8", "replace")).decode() if escaped else text
    return Dialect(delimiter, read_header(first, delimiter), n_above, escaped, single)


def _is_single(text: str, delimiter: str) -> bool:
    """Whether fields stand between single quotation marks, and none between double ones.

    They do in nearly all lines, or far fewer rows are broken where they are read so: fields may have several lines.
    """
    lines = [line for line in text.split("\n", QUOTED_LINES)[:QUOTED_LINES] if line.strip()][1:]
    sign = re.escape(delimiter)
    opens, closes = re.compile(f"(?:^|{sign})'"), re.compile(f"'(?:{sign}|\r?$)")
    n = sum(bool(opens.search(line)) and bool(closes.search(line)) for line in lines)
    double = re.compile(f'(?:^|{sign})"')
    if n < 2 or any(map(double.search, lines)):
        return False
    data = text.encode("utf-8", "replace")
    return n >= MOST_QUOTED * len(lines) or FAR_FEWER * _n_broken(data.translate(_OTHER_QUOTES), delimiter) < _n_broken(
        data, delimiter
    )


def without_header(dialect: Dialect, mapping: Mapping[str, str], *, time: str) -> Dialect:
    """Return the dialect of a file without a header, where columns are named by place and the first line is a row.

    Parameters
    ----------
    mapping : mapping
        What the person said: a number is the place of a column unless one is called so.
    time : str
        Target that holds the time; the cell at its place shows whether the first line is a row.
    """
    place = mapping.get(time, "")
    if place in dialect.header or not place.isdecimal() or not 1 <= int(place) <= len(dialect.header):
        return dialect
    if not is_time(dialect.header[int(place) - 1]):
        return dialect
    header = numbered(len(dialect.header))
    return dataclasses.replace(dialect, header=header, n_above=dialect.n_above - 1, headless=True)


def numbered(n: int) -> list[str]:
    """Name the columns of a file that does not name them."""
    return [f"column_{place}" for place in range(1, n + 1)]


def is_time(cell: str) -> bool:
    """Whether a cell reads as a plausible time."""
    return read_times(pl.Series([cell]), time_zone="UTC", day_first=False)[1][0] is None


def are_times(cells: Sequence[str]) -> pl.Series:
    """Whether each of some cells reads as a plausible time."""
    return read_times(pl.Series(cells, dtype=pl.String), time_zone="UTC", day_first=False)[1].is_null()


def sniff_delimiter(text: str) -> str:
    """Choose the delimiter that splits the rows of a sample most evenly; empty when none does."""
    best, best_score = "", 0.0
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    for delimiter in DELIMITERS:
        starts, ends, kinds = room(SAMPLE_ROWS)
        found, _ = _rows.split_rows(data, 0, ord(delimiter), 0, 10**9, False, starts, ends, kinds)
        rows = [i for i in range(found) if kinds[i] <= _rows.ODD]
        if not rows:
            found, _ = _rows.split_rows(data, 0, ord(delimiter), 0, 10**9, True, starts, ends, kinds)
            rows = [i for i in range(found) if kinds[i] <= _rows.ODD]
        counts = [_rows.count_fields(data, starts[i], ends[i], ord(delimiter)) for i in rows]
        if not counts or counts[0] < 2:
            continue
        score = sum(count == counts[0] for count in counts) / len(counts) * min(counts[0], 20) ** 0.5
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read_header(text: str, delimiter: str) -> list[str]:
    """Return the column names of the first row: stripped, unnamed ones numbered, repeated ones told apart."""
    try:
        row = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    except csv.Error:
        row = text.split("\n", 1)[0].split(delimiter)
    cells = (cell.strip().strip("\ufeff").replace("\0", "") for cell in row[:MAX_COLUMNS])
    return told_apart([name or f"column_{place}" for place, name in enumerate(cells, start=1)])


def told_apart(names: Iterable[str]) -> list[str]:
    """Return names with ``_`` behind those that were met before.

    Examples
    --------
    >>> told_apart(["a", "a", "a_", "a"])
    ['a', 'a_', 'a__', 'a___']
    """
    found: dict[str, None] = {}
    n_met: dict[str, int] = {}
    for name in names:
        n = n_met.get(name, 0)
        while (new := name + "_" * n) in found:
            n += 1
        n_met[name] = n + 1
        found[new] = None
    return list(found)


def doubled(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Write quotation marks that are escaped by a backslash as two, which is how the rest of intake reads them."""
    rest = b""
    for block in blocks:
        data = rest + block
        n_last = len(data) - len(data.rstrip(b"\\"))
        rest = data[len(data) - n_last % 2 :] if n_last else b""  # what it escapes is in the next block
        yield _ESCAPED.sub(_double, data[: len(data) - len(rest)])
    if rest:
        yield rest


def _double(match: re.Match[bytes]) -> bytes:
    return b'""' if match[1] == b'"' else b"\\"


def _is_escaped(text: str, delimiter: str) -> bool:
    """Whether fewer rows are broken when backslashes escape quotation marks than when they do not."""
    data = text.encode("utf-8", "replace")
    if b'\\"' not in data:
        return False
    return _n_broken(_ESCAPED.sub(_double, data), delimiter) < _n_broken(data, delimiter)


def _n_broken(data: bytes, delimiter: str) -> int:
    view = np.frombuffer(data, np.uint8)
    starts, ends, kinds = room(1_000)
    found, _ = _rows.split_rows(view, 0, ord(delimiter), 0, 10**9, False, starts, ends, kinds)
    sound = [i for i in range(found) if kinds[i] <= _rows.ODD]
    counts = [_rows.count_fields(view, starts[i], ends[i], ord(delimiter)) for i in sound]
    n_blank = int(np.count_nonzero(kinds[:found] == _rows.BLANK))
    return found - n_blank - len(counts) + sum(count != counts[0] for count in counts)


def room(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return arrays for starts, ends and kinds of ``n`` rows."""
    return np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.uint8)
