"""What a file is, by content: how it is packed, written and shaped, and how its rows are reached."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from dideban.errors import InputError
from dideban.ingest import articles, delimited, tables, web_pages
from dideban.ingest import notes as said
from dideban.ingest.column_evidence import FirstRows
from dideban.ingest.columns import by_place
from dideban.ingest.decompress import OLE, PARQUET, Archive, ByteStream, foreign_form, foreign_packing, zip_members
from dideban.ingest.delimited import SAMPLE_ROWS
from dideban.ingest.dialects import Dialect, is_time, numbered, sniff_dialect, without_header
from dideban.ingest.encoding import SAMPLE_BYTES, Decoded, decode
from dideban.ingest.html_tables import header_of, write_table
from dideban.ingest.json_cells import column_of_records
from dideban.ingest.json_files import is_script, open_cells, open_json
from dideban.ingest.model import ROW, Block, UnusableError
from dideban.ingest.records import as_text
from dideban.ingest.source_part import Choices, Chosen, Opened, choose, is_header
from dideban.ingest.sources import SHAPES, line, whatsapp
from dideban.ingest.spreadsheets import Sheet, Workbook, is_workbook
from dideban.ingest.web_archives import is_archive
from dideban.messages import cause_of


def open_file(path: Path, name: str, choices: Choices) -> Iterator[Opened | InputError]:
    """Yield the readable parts of a file: itself, the files inside an archive, the sheets of a workbook.

    A part that cannot be used at all is yielded as the error that says why.
    """
    try:
        if path.stat().st_size == 0:
            raise UnusableError("ingest.empty", slug="file-empty", path=str(path), name=name)
        stream = ByteStream(path, max_ratio=choices.config.max_expand_ratio)
        if stream.packing != "zip":
            yield open_stream(stream, name, choices)
            return
        if is_workbook(path):
            yield from _open_workbook(path, name, choices)
            return
        members = zip_members(path, max_ratio=choices.config.max_expand_ratio)
        if not members:
            raise UnusableError("ingest.empty-archive", slug="file-empty", path=str(path), name=name)
    except OSError as error:
        yield UnusableError(
            "ingest.not-read", slug="file-unreadable", path=str(path), name=name, reason=cause_of(error)
        )
        return
    except InputError as error:
        yield error
        return
    archive = Archive(path)
    for member in articles.archives_in(members) or members:
        yield from _open_member(archive, member, f"{name}/{member}", choices)


def open_stream(stream: ByteStream, name: str, choices: Choices) -> Opened:
    """Describe what a stream of bytes is and how to read it.

    Raises
    ------
    UnusableError
        It is nothing that holds posts.
    """
    sample = stream.head(SAMPLE_BYTES)
    if not sample.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise UnusableError("ingest.empty", slug="file-empty", path=name, name=name)
    if sample[:4] == PARQUET:
        return _open_parquet(stream, name, choices)
    if form := foreign_form(sample):
        raise UnusableError("ingest.other-form", slug="file-binary", path=name, name=name, form=form)
    if sample[:8] == OLE:
        raise UnusableError("ingest.old-excel", slug="file-binary", path=name, name=name)
    if packing := foreign_packing(sample, name):
        raise UnusableError("ingest.other-packing", slug="file-binary", path=name, name=name, packing=packing)
    text = decode(stream, sample)
    head = text.head(SAMPLE_BYTES)
    if _is_binary(head) and not is_archive(sample):
        raise UnusableError("ingest.not-text", slug="file-binary", path=name, name=name)
    opened = _open_text(text, head, name, choices)
    return dataclasses.replace(opened, notes=(said.TWICE_ENCODED, *opened.notes)) if text.twice else opened


def _open_text(text: Decoded, head: str, name: str, choices: Choices) -> Opened:
    if whatsapp.is_chat(head):  # first, for telephones that write dates in brackets
        return _open_chat(text, whatsapp.ChatReader.for_head(head), whatsapp.COLUMNS, name, choices)
    if line.is_chat(head):
        return _open_chat(text, line.LineReader(), line.COLUMNS, name, choices)
    if head.lstrip()[:1] in ("[", "{") or is_script(head):
        return open_json(text, name, choices)
    if web_pages.form_of(head) == "page" and (header := header_of(head, is_header=is_header)):
        table = ByteStream(write_table(text, header, folder=choices.scratch), max_ratio=choices.config.max_expand_ratio)
        text = decode(table, table.head(SAMPLE_BYTES))
        return _open_delimited(text, text.head(SAMPLE_BYTES), name, choices)
    if form := web_pages.form_of(head):
        return _open_web(text, form, name, choices)
    return _open_delimited(text, head, name, choices)


def _is_binary(text: str) -> bool:
    odd = sum(1 for char in text[:8192] if (char < " " and char not in "\t\n\r\f\x01") or char == "\ufffd")
    return odd > 0.1 * min(len(text), 8192)


def _open_member(archive: Archive, member: str, name: str, choices: Choices) -> Iterator[Opened | InputError]:
    try:
        inner = ByteStream(archive.path, member=member, max_ratio=choices.config.max_expand_ratio, archive=archive)
        if inner.packing != "zip":
            yield open_stream(inner, name, choices)
            return
        unpacked = _unpack(inner, choices.scratch)
        if not is_workbook(unpacked):
            raise UnusableError("ingest.archive-inside", slug="file-unreadable", path=name, name=name)
        yield from _open_workbook(unpacked, name, choices)
    except InputError as error:
        yield error


def _open_workbook(path: Path, name: str, choices: Choices) -> Iterator[Opened | InputError]:
    book = Workbook(
        path, name=name, reader=choices.reader, max_ratio=choices.config.max_expand_ratio, is_header=is_header
    )
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
        raise UnusableError("ingest.empty-sheet", slug="file-empty", path=name, name=name)
    notes = [said.EXCEL_DIGITS]
    place = choices.mapping.get("created_at", "")
    if by_place(place, sheet.columns) != place and is_time(by_place(place, sheet.columns)):  # no header, but a row
        sheet = Sheet(sheet.name, sheet.skip - 1, numbered(len(sheet.columns)))
        notes.append(said.NO_HEADER)
    sample = _first_rows(book.blocks(sheet, time_column="", limit=SAMPLE_ROWS))
    chosen = choose(sheet.columns, name, choices, evidence=FirstRows(sample))
    times = chosen.fields["created_at"].columns
    return Opened(
        name=name,
        form="xlsx",
        columns=sheet.columns,
        chosen=chosen,
        blocks=lambda: book.blocks(sheet, time_column=times[0]),
        notes=(*notes, *chosen.notes),
    )


def _open_delimited(text: Decoded, head: str, name: str, choices: Choices) -> Opened:
    dialect = sniff_dialect(head, is_header=is_header)
    if dialect is None:
        raise UnusableError("ingest.single-column", slug="file-unmapped", path=name, name=name)
    dialect = _known_headless(without_header(dialect, choices.mapping, time="created_at"))
    sample = delimited.sample_rows(
        head, dialect, choices.config, is_whole=len(head.encode("utf-8", "replace")) < SAMPLE_BYTES
    )
    evidence = FirstRows(sample)
    try:
        chosen = choose(dialect.header, name, choices, evidence=evidence)
    except UnusableError:
        column = "" if choices.mapping else column_of_records(evidence)
        if column and (inside := _in_cells(text, dialect, column, name, choices)):
            return inside
        raise
    opened = Opened(
        name=name,
        form="csv",
        columns=dialect.header,
        chosen=chosen,
        blocks=lambda: delimited.read_rows(text, dialect, choices.config),
        packing=text.stream.packing,
        encoding=text.encoding,
        delimiter=dialect.delimiter,
        notes=(*dialect.notes, *chosen.notes),
    )
    column = "" if choices.mapping else column_of_records(evidence)
    if column and ("text" not in chosen.fields or _is_read_as_text(chosen, column)):
        return _in_cells(text, dialect, column, name, choices) or opened
    return opened


def _in_cells(text: Decoded, dialect: Dialect, column: str, name: str, choices: Choices) -> Opened | None:
    """Read a table that holds each post as JSON in one column as the lines of JSON that it is; None = it holds none.

    Where the cells are no posts by themselves, the columns beside them are read with them.
    """
    for whole in (False, True):
        try:
            return _open_cells(text, dialect, column, name, choices, whole=whole)
        except UnusableError:
            continue
    return None


def _is_read_as_text(chosen: Chosen, column: str) -> bool:
    """Whether the text of a table is the column that holds records."""
    return column in getattr(chosen.fields.get("text"), "needed", ())


def _open_cells(text: Decoded, dialect: Dialect, column: str, name: str, choices: Choices, *, whole: bool) -> Opened:
    rows = delimited.read_rows(text, dialect, choices.config)
    opened = open_cells(rows, column, name=name, choices=choices, whole=whole)
    return dataclasses.replace(
        opened, packing=text.stream.packing, encoding=text.encoding, delimiter=dialect.delimiter,
        notes=(*dialect.notes, *opened.notes),
    )  # fmt: skip


def _known_headless(dialect: Dialect) -> Dialect:
    """Name the columns of a file that is known to be written without a header."""
    for shape in SHAPES:
        names = shape.headless(dialect.header) if shape.headless is not None else None
        if names is not None:
            return dataclasses.replace(dialect, header=names, n_above=dialect.n_above - 1, headless=True)
    return dialect


def _open_chat(
    text: Decoded, reader: whatsapp.ChatReader | line.LineReader, columns: Sequence[str], name: str, choices: Choices
) -> Opened:
    return Opened(
        name=name,
        form="text",
        columns=list(columns),
        chosen=choose(list(columns), name, choices),
        blocks=lambda: reader.read(text, config=choices.config),
        packing=text.stream.packing,
        encoding=text.encoding,
    )


def _open_web(text: Decoded, form: str, name: str, choices: Choices) -> Opened:
    return Opened(
        name=name,
        form=form,
        columns=list(web_pages.COLUMNS),
        chosen=choose(list(web_pages.COLUMNS), name, choices),
        blocks=lambda: web_pages.read_web(text.stream, form, name, choices.config),
        packing=text.stream.packing,
        encoding="" if form == "warc" else text.encoding,
    )


def _open_parquet(stream: ByteStream, name: str, choices: Choices) -> Opened:
    plain = stream.packing == "none" and not stream.member
    path = stream.path if plain else _unpack(stream, choices.scratch)
    names = tables.parquet_columns(path, name=name, reader=choices.reader, max_ratio=choices.config.max_expand_ratio)
    rows = tables.read_parquet(
        path, dict(zip(names, names, strict=True)), name=name, reader=choices.reader, chunk_rows=SAMPLE_ROWS,
        limit=SAMPLE_ROWS,
    )  # fmt: skip
    chosen = choose(names, name, choices, evidence=FirstRows(_first_rows(rows)))
    wanted = chosen.needed(names)
    return Opened(
        name=name,
        form="parquet",
        columns=names,
        chosen=chosen,
        blocks=lambda: tables.read_parquet(
            path, dict(zip(wanted, wanted, strict=True)), name=name, reader=choices.reader,
            chunk_rows=choices.config.chunk_rows,
        ),
        packing=stream.packing,
        notes=chosen.notes,
    )  # fmt: skip


def _first_rows(blocks: Iterator[Block]) -> pl.DataFrame:
    """Return the first rows of blocks as text, for judging what columns hold; nested cells are left out."""
    frames = [block.frame.drop(ROW) for block in blocks]
    return as_words(pl.concat(frames, how="vertical_relaxed")) if frames else pl.DataFrame()


def as_words(rows: pl.DataFrame) -> pl.DataFrame:
    """Return cells as text, lists as JSON."""
    return pl.DataFrame(
        [
            pl.Series(name, [as_text(cell) for cell in rows[name].to_list()], dtype=pl.String)
            if dtype.is_nested()
            else rows[name].cast(pl.String, strict=False)
            for name, dtype in rows.schema.items()
        ]
    )


def _unpack(stream: ByteStream, scratch: Path) -> Path:
    """Write a packed file to disk: some formats must be read from their end."""
    with tempfile.NamedTemporaryFile(dir=scratch, delete=False) as file:
        for block in stream.blocks():
            file.write(block)
    return Path(file.name)
