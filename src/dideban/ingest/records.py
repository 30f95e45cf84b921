"""JSON: one object a line, an array of objects, or a document with its posts under one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
import polars as pl

from dideban.config import IngestConfig
from dideban.ingest.embedded_lists import list_series
from dideban.ingest.encoding import Decoded
from dideban.ingest.format import LISTS, SAID, TARGETS, NotAPost, Record
from dideban.ingest.model import ROW, Block

Extract = Callable[[Record, Record], Iterable[Record]]
RECORDS_PER_BLOCK = 20_000
MAX_DEPTH = 254
SCHEMA: dict[str, pl.DataType] = {
    **{name: pl.List(pl.String()) if name in LISTS else pl.String() for name in TARGETS},
    "reach": pl.Int64(),
    ROW: pl.Int64(),
}
"""What the extractors of known shapes give."""


def lines_of(blocks: Iterable[bytes], *, max_line: int) -> Iterator[bytes | None]:
    """Yield the lines of a text; None stands for one that is longer than ``max_line`` bytes."""
    rest: list[bytes] = []
    size = 0
    for block in blocks:
        *whole, last = block.split(b"\n")
        for line in whole:
            yield b"".join([*rest, line]) if size + len(line) <= max_line else None
            rest, size = [], 0
        size += len(last)
        rest = [*rest, last] if size <= max_line else []
    if size:
        yield b"".join(rest) if size <= max_line else None


_SIMPLE = {str, type(None)}


_BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


class Collector:
    """Turns records into raw blocks: one row per post, broken ones set aside."""

    def __init__(
        self, extract: Extract, schema: dict[str, pl.DataType] = SCHEMA, *, other: Extract | None = None
    ) -> None:
        self.extract, self.schema, self.other = extract, schema, other
        self.context: Record = {}
        self.rows: list[Record] = []
        self.rejects: list[tuple[int, str, str, str]] = []
        self.passed: Counter[str] = Counter()
        self.said: Counter[str] = Counter()

    def reject(self, row: int, reason: str, raw: bytes | None) -> None:
        """Set a record aside."""
        self.rejects.append((row, "", reason, (raw or b"")[:400].decode("utf-8", "replace")))

    def add(self, row: int, raw: bytes) -> None:
        """Take one record as bytes."""
        try:
            record = orjson.loads(raw)
        except orjson.JSONDecodeError:
            reason = "nul-byte" if b"\0" in raw else "json-invalid" if is_utf8(raw) else "encoding-invalid"
            self.reject(row, reason, raw)
            return
        self.add_record(row, record, raw)

    def add_record(self, row: int, record: Any, raw: bytes | None = None) -> None:
        """Take one parsed record."""
        if _is_too_deep(record, raw):
            self.reject(row, "record-unreadable", raw)
            return
        if not isinstance(record, dict):
            self.reject(row, "not-an-object", raw if raw is not None else orjson.dumps(record))
            return
        kept = len(self.rows)
        try:
            for post in self.extract(record, self.context):
                post[ROW] = row
                self.rows.append(post)
        except NotAPost as other:
            self.passed[other.kind] += 1
        except _BROKEN:
            del self.rows[kept:]  # the record is set aside as a whole
            self._try_other(row, record, raw)

    def _try_other(self, row: int, record: Record, raw: bytes | None) -> None:
        """A record that is not of the shape of the file may be of another: files are put together."""
        kept = len(self.rows)
        try:
            if self.other is None:
                raise KeyError
            for post in self.other(record, self.context):
                post[ROW] = row
                self.rows.append(post)
        except NotAPost as other:
            self.passed[other.kind] += 1
        except _BROKEN:
            del self.rows[kept:]
            self.reject(row, "record-unreadable", raw if raw is not None else orjson.dumps(record))

    @property
    def full(self) -> bool:
        """Whether it is time to take a block."""
        return len(self.rows) + len(self.rejects) >= RECORDS_PER_BLOCK

    def take(self) -> Block:
        """Return what was collected and start again."""
        self.said.update(post[SAID] for post in self.rows if SAID in post)
        block = Block(to_frame(self.rows, self.schema), self.rejects, self.passed, self.said)
        self.rows, self.rejects, self.passed, self.said = [], [], Counter(), Counter()
        return block


def _is_too_deep(record: Any, raw: bytes | None) -> bool:
    """Whether values are nested deeper than can be written again: 1,024 levels are read, 254 are written."""
    if raw is not None and raw.count(b"[") + raw.count(b"{") < MAX_DEPTH:
        return False
    try:
        orjson.dumps(record)
    except TypeError:
        return True
    return False


def is_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def to_frame(rows: list[Record], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Turn rows into a raw frame, every value as text, list of texts or count."""
    columns: dict[str, pl.Series] = {}
    for name, dtype in schema.items():
        values = [row.get(name) for row in rows]
        if isinstance(dtype, pl.List):
            columns[name] = list_series([_texts(value) for value in values]).alias(name)
            continue
        if dtype == pl.String:
            values = values if set(map(type, values)) <= _SIMPLE else [as_text(value) for value in values]
        elif name != ROW:
            values = [_count(value) for value in values]
        columns[name] = pl.Series(name, values, dtype=dtype)
    return pl.DataFrame(columns)


def as_text(value: Any) -> str | None:
    """Any JSON value as text; null stays null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # nested too deep to be written: the record is set aside when its turn comes
        return "[…]"


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    if value == []:
        return []
    items = value if isinstance(value, list) else [value]
    if set(map(type, items)) == {str} and all(items):
        return items
    return [text for item in items if (text := as_text(item)) is not None and text]


def _count(value: Any) -> int | None:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number < 2**62 else None


def read_lines(
    text: Decoded,
    *,
    collector: Collector,
    config: IngestConfig,
    blocks: Iterable[bytes] | None = None,
    row: int = 0,
) -> Iterator[Block]:
    """Yield the posts of a file with one JSON object a line.

    Parameters
    ----------
    blocks, row
        What is left of the text, and the rows that were read before it; the whole text unless said.
    """
    last: tuple[int, bytes] | None = None
    for line in lines_of(text.blocks() if blocks is None else blocks, max_line=config.max_field_bytes * 4):
        if line is not None and not line.strip():
            continue
        if last is not None:
            collector.add(*last)
            last = None
        row += 1
        if line is None:
            collector.reject(row, "field-too-large", None)
        else:
            last = (row, line)
        if collector.full:
            yield collector.take()
    if last is not None:
        if text.truncated:
            collector.reject(last[0], "file-truncated", last[1])
        else:
            collector.add(*last)
    yield collector.take()
