"""Lines of flat JSON objects, many at a time: where Polars and the careful reader are sure to agree, Polars reads."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from dideban.config import IngestConfig
from dideban.ingest.encoding import Decoded
from dideban.ingest.model import ROW, Block
from dideban.ingest.records import Collector, read_lines

_CONTROLS = bytes([*range(10), 11, 12, *range(14, 32)])
_DOUBTFUL = (
    re.compile(rb"\\u[dD][89a-fA-F]"),  # halves of surrogate pairs
    re.compile(rb'":\s*(?:-?(?:\d+[.eE]|\d{19}|0\d)|-0)'),  # numbers that are written in more than one way
    re.compile(rb"\n[ \r]*\n"),
)
_NESTED = r"^\s*[\[{]"


@dataclass(frozen=True)
class FastLines:
    """Reads the named fields of flat objects; hands every stretch that is in doubt to the careful reader.

    Parameters
    ----------
    names : field names
        None of them nested.
    lists : field names
        Those of them that may hold lists.
    """

    names: tuple[str, ...]
    lists: frozenset[str]

    def read(self, text: Decoded, *, collector: Collector, config: IngestConfig) -> Iterator[Block]:
        """Yield the rows of a file with one object a line, the same as :func:`read_lines` does."""
        blocks = text.blocks()
        row, rest = 0, b""
        for block in blocks:
            data = rest + block
            if len(data) > config.max_field_bytes:  # a line may be too long to hold
                rest = data
                break
            cut = data.rfind(b"\n", 0, max(data.rfind(b"\n"), 0)) + 1  # the last line is looked at in the end
            rest = data[cut:]
            frame = self._frame(data[:cut])
            if frame is None:
                row = _slow(data[:cut], collector, row)
                yield collector.take()
                continue
            yield Block(frame.with_columns(pl.int_range(row + 1, row + 1 + pl.len(), dtype=pl.Int64).alias(ROW)))
            row += frame.height
        left = itertools.chain([rest], blocks)
        yield from read_lines(text, collector=collector, config=config, blocks=left, row=row)

    def _frame(self, data: bytes) -> pl.DataFrame | None:
        """Whole lines as text columns; None where there is doubt."""
        if not data or len(data.translate(None, _CONTROLS)) != len(data):
            return None  # control characters, which JSON does not allow inside texts
        if any(doubt.search(data) for doubt in _DOUBTFUL):
            return None
        try:
            frame = pl.read_ndjson(io.BytesIO(data), schema=dict.fromkeys(self.names, pl.String))
        except pl.exceptions.PolarsError:
            return None
        if frame.height != data.count(b"\n"):
            return None
        nested = [
            pl.col(name).str.contains(r"^\s*\{" if name in self.lists else _NESTED).any() for name in frame.columns
        ]
        return None if any(frame.select(nested).row(0)) else frame


def _slow(data: bytes, collector: Collector, row: int) -> int:
    for line in data.split(b"\n"):
        if line.strip():
            row += 1
            collector.add(row, line)
    return row
