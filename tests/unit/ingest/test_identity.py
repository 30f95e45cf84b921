"""Ids that count within a chat, repeats, damaged ids, two id systems of one person; what a person says with --map."""

from __future__ import annotations

import json

import polars as pl
import pytest

from dideban.errors import ConfigError, InputError
from dideban.ingest.identity import repeats

HEAD = "id,author,time,text\n"


def rows(*parts: str) -> str:
    return "".join(f"{part}\n" for part in parts)


def chats(column: str, n: int = 3) -> str:
    lines = [
        f"{chat},{i},2026-05-01 12:00:0{i},message {i} of {chat},{i - 1}"
        for chat in ("north", "south")
        for i in range(1, n + 1)
    ]
    return f"{column},id,date,message,reply_to\n" + rows(*lines)


def test_ids_that_count_within_a_chat_are_qualified_by_it_and_so_are_replies(intake):
    got = intake(chats("channel"))
    assert got.law
    assert sorted(got.column("post_id")) == [f"{chat}/{i}" for chat in ("north", "south") for i in (1, 2, 3)]
    assert set(got.column("reply_to")) == {f"{chat}/{i}" for chat in ("north", "south") for i in (1, 2)} | {None}
    assert any("unique only inside channel" in str(note) for note in got.intake.files[0].notes)


def test_files_that_look_alike_are_read_alike_in_whatever_order(intake):
    plain = "channel,id,date,message,reply_to\n" + rows("north,1,2026-05-01 12:00:01,message 1 of north,0")
    for files in ((plain, chats("channel")), (chats("channel"), plain)):
        got = intake(*files)
        assert got.intake.n_posts == 6
        assert got.intake.n_duplicates == 1


def test_a_file_whose_ids_are_no_ids_is_refused_with_the_way_round(intake):
    lines = [f"{i},ann,2026-05-01 12:{block:02}:{i:02},text {block} {i}" for block in range(3) for i in range(1, 31)]
    with pytest.raises(InputError, match="have the id of another post") as caught:
        intake(HEAD + rows(*lines))
    assert "--map post_id=" in str(caught.value.hint)
    assert intake(HEAD + rows(*lines), mapping={"post_id": ""}).intake.n_posts == 90


def test_a_row_that_says_something_else_under_a_long_id_is_set_aside_and_an_edit_is_not(intake):
    one = "1790000000000000001"
    got = intake(
        HEAD
        + rows(
            f"{one},ann,2026-05-01 12:00:01,x",
            f"{one},ben,2026-05-01 13:00:01,y",
            f"{one},ann,2026-05-01 12:00:01,edited",
            f"{one}0,ann,2026-05-01 12:00:01,z",
        )
    )
    assert got.law
    assert (got.intake.n_posts, got.intake.n_duplicates) == (2, 1)
    assert got.rejects == [(2, "id-conflict")]


def test_the_same_post_from_two_collectors_is_one_post(intake):
    v2 = json.dumps(
        {
            "id": "1790000000000000001",
            "text": "hi",
            "author_id": "500",
            "created_at": "2026-05-01T12:00:00.000Z",
            "public_metrics": {},
        }
    )
    table = "tweet_id,user_id,created_at,text\n1790000000000000001,500,2026-05-01 12:00:00,hi\n"
    brandwatch = "Query Id,Date,Url,Author,Full Text\n1,2026-05-01 12:00:00.0,http://twitter.com/u/statuses/1790000000000000001,u,hi\n"
    got = intake(v2 + "\n" + v2.replace("001", "002"), table, brandwatch)
    assert (got.intake.n_posts, got.intake.n_duplicates) == (2, 2)
    assert set(got.column("platform")) == {"x"}


