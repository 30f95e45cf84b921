"""Files packed in other ways, posts as JSON inside a table, dates without a year, ids as reposts call them."""

from __future__ import annotations

import bz2
import csv
import io
import json
import lzma
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from dideban.config import IngestConfig
from dideban.errors import InputError
from dideban.ingest import read_posts
from dideban.ingest.decompress import BombError, ByteStream
from dideban.ingest.times import read_times

FIRST = datetime(2026, 3, 5, 9, tzinfo=UTC)


def table(rows: list[dict[str, object]]) -> str:
    held = io.StringIO()
    writer = csv.DictWriter(held, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


PLAIN = table([
    {"post_id": f"179000000000000000{n}", "author": f"u{n % 3}", "created_at": f"2026-03-05T09:0{n}:00Z", "text": f"word {n}"}
    for n in range(8)
])  # fmt: skip


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress], ids=["bzip2", "xz"])
def test_bzip2_and_xz_are_read_also_where_streams_are_glued_or_cut(intake, pack) -> None:
    half = len(PLAIN) // 2
    whole = pack(PLAIN.encode())
    glued = pack(PLAIN[:half].encode()) + pack(PLAIN[half:].encode())
    for data in (whole, glued):
        got = intake(data)
        assert got.intake.n_posts == 8
        assert got.column("text") == [f"word {n}" for n in range(8)]
    big = PLAIN + "".join(f"{n},v,2026-03-06T10:00:00Z,said {n * 7919}\n" for n in range(10**9, 10**9 + 60_000))
    cut = intake(pack(big.encode())[:-40])
    assert cut.intake.n_posts > 0 or "file-truncated" in cut.intake.reject_reasons


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress], ids=["bzip2", "xz"])
def test_what_unpacks_without_end_is_stopped(tmp_path: Path, pack) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(pack(bytes(100 * 1024 * 1024)))
    with pytest.raises(BombError):
        sum(map(len, ByteStream(path).blocks()))


def packed_as_tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        entry = tarfile.TarInfo("a.csv")
        entry.size = len(PLAIN)
        archive.addfile(entry, io.BytesIO(PLAIN.encode()))
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "packing"),
    [
        ("a.csv.br", b"\x1b\x0f\x00\xf8\xa5\x5e" + bytes(range(128, 255)), "Brotli"), ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(90), "7z"),
        ("a.rar", b"Rar!\x1a\x07\x01" + bytes(90), "RAR"), ("a.tar", packed_as_tar(), "tar"),
    ],
    ids=["brotli", "7z", "rar", "tar"],
)  # fmt: skip
def test_other_packings_are_refused_by_name(tmp_path: Path, name: str, data: bytes, packing: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"packed as {packing}, which is not read; unpack it first"):
        read_posts([path], out=tmp_path / "out", key=bytes(32), config=IngestConfig())


def test_a_text_that_kept_the_ending_of_its_packing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.br"
    path.write_text(PLAIN, "utf-8")
    assert read_posts([path], out=tmp_path / "out", key=bytes(32), config=IngestConfig()).n_posts == 8


def test_posts_as_json_in_one_column_are_read_from_there(intake) -> None:
    def raw(n: int) -> str:
        one = {"id_str": f"179000000000000000{n}", "created_at": "Thu Mar 05 09:00:00 +0000 2026", "full_text": f"word {n}",
               "user": {"id_str": f"7{n}", "screen_name": f"u{n}"}, "entities": {"urls": [], "hashtags": []}}  # fmt: skip
        return json.dumps(one, indent=1 if n else None)

    rows = [{"id": n, "inserted_at": "2026-03-20 00:00:00", "raw": raw(n)} for n in range(5)]
    got = intake(table([*rows, {"id": 9, "inserted_at": "2026-03-20 00:00:00", "raw": ""}]))
    assert got.intake.files[0].shape == "x-v1"
    assert got.column("text") == [f"word {n}" for n in range(5)]
    assert got.intake.n_rows == 6
    assert any("column raw" in str(note) for note in got.intake.files[0].notes)


def test_a_date_without_a_year_is_named_and_may_be_joined_with_one(intake) -> None:
    written = ["Mar 05", "5 March", "05/03", "۵ اسفند", "5 марта", "05 مارس 10:00", "Thu, Mar 5", "mars", "5", "Bob 5"]
    _, reasons, _ = read_times(pl.Series(written))
    assert reasons.to_list() == ["time-no-year"] * 7 + ["time-unreadable", "time-out-of-range", "time-unreadable"]
    rows = [{"id": f"p{n}", "author": f"u{n}", "date": f"Mar 0{n + 1}", "year": "2026", "text": "x"} for n in range(3)]
    got = intake(table(rows), mapping={"created_at": "date+year"})
    assert got.column("created_at") == [datetime(2026, 3, n + 1, tzinfo=UTC) for n in range(3)]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (lambda n: {"msg_id": n, "channel_id": 500 + n % 2, "msg_link": f"https://t.me/chan{n % 2}/{n}"}, lambda n: f"https://t.me/chan{n % 2}/{n}"),
        (lambda n: {"uri": f"https://m.example/users/a/statuses/{n}", "id": 1000 + n, "account.id": 5 + n % 2}, lambda n: 1000 + n),
    ],
    ids=["by-address", "by-other-column"],
)  # fmt: skip
def test_posts_are_called_as_reposts_call_them(intake, own, other) -> None:
    name = "forward_msg_link" if "msg_link" in own(1) else "reblog.id"
    rows = [
        {**own(n), "date": (FIRST + timedelta(minutes=n)).isoformat(), "message": f"word {n}", name: other(n - 20) if n > 20 else ""}
        for n in range(1, 41)
    ]  # fmt: skip
    got = intake(table(rows))
    ids, reposts = set(got.column("post_id")), [one for one in got.column("repost_of") if one]
    assert len(ids) == 40
    assert len(reposts) == 20
    assert set(reposts) <= ids


