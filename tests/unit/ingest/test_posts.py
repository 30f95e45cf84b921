"""Files of posts to POSTS: the laws, and everything a file can be besides sound."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError, StoreError
from dideban.ingest import merge, read_posts
from dideban.ingest.reasons import REASONS
from dideban.schema import POSTS

KEY = bytes(32)
NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
GOOD = "id,author,time,text\n1,ann,2024-05-01T12:00:00Z,one\n2,ben,2024-05-01T12:00:01Z,two\n"


def reasons(got) -> dict[str, int]:
    return got.intake.reject_reasons


# ---------------------------------------------------------------- laws

moments = st.sampled_from(["2024-05-01T12:00:00Z", "2024-05-02 10:00", "1714564800", "0", "", "1403/05/01", "soon"])
cell = st.text(st.sampled_from('ab",;\n\0 #@é'), max_size=6)
raw_rows = st.lists(
    st.tuples(st.sampled_from(["1", "2", "3", ""]), st.sampled_from(["ann", "ben", ""]), moments, cell), max_size=15
)


@given(raw_rows, st.booleans(), st.sampled_from([3, 500]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_a_post_a_duplicate_or_a_reject(tmp_path, rows, sloppy, chunk_rows):
    text = io.StringIO(newline="")
    text.write("id,author,time,text\n9,zoe,2024-05-01T12:00:00Z,always\n")
    for row in rows:
        if sloppy:
            text.write(",".join(row) + "\n")
        else:
            csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(row)
    path = tmp_path / "in.csv"
    path.write_bytes(text.getvalue().encode())
    config = IngestConfig(chunk_rows=chunk_rows, max_reject_share=1.0)
    got = read_posts([path], out=tmp_path / "out", key=KEY, config=config)
    rejects = pl.read_csv(got.rejects_path, infer_schema=False)
    posts = POSTS.check(pl.read_parquet(got.posts_path))
    assert got.n_rows == got.n_posts + got.n_duplicates + got.n_rejects
    assert (posts.height, rejects.height) == (got.n_posts, got.n_rejects)
    assert set(rejects["reason"]) <= set(REASONS)
    if not sloppy:
        assert got.n_rows == len(rows) + 1


def many(n: int) -> list[dict[str, object]]:
    rng = random.Random(5)
    return [
        {
            "id": rng.randrange(n // 2),
            "author": f"user{rng.randrange(20)}",
            "time": 1714564800 + rng.randrange(50),
            "text": f"text {i} #tag{rng.randrange(4)} https://example.org/{i}",
            "platform": rng.choice(["x", "telegram"]),
        }
        for i in range(n)
    ]


def as_csv(rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_chunks_never_change_the_result(intake):
    text = as_csv(many(200))
    whole = intake(text)
    assert whole.intake.n_duplicates > 0
    for chunk_rows in (9, 70):
        again = intake(text, chunk_rows=chunk_rows)
        assert again.posts.equals(whole.posts)
        assert again.intake.n_duplicates == whole.intake.n_duplicates


def test_the_order_of_rows_and_files_never_changes_the_result(intake, tmp_path):
    rows = list({(row["platform"], row["id"]): row for row in many(300)}.values())
    whole = intake(as_csv(rows), name="a.csv").posts.drop("source")
    random.Random(1).shuffle(rows)
    again = intake(as_csv(rows[:100]), as_csv(rows[100:])).posts.drop("source")
    assert again.equals(whole)


def test_the_same_input_gives_the_same_bytes(intake):
    text = as_csv(many(300))
    first = intake(text).intake.posts_path.read_bytes()
    assert intake(text).intake.posts_path.read_bytes() == first


def test_the_first_arrival_stands_and_later_ones_update_reach(intake):
    first = "id,author,time,text,views\n1,ann,2024-05-01T12:00:00Z,first,5\n1,ben,2024-05-01T13:00:00Z,second,9\n"
    second = "id,author,time,text,views\n1,ann,2024-05-01T12:00:00Z,third,\n2,ann,2024-05-01T12:00:00Z,x,\n"
    for chunk_rows in (1, 1000):
        got = intake(first, second, chunk_rows=chunk_rows)
        assert got.law
        assert got.column("text") == ["first", "x"]
        assert got.column("reach") == [9, None]
        assert got.intake.n_duplicates == 2


def test_repeats_are_found_across_buckets(intake, monkeypatch):
    text = as_csv(many(400))
    whole = intake(text, chunk_rows=50)
    monkeypatch.setattr(merge, "BUCKET_ROWS", 37)
    assert intake(text, chunk_rows=50).posts.equals(whole.posts)


def test_posts_are_sorted_and_checked(intake):
    posts = POSTS.check(intake(as_csv(many(300)), chunk_rows=40).posts)
    assert posts.equals(posts.sort("created_at", "platform", "post_id"))


@pytest.mark.parametrize(
    ("times", "unit_s"),
    [
        (["2024-05-01", "2024-05-03"], 86400.0),
        (["2024-05-01 10:05", "2024-05-01 11:10"], 60.0),
        (["2024-05-01 10:05:01", "2024-05-01 11:10:00"], 1.0),
        (["2024-05-01 10:05:01.25", "2024-05-01 11:10:00"], 0.01),
        (["2024-05-01 10:05:01.000001", "2024-05-01 11:10:00"], 0.000001),
    ],
)
def test_the_resolution_of_times_is_told(intake, times, unit_s):
    rows = "".join(f"{i},ann,{time}\n" for i, time in enumerate(times))
    assert intake("id,author,time\n" + rows).intake.time_resolution_s == unit_s


def test_days_in_a_zone_of_their_own_are_days(intake):
    rows = "".join(f"{i},ann,2024-05-{i + 1:02}\n" for i in range(9))
    assert intake("id,author,time\n" + rows, time_zone="Asia/Tehran").intake.time_resolution_s == 86400.0


# ---------------------------------------------------------------- what posts hold


def test_accounts_and_mentions_become_the_same_pseudonyms(intake):
    got = intake(
        "id,author,time,text\n1,ann,2024-05-01T12:00:00Z,hi @ben\n2,ben,2024-05-01T12:00:01Z,hi\n", keep_ids=False
    )
    ann, ben = got.column("account_id")
    assert ann.startswith("a")
    assert len({ann, ben}) == 2
    assert {len(ann), len(ben)} == {17}
    assert got.column("mentions") == [[ben], []]


def test_objects_are_taken_from_the_text_where_the_source_lists_none(intake):
    text = (
        "خبر #پل_شهر را ببینید https://example.org/a?x=1#part, (https://example.org/b). "
        "a#b me@example.org @ben.smith. #1 #نیم‌فاصله www.example.net/ü"
    )
    got = intake("id,author,time,text\n1,ann,2024-05-01T12:00:00Z," + '"' + text + '"\n')
    assert got.column("text") == [text]
    assert got.column("urls") == [["https://example.org/a?x=1#part", "https://example.org/b", "www.example.net/ü"]]
    assert got.column("hashtags") == [["پل_شهر", "نیم‌فاصله"]]
    assert got.column("mentions") == [["ben.smith"]]
    assert any("taken from the text" in note for note in got.intake.files[0].notes)


def test_a_source_that_lists_links_is_believed(intake):
    got = intake("id,author,time,text,urls\n1,ann,2024-05-01T12:00:00Z,https://example.org/a,\n")
    assert got.column("urls") == [[]]


def test_reposts_have_no_objects_of_their_own(intake):
    got = intake(
        "id,author,time,text,repost_of\n1,ann,2024-05-01T12:00:00Z,see https://example.org/a #x,\n2,ben,2024-05-01T12:00:01Z,see https://example.org/a #x,1\n"
    )
    assert got.column("urls") == [["https://example.org/a"], []]
    assert got.column("hashtags") == [["x"], []]
    assert got.column("text")[0] == got.column("text")[1]


def test_null_text_is_not_empty_text(intake):
    got = intake('id,author,time,text\n1,ann,2024-05-01T12:00:00Z,\n2,ann,2024-05-01T12:00:01Z,""\n')
    assert got.column("text") == [None, ""]


def test_a_table_without_ids_is_named_by_content(intake):
    text = (
        "author,time,text\nann,2024-05-01T12:00:00Z,one\nben,2024-05-01T12:00:00Z,one\nann,2024-05-01T12:00:00Z,one\n"
    )
    got = intake(text)
    assert got.law
    assert got.intake.n_duplicates == 1
    assert len(set(got.column("post_id"))) == 2
    assert intake(text).column("post_id") == got.column("post_id")
    assert any("hash of their content" in note for note in got.intake.files[0].notes)


@pytest.mark.parametrize(
    "header",
    [
        "شناسه,کاربر,زمان,متن",
        "المعرف,المستخدم,التاريخ,النص",
        "شناسه پست,نام کاربری,تاریخ انتشار,متن پیام",
        "ID,User Name,Created At,Full Text",
        "status_id,screen_name,created_at,full_text",
        "guid,publisher,pubDate,headline",
    ],
)
def test_columns_are_known_in_several_languages(intake, header):
    got = intake(header + "\n1,ann,2024-05-01T12:00:00Z,one\n")
    assert got.column("post_id") == ["1"]
    assert got.column("account_id") == ["ann"]
    assert got.column("text") == ["one"]


def test_a_mapping_overrides_every_guess(intake):
    text = "id,author,desk,time,text\n1,ann,desk9,2024-05-01T12:00:00Z,one\n"
    got = intake(text, mapping={"account_id": "desk"})
    assert got.column("account_id") == ["desk9"]
    assert got.intake.files[0].mapping["account_id"] == "desk"


@pytest.mark.parametrize("mapping", [{"acount_id": "author"}, {"account_id": "auther"}])
def test_an_unknown_name_in_a_mapping_is_an_error_with_the_nearest(intake, mapping):
    with pytest.raises(ConfigError) as caught:
        intake(GOOD, mapping=mapping)
    assert "did you mean 'a" in caught.value.hint


# ---------------------------------------------------------------- how files are packed and written


def packed(data: bytes, name: str, folder: Path) -> bytes:
    if name == "gzip":
        return gzip.compress(data)
    if name == "two gzips":
        return gzip.compress(data[:30]) + gzip.compress(data[30:])
    if name == "two zstds":
        return zstandard.compress(data[:30]) + zstandard.compress(data[30:])
    if name == "zstd":
        return zstandard.compress(data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/er/posts.txt", gzip.compress(data) if name == "gzip in zip" else data)
        archive.writestr("__MACOSX/._posts", b"\0\1")
        archive.writestr(".hidden", b"x")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["gzip", "two gzips", "zstd", "two zstds", "zip", "gzip in zip"])
def test_packings(intake, tmp_path, name):
    got = intake(packed(GOOD.encode(), name, tmp_path))
    assert got.column("text") == ["one", "two"]
    assert got.law


FARSI = "id,author,time,text\n" + "".join(
    f"{i},کاربر{i},2024-05-01T12:00:{i:02}Z,خبر امروز: مردم در خیابان‌های شهر گرد هم آمدند و پل بسته شد\n".replace(
        "‌", " "
    )
    for i in range(20)
)
FRENCH = "id,author,time,text\n" + "".join(
    f"{i},andré{i},2024-05-01T12:00:{i:02}Z,le café de la gare a été fermé à l'été dernier\n" for i in range(20)
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FARSI, "utf-8"), (FARSI, "utf-8-sig"), (FARSI, "utf-16"), (FARSI, "utf-16-le"), (FARSI, "utf-16-be"),
        (FARSI.replace("ی", "ي"), "cp1256"), (FRENCH, "cp1252"), (FRENCH, "utf-16-le"),
    ],
)  # fmt: skip
def test_encodings(intake, text, encoding):
    expected = list(csv.DictReader(io.StringIO(text)))
    got = intake(text.encode(encoding, "strict"))
    assert got.column("text") == [row["text"] for row in expected]
    assert got.column("account_id") == [row["author"] for row in expected]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_lines_in_any_encoding(intake, encoding):
    records = "\n".join(json.dumps(row, ensure_ascii=False) for row in csv.DictReader(io.StringIO(FARSI)))
    assert intake(records.encode(encoding)).intake.n_posts == 20


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(intake, delimiter, newline):
    got = intake(GOOD.replace(",", delimiter).replace("\n", newline))
    assert got.column("text") == ["one", "two"]


def test_xlsx(intake, tmp_path):
    path = tmp_path / "posts.dat"
    book = xlsxwriter.Workbook(str(path))
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet("about")
    sheet.write_row(0, 0, ["made by", "nobody"])
    sheet = book.add_worksheet("posts")
    sheet.write_row(0, 0, ["a title over the table"])
    sheet.write_row(1, 0, ["id", "author", "time", "text"])
    sheet.write_row(2, 0, [1, "ann"])
    sheet.write_datetime(2, 2, NOON.replace(tzinfo=None), moment)
    sheet.write_string(2, 3, "=1+1")
    sheet.write_row(3, 0, ["2", "ben", 45413.5, "serial"])
    sheet.write_row(5, 0, ["3", "cy", "1403/05/01", "متن"])
    book.close()
    got = intake(path)
    assert got.intake.files[0].shape == "table"
    assert got.column("post_id") == ["1", "2"]
    assert got.column("created_at") == [NOON, NOON]
    assert got.column("text") == ["=1+1", "serial"]
    assert got.rejects == [(3, "time-jalali")]


def test_many_files_and_folders_at_once(intake, tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.csv").write_text(GOOD)
    (folder / "deep" / "b.json").write_text(
        json.dumps([{"id": 3, "author": "cy", "time": 1714564800, "text": "three"}])
    )
    (folder / ".hidden.csv").write_text(GOOD.replace("one", "hidden"))
    outside = tmp_path / "outside.csv"
    outside.write_text(GOOD.replace("1,ann", "77,ann"))
    (folder / "link.csv").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    got = intake(folder)
    assert sorted(got.column("post_id")) == ["1", "2", "3"]
    assert [file.name for file in got.intake.files] == ["a.csv", "deep/b.json"]
    assert [len(file.sha256) for file in got.intake.files] == [64, 64]


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
    monkeypatch.setattr("dideban.ingest.merge.write_sorted", lambda parts, out, **_: real(parts, Path("/dev/full")))
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


def test_what_a_killed_run_left_is_tidied_up_and_a_run_at_work_is_left_alone(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    for name in ("dead", "alive"):
        folder = tmp_path / "out" / f".intake-{name}"
        folder.mkdir(parents=True)
        (folder / "lock").touch()
    with (tmp_path / "out" / ".intake-alive" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        config = IngestConfig(keep_ids=True)
        (tmp_path / "in.csv").write_text(GOOD)
        read_posts([tmp_path / "in.csv"], out=tmp_path / "out", key=KEY, config=config)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".intake-alive",
        "posts.parquet",
        "rejects.csv",
    ]


def test_an_unknown_time_zone_is_an_error_with_the_nearest(intake):
    with pytest.raises(ConfigError) as caught:
        intake(GOOD, time_zone="Asia/Teheran")
    assert "Asia/Tehran" in caught.value.hint


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