def test_a_person_with_two_id_systems_is_one_account_where_the_file_shows_it(intake):
    text = "id,user_id,username,time,text\n" + rows(
        "1790000000000000001,,ann,2026-05-01T12:00:00Z,a", "1790000000000000002,500,ann,2026-05-01T12:00:01Z,b",
        "1790000000000000003,,zoe,2026-05-01T12:00:02Z,c",
    )  # fmt: skip
    for chunk_rows in (1, 100):
        assert intake(text, chunk_rows=chunk_rows).column("account_id") == ["500", "500", "zoe"]


@pytest.mark.parametrize("nothing", ["None", "nan", "[]", "{}", "NULL", "<NA>", ""])
def test_what_programs_write_for_nothing_is_no_id(intake, nothing):
    got = intake(HEAD + rows(*(f"{nothing},a{i},2026-05-01 12:00:0{i},x{i}" for i in range(4))))
    assert got.intake.n_posts == 4
    assert all(name.startswith("h") for name in got.column("post_id"))


def test_ids_that_are_all_equal_are_no_ids(intake):
    got = intake(HEAD + rows(*(f"7,a{i},2026-05-01 12:00:0{i},x{i}" for i in range(4))))
    assert got.intake.n_posts == 4
    assert any("the same in every row" in str(note) for note in got.intake.files[0].notes)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("500.0", "500"),
        ("1.79E+18", None),
        ("1790000000007777777.0", None),
        ("1790000000007777777", "1790000000007777777"),
        ("a.0b", "a.0b"),
    ],
)
def test_damaged_ids_are_refused_and_said(intake, written, read):
    text = "id,author,time,text,retweet_id\n" + rows(
        *(f"179000000000000000{i},a{i},2026-05-01 12:00:0{i},x{i},{written}" for i in range(3))
    )
    got = intake(text)
    assert got.column("repost_of") == [read] * 3
    assert any("lost their last digits" in str(note) for note in got.intake.files[0].notes) == (read is None)


def test_accounts_without_digits_are_refused_or_named_otherwise(intake):
    damaged = "tweet_id,user_id,created_at,text\n" + rows(
        *(f"179000000000000000{i},1.29E+18,2026-05-01 12:00:0{i},x" for i in range(3))
    )
    with pytest.raises(InputError, match="account-missing"):
        intake(damaged)
    named = damaged.replace("text\n", "text,username\n").replace(",x\n", ",x,ann\n")
    assert intake(named).column("account_id") == ["ann"] * 3


def test_formulas_that_keep_ids_whole_are_taken_off(intake):
    text = "id,user_id,created_at,text\n" + rows(
        *(f'"=""179000000000000000{i}""","=""50{i}""",2026-05-01 12:00:0{i},x' for i in range(3))
    )
    got = intake(text)
    assert got.column("post_id") == [f"179000000000000000{i}" for i in range(3)]
    assert got.column("account_id") == ["500", "501", "502"]


def test_two_of_three_must_agree():
    frame = pl.DataFrame({
        "platform": ["x"] * 5, "post_id": ["1"] * 5, "order": range(5), "account_id": ["a", "a", "b", "b", "a"],
        "created_at": [1, 2, 1, 2, 1], "text": ["t", "t", "t", "t", "u"],
    })  # fmt: skip
    assert repeats(frame.lazy(), ["platform", "post_id"])["agrees"].to_list() == [True, True, True, False, True]


# ---------------------------------------------------------------- columns and --map


def test_the_address_of_the_post_never_switches_off_links_of_the_text(intake):
    text = "id,author,time,text,link\n" + rows(
        *(f"{i},a{i},2026-05-01 12:00:0{i},see https://news.example/x,https://site.example/p/{i}" for i in range(4))
    )
    assert intake(text).column("urls") == [["https://news.example/x"]] * 4
    shared = text.replace("https://site.example/p/1", "https://site.example/p/0")
    assert intake(shared).column("urls")[0] == ["https://site.example/p/0"]


def test_a_blank_link_leaves_it_to_the_text(intake):
    text = "id,author,time,text,link\n" + rows(
        "1,a,2026-05-01 12:00:01,see https://news.example/x,", "2,b,2026-05-01 12:00:02,y,https://news.example/y"
    )
    assert intake(text).column("urls") == [["https://news.example/x"], ["https://news.example/y"]]


