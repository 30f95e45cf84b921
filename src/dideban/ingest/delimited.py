"""CSV and its kin: any delimiter, any encoding; sound rows go to Polars, the rest are parsed one by one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dideban.config import IngestConfig
from dideban.ingest.dialects import Dialect, room
from dideban.ingest.encoding import Decoded
from dideban.ingest.model import ROW, Block
from dideban.kernels import delimited as _rows

ROWS_PER_CALL = 65_536
SAMPLE_ROWS = 1_000
"""Rows by which columns are judged."""
_KIND_REASONS = {
    _rows.RAGGED: "row-ragged",
    _rows.UNBALANCED: "quote-unbalanced",
    _rows.NUL: "nul-byte",
    _rows.TOO_LARGE: "field-too-large",
}


def read_rows(text: Decoded, dialect: Dialect, config: IngestConfig) -> Iterator[Block]:
    """Yield the rows of a delimited file as text columns."""
    splitter = _Splitter(dialect, config)
    for block in dialect.as_usual(text.blocks()):
        yield from splitter.feed(block)
    yield from splitter.feed(b"", final=True, truncated=text.truncated)


def sample_rows(head: str, dialect: Dialect, config: IngestConfig, *, is_whole: bool) -> pl.DataFrame:
    """Return the first rows as text columns.

    Parameters
    ----------
    head : str
        The beginning of the file.
    is_whole : bool
        It is all of it; otherwise its last line may be cut.
    """
    data = head.encode("utf-8", "replace")
    data = data if is_whole else data[: data.rfind(b"\n") + 1]
    splitter = _Splitter(dialect, config)
    found = [splitter._empty()]
    for block in dialect.as_usual(iter([data])):
        found += [part.frame for part in splitter.feed(block, final=True)]
    return pl.concat(found).drop(ROW).head(SAMPLE_ROWS)


class _Splitter:
    def __init__(self, dialect: Dialect, config: IngestConfig) -> None:
        self.dialect, self.config = dialect, config
        self.rest = b""
        self.row = -dialect.n_above  # the header is row 0
        self.skipping = False  # inside a row too large to hold
        self.limit = max(64 * 1024 * 1024, 4 * config.max_field_bytes)
        self.patience = 8 * 1024 * 1024  # few large stretches cost less than many small ones

    def feed(self, block: bytes, *, final: bool = False, truncated: bool = False) -> Iterator[Block]:
        """Take more bytes; yield the rows that are complete."""
        if self.skipping:
            cut = block.find(b"\n")
            if cut < 0:
                return
            block, self.skipping = block[cut + 1 :], False
        data = self.rest + block
        if not data:
            return
        if not final and len(data) < self.patience:
            self.rest = data
            return
        used = 0
        view = np.frombuffer(data, np.uint8)
        while used < len(data):
            starts, ends, kinds = room(min(ROWS_PER_CALL, self.config.chunk_rows))
            found, stop = _rows.split_rows(
                view, used, ord(self.dialect.delimiter), len(self.dialect.header), self.config.max_field_bytes,
                final, starts, ends, kinds,
            )  # fmt: skip
            if found == 0:
                break
            yield self._block(
                data, starts[:found], ends[:found], kinds[:found], truncated=truncated and stop >= len(data)
            )
            used = stop
        self.rest = data[used:]
        if len(self.rest) > self.limit:
            yield self._give_up()

    def _give_up(self) -> Block:
        """A row that outgrows memory: its first line is set aside, reading goes on behind it."""
        cut = self.rest.find(b"\n")
        self.row += 1
        value = self.rest[:400].decode("utf-8", "replace")
        reason = "field-too-large" if cut < 0 or cut > self.config.max_field_bytes else "quote-unbalanced"
        self.skipping = cut < 0
        self.rest = b"" if cut < 0 else self.rest[cut + 1 :]
        return Block(self._empty(), [(self.row, "", reason, value)])

    def _empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema={**dict.fromkeys(self.dialect.header, pl.String), ROW: pl.Int64})

    def _block(self, data: bytes, starts: np.ndarray, ends: np.ndarray, kinds: np.ndarray, *, truncated: bool) -> Block:
        rows = np.cumsum(kinds != _rows.BLANK) + self.row
        self.row = int(rows[-1])
        if rows[0] <= 0:
            kinds[rows <= 0] = _rows.BLANK  # the header itself, and what stands above it
        if truncated and kinds[-1] != _rows.BLANK:
            kinds[-1] = 99
        _mark_encoding(data, starts, ends, kinds)
        rejects = [
            (
                int(rows[i]),
                "",
                _reason(int(kinds[i])),
                data[starts[i] : min(ends[i], starts[i] + 400)].decode("utf-8", "replace"),
            )
            for i in np.flatnonzero((kinds > _rows.ODD) & (kinds != _rows.BLANK))
        ]
        sound = kinds == _rows.SOUND
        frame = self._polars(_gather(data, starts, ends, sound), rows[sound])
        odd = np.flatnonzero(kinds == _rows.ODD)
        if odd.size:
            slow = [split_cells(data[starts[i] : ends[i]].decode(), self.dialect.delimiter) for i in odd]
            extra = pl.DataFrame(slow, schema=dict.fromkeys(self.dialect.header, pl.String), orient="row")
            frame = pl.concat([frame, extra.with_columns(pl.Series(ROW, rows[odd], pl.Int64))]).sort(ROW)
        return Block(self.dialect.as_written(frame), sorted(rejects))

    def _polars(self, text: bytes, rows: np.ndarray) -> pl.DataFrame:
        if not rows.size:
            return self._empty()
        frame = pl.read_csv(
            text,
            has_header=False,
            separator=self.dialect.delimiter,
            schema=dict.fromkeys(self.dialect.header, pl.String),
            missing_columns="raise",
        )
        if frame.height != rows.size:
            raise AssertionError(f"{rows.size} rows were split, {frame.height} were read")
        return frame.with_columns(pl.Series(ROW, rows, pl.Int64))


def split_cells(text: str, delimiter: str) -> list[str | None]:
    """Split one row that has quotation marks inside unquoted fields, which are then part of the field."""
    cells: list[str | None] = []
    at = 0
    while at <= len(text):
        if text[at : at + 1] == '"':
            close = at + 1
            while text[close : close + 1] != '"' or text[close + 1 : close + 2] == '"':
                close += 2 if text[close] == '"' else 1
            cells.append(text[at + 1 : close].replace('""', '"'))
            end = text.find(delimiter, close)
        else:
            end = text.find(delimiter, at)
            cells.append(text[at : end if end >= 0 else len(text)] or None)
        at = end + 1 if end >= 0 else len(text) + 1
    return cells


def _reason(kind: int) -> str:
    return {**_KIND_REASONS, 98: "encoding-invalid", 99: "file-truncated"}[kind]


def _mark_encoding(data: bytes, starts: np.ndarray, ends: np.ndarray, kinds: np.ndarray) -> None:
    """Set aside rows that are not UTF-8; the common case costs one check of the whole stretch."""
    try:
        data[int(starts[0]) : int(ends[-1])].decode("utf-8")
    except UnicodeDecodeError:
        for i in np.flatnonzero(kinds <= _rows.ODD):
            try:
                data[starts[i] : ends[i]].decode("utf-8")
            except UnicodeDecodeError:
                kinds[i] = 98


def _gather(data: bytes, starts: np.ndarray, ends: np.ndarray, sound: np.ndarray) -> bytes:
    if sound.all():
        return data[int(starts[0]) : int(ends[-1])]
    keep = np.flatnonzero(sound)
    return b"\n".join([data[starts[i] : ends[i]] for i in keep.tolist()])
