"""Files of posts to POSTS: the laws, and everything a file can be besides sound."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import UTC, datetime

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.errors import ConfigError
from dideban.ingest import merge, read_posts
from dideban.ingest.reasons import REASONS
from dideban.schema import POSTS
from testdata.posts import FARSI, as_csv, many, packed

KEY = bytes(32)
NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
GOOD = "id,author,time,text\n1,ann,2024-05-01T12:00:00Z,one\n2,ben,2024-05-01T12:00:01Z,two\n"


def reasons(got) -> dict[str, int]:
    return got.intake.reject_reasons


# ---------------------------------------------------------------- laws

moments = st.sampled_from(["2024-05-01T12:00:00Z", "2024-05-02 10:00", "1714564800", "0", "", "1412/05/01", "soon"])
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
    first = "id,author,time,text,views\n1,ann,2024-05-01T12:00:00Z,first,5\n1,ann,2024-05-01T12:00:00Z,edited,9\n"
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
    assert any("taken from the text" in note for note in map(str, got.intake.files[0].notes))


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
    assert any("hash of their content" in note for note in map(str, got.intake.files[0].notes))


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
    assert "did you mean 'a" in str(caught.value.hint)


# ---------------------------------------------------------------- how files are packed and written


@pytest.mark.parametrize("name", ["gzip", "two gzips", "zstd", "two zstds", "zip", "gzip in zip"])
def test_packings(intake, tmp_path, name):
    got = intake(packed(GOOD.encode(), name, tmp_path))
    assert got.column("text") == ["one", "two"]
    assert got.law


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
    sheet.write_row(5, 0, ["3", "cy", "1412/05/01", "متن"])
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


@pytest.mark.parametrize("late", [0, 30])
@pytest.mark.parametrize("chunk_rows", [4, 1000])
def test_one_order_of_day_and_month_holds_for_the_whole_file(intake, late, chunk_rows):
    days = [f"{n % 12 + 1:02d}/05/2024 12:00" for n in range(40)]
    days[late] = "25/05/2024 12:00"
    rows = "".join(f"{n},ann,{day}\n" for n, day in enumerate(days)) + "99,ann,soon\n"
    got = intake("id,author,time\n" + rows, chunk_rows=chunk_rows)
    assert got.law
    assert got.rejects == [(41, "time-unreadable")]
    assert {time.month for time in got.column("created_at")} == {5}
    assert any("are read day first" in note for note in map(str, got.intake.files[0].notes))
    assert not any("read month first" in note for note in map(str, got.intake.files[0].notes))
