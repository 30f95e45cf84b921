"""Flat JSON lines read many at a time: the same as one by one, whatever the lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.ingest.fast_lines import FastLines
from dideban.ingest.flatten_json import picker
from dideban.ingest.model import ROW, Block
from dideban.ingest.records import Collector, read_lines

NAMES = ("id", "text", "urls")
SCHEMA = {**dict.fromkeys(NAMES, pl.String()), ROW: pl.Int64()}
FAST = FastLines(NAMES, frozenset({"urls"}))


class Text:
    """A text in blocks, as a file gives it."""

    def __init__(self, data: bytes, size: int, *, truncated: bool = False) -> None:
        self.data, self.size, self.truncated = data, size, truncated

    def blocks(self) -> Iterator[bytes]:
        for at in range(0, len(self.data), self.size):
            yield self.data[at : at + self.size]


def gathered(blocks: Iterator[Block]) -> tuple[list[tuple], list[tuple]]:
    """Rows and rejects of all blocks; lists as values, since one reader writes spaces into them."""
    rows, rejects = [], []
    for block in blocks:
        for row in block.frame.select(*NAMES, ROW).rows():
            rows.append((*row[:2], _value(row[2]), row[3]))
        rejects += block.rejects
    return sorted(rows, key=lambda row: row[3]), sorted(rejects)


def _value(cell: str | None) -> object:
    try:
        return json.loads(cell) if cell and cell.startswith("[") else cell
    except ValueError:
        return cell


values = (
    st.none() | st.booleans() | st.integers(-10, 10**30) | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.sampled_from(["12e5", "1.50", "[x", "{y", "9" * 19, "۱۲", "\ud83d\ude00", "a\x00b"])
)  # fmt: skip
records = st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "text": values | st.just({"deep": 1}),
        "urls": values | st.lists(st.text(max_size=4) | st.integers(0, 9), max_size=3),
        "other": values | st.just({"deep": [1]}),
    },
)
wholes = st.builds(lambda record, ascii: json.dumps(record, ensure_ascii=ascii), records, st.booleans())
broken = st.sampled_from(
    ["{oops", "", "  ", "[1]", "3", '{"id": 1} x', '{"id": 01}', '{"id": "\x01"}', '{"id": "\\ud800"}']
)


@settings(max_examples=300, derandomize=True)
@given(st.lists(wholes | broken, max_size=12), st.integers(1, 200), st.booleans(), st.sampled_from([60, 10**7]))
def test_it_gives_what_the_careful_reader_gives(lines, size, truncated, most):
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    config = IngestConfig(max_field_bytes=most)
    fast = FAST.read(Text(data, size, truncated=truncated), collector=Collector(picker(NAMES), SCHEMA), config=config)
    slow = read_lines(Text(data, size, truncated=truncated), collector=Collector(picker(NAMES), SCHEMA), config=config)
    assert gathered(fast) == gathered(slow)


def test_it_is_fast_where_nothing_is_in_doubt():
    lines = [json.dumps({"id": str(n), "text": "سلام 9.5", "urls": ["x", "y"], "n": n}) for n in range(50)]
    frame = FAST._frame("".join(line + "\n" for line in lines).encode())
    assert frame is not None
    assert frame["urls"][0] == '["x", "y"]'
    assert FAST._frame(b'{"id": 1.0}\n') is None
