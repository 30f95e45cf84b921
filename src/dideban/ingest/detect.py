"""What a file is, by content: how it is packed, written and shaped, and how its rows are reached."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from dideban.errors import InputError
from dideban.ingest import delimited, tables
from dideban.ingest.columns import by_place
from dideban.ingest.decompress import OLE, PARQUET, ByteStream, zip_members
from dideban.ingest.dialects import NO_HEADER, is_time, numbered, sniff_dialect, without_header
from dideban.ingest.encoding import SAMPLE_BYTES, Decoded, decode
from dideban.ingest.json_files import open_json
from dideban.ingest.model import UnusableError
from dideban.ingest.source_part import Choices, Opened, choose
from dideban.ingest.spreadsheets import Sheet, Workbook, is_workbook


def open_file(path: Path, name: str, choices: Choices) -> Iterator[Opened | InputError]:
    """Yield the readable parts of a file: itself, the files inside an archive, the sheets of a workbook.

    A part that cannot be used at all is yielded as the error that says why.
    """
    try:
        if path.stat().st_size == 0:
            raise UnusableError(f"{name}: the file is empty", slug="file-empty", path=str(path))
        stream = ByteStream(path, max_ratio=choices.config.max_expand_ratio)
        if stream.packing != "zip":
            yield open_stream(stream, name, choices)
            return
        if is_workbook(path):
            yield from _open_workbook(path, name, choices)
            return
        members = zip_members(path, max_ratio=choices.config.max_expand_ratio)
        if not members:
            raise UnusableError(f"{name}: an archive without files", slug="file-empty", path=str(path))
    except OSError as error:
        yield UnusableError(f"{name}: cannot be read ({error.strerror})", slug="file-unreadable", path=str(path))
        return
    except InputError as error:
        yield error
        return
    for member in members:
        yield from _open_member(path, member, f"{name}/{member}", choices)


def open_stream(stream: ByteStream, name: str, choices: Choices) -> Opened:
    """Say what a stream of bytes is and how to read it.

    Raises
    ------
    UnusableError
        It is nothing that holds posts.
    """
    sample = stream.head(SAMPLE_BYTES)
    if not sample.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise UnusableError(f"{name}: the file is empty", slug="file-empty", path=name)
    if sample[:4] == PARQUET:
        return _open_parquet(stream, name, choices)
    if sample[:8] == OLE:
        raise UnusableError(f"{name}: an old Excel file; save it as .xlsx", slug="file-binary", path=name)
    text = decode(stream, sample)
    head = text.head(SAMPLE_BYTES)
    if _is_binary(head):
        raise UnusableError(f"{name}: not text, and no format that is known", slug="file-binary", path=name)
    if head.lstrip()[:1] in ("[", "{"):
        return open_json(text, name, choices)
    return _open_delimited(text, head, name, choices)


def _is_binary(text: str) -> bool:
    odd = sum(1 for char in text[:8192] if (char < " " and char not in "\t\n\r\f\x01") or char == "\ufffd")
    return odd > 0.1 * min(len(text), 8192)


def _open_member(path: Path, member: str, name: str, choices: Choices) -> Iterator[Opened | InputError]:
    try:
        inner = ByteStream(path, member=member, max_ratio=choices.config.max_expand_ratio)
        if inner.packing != "zip":
            yield open_stream(inner, name, choices)
            return
        unpacked = _unpack(inner, choices.scratch)
        if not is_workbook(unpacked):
            raise UnusableError(
                f"{name}: an archive inside an archive; unpack it first", slug="file-unreadable", path=name
            )
        yield from _open_workbook(unpacked, name, choices)
    except InputError as error:
        yield error


def _open_workbook(path: Path, name: str, choices: Choices) -> Iterator[Opened | InputError]:
    book = Workbook(path, name=name, reader=choices.reader, max_ratio=choices.config.max_expand_ratio)
    opened: list[Opened | InputError] = []
    for sheet in book.sheets:
        try:
            opened.append(_open_sheet(book, sheet, name if len(book.sheets) == 1 else f"{name}/{sheet.name}", choices))
        except UnusableError as error:
            opened.append(error)
    usable = [part for part in opened if isinstance(part, Opened)]
    yield from usable or opened  # sheets beside the posts (notes, pivots) are no loss


def _open_sheet(book: Workbook, sheet: Sheet, name: str, choices: Choices) -> Opened:
    if not sheet.columns:
        raise UnusableError(f"{name}: the sheet is empty", slug="file-empty", path=name)
    notes = ["ids of more than 15 digits lose their last digits in Excel unless they were stored as text"]
    place = choices.mapping.get("created_at", "")
    if by_place(place, sheet.columns) != place and is_time(by_place(place, sheet.columns)):  # no header, but a row
        sheet = Sheet(sheet.name, sheet.skip - 1, numbered(len(sheet.columns)))
        notes.append(NO_HEADER)
    shape, mapping = choose(sheet.columns, name, choices)
    return Opened(
        name=name,
        form="xlsx",
        columns=sheet.columns,
        shape=shape,
        mapping=mapping,
        blocks=lambda: book.blocks(sheet, time_column=mapping["created_at"]),
        notes=tuple(notes),
    )


def _open_delimited(text: Decoded, head: str, name: str, choices: Choices) -> Opened:
    dialect = sniff_dialect(head)
    if dialect is None:
        raise UnusableError(
            f"{name}: a single column; posts need an account and a time at least", slug="file-unmapped", path=name
        )
    dialect = without_header(dialect, choices.mapping, time="created_at")
    shape, mapping = choose(dialect.header, name, choices)
    return Opened(
        name=name,
        form="csv",
        columns=dialect.header,
        shape=shape,
        mapping=mapping,
        blocks=lambda: delimited.read_rows(text, dialect, choices.config),
        packing=text.stream.packing,
        encoding=text.encoding,
        delimiter=dialect.delimiter,
        notes=tuple(dialect.notes),
    )


def _open_parquet(stream: ByteStream, name: str, choices: Choices) -> Opened:
    plain = stream.packing == "none" and not stream.member
    path = stream.path if plain else _unpack(stream, choices.scratch)
    names = tables.parquet_columns(path, name=name, reader=choices.reader, max_ratio=choices.config.max_expand_ratio)
    shape, mapping = choose(names, name, choices)
    wanted = names if shape.derive is not None else list(dict.fromkeys(mapping.values()))
    return Opened(
        name=name,
        form="parquet",
        columns=names,
        shape=shape,
        mapping=mapping,
        blocks=lambda: tables.read_parquet(
            path, dict(zip(wanted, wanted, strict=True)), name=name, reader=choices.reader,
            chunk_rows=choices.config.chunk_rows,
        ),
        packing=stream.packing,
    )  # fmt: skip


def _unpack(stream: ByteStream, scratch: Path) -> Path:
    """Write a packed file to disk: some formats must be read from their end."""
    with tempfile.NamedTemporaryFile(dir=scratch, delete=False) as file:
        for block in stream.blocks():
            file.write(block)
    return Path(file.name)
