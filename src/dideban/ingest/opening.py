"""What a file is, by content: how it is packed, written and shaped, and how its rows are reached."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError
from dideban.ingest import columns, delimited, records, tables
from dideban.ingest.encoding import SAMPLE_BYTES, guess_encoding
from dideban.ingest.model import Block
from dideban.ingest.shape import TARGETS, Record, Shape
from dideban.ingest.sources import GENERIC, SHAPES
from dideban.ingest.unpack import OLE, PARQUET, Bomb, ByteStream, zip_members


class Unusable(InputError):
    """A whole file that cannot be used, with the reason slug that REJECTS gets."""

    def __init__(self, message: str, *, slug: str, hint: str = "", path: str = "") -> None:
        super().__init__(message, hint=hint, path=path)
        self.slug = slug


@dataclass
class Opened:
    """A file, or one inside an archive, ready to be read."""

    name: str
    form: str
    """``csv``, ``ndjson``, ``json``, ``parquet`` or ``xlsx``."""
    packing: str
    encoding: str
    delimiter: str
    columns: list[str]
    shape: Shape
    mapping: dict[str, str]
    blocks: Callable[[], Iterator[Block]]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Choices:
    """What the person settled beforehand."""

    config: IngestConfig
    mapping: Mapping[str, str]
    scratch: Path
    """Folder for what must be unpacked to be read."""


def open_file(path: Path, name: str, choices: Choices) -> Iterator[Opened]:
    """Yield the readable parts of a file: itself, or the files inside an archive.

    Raises
    ------
    Unusable
        The file cannot be used at all.
    """
    config = choices.config
    if path.stat().st_size == 0:
        raise Unusable(f"{path}: the file is empty", slug="file-empty", path=str(path))
    stream = ByteStream(path, max_ratio=config.max_expand_ratio)
    if stream.packing != "zip":
        yield open_stream(stream, name, choices)
        return
    members = zip_members(path, max_ratio=config.max_expand_ratio)
    if not members:
        raise Unusable(f"{path}: an archive without files", slug="file-empty", path=str(path))
    for member in members:
        inner = ByteStream(path, member=member, max_ratio=config.max_expand_ratio)
        yield open_stream(inner, f"{name}/{member}", choices)


def open_stream(stream: ByteStream, name: str, choices: Choices) -> Opened:
    """Say what a stream of bytes is and how to read it."""
    sample = stream.head(SAMPLE_BYTES)
    if not sample.strip():
        raise Unusable(f"{name}: the file is empty", slug="file-empty", path=name)
    if sample[:4] == PARQUET:
        return _open_parquet(stream, name, choices)
    if sample[:8] == OLE:
        raise Unusable(f"{name}: an old Excel file; save it as .xlsx", slug="file-binary", path=name)
    encoding, mark = guess_encoding(sample)
    text = sample[mark:].decode(encoding, "replace")
    if _is_binary(text):
        raise Unusable(f"{name}: not text, and no format that is known", slug="file-binary", path=name)
    first = text.lstrip()[:1]
    if first in "[{":
        return _open_json(stream, name, choices, encoding=encoding, mark=mark, text=text)
    return _open_delimited(stream, name, choices, encoding=encoding, mark=mark, text=text)


def _is_binary(text: str) -> bool:
    odd = sum(1 for char in text[:8192] if (char < " " and char not in "\t\n\r\f\x01") or char == "\ufffd")
    return odd > 0.1 * min(len(text), 8192)


def _open_delimited(stream: ByteStream, name: str, choices: Choices, *, encoding: str, mark: int, text: str) -> Opened:
    old_mac = "\n" not in text and "\r" in text
    if old_mac:
        text = text.replace("\r", "\n")
    delimiter = delimited.sniff_delimiter(text)
    if not delimiter:
        raise Unusable(
            f"{name}: a single column; posts need an account and a time at least", slug="file-unmapped", path=name
        )
    header = delimited.read_header(text.lstrip("\n"), delimiter)
    dialect = delimited.Dialect(encoding, mark, delimiter, header, old_mac)
    shape, mapping = _choose(header, name, choices)
    return Opened(
        name, "csv", stream.packing, encoding, delimiter, header, shape, mapping,
        lambda: delimited.read_rows(stream, dialect, choices.config),
    )  # fmt: skip


def _open_parquet(stream: ByteStream, name: str, choices: Choices) -> Opened:
    path = stream.path if stream.packing == "none" and not stream.member else _unpack(stream, choices.scratch)
    try:
        schema = tables.parquet_columns(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Unusable(f"{name}: a broken Parquet file ({error})", slug="file-unreadable", path=name) from error
    shape, mapping = _choose(list(schema), name, choices)
    wanted = list(schema) if shape.derive is not None else list(dict.fromkeys(mapping.values()))
    return Opened(
        name, "parquet", stream.packing, "", "", list(schema), shape, mapping,
        lambda: tables.read_parquet(path, wanted, chunk_rows=choices.config.chunk_rows),
    )  # fmt: skip


def _unpack(stream: ByteStream, scratch: Path) -> Path:
    """Write a packed file to disk: some formats must be read from their end."""
    with tempfile.NamedTemporaryFile(dir=scratch, delete=False) as file:
        for block in stream.blocks():
            file.write(block)
    return Path(file.name)


def _open_json(stream: ByteStream, name: str, choices: Choices, *, encoding: str, mark: int, text: str) -> Opened:
    found = [record for line in text.split("\n")[:200] if isinstance(record := _loads(line), dict)]
    if found and (text.lstrip()[0] == "{") and ("\n" not in text.strip() or len(found) > 1 or _loads(text) is None):
        context: Record = {}
        form, sample = "ndjson", found
        blocks: Callable[[records.Collector], Iterator[Block]] = lambda collector: records.read_lines(  # noqa: E731
            stream, encoding=encoding, mark=mark, collector=collector, config=choices.config
        )
    else:
        items, context = _document(stream, name, encoding=encoding, mark=mark)
        form, sample = "json", [item for item in items[:200] if isinstance(item, dict)]
        blocks = lambda collector: _items(items, collector)  # noqa: E731
    if not sample:
        raise Unusable(f"{name}: JSON without records", slug="file-unreadable", path=name)
    shape = next((s for s in SHAPES if s.record is not None and all(map(s.record, sample[:5]))), None)
    if shape is not None and shape.extract is not None:
        extract, names, mapping = shape.extract, list(TARGETS), {target: target for target in TARGETS}
    else:
        names = list(dict.fromkeys(column for record in sample for column in records.flatten(record)))
        shape, mapping = _choose(names, name, choices)
        extract = _by_mapping(mapping)
        mapping_out = {target: target for target in mapping}
        return Opened(
            name, form, stream.packing, encoding, "", names, shape, mapping_out,
            lambda: blocks(records.Collector(extract, context)),
        )  # fmt: skip
    return Opened(
        name, form, stream.packing, encoding, "", names, shape, mapping,
        lambda: blocks(records.Collector(extract, context)),
    )  # fmt: skip


def _by_mapping(mapping: Mapping[str, str]) -> records.Extract:
    pairs = list(mapping.items())

    def extract(record: Record, _context: Record) -> list[Record]:
        flat = records.flatten(record)
        return [{target: flat.get(source) for target, source in pairs}]

    return extract


def _loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None


def _document(stream: ByteStream, name: str, *, encoding: str, mark: int) -> tuple[list[Any], Record]:
    raw = b"".join(records.to_utf8(stream.blocks(), encoding=encoding, mark=mark))
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Unusable(f"{name}: not valid JSON ({error})", slug="file-unreadable", path=name) from error
    if isinstance(value, list):
        return value, {}
    for key in ("data", "messages", "posts", "statuses", "items", "results", "tweets"):
        if isinstance(value.get(key), list):
            return value[key], {k: v for k, v in value.items() if k != key}
    return [value], {}


def _items(items: list[Any], collector: records.Collector) -> Iterator[Block]:
    for row, item in enumerate(items, start=1):
        collector.add_record(row, item)
        if collector.full:
            yield collector.take()
    yield collector.take()


def _choose(names: list[str], name: str, choices: Choices) -> tuple[Shape, dict[str, str]]:
    """Pick the shape of a table and the mapping of its columns."""
    known = frozenset(names)
    shape = next((s for s in SHAPES if s.columns is not None and s.columns(known)), GENERIC)
    guessed = {target: source for target, source in shape.mapping.items() if source in known or shape.derive}
    if shape is GENERIC:
        guessed = columns.guess_columns(names)
    mapping = columns.apply_map(choices.mapping, names, guessed)
    missing = [target for target in ("account_id", "created_at") if target not in mapping]
    if missing:
        raise Unusable(
            f"{name}: no column for {' and '.join(missing)} among: {', '.join(names[:15])}",
            slug="file-unmapped",
            hint="name it, e.g. --map account_id=author --map created_at=posted",
            path=name,
        )
    return shape, mapping


__all__ = ["Bomb", "Choices", "ConfigError", "Opened", "Unusable", "open_file", "open_stream"]
