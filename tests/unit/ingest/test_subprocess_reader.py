"""Parquet and XLSX are read in a process of their own: what ends that process does not end ours."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from dideban.config import IngestConfig
from dideban.errors import InputError, StoreError
from dideban.ingest import inspect_file, read_posts, read_shares, subprocess_reader, worker
from dideban.ingest.subprocess_reader import Reader, ReaderError
from dideban.ingest.tables import table_from_bytes

DAMAGED = Path(__file__).parents[2] / "testdata" / "damaged.parquet"
"""Made-up posts whose bytes were damaged so that Polars 2.1 asks for 2 exbibytes of memory and ends the process."""
GOOD = "id,author,time,text\n1,ann,2024-05-01T12:00:00Z,one\n2,ben,2024-05-01T12:00:01Z,two\n"


def parquet(path: Path, n: int) -> Path:
    pl.DataFrame(
        {"id": [str(i) for i in range(n)], "author": ["ann"] * n, "time": [1714564800 + i for i in range(n)]}
    ).write_parquet(path, row_group_size=max(n // 7, 1))
    return path


def test_a_file_that_ends_its_reader_is_set_aside_and_the_others_are_read(intake):
    got = intake(GOOD, DAMAGED, GOOD.replace("ann", "cem").replace("1,", "3,"))
    assert got.law
    assert sorted(got.column("account_id")) == ["ann", "ben", "cem"]
    assert got.intake.reject_reasons == {"file-unreadable": 1}
    assert "damaged Parquet file" in " ".join(map(str, got.intake.files[1].notes))


def test_every_way_in_survives_it(tmp_path):
    with pytest.raises(InputError, match="damaged Parquet file"):
        read_posts([DAMAGED], out=tmp_path / "out", key=b"k", config=IngestConfig())
    columns = {"object_id": "urls", "created_s": "created_at"}
    with pytest.raises(InputError, match="damaged Parquet file"):
        read_shares(DAMAGED, config=IngestConfig(), key=b"k", mapping=columns)
    assert "damaged Parquet file" in inspect_file(DAMAGED, config=IngestConfig()).problems[0]


def huge_sheet() -> bytes:
    """A workbook of a few kilobytes with cells in the first and the last corner: a dense grid of it is 400 GiB."""
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True, "constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["author", "time"])
        sheet.write_row(1, 0, ["ann", "2024-05-01"])
        sheet.write(1_048_575, 16_383, "far")
    return book.getvalue()


def test_a_sheet_that_claims_more_cells_than_memory_holds(intake):
    got = intake(GOOD, huge_sheet())
    assert got.law
    assert got.intake.n_posts >= 2


def test_a_reader_starts_again_after_it_died(tmp_path):
    good = parquet(tmp_path / "good.parquet", 70)
    with Reader(tmp_path) as reader:
        for _ in range(2):
            with pytest.raises(ReaderError):
                list(reader.frames("parquet", DAMAGED, name="d", columns={"u": "urls"}, chunk_rows=9, numbered=False))
            assert reader.ask("parquet-columns", good, name="g") == {"columns": ["id", "author", "time"], "n_rows": 70}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.parquet"]


def test_rows_come_in_order_and_no_more_files_wait_than_were_allowed(tmp_path):
    good = parquet(tmp_path / "good.parquet", 700)
    waiting, rows = [], []
    with Reader(tmp_path) as reader:
        for frame in reader.frames("parquet", good, name="g", columns={"n": "id"}, chunk_rows=50, numbered=True):
            waiting.append(len(list(tmp_path.glob("*.arrow"))))
            rows += frame["n"].to_list()
    assert rows == [str(i) for i in range(700)]
    assert len(waiting) >= 7
    assert max(waiting) <= worker.AHEAD
    assert not list(tmp_path.glob("*.arrow"))


def test_a_reader_left_in_the_middle_can_be_asked_again(tmp_path):
    good = parquet(tmp_path / "good.parquet", 700)
    with Reader(tmp_path) as reader:
        first = reader.frames("parquet", good, name="g", columns={"n": "id"}, chunk_rows=50, numbered=False)
        assert next(first).height
        again = reader.frames("parquet", good, name="g", columns={"n": "id"}, chunk_rows=50, numbered=False)
        assert next(again)["n"][0] == "0"
        first.close()  # an old request that ends late does not end the new one
        assert sum(frame.height for frame in again) > 0


def test_a_reader_that_says_nothing_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess_reader, "PATIENCE_S", 0.0)
    with Reader(tmp_path) as reader, pytest.raises(ReaderError, match="nothing came of it"):
        reader.ask("parquet-columns", parquet(tmp_path / "good.parquet", 7), name="g")


def test_a_reader_that_cannot_start_is_not_blamed_on_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess_reader.sys, "executable", shutil.which("false"))
    with Reader(tmp_path) as reader, pytest.raises(StoreError, match="could not be started"):
        reader.ask("parquet-columns", parquet(tmp_path / "good.parquet", 7), name="g")


def test_memory_of_the_reader_is_bounded(tmp_path, monkeypatch):
    pytest.importorskip("resource")
    monkeypatch.setattr(subprocess_reader, "memory_limit", lambda: 1)
    with Reader(tmp_path) as reader, pytest.raises(ReaderError, match="Parquet file"):
        reader.ask("parquet-columns", parquet(tmp_path / "good.parquet", 7), name="g")


def test_a_broken_sheet_in_words(intake):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(InputError, match="a broken workbook"):
        intake(book.getvalue())


def test_tables_of_strangers_are_read_at_arms_length(tmp_path):
    """What ``dideban verify`` reads: a package may be made to end whoever checks it."""
    limits = {"max_rows": 100, "max_columns": 5}
    good = parquet(tmp_path / "good.parquet", 7).read_bytes()
    for _ in range(2):
        with pytest.raises(InputError, match="damaged Parquet file"):
            table_from_bytes(DAMAGED.read_bytes(), name="posts.parquet", **limits)
        assert table_from_bytes(good, name="posts.parquet", **limits).equals(pl.read_parquet(io.BytesIO(good)))
    empty = io.BytesIO()
    pl.DataFrame(schema={"a": pl.List(pl.String), "b": pl.Int64}).write_parquet(empty)
    held = table_from_bytes(empty.getvalue(), name="x", **limits)
    assert (held.height, held.schema) == (0, pl.Schema({"a": pl.List(pl.String), "b": pl.Int64}))
    with pytest.raises(InputError, match="more than 5"):
        table_from_bytes(good, name="x", max_rows=5, max_columns=5)
    with pytest.raises(InputError, match="more than 2 columns"):
        table_from_bytes(good, name="x", max_rows=100, max_columns=2)
    with subprocess_reader.shared_reader() as reader:
        assert list(reader.scratch.iterdir()) == []