def dated(days: list[str]) -> str:
    return table([
        {"post_id": f"p{n}", "author": f"u{n % 7}", "date": f"{day} 1{n % 10}:3{n % 10}", "text": f"word {n}"}
        for n, day in enumerate(days)
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "day", "note"),
    [
        ([f"0{n // 30 + 1}/03/2026" for n in range(240)], 1, "ingest.day-first-by-span"),
        (["03/04/2026"] * 200 + ["13/04/2026"] * 3, 3, "ingest.day-first"),
        (["03/04/2026"] * 90 + ["13/04/2026"] * 3 + ["04/13/2026"] * 9 + ["03/05/2026"] * 98, 4, "ingest.month-first"),
        (["04/13/2026"] * 3 + ["03/04/2026"] * 90 + ["13/04/2026"] * 9, 13, "ingest.day-first"),
        (["01/02/2026"] * 150, 2, "ingest.month-first"),
    ],
    ids=["by-span", "late", "mostly-month", "mostly-day", "open"],
)
def test_the_order_of_day_and_month_is_the_same_however_a_file_is_cut(tmp_path: Path, days, day, note) -> None:
    path, seen = tmp_path / "a.csv", []
    path.write_text(dated(days), "utf-8")
    for n, chunk in enumerate((4, 25, 100_000)):
        got = read_posts([path], out=tmp_path / str(n), key=bytes(32), config=IngestConfig(chunk_rows=chunk))
        posts = pl.read_parquet(got.posts_path)
        seen.append((posts.rows(), [(one.code, one.values) for one in got.files[0].notes]))
    assert seen[0] == seen[1] == seen[2]
    first = posts.filter(pl.col("post_id") == "p0")["created_at"].item()
    assert first.day == day
    assert note in [code for code, _ in seen[0][1]]


@pytest.mark.parametrize(
    ("head", "clock"),
    [
        ("Fecha y hora", ""),
        ("תאריך", ""),
        ("Publié le", " à"),
        ("Дата публикации", " в"),
        ("Data de publicação", " às"),
    ],
)
def test_only_english_columns_write_the_month_first(intake, head: str, clock: str) -> None:
    def rows(name: str) -> str:
        return table(
            [{name: f"02/03/2026{clock} 09:0{n}:00", "author": f"u{n}", "text": f"word {n}"} for n in range(5)]
        )

    got = intake(rows(head))
    assert {(at.month, at.day) for at in got.column("created_at")} == {(3, 2)}
    assert "ingest.day-first-by-name" in [note.code for note in got.intake.files[0].notes]
    got = intake(rows("Posted at"))
    assert {(at.month, at.day) for at in got.column("created_at")} == {(2, 3)}


