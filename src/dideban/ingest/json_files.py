"""JSON files: one object a line or a document; a known shape or a table by its field names."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl

from dideban.ingest import columns, documents, nested, notes, records
from dideban.ingest.column_evidence import FirstRows
from dideban.ingest.decompress import ByteStream
from dideban.ingest.encoding import SAMPLE_BYTES, Decoded, decode
from dideban.ingest.fast_lines import FastLines
from dideban.ingest.field_source import FieldSource, one, value_in
from dideban.ingest.flatten_json import flatten, picker
from dideban.ingest.format import LISTS, TARGETS, Record, Shape
from dideban.ingest.json_cells import column_of_records, write_records
from dideban.ingest.model import ROW, Block, UnusableError
from dideban.ingest.source_part import Choices, Chosen, Opened, choose
from dideban.ingest.sources import SHAPES
from dideban.ingest.tables_in_json import rows_of_lists

ACCOUNTS = frozenset(map(columns.plain, columns.SYNONYMS["account_id"]))
"""What columns of accounts are called."""
DESCRIPTIONS = frozenset({"description", "desc", "bio", "biography", "about"})
"""What the words are called by which an account describes itself."""
ANSWERS = frozenset({"comments", "replies", "answers", "reactions", "children", "responses"})
"""Lists inside posts that are no posts of the same account."""
MAX_LISTS = 8
"""Lists inside records that are looked into for posts."""
LONG_LINE_BYTES = 16 * 1024 * 1024
"""How far the end of the first line is looked for: a page of the X API is one line."""


@dataclass(frozen=True)
class _Found:
    """How the records of a file are reached, and the first of them."""

    form: str
    sample: list[Record]
    read: Callable[[records.Collector], Iterator[Block]]


_SCRIPT = re.compile(
    r"^\s*(?://[^\n]*\n\s*)*(?:(?:var|let|const)\s+\w+\s*=|(?:window|module|exports)[\w.]*\s*=|[\w.]+\(|(?<=\n))\s*(?=[\[{])"
)
"""How files begin that are JSON behind the beginning of a script, as those of an X archive, or behind remarks."""


def is_script(head: str) -> bool:
    """Whether a text is JSON behind the beginning of a script, as in the archive of an X account."""
    return _SCRIPT.match(head[:200]) is not None


def open_json(text: Decoded, name: str, choices: Choices) -> Opened:
    """Tell lines of objects from a document, find the shape, and bind the reader.

    Raises
    ------
    UnusableError
        No records, or records without account and time.
    """
    if script := _SCRIPT.match(dataclasses.replace(text, twice=False).head(SAMPLE_BYTES)[:200]):
        text = dataclasses.replace(text, mark=text.mark + len(script[0].encode(text.encoding)))
    if nested.reaches_in(choices.mapping):
        return _inside(text, name, choices, prefix=nested.prefix_of(choices.mapping))
    found = _find(text, choices)
    if not found.sample:
        raise UnusableError("ingest.json-without-posts", slug="file-unreadable", path=name, name=name)
    shape = shape_of(found.sample)
    if shape is not None and shape.extract is not None:
        return _known(text, name, found, shape, choices)
    names = _names(found.sample)
    try:
        chosen = choose(names, name, choices, evidence=_evidence(found.sample, names))
    except UnusableError:
        if prefix := _list_of_posts(found.sample, name, choices):
            return _inside(text, name, choices, prefix=prefix)
        column = "" if choices.mapping else column_of_records(_evidence(found.sample, names))
        if not column:
            raise
        cells = records.Collector(picker([column]), {column: pl.String(), ROW: pl.Int64()}, other=_any_shape)
        blocks = found.read(cells)
        return dataclasses.replace(
            open_cells(blocks, column, name=name, choices=choices), packing=text.stream.packing, encoding=text.encoding
        )
    if (prefix := _posts_of_profiles(found.sample, name, choices)) and _is_profile(chosen):
        return _inside(text, name, choices, prefix=prefix)
    wanted = chosen.needed(names)
    schema: dict[str, pl.DataType] = {**dict.fromkeys(wanted, pl.String()), ROW: pl.Int64()}
    collector = records.Collector(picker(wanted), schema, other=_any_shape)
    return Opened(
        name=name,
        form=found.form,
        columns=names,
        chosen=chosen,
        blocks=_reader(text, found, collector, chosen, choices),
        packing=text.stream.packing,
        encoding=text.encoding,
        notes=chosen.notes,
    )


def open_cells(blocks: Iterable[Block], column: str, *, name: str, choices: Choices, whole: bool = False) -> Opened:
    """Read posts that stand as JSON in one column of a table, or in one field of records, as the lines that they are.

    Parameters
    ----------
    whole : bool
        With the other columns of their rows: a cell may hold the words and the columns beside it the account.

    Raises
    ------
    UnusableError
        They are no posts either.
    """
    path = write_records(blocks, column, folder=choices.scratch, whole=whole)
    lines = ByteStream(path, max_ratio=choices.config.max_expand_ratio)
    opened = open_json(decode(lines, lines.head(SAMPLE_BYTES)), name, choices)
    return dataclasses.replace(opened, notes=(notes.records_in(column), *opened.notes))


def _list_of_posts(sample: list[Record], name: str, choices: Choices) -> str:
    """Return the path of a list inside records whose items have account and time; empty where there is none.

    Lists inside the items of lists come after those that are nearer.
    """
    waiting, n_seen = [("", sample)], 0
    while waiting and n_seen < MAX_LISTS:
        path, records_there = waiting.pop(0)
        for inner in _lists_in(records_there, path)[: MAX_LISTS - n_seen]:
            n_seen += 1
            prefix = f"{inner}{nested.MARK}"
            items = [item for record in sample for item in itertools.islice(nested.records_in(record, prefix, {}), 200)]
            items = items[:200]
            if _named_inside(items, prefix, name, choices):
                return prefix
            waiting.append((prefix, items))
    return ""


def _posts_of_profiles(sample: list[Record], name: str, choices: Choices) -> str:
    """Return the path of a list of posts inside records that are no posts themselves, such as profiles."""
    if choices.mapping or not any(_is_list_of_objects(field) for record in sample for field in record.values()):
        return ""
    prefix = _list_of_posts(sample, name, choices)
    there = _names([item for record in sample[:50] for item in nested.records_in(record, prefix, {})][:200])
    inner = columns.guess_columns([column.removeprefix(f"{prefix}.") for column in there if column.startswith(prefix)])
    is_own = columns.plain(prefix.removesuffix(nested.MARK).rpartition(".")[2]) not in ANSWERS
    return prefix if is_own and {"created_at", "text"} <= inner.keys() else ""


def _is_profile(chosen: Chosen) -> bool:
    """Whether what was taken for a post has no words but those by which an account describes itself."""
    text = chosen.fields.get("text")
    return text is None or all(columns.plain(name) in DESCRIPTIONS for name in text.needed)


def _named_inside(items: list[Record], prefix: str, name: str, choices: Choices) -> list[str]:
    """Columns of the items of a list that have account and time; empty where they do not.

    What stands around a list is not said of each item, but for the account: profiles hold their posts.
    """
    columns_there = _names(items)
    inner = [column for column in columns_there if column.startswith(prefix)]
    outer = [column for column in columns_there if column not in inner and columns.plain(column) in ACCOUNTS]
    for names in (inner, inner + outer) if outer else (inner,):
        try:
            choose(names, name, choices, evidence=_evidence(items, names))
        except UnusableError:
            continue
        return names
    return []


def _lists_in(sample: list[Record], path: str) -> list[str]:
    """Fields that hold lists of objects, below ``path``."""
    flat = [flatten(record) for record in sample]
    names = [name for name in _names(sample) if name.startswith(path)]
    return [name for name in names if any(_is_list_of_objects(record.get(name)) for record in flat)]


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value[:200])


def _inside(text: Decoded, name: str, choices: Choices, *, prefix: str) -> Opened:
    """Read posts from lists inside records, as the person named them or as they were found."""
    said = choices.mapping
    found = _find(text, choices, whole=bool(said and prefix))
    sample = [item for record in found.sample for item in nested.records_in(record, prefix, said)][:200]
    names = _names(sample)
    if not said:
        names = _named_inside(sample, prefix, name, choices) or names
    chosen = choose(names, name, choices, evidence=_evidence(sample, names))
    wanted = chosen.needed(names)
    schema: dict[str, pl.DataType] = {**dict.fromkeys(wanted, pl.String()), ROW: pl.Int64()}
    collector = records.Collector(lambda record, _: nested.records_in(record, prefix, said), schema)
    return Opened(
        name=name,
        form=found.form,
        columns=names,
        chosen=chosen,
        blocks=lambda: found.read(collector),
        packing=text.stream.packing,
        encoding=text.encoding,
        notes=chosen.notes if nested.reaches_in(said) else (notes.inside_list(prefix), *chosen.notes),
    )


def _names(sample: list[Record]) -> list[str]:
    return list(dict.fromkeys(column for record in sample for column in flatten(record)))


def _evidence(sample: list[Record], names: list[str]) -> FirstRows:
    """The first records as text."""
    flat = [flatten(record) for record in sample]
    return FirstRows(pl.DataFrame({name: _cells(flat, name) for name in names}))


def _cells(flat: list[Record], name: str) -> pl.Series:
    values = [records.as_text(record.get(name)) for record in flat]
    return pl.Series(name, [value and value.encode("utf-8", "replace").decode() for value in values], dtype=pl.String)


def _reader(
    text: Decoded, found: _Found, collector: records.Collector, chosen: Chosen, choices: Choices
) -> Callable[[], Iterator[Block]]:
    names = tuple(name for name in collector.schema if name != ROW)
    if found.form != "ndjson" or any("." in name for name in names):
        return lambda: found.read(collector)
    lists = frozenset(name for target in LISTS if target in chosen.fields for name in chosen.fields[target].needed)
    return lambda: FastLines(names, lists).read(text, collector=collector, config=choices.config)


def _known(text: Decoded, name: str, found: _Found, shape: Shape, choices: Choices) -> Opened:
    names = _names(found.sample)
    said = columns.apply_map(choices.mapping, names, {})
    extract = _overriding(shape, said, off=frozenset(choices.mapping) - said.keys())
    return Opened(
        name=name,
        form=found.form,
        columns=names,
        chosen=Chosen(shape=shape, fields={target: one(target) for target in TARGETS}),
        blocks=lambda: found.read(records.Collector(extract, other=_any_shape)),
        packing=text.stream.packing,
        encoding=text.encoding,
        notes=tuple(notes.as_named(target, source.label) for target, source in said.items()),
    )


def _any_shape(record: Record, context: Record) -> Iterator[Record]:
    """Read a record by whatever shape it has: files of several shapes are put together at times."""
    shape = shape_of([record])
    if shape is None or shape.extract is None:
        raise KeyError("no known shape")
    for post in shape.extract(record, context):
        yield {"platform": shape.platform or None, **post}


def _overriding(shape: Shape, said: Mapping[str, FieldSource], *, off: frozenset[str]) -> records.Extract:
    """Read a record as its shape means it, but for the columns that the person named or switched off."""
    extract = shape.extract
    assert extract is not None
    if not said and not off:
        return extract

    def overridden(record: Record, context: Record) -> Iterator[Record]:
        flat = flatten(record)
        theirs = {target: value_in(flat, target, source) for target, source in said.items()}
        for post in extract(record, context):
            yield {**post, **theirs, **dict.fromkeys(off, None)}

    return overridden


def _find(text: Decoded, choices: Choices, *, whole: bool = False) -> _Found:
    head = text.head(SAMPLE_BYTES)
    if head.lstrip()[:1] == "{" and "\n" not in head.strip() and len(head) > SAMPLE_BYTES // 8:
        head = text.head(LONG_LINE_BYTES)
    config = choices.config
    if _has_lines(head):
        sample = [record for line in _whole_lines(head)[:200] if isinstance(record := _loads(line), dict)]
        return _Found("ndjson", sample, lambda collector: records.read_lines(text, collector=collector, config=config))
    if (value := _whole_object(text)) is not None:
        parts = [documents.Segment([value], {})] if whole or shape_of([value]) else documents.segments(value)
        sample = [record for part in parts for record in part.items[:200] if isinstance(record, dict)]
        return _Found("json", sample, lambda collector: documents.read_segments(parts, collector))
    if re.match(r"\s*\[\s*\[", head) and (rows := rows_of_lists(_loads(_whole(text)))):
        return _Found("json", rows[:200], lambda c: documents.read_segments([documents.Segment(list(rows), {})], c))
    inside = documents.is_sequence(head)
    sample, named = documents.first_items(head, inside=inside), ""
    if not any({"account_id", "created_at"} <= columns.guess_columns(list(flatten(one))).keys() for one in sample[:5]):
        named = "" if inside or shape_of(sample) else documents.list_of_posts(head)
        sample = documents.first_items(head, name=named) if named else sample
    return _Found(
        "json",
        sample,
        lambda collector: documents.read_stream(text, collector=collector, config=config, inside=inside, name=named),
    )


def shape_of(sample: list[Record]) -> Shape | None:
    """Return the known shape that most of the first records have, if most are of known shapes."""
    first = sample[:50]
    hits = [(sum(map(shape.record, first)), shape) for shape in SHAPES if shape.record is not None]
    for n, shape in hits:
        if n * 2 > len(first):
            return shape
    most = max(hits, key=lambda hit: hit[0])  # several shapes put together: the others are tried record by record
    return most[1] if most[0] and sum(n for n, _ in hits) * 2 > len(first) else None


def _has_lines(text: str) -> bool:
    """Whether this is one object a line, rather than one document."""
    lines = [line for line in text.split("\n", 50)[:50] if line.strip()]
    if text.lstrip()[:1] != "{" or len(lines) < 2 or lines[0].rstrip().endswith(("{", ",", "[")):
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
    value = _loads(_whole(text))
    return value if isinstance(value, dict) else None


def _whole(text: Decoded) -> str:
    """The whole of a text that is not too large to be held; otherwise nothing."""
    whole = text.head(documents.WHOLE_BYTES + 1)
    return whole if len(whole) < documents.WHOLE_BYTES else ""
