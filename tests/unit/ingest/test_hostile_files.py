"""Files that try to be read wrongly, or to take all memory: each is a post, a reject or an error in plain words."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from dideban.config import IngestConfig
from dideban.errors import InputError
from dideban.ingest import decompress, documents, inspect_file
from dideban.ingest.decompress import MAX_DIRECTORY, directory_bytes, open_zip
from dideban.ingest.encoding import decode
from dideban.ingest.records import lines_of

HEAD = "id,author,created_at,text\n"


def rows(ids: list[str]) -> str:
    return HEAD + "".join(f"{one},u{i},2026-05-01 12:00:0{i},word {i}\n" for i, one in enumerate(ids))


def zip_that_claims(n: int, *, size: int) -> bytes:
    """An archive that says it has ``n`` files, in a list of ``size`` bytes."""
    local = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    far = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, n, n, size, len(local))
    at = len(local)
    end = b"PK\x06\x06" + far + b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1)
    return local + end + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)


def test_a_zip_with_ten_million_entries_is_refused_before_its_list_is_read(intake, tmp_path: Path) -> None:
    path = tmp_path / "ten.zip"
    path.write_bytes(zip_that_claims(10_000_000, size=470_000_000))
    assert directory_bytes(path) == 470_000_000
    with pytest.raises(InputError, match="more than 10,000 files"):
        intake(path)
    assert "more than 10,000 files" in str(inspect_file(path, config=IngestConfig()).refused)


def test_no_more_of_a_list_of_files_is_read_than_an_archive_says(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    n = MAX_DIRECTORY // len(entry) + 1
    path = tmp_path / "long.zip"
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, n * len(entry), 0, 0)
    path.write_bytes(entry * n + b"PK\x05\x06" + end)  # one entry, it says
    with pytest.raises(InputError, match="more than 10,000 files"):
        open_zip(path)


def test_an_archive_of_many_files_is_opened_once(intake, monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(30):
            archive.writestr(f"{i:02}.csv", rows([str(1790000000000000000 + i)]).replace("u0", f"v{i}"))
    opened = []
    monkeypatch.setattr(decompress, "open_zip", lambda path: opened.append(path) or open_zip(path))
    assert intake(file.getvalue()).intake.n_posts == 30
    assert len(opened) <= 3  # the list of files, and the files


def test_a_table_whose_every_column_is_an_address_is_refused(intake) -> None:
    table = "a,b,c\n" + "".join(
        f"https://x.example/{i},https://y.example/{i},https://z.example/{i}\n" for i in range(5)
    )
    with pytest.raises(InputError, match="account_id"):
        intake(table)


def test_columns_of_addresses_beside_account_and_time_are_told_apart(intake) -> None:
    table = "author,date,permalink,url,link,image\n" + "".join(
        f"https://site.example/u{i % 3},2026-05-01 12:00:0{i},https://site.example/p/{i},https://site.example/p/{i},"
        f"https://news.example/a,https://cdn.example/{i}.jpg\n" for i in range(6)
    )  # fmt: skip
    got = intake(table)
    assert got.column("urls") == [["https://news.example/a"]] * 6
    assert len(set(got.column("post_id"))) == 6


@pytest.mark.parametrize("second", [HEAD, "Post id,Name of the author,Date of the post,What it says\n"])
def test_a_second_header_is_no_post(intake, second: str) -> None:
    got = intake(HEAD + second + rows(["11", "12", "13"])[len(HEAD) :])
    assert (got.intake.n_posts, len(got.rejects), got.law) == (3, 1, True)
    assert got.rejects[0][0] == 1


def test_columns_named_twice_lose_nothing(intake) -> None:
    got = intake("id,author,created_at,text,text\n1790000000000000001,a,2026-05-01 12:00:00,,second\n"
                 "1790000000000000002,b,2026-05-01 12:00:01,first,\n")  # fmt: skip
    assert got.column("text") == ["second", "first"]
    got = intake("id,date,author,date,text\n1790000000000000001,,a,2026-05-01 12:00:00,x\n"
                 "1790000000000000002,,b,2026-05-01 12:00:01,y\n")  # fmt: skip
    assert got.intake.n_posts == 2


def test_a_file_with_three_formats_after_another_loses_no_line(intake) -> None:
    """What begins as one format ends as a reject where another begins."""
    records = [
        {"id_str": "1", "created_at": "Fri May 01 12:00:00 +0000 2026", "full_text": "a", "user": {"id_str": "9", "screen_name": "s"}},
        {"did": "did:plc:a", "time_us": 1777636800000000, "kind": "commit", "commit": {"operation": "create",
         "collection": "app.bsky.feed.post", "rkey": "k", "record": {"text": "b", "createdAt": "2026-05-01T12:00:00Z"}}},
    ]  # fmt: skip
    text = "".join(json.dumps(record) + "\n" for record in records) + rows(
        ["1790000000000000001", "1790000000000000002"]
    )
    got = intake(text)
    assert (got.intake.n_posts, got.law) == (2, True)
    assert [reason for _, reason in got.rejects] == ["json-invalid"] * 3
    got = intake(rows(["1790000000000000001", "1790000000000000002"]) + "".join(json.dumps(r) + "\n" for r in records))
    assert (got.intake.n_posts, len(got.rejects), got.law) == (2, 2, True)
    got = intake(
        "<rss version='2.0'><channel></channel></rss>\n" + rows(["1790000000000000001"]), rows(["1790000000000000002"])
    )
    assert (got.intake.n_posts, got.rejects) == (1, [(1, "file-empty")])


@pytest.mark.parametrize("form", ["one line of a file of lines", "one document"])
def test_json_in_one_endless_line_is_read_with_bounded_memory(intake, monkeypatch, form: str) -> None:
    """Bounds are made small for it; with the usual ones five gigabytes behave as this does."""
    monkeypatch.setattr(documents, "WHOLE_BYTES", 200_000)
    one = json.dumps({"id": "1790000000000000001", "author": "a", "created_at": "2026-05-01T12:00:00Z", "text": "x"})
    giant = json.dumps({"id": "1", "author": "b", "created_at": "2026-05-01T12:00:00Z", "text": "y" * 5_000_000})
    if form == "one document":
        got = intake(f'{{"posts": [{one}, {giant}]}}', max_field_bytes=50_000)
    else:
        got = intake(f"{one}\n{giant}\n{one.replace('001', '002')}\n", max_field_bytes=50_000)
    assert got.intake.reject_reasons == {"field-too-large": 1}
    assert got.intake.n_posts == (1 if form == "one document" else 2)


def test_memory_for_a_line_without_end_does_not_grow_with_it() -> None:
    def blocks(n: int):
        yield b'{"a": "'
        for _ in range(n):
            yield b"x" * 100_000

    def peak(n: int) -> int:
        tracemalloc.start()
        assert list(lines_of(blocks(n), max_line=50_000)) == [None] or n == 0
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(1_000) < peak(10) + 1_000_000


@pytest.mark.parametrize("nothing", ["", "None", "nan", "[]", "NULL", "NaN", "null", "<NA>", "undefined"])
def test_ids_that_are_all_nothing_are_none(intake, nothing: str) -> None:
    got = intake(rows([nothing] * 4))
    assert (got.intake.n_posts, got.law) == (4, True)
    assert all(name.startswith("h") for name in got.column("post_id"))


@pytest.mark.parametrize("same", ["7", "abc", "1790000000000000001", "https://x.example/"])
def test_ids_that_are_all_equal_are_none(intake, same: str) -> None:
    got = intake(rows([same] * 6))
    assert (got.intake.n_posts, got.intake.n_duplicates, got.law) == (6, 0, True)


@pytest.mark.parametrize("nothing", ["", "None", "nan", "[]"])
def test_accounts_that_are_all_nothing_make_no_crowd_of_one(intake, nothing: str) -> None:
    table = HEAD + "".join(f"{1790000000000000000 + i},{nothing},2026-05-01 12:00:0{i},w\n" for i in range(4))
    with pytest.raises(InputError, match="account-missing"):
        intake(table)


@pytest.mark.parametrize("same", ["None", "nan", "[]", ""])
def test_reposts_of_nothing_are_no_reposts(intake, same: str) -> None:
    table = HEAD.replace("text", "text,retweeted_id") + "".join(
        f"{1790000000000000000 + i},u{i},2026-05-01 12:00:0{i},see https://news.example/{i},{same}\n" for i in range(4)
    )
    got = intake(table)
    assert got.column("repost_of") == [None] * 4
    assert all(got.column("urls"))


def test_a_stream_whose_encoding_is_unknown_is_still_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xff\xfe\x00" * 100)
    stream = decompress.ByteStream(path)
    assert decode(stream, stream.head(300)).head(10)


def test_records_in_a_column_of_which_no_row_can_be_read(intake) -> None:
    row = b'%d,"{""user"": ""\xff%d"", ""created_at"": ""2026-05-01T12:00:00Z""}"\n'
    rows = b"".join(row % (n, n) for n in range(5))
    with pytest.raises(InputError):
        intake(b"n,data\n" + rows + "é\n".encode() * 6)
