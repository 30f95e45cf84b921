"""The splitter of delimited text against the csv module."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.ingest.delimited import _Splitter as Splitter
from dideban.ingest.dialects import Dialect, read_header, sniff_delimiter
from dideban.ingest.model import ROW
from dideban.kernels import delimited as kernel

cells = st.text(st.sampled_from('ab,;"\n\r é😀'), max_size=8)
tables = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=12))


def split(data: bytes, pieces: list[int], n_columns: int, **settings_: int):
    header = [f"c{i}" for i in range(n_columns)]
    splitter = Splitter(Dialect(",", header), IngestConfig(**settings_))
    splitter.patience = 0
    frames, rejects = [], []
    cuts = [0, *sorted({min(cut, len(data)) for cut in pieces}), len(data)]
    for start, stop in pairwise(cuts):
        for block in splitter.feed(data[start:stop]):
            frames.append(block.frame)
            rejects += block.rejects
    for block in splitter.feed(b"", final=True):
        frames.append(block.frame)
        rejects += block.rejects
    rows = [row for frame in frames for row in frame.drop(ROW).rows()]
    numbers = [row for frame in frames for row in frame[ROW].to_list()]
    return rows, numbers, rejects


@given(tables, st.lists(st.integers(0, 300), max_size=4), st.integers(1, 5))
@settings(max_examples=200)
def test_what_csv_writes_is_read_back_wherever_the_bytes_are_cut(table, pieces, chunk_rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["h"] * len(table[0]))
    writer.writerows(table)
    rows, numbers, rejects = split(text.getvalue().encode(), pieces, len(table[0]), chunk_rows=chunk_rows)
    assert rejects == []
    assert [list(row) for row in rows] == table
    assert numbers == list(range(1, len(table) + 1))


@given(st.text(st.sampled_from('a,"\n\r\0é'), max_size=80), st.lists(st.integers(0, 80), max_size=3))
@settings(max_examples=300)
def test_no_line_vanishes_and_cuts_change_nothing(body, pieces):
    data = ("h,h\n" + body).encode()
    rows, numbers, rejects = split(data, pieces, 2)
    whole = split(data, [], 2)
    assert (rows, numbers, rejects) == whole
    assert sorted(numbers + [row for row, *_ in rejects]) == list(range(1, len(numbers) + len(rejects) + 1))
    sound = [line for line in body.split("\n") if line.count(",") == 1 and not set(line) & set('"\0\r')]
    if '"' not in body:
        assert len(rows) == len(sound) + sum(
            1 for line in body.split("\n") if line.count(",") == 1 and "\r" in line and "\0" not in line
        )


def test_kinds_of_rows():
    data = b'a,b\n1,2\n1\n1,2,3\n"x,2\n"y"z,2\n5" x,2\n\n"a""b\nc",2\n1,\x00\n'
    rows, numbers, rejects = split(data, [], 2)
    assert rows == [("1", "2"), ('5" x', "2"), ('a"b\nc', "2")]
    assert numbers == [1, 6, 7]
    assert [(row, reason) for row, _, reason, _ in rejects] == [
        (2, "row-ragged"), (3, "row-ragged"), (4, "quote-unbalanced"), (5, "quote-unbalanced"), (8, "nul-byte"),
    ]  # fmt: skip


def test_a_quote_that_never_closes_costs_one_row():
    lines = [f"{i},x" for i in range(1000)]
    lines[500] = '500,"x'
    rows, _, rejects = split(("a,b\n" + "\n".join(lines) + "\n").encode(), [], 2)
    assert len(rows) == 999
    assert [(row, reason) for row, _, reason, _ in rejects] == [(501, "quote-unbalanced")]


def test_a_field_too_large_costs_one_row():
    data = b"a,b\n1,2\n" + b"x" * 5000 + b',2\n3,"' + b"y" * 5000 + b'"\n5,6\n'
    rows, _, rejects = split(data, [700, 6000], 2, max_field_bytes=1000)
    assert rows == [("1", "2"), ("5", "6")]
    assert [(row, reason) for row, _, reason, _ in rejects] == [(2, "field-too-large"), (3, "field-too-large")]


def test_a_row_beyond_memory_is_given_up_and_reading_goes_on():
    header = ["a", "b"]
    splitter = Splitter(Dialect(",", header), IngestConfig(max_field_bytes=100))
    splitter.patience, splitter.limit = 0, 1000
    got = list(splitter.feed(b"a,b\n1,2\n"))
    got += list(splitter.feed(b"z" * 5000))
    got += list(splitter.feed(b"z" * 5000 + b"\n3,4\n"))
    got += list(splitter.feed(b"", final=True))
    assert [row[:2] for block in got for row in block.frame.rows()] == [("1", "2"), ("3", "4")]
    assert [r[2] for block in got for r in block.rejects] == ["field-too-large"]


def test_bytes_that_are_not_utf8_cost_one_row():
    rows, _, rejects = split(b"a,b\n1,\xe3\xe4\n2,ok\n", [], 2)
    assert rows == [("2", "ok")]
    assert rejects[0][:3] == (1, "", "encoding-invalid")


@given(st.lists(st.text(st.sampled_from('a,"'), max_size=10), min_size=1, max_size=5))
def test_fields_are_counted_as_csv_counts_them(row):
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([*row, "end"])
    data = np.frombuffer(text.getvalue().encode(), np.uint8)
    assert kernel.count_fields(data, 0, len(data), ord(",")) == len(row) + 1


def test_delimiters_are_told_by_even_splitting():
    for delimiter in ",;\t|":
        text = delimiter.join(["id", "text", "time"]) + "\n"
        text += delimiter.join(["1", '"a, b; c | d"', "x"]) + "\n"
        assert sniff_delimiter(text) == delimiter
    assert sniff_delimiter("one column\nonly words, here\nand there\n") == ""


def test_header_names_are_told_apart():
    assert read_header("\ufeffid, text ,,text\n1", ",") == ["id", "text", "column_3", "text_"]