NESTED = {
    "strings": [{"offset": n, "value": json.dumps({"id": f"p{n}", "user": f"u{n}", "created_at": "2026-03-05T09:00:00Z", "text": f"word {n}"})} for n in range(5)],
    "rows": [["id", "user", "date", "text"], *[[f"p{n}", f"u{n}", "2026-03-05 09:00:00", f"word {n}"] for n in range(5)]],
    "deep": {"pages": [{"r": {"posts": [{"node": {"id": f"p{n}", "owner": {"username": f"u{n}"}, "created_time": 1772701200, "edges": {"caption": {"text": f"word {n}"}}}} for n in range(5)]}}]},
    "listed": {"docs": [{"id": f"p{n}", "author_s": f"u{n}", "created_dt": "2026-03-05T09:00:00Z", "text_txt": [f"word {n}"]} for n in range(5)]},
    "others": [{"rid": f"p{n}", "peer": {"id": "7"}, "sender": {"id": "7", "nick": f"u{n}"}, "date": 1772701200000, "message": {"text": f"word {n}"}} for n in range(5)],
    "matrix": {"messages": [{"sender": f"u{n}", "origin_server_ts": 1772701200000, "event_id": f"$p{n}", "content": {"body": f"word {n}"}} for n in range(5)]},
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_posts_are_found_however_they_are_nested(intake, name: str) -> None:
    value = NESTED[name]
    lines = [json.dumps(one) for one in value] if name == "strings" else [json.dumps(value)]
    got = intake("\n".join(lines))
    assert sorted(got.column("text")) == [f"word {n}" for n in range(5)]
    assert set(got.column("created_at")) == {FIRST}
    assert got.intake.n_rejects == 0
    if name != "others":
        assert got.posts["account_id"].n_unique() == 5


PAGE = (
    "<html><head><meta charset=utf-8></head><body><table><tr><td>Report</td></tr></table><table border=1>"
    "<tr><td>id</td><td>author</td><td>created_at</td><td>text</td></tr>"
    + "".join(
        f"<tr><td>p{n}<td>u{n}</td><td>2026-03-05 09:00:00</td><td>word {n} &amp; <b>bold</b></td></tr>\n"
        for n in range(9)
    )
)
"""Cut short, and with a cell that is never closed."""


def test_a_table_of_posts_in_a_page_is_read_as_a_table(intake) -> None:
    got = intake(PAGE)
    assert got.column("post_id") == [f"p{n}" for n in range(9)]
    assert got.column("text") == [f"word {n} & bold" for n in range(9)]
    assert set(got.column("created_at")) == {FIRST}


def test_a_log_of_irc_loses_no_line(intake) -> None:
    got = intake("\n".join(f"[2026-03-05 09:0{n}] <u{n % 3}> word: {n}" for n in range(9)))
    assert got.column("account_id") == [f"u{n % 3}" for n in range(9)]
    assert got.column("text") == [f"word: {n}" for n in range(9)]


@pytest.mark.parametrize("nothing", ["0", "-1"])
def test_a_repost_of_number_nothing_is_none(intake, nothing: str) -> None:
    rows = [{"tweet_id": f"17900000000{n}", "retweet_id": nothing, "date": "2026-03-05 09:00:00", "author": f"u{n}",
             "content": f"see https://a.example/{n}"} for n in range(5)]  # fmt: skip
    got = intake(table(rows))
    assert set(got.column("repost_of")) == {None}
    assert got.column("urls") == [[f"https://a.example/{n}"] for n in range(5)]


def test_the_author_comes_before_the_channel_and_comments_are_no_tweets(intake) -> None:
    one = [{"message": {"id": f"1{n}", "channel_id": "9", "content": f"word {n}", "author": {"id": f"u{n}"},
            "timestamp": "2026-03-05T09:00:00Z"}} for n in range(5)]  # fmt: skip
    assert intake(json.dumps(one)).column("account_id") == [f"u{n}" for n in range(5)]
    comments = [
        {"id": f"c{n}", "text": f"word {n}", "author": f"@u{n}", "author_id": f"u{n}", "timestamp": 1772701200}
        for n in range(5)
    ]
    got = intake(json.dumps({"id": "video", "timestamp": 1700000000, "comments": comments}))
    assert set(got.column("created_at")) == {FIRST}
    assert got.column("account_id") == [f"u{n}" for n in range(5)]


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"SQLite format 3\0" + bytes(90), "SQLite"), (b"ARROW1\0\0" + bytes(90), "Arrow"), (b"Obj\x01" + bytes(90), "Avro"),
        (b"%PDF-1.7 a,b", "PDF"), (b"CREATE TABLE posts (id text);\nINSERT INTO posts VALUES (1);", "SQL"),
        (b"<?xml version='1.0'?><posts><post/></posts>", "XML"),
    ],
    ids=["sqlite", "arrow", "avro", "pdf", "sql", "xml"],
)  # fmt: skip
def test_other_forms_of_tables_are_refused_by_name(tmp_path: Path, data: bytes, form: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"of the kind {form}, which is not read; save it as CSV"):
        read_posts([path], out=tmp_path / "out", key=bytes(32), config=IngestConfig())


@pytest.mark.parametrize(
    "written", ["/Date(1772701200000)/", "/Date(1772701200000+0330)/", "[2026, 3, 5, 9, 0, 0]", "datetime.datetime(2026, 3, 5, 9, 0)",
                "datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.timezone.utc)"],
)  # fmt: skip
def test_times_as_programs_print_them(written: str) -> None:
    times, reasons, _ = read_times(pl.Series([written]))
    assert (times[0], reasons[0]) == (FIRST, None)


PLAIN_RECORDS = json.dumps([
    {"id": f"p{n}", "user": f"u{n}", "created_at": "2026-03-05T09:00:00Z", "text": f"word {n}"} for n in range(5)
])  # fmt: skip


@pytest.mark.parametrize(
    "form", ["// saved today\n{}", "const posts = {};", "callback({});", "window.posts = {}", "module.exports = {};"]
)
def test_json_behind_the_beginning_of_a_script(intake, form: str) -> None:
    got = intake(form.replace("{}", PLAIN_RECORDS))
    assert got.column("text") == [f"word {n}" for n in range(5)]


def test_profiles_that_hold_their_posts_say_whose_they_are(intake) -> None:
    people = [{"username": f"u{n}", "posts": [
        {"id": f"p{n}{i}", "created_at": "2026-03-05T09:00:00Z", "text": f"word {n} {i}"} for i in range(3)]} for n in range(4)]  # fmt: skip
    got = intake(json.dumps(people))
    assert got.column("account_id") == [f"u{n}" for n in range(4) for _ in range(3)]
    assert set(got.column("created_at")) == {FIRST}
