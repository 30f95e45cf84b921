"""JSON documents in pieces, and any bytes at all."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
import xlsxwriter
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.errors import InputError
from dideban.ingest import inspect_file, read_posts
from dideban.ingest.documents import _PageReader as Reader
from dideban.ingest.documents import segments
from dideban.ingest.records import Collector
from dideban.kernels.json_items import CLOSED, split_items

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.sampled_from('ab"\\[]{},: \n')),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(values, max_size=6), st.sampled_from([None, 1]))
def test_items_are_those_that_json_reads(items, indent):
    data = np.frombuffer(json.dumps(items, indent=indent).encode(), np.uint8)
    starts, ends = np.empty(10, np.int64), np.empty(10, np.int64)
    count, stop, state = split_items(data, 1, starts, ends)
    assert (state, stop) == (CLOSED, len(data))
    raw = data.tobytes()
    assert [json.loads(raw[starts[i] : ends[i]]) for i in range(count)] == items


@given(
    st.lists(st.dictionaries(st.text(max_size=3), values, max_size=3), max_size=6),
    st.lists(st.integers(0, 400), max_size=5),
    st.booleans(),
)
def test_wherever_a_document_is_cut_the_same_records_come_out(items, cuts, wrapped):
    document = {"name": "c", "id": 1, "messages": items} if wrapped else items
    data = json.dumps(document).encode()
    found: list[object] = []

    def keep(record, context):
        found.append((record, context.get("name")))
        return []

    collector = Collector(keep)
    reader = Reader(collector, limit=10**6)
    places = [0, *sorted({min(cut, len(data)) for cut in cuts}), len(data)]
    for start, stop in pairwise(places):
        list(reader.feed(data[start:stop]))
    list(reader.finish(truncated=False))
    assert collector.rejects == []
    assert found == [(item, "c" if wrapped else None) for item in items]


@given(st.text(st.sampled_from('{}[],:"\\ a1'), max_size=40))
def test_the_splitter_ends_whatever_it_is_given(text):
    data = np.frombuffer(text.encode() or b" ", np.uint8)
    starts, ends = np.empty(64, np.int64), np.empty(64, np.int64)
    count, stop, _ = split_items(data, 0, starts, ends)
    assert count < 64
    assert all(starts[i] < ends[i] <= stop for i in range(count))
    assert all(ends[i] <= starts[i + 1] for i in range(count - 1))


def test_where_posts_stand_in_documents():
    assert [part.items for part in segments({"data": [1], "meta": 2})] == [[1]]
    assert segments({"name": "n", "messages": [1]})[0].context == {"name": "n"}
    assert [part.items for part in segments({"chats": {"list": [{"messages": [1]}, {"messages": [2]}]}})] == [[1], [2]]
    assert [part.items for part in segments({"a": 1})] == [[{"a": 1}]]


def samples() -> list[bytes]:
    table = b"id,author,time,text,urls\n" + b'1,ann,2024-05-01T12:00:00Z,"one, #two",[a]\n' * 20
    records = [{"id": i, "author": {"name": "a"}, "time": 1714564800 + i, "text": "x"} for i in range(20)]
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        workbook.add_worksheet().write_row(0, 0, ["id", "author", "time"])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.csv", table)
    parquet = io.BytesIO()
    pl.DataFrame({"id": [1, 2], "author": ["a", "b"], "time": [1714564800] * 2}).write_parquet(parquet)
    lines = "\n".join(map(json.dumps, records)).encode()
    return [
        table, lines, json.dumps(records).encode(), json.dumps({"data": records}).encode(), table.decode().encode("utf-16"),
        gzip.compress(table), zstandard.compress(lines), archive.getvalue(), book.getvalue(), parquet.getvalue(),
    ]  # fmt: skip


SAMPLES = samples()


@pytest.mark.parametrize("sample", SAMPLES[:-2], ids=range(len(SAMPLES) - 2))
def test_the_samples_are_sound(tmp_path, sample):
    (tmp_path / "in").write_bytes(sample)
    got = read_posts([tmp_path / "in"], out=tmp_path / "out", key=b"k", config=IngestConfig(max_reject_share=1.0))
    assert got.n_rows == 20


@st.composite
def broken(draw):
    data = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["change", "insert", "cut"]))
        if kind == "cut":
            del data[at : at + draw(st.integers(1, 50))]
        elif kind == "insert":
            data[at:at] = draw(
                st.binary(min_size=1, max_size=5) | st.sampled_from([b'"', b"\0", b"\n", b"\xff\xfe", b"["])
            )
        elif at < len(data):
            data[at] = draw(st.integers(0, 255))
    return bytes(data)


@pytest.mark.slow
@given(st.binary(max_size=300) | broken())
@settings(
    max_examples=80,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_bytes_are_read_or_refused_and_no_row_vanishes(tmp_path, data):
    path = tmp_path / "in"
    path.write_bytes(data)
    config = IngestConfig(max_reject_share=1.0)
    inspect_file(path, config=config)
    try:
        got = read_posts([path], out=tmp_path / "out", key=b"k", config=config)
    except InputError:
        return
    assert got.n_rows == got.n_posts + got.n_duplicates + got.n_rejects
    assert got.n_posts == pl.read_parquet(got.posts_path).height > 0
