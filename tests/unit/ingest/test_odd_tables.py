"""Exports of tools that nobody told us of: links, texts, accounts and reposts are found by parts of names and by content."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from dideban.errors import InputError

LOOK = "look https://news.example/a #town"
HEADS = {
    "hootsuite": ("Date (GMT),Social Network,Post Permalink,Post Message,Author,Likes",
                  lambda i: f"2026-05-01 12:00:0{i},TWITTER,https://twitter.com/u{i}/status/179000000000000000{i},{LOOK},u{i},1"),
    "sprinklr": ("SocialNetwork,SenderUserId,SenderScreenName,CreatedTime,SocialNetwork Message Id,Message,Permalink",
                 lambda i: f"TWITTER,900{i},u{i},05/01/2026 12:00:0{i} PM,179000000000000000{i},{LOOK},"
                           f"https://twitter.com/u{i}/status/179000000000000000{i}"),
    "pulsar": ("id,url,date,source,user_screen_name,content", lambda i:
               f"179000000000000000{i},https://twitter.com/u{i}/status/179000000000000000{i},2026-05-01T12:00:0{i}Z,twitter,u{i},{LOOK}"),
    "synthesio": ("Mention ID;Date;Mention URL;Site Name;Title;Content;Author Name",
                  lambda i: f"m{i};2026-05-01 12:00:0{i};https://s{i}.example/p/{i};S {i};T;{LOOK};Au {i}"),
    "facepager": ("path;level;id;parent_id;query_status;query_time;from.name;from.id;message;created_time;permalink_url", lambda i:
                  f"p;1;100_{i};0;fetched;2026-05-02 09:00:00;P{i};55{i};{LOOK};2026-05-01T12:00:0{i}+0000;"
                  f"https://www.facebook.com/55{i}/posts/{i}"),
    "a table of Telegram": ("Timestamp,Channel,Channel URL,Message,Message URL,Views",
                            lambda i: f"2026-05-01 12:00:0{i},c{i},https://t.me/c{i},{LOOK},https://t.me/c{i}/{i + 5},10"),
    "German": ("Beitrags-ID;Benutzer;Datum;Uhrzeit;Inhalt", lambda i: f"1790000000{i};u{i};01.05.2026;12:00:0{i};{LOOK}"),
    "Persian": ("ردیف,شناسه کاربر,تاریخ انتشار,ساعت,متن پست", lambda i: f"{i},u{i},۱۴۰۵/۰۲/۱۱,۱۲:۰۰:۰{i},{LOOK}"),
    "Arabic": ("رقم;اسم الحساب;تاريخ النشر;نص المنشور;رابط المنشور",
               lambda i: f"{i};u{i};2026/05/01 12:00:0{i} م;{LOOK};https://x.com/u/status/179000000000000000{i}"),
}  # fmt: skip
"""Name to header and row."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", HEADS)
def test_exports_of_tools_that_are_not_listed(intake, name: str, encoding: str) -> None:
    head, row = HEADS[name]
    got = intake("\n".join([head, *map(row, range(5))]).encode(encoding))
    assert (got.intake.files[0].shape, got.intake.n_posts, got.rejects) == ("table", 5, [])
    assert len(set(got.column("account_id"))) == 5
    assert got.column("created_at")[0] == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert got.column("text") == [LOOK] * 5
    assert got.column("urls") == [["https://news.example/a"]] * 5
    assert got.column("hashtags") == [["town"]] * 5
    assert len(set(got.column("post_id"))) == 5


