"""Files of posts that are not sound, and a disk that fails: nothing crashes and nothing vanishes."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import zstandard

from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError, StoreError
from dideban.ingest import merge, read_posts
from testdata.posts import FARSI, as_csv, many, packed

KEY = bytes(32)
NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
GOOD = "id,author,time,text\n1,ann,2024-05-01T12:00:00Z,one\n2,ben,2024-05-01T12:00:01Z,two\n"


def reasons(got) -> dict[str, int]:
    return got.intake.reject_reasons


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"id,author,time,text\n", "no rows|no usable row"),
        (b"text\none\ntwo\n", "single column"),
        (bytes(range(256)) * 50, "not text"),
        (b"\x7fELF" + bytes(2000), "not text"),
        (b"PAR1 but not a Parquet file", "broken Parquet"),
        (b"PK\x03\x04 but not an archive", "broken zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        (b"one,two\n1,2\n", "no column for account_id and created_at"),
        (b'{"a": 1}\n{"a": 2}\n', "no column for account_id and created_at"),
        (b"[1, 2, 3]", "without records"),
        (b"[", "without records"),
        (b"{}", "no column|without records"),
        (b"id,author,time,text\n1,ann,soon,x\n", "no usable row.*time-unreadable"),
    ],
)
def test_a_file_with_nothing_usable_is_an_error_in_plain_words(intake, content, words):
    with pytest.raises(InputError, match=words) as caught:
        intake(content)
    assert caught.value.exit_code == 10


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"", "file-empty"),
        (bytes(range(256)) * 50, "file-binary"),
        (b"text\none\n", "file-unmapped"),
        (b"PAR1xxxx", "file-unreadable"),
    ],
)
def test_one_unusable_file_among_others_is_a_reject(intake, content, slug):
    got = intake(GOOD, content)
    assert got.law
    assert got.rejects == [(0, slug)]
    assert got.intake.n_posts == 2
    assert [file.shape for file in got.intake.files] == ["table", "unusable"]


def test_an_encrypted_archive_is_named_as_such(intake):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", GOOD)
    data = bytearray(buffer.getvalue())
    data[6] |= 1  # the flag that says: encrypted
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="encrypted"):
        intake(bytes(data))


def test_a_pipe_is_not_waited_for(intake, tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no such file"):
        intake(tmp_path / "pipe")


def test_blank_lines_before_and_between_rows_are_no_rows(intake):
    got = intake("\n\r\n" + GOOD.replace("\n2", "\n\n\n2"))
    assert got.law
    assert got.intake.n_rows == 2


def test_lists_of_objects_in_parquet(intake, tmp_path):
    frame = pl.DataFrame(
        {
            "id": [1.0, 2.0],
            "author": pl.Series(["ann", "ben"], dtype=pl.Categorical),
            "time": [NOON, NOON],
            "urls": [[{"expanded_url": "https://example.org/a", "n": 1}], None],
            "views": pl.Series([7, None], dtype=pl.UInt16),
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    got = intake(tmp_path / "in.parquet")
    assert got.column("post_id") == ["1", "2"]
    assert got.column("urls") == [["https://example.org/a"], []]
    assert got.column("reach") == [7, None]


def test_a_path_that_is_not_there_is_an_error(intake, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        intake(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("packing", [gzip.compress, zstandard.compress])
def test_a_truncated_packed_file_gives_what_is_whole(intake, packing):
    text = as_csv(many(50_000))
    whole = packing(text.encode())
    got = intake(whole[: len(whole) // 2])
    assert got.law
    assert 100 < got.intake.n_rows < 50_000
    assert reasons(got)["file-truncated"] == 1


@pytest.mark.parametrize("form", ["lines", "array"])
def test_a_truncated_json_gives_what_is_whole(intake, form):
    rows = [json.dumps(row) for row in many(5000)]
    text = "\n".join(rows) if form == "lines" else "[" + ",\n".join(rows) + "]"
    whole = gzip.compress(text.encode())
    got = intake(whole[: len(whole) // 2])
    assert got.law
    assert 100 < got.intake.n_rows < 5000
    assert reasons(got)["file-truncated"] == 1
    cut = intake(text[: len(text) // 2])
    assert cut.law
    assert reasons(cut) == {"json-invalid": 1}


@pytest.mark.parametrize("name", ["gzip", "zstd", "zip"])
def test_bombs_are_refused(intake, tmp_path, name):
    data = b"id,author,time,text\n" + (b"1,a,2024-05-01T12:00:00Z," + b"x" * 65_500 + b"\n") * 1_200
    bomb = packed(data, name, tmp_path)
    assert len(bomb) * 200 < len(data)
    with pytest.raises(InputError, match="expands more than 200 times"):
        intake(bomb)
    got = intake(GOOD, bomb)
    assert got.law
    assert got.rejects == [(0, "file-bomb")]
    assert got.intake.n_posts == 2


def test_a_parquet_file_of_nothing_but_rows_is_refused(intake, tmp_path):
    rows = pl.DataFrame({name: pl.repeat(None, 20_000_000, dtype=pl.String, eager=True) for name in ("author", "time")})
    rows.write_parquet(tmp_path / "bomb", row_group_size=20_000_000)
    with pytest.raises(InputError, match="20,000,000 rows in"):
        intake(tmp_path / "bomb")


def test_an_archive_in_an_archive_is_refused(intake, tmp_path):
    inner = packed(GOOD.encode(), "zip", tmp_path)
    with pytest.raises(InputError, match="inside an archive"):
        intake(packed(inner, "zip", tmp_path))


def test_mixed_encodings_cost_the_rows_that_do_not_fit(intake):
    good = FARSI.encode()
    got = intake(good + "30,کاربر,2024-05-01T12:00:00Z,متن\n".encode("cp1256", "replace"))
    assert got.law
    assert got.intake.n_posts == 20
    assert got.rejects == [(21, "encoding-invalid")]


def test_a_giant_field_costs_one_row(intake):
    giant = "x" * 50_000_000
    got = intake(GOOD + f'3,cy,2024-05-01T12:00:02Z,"{giant}"\n4,dee,2024-05-01T12:00:03Z,four\n')
    assert got.law
    assert got.column("post_id") == ["1", "2", "4"]
    assert got.rejects == [(3, "field-too-large")]
    line = json.dumps({"id": 3, "author": "cy", "time": 1714564800, "text": giant})
    lines = [json.dumps({"id": i, "author": "cy", "time": 1714564800, "text": "x"}) for i in range(3)]
    got = intake("\n".join([*lines[:2], line, lines[2]]))
    assert got.law
    assert got.rejects == [(3, "field-too-large")]


def test_unbalanced_quotes_nul_bytes_and_ragged_rows_are_named(intake):
    got = intake(
        GOOD
        + '3,cy,2024-05-01T12:00:02Z,"never closed\n'
        + "4,dee,2024-05-01T12:00:03Z,nul\0byte\n"
        + "5,eve,2024-05-01T12:00:04Z\n"
        + "6,fay,2024-05-01T12:00:05Z,a,b\n"
        + '7,gil,2024-05-01T12:00:06Z,5" is fine\n'
    )
    assert got.law
    assert got.rejects == [(3, "quote-unbalanced"), (4, "nul-byte"), (5, "row-ragged"), (6, "row-ragged")]
    assert got.column("text")[-1] == '5" is fine'


def test_lone_surrogates_in_json_are_rejected(intake):
    lines = [json.dumps({"id": i, "author": "cy", "time": 1714564800, "text": "x"}) for i in range(3)]
    got = intake("\n".join([*lines, '{"id": 9, "author": "cy", "time": 1714564800, "text": "\\ud800"}']))
    assert got.law
    assert got.rejects == [(4, "json-invalid")]


def test_deep_json_is_rejected_not_followed(intake):
    lines = [json.dumps({"id": i, "author": "cy", "time": 1714564800, "text": "x"}) for i in range(3)]
    got = intake("\n".join([*lines, '{"a":' * 5000 + "1" + "}" * 5000]))
    assert got.law
    assert got.rejects == [(4, "json-invalid")]


def test_the_documents_own_reader_is_streamed_and_the_same(intake, monkeypatch):
    from dideban.ingest import documents

    export = {"name": "c", "id": 5, "messages": [
        {"id": i, "type": "message", "date": "2024-05-01T12:00:00", "from_id": f"u{i}", "text": f'odd "]}}[[{i}, \\ text'}
        for i in range(50)
    ]}  # fmt: skip
    whole = intake(json.dumps(export, indent=2))
    monkeypatch.setattr(documents, "WHOLE_BYTES", 100)
    streamed = intake(json.dumps(export, indent=2))
    assert whole.intake.n_posts == 50
    assert streamed.posts.equals(whole.posts)


def test_too_large_a_share_of_rejects_stops_the_run(intake, tmp_path):
    text = GOOD + "".join(f"{i},ann,soon,x\n" for i in range(10, 20))
    with pytest.raises(InputError, match=r"83% of 12 rows were rejected.*time-unreadable 10"):
        intake(text, max_reject_share=0.5)
    assert list((tmp_path / "out").iterdir()) == []
    assert intake(text, max_reject_share=0.9).intake.n_posts == 2


def test_formulas_in_rejects_are_neutralised(intake):
    got = intake(GOOD + "3,ann,=HYPERLINK(1),x\n4,ann,+1+cmd,x\n5,ann,@SUM(1),x\n6,ann,-2+3,x\n")
    values = pl.read_csv(got.intake.rejects_path, infer_schema=False)["value"].to_list()
    assert values == ["'=HYPERLINK(1)", "'+1+cmd", "'@SUM(1)", "'-2+3"]


def test_values_in_rejects_are_cut_short(intake):
    got = intake(GOOD + f"3,ann,{'9' * 5000},x\n")
    assert len(pl.read_csv(got.intake.rejects_path, infer_schema=False)["value"][0]) == 200


# ---------------------------------------------------------------- our own disk


def test_an_output_that_cannot_be_written_is_a_store_error(tmp_path):
    (tmp_path / "in.csv").write_text(GOOD)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        read_posts([tmp_path / "in.csv"], out=tmp_path / "file", key=KEY, config=IngestConfig())
    assert caught.value.exit_code == 13


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_a_store_error_and_leaves_the_old_result(intake, tmp_path, monkeypatch):
    intake(GOOD)
    before = (tmp_path / "out" / "posts.parquet").read_bytes()
    real = merge.write_sorted
    monkeypatch.setattr(
        "dideban.ingest.merge.write_sorted", lambda parts, out, **more: real(parts, Path("/dev/full"), **more)
    )
    with pytest.raises(StoreError):
        intake(GOOD.replace("one", "changed"))
    assert (tmp_path / "out" / "posts.parquet").read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["posts.parquet", "rejects.csv"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_a_reject(intake, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(GOOD)
    secret.chmod(0)
    got = intake(GOOD, secret)
    assert got.rejects == [(0, "file-unreadable")]


def test_an_unknown_time_zone_is_an_error_with_the_nearest(intake):
    with pytest.raises(ConfigError) as caught:
        intake(GOOD, time_zone="Asia/Teheran")
    assert "Asia/Tehran" in str(caught.value.hint)


def test_an_interrupt_leaves_nothing_half_written(tmp_path, monkeypatch):
    (tmp_path / "in.csv").write_text(as_csv(many(100)))

    class Stop:
        def stage(self, *_: object, **__: object) -> Stop:
            return self

        def advance(self, *_: object, **__: object) -> None:
            raise KeyboardInterrupt

        def __enter__(self) -> Stop:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    with pytest.raises(KeyboardInterrupt):
        read_posts([tmp_path / "in.csv"], out=tmp_path / "out", key=KEY, config=IngestConfig(), progress=Stop())
    assert list((tmp_path / "out").iterdir()) == []


# ---------------------------------------------------------------- real data


@pytest.mark.shared
@pytest.mark.parametrize("name", ["coortweet_german", "coortweet_russian", "persian_news", "telegram_ru_news"])
def test_real_posts_are_read_whole(intake, shared, name):
    path = shared / "data" / name / "posts.parquet"
    raw = pl.read_parquet(path)
    got = intake(path)
    assert got.law
    assert got.intake.n_rows == raw.height
    assert got.intake.n_rejects == raw["created_at"].null_count()
    kept = raw.drop_nulls("created_at").unique(["platform", "post_id"], keep="first")
    assert got.intake.n_posts == kept.height
    both = got.posts.sort("platform", "post_id").select("post_id", "text", "repost_of", "account_id")
    assert both.equals(kept.sort("platform", "post_id").select("post_id", "text", "repost_of", "account_id"))


@pytest.mark.parametrize("depth", [253, 255, 1_000, 1_100])
@pytest.mark.parametrize("form", ["lines", "list", "cell"])
def test_values_nested_at_any_depth_spoil_their_record_at_most(intake, depth, form):
    deep = "[" * depth + "]" * depth
    rows = [f'{{"id": "p{n}", "author": "a{n}", "time": 17145648{n:02}, "text": "x"}}' for n in range(20)]
    odd = f'{{"id": "odd", "author": "b", "time": 1714564899, "text": "x", "hashtags": {deep}}}'
    text = "\n".join([*rows, odd]) if form == "lines" else f"[{','.join([*rows, odd])}]"
    if form == "cell":
        cells = [f"p{n},a{n},17145648{n:02},x," for n in range(20)]
        text = "\n".join(["id,author,time,text,hashtags", *cells, f"odd,b,1714564899,x,{deep}"])
    got = intake(text)
    assert got.law
    assert set(got.column("post_id")) - {"odd"} == {f"p{n}" for n in range(20)}
