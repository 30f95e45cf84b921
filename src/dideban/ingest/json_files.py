"""JSON files: one object a line or a document; a known shape or a table by its field names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl

from dideban.ingest import columns, documents, records
from dideban.ingest.encoding import SAMPLE_BYTES, Decoded
from dideban.ingest.fast_lines import FastLines
from dideban.ingest.flatten_json import flatten, picker
from dideban.ingest.format import LISTS, TARGETS, Record, Shape
from dideban.ingest.model import ROW, Block, UnusableError
from dideban.ingest.source_part import Choices, Opened, choose
from dideban.ingest.sources import SHAPES

LONG_LINE_BYTES = 16 * 1024 * 1024
"""How far the end of the first line is looked for: a page of the X API is one line."""


@dataclass(frozen=True)
class _Found:
    """How the records of a file are reached, and the first of them."""

    form: str
    sample: list[Record]
    read: Callable[[records.Collector], Iterator[Block]]


def open_json(text: Decoded, name: str, choices: Choices) -> Opened:
    """Tell lines of objects from a document, find the shape, and bind the reader.

    Raises
    ------
    UnusableError
        No records, or records without account and time.
    """
    found = _find(text, choices)
    if not found.sample:
        raise UnusableError(f"{name}: JSON without records that could be posts", slug="file-unreadable", path=name)
    shape = shape_of(found.sample)
    if shape is not None and shape.extract is not None:
        return _known(text, name, found, shape, choices)
    names = list(dict.fromkeys(column for record in found.sample for column in flatten(record)))
    table, mapping = choose(names, name, choices)
    wanted = names if table.derive is not None else list(dict.fromkeys(mapping.values()))
    schema: dict[str, pl.DataType] = {**dict.fromkeys(wanted, pl.String()), ROW: pl.Int64()}
    return Opened(
        name=name,
        form=found.form,
        columns=names,
        shape=table,
        mapping=mapping,
        blocks=_reader(text, found, records.Collector(picker(wanted), schema), mapping, choices),
        packing=text.stream.packing,
        encoding=text.encoding,
    )


def _reader(
    text: Decoded, found: _Found, collector: records.Collector, mapping: Mapping[str, str], choices: Choices
) -> Callable[[], Iterator[Block]]:
    names = tuple(name for name in collector.schema if name != ROW)
    if found.form != "ndjson" or any("." in name for name in names):
        return lambda: found.read(collector)
    lists = frozenset(mapping[target] for target in LISTS if target in mapping)
    return lambda: FastLines(names, lists).read(text, collector=collector, config=choices.config)


def _known(text: Decoded, name: str, found: _Found, shape: Shape, choices: Choices) -> Opened:
    names = list(dict.fromkeys(column for record in found.sample for column in flatten(record)))
    columns.apply_map(choices.mapping, names, {})
    return Opened(
        name=name,
        form=found.form,
        columns=names,
        shape=shape,
        mapping={target: target for target in TARGETS},
        blocks=lambda: found.read(records.Collector(_overriding(shape, choices.mapping))),
        packing=text.stream.packing,
        encoding=text.encoding,
        notes=tuple(f"{target} is read from {source}, as named" for target, source in choices.mapping.items()),
    )


def _overriding(shape: Shape, said: Mapping[str, str]) -> records.Extract:
    """Read a record as its shape means it, but for the columns that the person named."""
    extract = shape.extract
    assert extract is not None
    if not said:
        return extract

    def overridden(record: Record, context: Record) -> Iterator[Record]:
        flat = flatten(record)
        for post in extract(record, context):
            yield {**post, **{target: flat.get(source) for target, source in said.items()}}

    return overridden


def _find(text: Decoded, choices: Choices) -> _Found:
    head = text.head(SAMPLE_BYTES)
    if head.lstrip()[0] == "{" and "\n" not in head.strip() and len(head) > SAMPLE_BYTES // 8:
        head = text.head(LONG_LINE_BYTES)
    config = choices.config
    if _has_lines(head):
        sample = [record for line in _whole_lines(head)[:200] if isinstance(record := _loads(line), dict)]
        return _Found("ndjson", sample, lambda collector: records.read_lines(text, collector=collector, config=config))
    if (value := _whole_object(text)) is not None:
        parts = [documents.Segment([value], {})] if shape_of([value]) else documents.segments(value)
        sample = [record for part in parts for record in part.items[:200] if isinstance(record, dict)]
        return _Found("json", sample, lambda collector: documents.read_segments(parts, collector))
    return _Found(
        "json",
        documents.first_items(head),
        lambda collector: documents.read_stream(text, collector=collector, config=config),
    )


def shape_of(sample: list[Record]) -> Shape | None:
    """Return the known shape that most of the first records have."""
    first = sample[:50]
    for shape in SHAPES:
        if shape.record is not None and sum(map(shape.record, first)) * 2 > len(first):
            return shape
    return None


def _has_lines(text: str) -> bool:
    """Whether this is one object a line, rather than one document."""
    lines = [line for line in text.split("\n", 50)[:50] if line.strip()]
    if text.lstrip()[0] != "{" or len(lines) < 2 or lines[0].rstrip().endswith(("{", ",", "[")):
        return False
    return any(isinstance(_loads(line), dict) for line in lines)


def _whole_lines(text: str) -> list[str]:
    return text.split("\n")[:-1] if text.count("\n") > 1 else text.split("\n")


def _loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None


def _whole_object(text: Decoded) -> dict[str, Any] | None:
    """Return a document that is one object and not too large; None where it must be streamed."""
    if text.head(SAMPLE_BYTES).lstrip()[:1] != "{":
        return None
    whole = text.head(documents.WHOLE_BYTES + 1)
    value = _loads(whole) if len(whole) < documents.WHOLE_BYTES else None
    return value if isinstance(value, dict) else None