NESTED = {
    "elastic": {"took": 3, "hits": {"hits": [
        {"_id": f"e{i}", "_source": {"author": {"handle": f"u{i}"}, "published": f"2026-05-01T12:00:0{i}Z", "body": {"content": LOOK},
                                     "links": [{"href": "https://news.example/a"}]}} for i in range(3)]}},
    "nodes": {"payload": {"nodes": [
        {"node": {"id": f"e{i}", "user": {"name": f"u{i}"}, "createdAt": 1777636800000 + i * 1000, "caption": LOOK}} for i in range(3)]}},
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_documents_of_unknown_layout(intake, name: str) -> None:
    got = intake(json.dumps(NESTED[name]))
    assert sorted(got.column("account_id")) == ["u0", "u1", "u2"]
    assert got.column("created_at")[0] == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert got.column("text") == [LOOK] * 3
    assert got.column("urls") == [["https://news.example/a"]] * 3


def test_retweets_in_a_plain_table_are_reposts_of_the_same_words(intake) -> None:
    rows = [
        f"179000000000000000{i},u{i},2026-05-01 12:00:0{i},RT @orig: words {i // 3} https://n.example/"
        for i in range(6)
    ]
    got = intake("\n".join(["id,user,date,text", *rows, "1790000000000000009,v,2026-05-01 12:01:00,own words"]))
    reposts = got.column("repost_of")
    assert reposts[:3] == [reposts[0]] * 3
    assert reposts[3:6] == [reposts[3]] * 3
    assert reposts[0] != reposts[3]
    assert reposts[6] is None
    assert got.column("urls")[:6] == [[]] * 6  # those of the original


@pytest.mark.parametrize(
    ("column", "cell", "hour"),
    [
        ("Post Time (EST)", "2026-05-01 12:00:00", 17),
        ("Date (GMT)", "2026-05-01 12:00:00", 12),
        ("Created (UTC+3)", "2026-05-01 12:00:00", 9),
        ("Created (EST)", "2026-05-01T12:00:00Z", 12),
        ("Created (EST)", "2026-05-01 12:00:00 +0200", 10),
    ],
)
def test_a_zone_in_the_name_of_a_column_is_that_of_its_times(intake, column: str, cell: str, hour: int) -> None:
    got = intake(f"id,user,{column},text\n1790000000000000001,a,{cell},x\n1790000000000000002,b,{cell},y\n")
    assert got.column("created_at") == [datetime(2026, 5, 1, hour, tzinfo=UTC)] * 2


def test_what_is_no_table_of_posts_is_still_refused(intake) -> None:
    with pytest.raises(InputError):
        intake("product,price,sold\napple,3,2026\npear,4,2026\n")
    with pytest.raises(InputError):
        intake(json.dumps({"settings": {"items_per_page": 3}, "menu": [{"label": "a"}, {"label": "b"}]}))


def _rows(*, times="{day:02d}.05.2024 08:{minute:02d}:10", n=40):
    for i in range(n):
        yield (
            i,
            f"user{i % 9}",
            times.format(day=1 + i // 2, minute=i % 60),
            f"a thing that happened in town number {i}",
        )


def _source(intake, names, rows, **options):
    table = "\t".join(names) + "\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows)
    return intake(table, **options)


def test_links_are_found_whatever_their_column_is_called(intake):
    rows = [(who, when, text, f"https://n.example/{i % 7}") for i, who, when, text in _rows()]
    got = _source(intake, ("author", "when_posted", "text", "xq"), rows)
    assert got.column("urls")[3] == ["https://n.example/3"]


def test_links_inside_entities_are_found_whatever_their_keys_are_called(intake):
    rows = [
        {
            "author": who,
            "time": f"2024-05-01T08:{i:02d}:00Z",
            "text": text,
            "bits": [{"sort": "link", "to": f"https://n.example/{i % 7}"}],
        }
        for i, who, _, text in _rows()
    ]
    got = intake("\n".join(json.dumps(row) for row in rows))
    assert got.column("urls")[3] == ["https://n.example/3"]


def test_addresses_of_pictures_and_profiles_are_no_links(intake):
    rows = [
        (who, when, text, f"https://n.example/{who}", f"https://cdn.example/{i % 5}.jpg")
        for i, who, when, text in _rows()
    ]
    got = _source(intake, ("author", "time", "text", "homepage", "preview"), rows)
    assert set(map(tuple, got.column("urls"))) == {()}


def test_the_whole_text_is_read_where_another_column_cuts_it_short(intake):
    rows = [(who, when, text[:12] + "…", f"{text} https://n.example/{i % 7}") for i, who, when, text in _rows()]
    got = _source(intake, ("author", "time", "title", "description"), rows)
    assert got.column("text")[3].startswith("a thing that happened in town number 3")
    assert got.column("urls")[3] == ["https://n.example/3"]


def test_links_beside_a_title_are_read(intake):
    rows = [(who, when, text, f"read on: https://n.example/{i % 7}") for i, who, when, text in _rows()]
    got = _source(intake, ("author", "time", "title", "description"), rows)
    assert got.column("urls")[3] == ["https://n.example/3"]
    assert got.column("text")[3].startswith("a thing that happened")


def test_what_an_account_says_of_itself_is_no_text_of_a_post(intake):
    rows = [(who, when, text, f"I am {who}, see https://n.example/{who}") for i, who, when, text in _rows()]
    got = _source(intake, ("author", "time", "title", "description"), rows)
    assert set(map(tuple, got.column("urls"))) == {()}


@pytest.mark.parametrize("names", [("a", "b", "c"), ("Wer", "Irgendwann", "Was")])
def test_the_only_column_of_times_needs_no_name(intake, names):
    rows = [("@" + who, when, text) for _, who, when, text in _rows()]
    got = _source(intake, names, rows)
    assert len(got.column("text")) == 40


def test_a_file_without_a_name_for_the_account_is_told_which_column_looks_like_one(intake):
    rows = [(i, who, when, text) for i, who, when, text in _rows()]
    with pytest.raises(InputError) as caught:
        _source(intake, ("a", "b", "c", "d"), rows)
    assert "--map account_id=b" in str(caught.value.hint)


def test_addresses_of_posts_name_platform_and_post_whatever_their_column_is_called(intake):
    rows = [
        (who, when, text, f"https://x.com/{who}/status/{1785000000000000000 + i}") for i, who, when, text in _rows()
    ]
    got = _source(intake, ("author", "time", "text", "Adresse"), rows)
    assert got.column("post_id")[3].endswith("1785000000000000003")
    assert got.column("platform")[3] == "x"
    assert got.column("urls")[3] == []


def _posts_as_json():
    for i, who, _, text in _rows():
        yield {"nick": who, "at": f"2024-05-01T08:{i:02d}:00Z", "msg": text, "cid": f"c{i}"}


def test_posts_in_a_list_inside_each_record_are_found(intake):
    posts = list(_posts_as_json())
    got = intake(json.dumps([{"thread": k, "title": "a title", "comments": posts[k::4]} for k in range(4)]))
    assert len(got.column("text")) == 40
    assert "a title" not in got.column("text")
    assert any("comments[]" in note for note in map(str, got.intake.files[0].notes))


def test_posts_kept_under_their_ids_are_found(intake):
    got = intake(json.dumps({f"x{i:03d}": post for i, post in enumerate(_posts_as_json())}))
    assert got.column("post_id")[:2] == ["x000", "x001"]
    bare = intake(json.dumps({f"x{i:03d}": {"author": "ann", "time": f"2024-05-01T08:{i:02d}:00Z"} for i in range(9)}))
    assert bare.column("post_id")[:2] == ["x000", "x001"]


@pytest.mark.parametrize("blank", ["-", "—", "N/A", "NA", "none"])
def test_a_sign_for_nothing_is_neither_link_nor_account(intake, blank):
    rows = [(who, when, text, f"https://n.example/{i % 7}" if i % 2 else blank) for i, who, when, text in _rows()]
    rows[5] = (blank, *rows[5][1:])
    got = _source(intake, ("author", "time", "text", "link"), rows)
    assert got.column("urls")[2] == []
    assert len(got.column("text")) == 39


def test_a_table_of_thousands_of_columns_is_refused_in_good_time(intake):
    names = [f"c{i}" for i in range(5_000)]
    with pytest.raises(InputError) as caught:
        intake(",".join(names) + "\n" + ",".join("x" for _ in names) + "\n")
    assert "account_id" in str(caught.value)


def test_lists_of_posts_beside_each_other_are_all_read(intake):
    posts = list(_posts_as_json())
    got = intake(json.dumps({"north": posts[:20], "south": posts[20:39], "east": posts[39:], "meta": {"n": 40}}))
    assert len(got.column("text")) == 40
    got = intake(json.dumps({"posts": posts[:20], "comments": posts[20:], "tags": [{"name": "x"}]}))
    assert len(got.column("text")) == 40


def test_pages_of_posts_under_a_name_of_their_own_are_read(intake):
    posts = list(_posts_as_json())
    got = intake(json.dumps({"meta": {"n": 40}, "pages": [{"posts": posts[:30]}, {"posts": posts[30:]}]}))
    assert len(got.column("text")) == 40


def as_csv(names: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([names, *rows])
    return out.getvalue()


def test_links_behind_words_of_a_text_in_html_are_read(intake) -> None:
    said = (
        '<p>read <a href="https://news.example/">this</a> and (<a href="https://news.example/a">https://news.example/a</a>)'
        '<br><a href="/local">x</a></p>'
    )
    rows = [[str(n), f"u{n}", f"2026-05-01T12:00:0{n}Z", said] for n in range(4)]
    got = intake(as_csv(["id", "author", "created_at", "text"], rows))
    assert got.column("text") == ["read this and (https://news.example/a)\nx"] * 4
    assert got.column("urls") == [["https://news.example/a", "https://news.example/"]] * 4


def test_whoever_signs_a_few_posts_of_a_channel_is_not_its_account(intake) -> None:
    rows = [
        [str(n), "chan", "ann" if n == 2 else "ben" if n == 3 else "", f"2026-05-01T12:00:0{n}Z", "words"]
        for n in range(6)
    ]
    got = intake(as_csv(["id", "channel", "post_author", "created_at", "text"], rows))
    assert got.column("account_id") == ["chan"] * 6