def test_map_joins_takes_the_first_sets_and_switches_off(intake):
    text = "chat,nr,Day,Clock,Title,Body,who\n" + rows(
        "c,1,2026-05-01,12:00:01,T,,a", "c,2,2026-05-01,12:00:02,T,B #x,b"
    )
    mapping = {
        "post_id": "chat+nr",
        "created_at": "Day+Clock",
        "text": "Body|Title",
        "account_id": "who",
        "platform": "=telegram",
        "hashtags": "",
    }
    got = intake(text, mapping=mapping)
    assert got.column("post_id") == ["c/1", "c/2"]
    assert got.column("text") == ["T", "B #x"]
    assert got.column("platform") == ["telegram"] * 2
    assert [time.second for time in got.column("created_at")] == [1, 2]
    with pytest.raises(ConfigError, match="no such column"):
        intake(text, mapping={**mapping, "text": "Body|Titel"})


def test_map_reaches_into_nested_lists(intake):
    videos = [
        {
            "nr": i,
            "who": f"u{i}",
            "at": 1777636800 + i,
            "said": "hi",
            "links": [{"to": f"https://a.example/{i}"}, {"to": "https://b.example"}],
        }
        for i in range(3)
    ]
    mapping = {
        "post_id": "in.videos[].nr",
        "account_id": "in.videos[].who",
        "created_at": "in.videos[].at",
        "text": "in.videos[].said",
        "urls": "in.videos[].links[].to",
    }
    got = intake(json.dumps({"in": {"videos": videos, "more": 1}}), mapping=mapping)
    assert got.column("post_id") == ["0", "1", "2"]
    assert got.column("urls")[1] == ["https://a.example/1", "https://b.example"]


def test_lines_above_the_header_are_skipped_and_kept_as_a_note(intake):
    got = intake("Report:,Export\nFrom:,today\n\n" + HEAD + rows("1,a,2026-05-01 12:00:01,x"))
    assert got.intake.n_posts == 1
    assert any("2 lines above the header" in str(note) for note in got.intake.files[0].notes)


def test_the_header_again_is_no_post(intake):
    got = intake(HEAD + rows("1,a,2026-05-01 12:00:01,x", HEAD.strip(), "2,b,2026-05-01 12:00:02,y"))
    assert got.rejects == [(2, "row-header")]


def test_records_of_several_formats_in_one_file_are_each_read(intake):
    v1 = [
        {
            "id_str": str(i),
            "created_at": "Wed May 01 12:00:00 +0000 2024",
            "full_text": "a",
            "user": {"id_str": "7", "screen_name": "x"},
        }
        for i in range(3)
    ]
    reddit = {"id": "r1", "author": "u", "created_utc": 1714564800, "subreddit": "s", "title": "t"}
    got = intake("\n".join(json.dumps(one) for one in [*v1, reddit, {"foo": 1}]))
    assert sorted(got.column("platform")) == ["reddit", "x", "x", "x"]
    assert got.rejects == [(5, "record-unreadable")]


@pytest.mark.parametrize("is_rounded", [True, False])
def test_a_column_of_rounded_ids_is_not_used_and_said(intake, is_rounded):
    """A spreadsheet keeps 15 digits: neighbours get one id, and the posts would be one post or none."""
    end = "0000" if is_rounded else "0017"
    got = intake(
        "tweet_id,username,created_at,text\n"
        + rows(
            *(
                f"17900000000{1000 + i // 2 * is_rounded + i * (not is_rounded)}{end},ann{i},2026-05-01 12:00:0{i},text {i}"
                for i in range(8)
            )
        )
    )
    assert len(got.column("post_id")) == 8
    assert any("lost their digits" in str(note) for note in got.intake.files[0].notes) == is_rounded
    assert any(name.endswith(end) for name in got.column("post_id")) != is_rounded
