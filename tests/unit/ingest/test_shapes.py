"""Every known file shape: recognised by content, read as its format means it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from dideban.errors import ConfigError
from dideban.ingest.sources import SHAPES

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
EPOCH = 1714564800


def table(rows: list[dict[str, object]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def lines(*records: object) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


V2_TWEET = {
    "id": "11",
    "author_id": "7",
    "created_at": "2024-05-01T12:00:00.000Z",
    "text": "RT @ben: The bridge is cl…",
    "lang": "en",
    "referenced_tweets": [{"type": "retweeted", "id": "10"}],
    "entities": {"mentions": [{"id": "8", "username": "ben"}], "hashtags": [{"tag": "bridge"}]},
    "public_metrics": {"retweet_count": 4, "impression_count": 0},
    "edit_history_tweet_ids": ["11"],
}
V2_OTHER = {
    "id": "12",
    "author_id": "9",
    "created_at": "2024-05-01T12:00:01.000Z",
    "text": "پل بسته شد https://t.co/x",
    "lang": "fa",
    "referenced_tweets": [{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "6"}],
    "entities": {
        "urls": [
            {"url": "https://t.co/x", "expanded_url": "https://example.org/a", "display_url": "example.org/a"},
            {"url": "https://t.co/y", "expanded_url": "https://x.com/a/status/12/photo/1", "media_key": "3_1"},
        ],
        "hashtags": [{"tag": "پل"}],
        "mentions": [{"id": "8", "username": "ben"}],
    },
    "attachments": {"media_keys": ["3_1"]},
    "geo": {"place_id": "p1"},
    "public_metrics": {"retweet_count": 2, "impression_count": 90},
    "edit_history_tweet_ids": ["12"],
}
V2_PAGE = {
    "data": [V2_TWEET, V2_OTHER],
    "includes": {
        "tweets": [{"id": "10", "text": "The bridge is closed until Monday"}],
        "users": [{"id": "7", "username": "ann"}],
        "places": [{"id": "p1", "full_name": "Shiraz, Iran"}],
    },
    "meta": {"result_count": 2},
}


def check_v2(got, *, whole_text: bool = True):
    assert got.intake.files[0].shape == "x-v2"
    assert got.law
    assert got.column("platform") == ["x", "x"]
    assert got.column("post_id") == ["11", "12"]
    assert got.column("account_id") == ["7", "9"]
    assert got.column("text")[0] == ("The bridge is closed until Monday" if whole_text else V2_TWEET["text"])
    assert got.column("repost_of") == ["10", None]
    assert got.column("quote_of") == [None, "5"]
    assert got.column("reply_to") == [None, "6"]
    assert got.column("urls") == [[], ["https://example.org/a"]]
    assert got.column("hashtags") == [[], ["پل"]]
    assert got.column("mentions") == [[], ["8"]]
    assert got.column("media") == [[], ["3_1"]]
    assert got.column("place") == [None, "Shiraz, Iran" if whole_text else None]
    assert got.column("reach") == [4, 90]


def test_x_v2_pages_one_a_line(intake):
    check_v2(intake(lines(V2_PAGE, {"data": [V2_TWEET], "meta": {}, "includes": {}})))


def test_x_v2_one_page(intake):
    check_v2(intake(json.dumps(V2_PAGE, indent=1)))


def test_x_v2_flattened(intake):
    check_v2(intake(lines(V2_TWEET, V2_OTHER)), whole_text=False)


def test_x_v2_error_pages_are_passed_over_and_said(intake):
    got = intake(lines(V2_PAGE, {"errors": [{"title": "Not Found"}], "meta": {}}))
    check_v2(got)
    assert any("1 records are not posts" in note for note in map(str, got.intake.files[0].notes))


def test_x_v1(intake):
    tweet = {
        "id_str": "20",
        "created_at": "Wed May 01 12:00:00 +0000 2024",
        "full_text": "see https://t.co/a",
        "user": {"id_str": "7", "screen_name": "ann"},
        "entities": {
            "urls": [{"expanded_url": "https://example.org/a"}],
            "hashtags": [{"text": "news"}],
            "user_mentions": [{"id_str": "8"}],
        },
        "lang": "und",
        "in_reply_to_status_id_str": "19",
    }
    repost = {**tweet, "id_str": "21", "retweeted_status": {"id_str": "20", "full_text": "whole"}}
    got = intake(lines(tweet, repost))
    assert got.intake.files[0].shape == "x-v1"
    assert got.column("created_at") == [NOON, NOON]
    assert got.column("urls") == [["https://example.org/a"], []]
    assert got.column("text") == ["see https://t.co/a", "whole"]
    assert got.column("repost_of") == [None, "20"]
    assert got.column("lang") == [None, None]


def test_x_information_operations_release(intake):
    base = {
        "tweetid": "1", "userid": "u1", "user_display_name": "n", "tweet_language": "ar", "tweet_text": "نص قصير",
        "tweet_time": "2024-05-01 12:00", "in_reply_to_tweetid": "", "quoted_tweet_tweetid": "", "is_retweet": "false",
        "retweet_tweetid": "", "hashtags": "[alpha, beta]", "urls": "[https://example.org/a, https://example.org/b]",
        "user_mentions": "[123, 456]", "retweet_count": "3",
    }  # fmt: skip
    repost = {**base, "tweetid": "2", "is_retweet": "true", "retweet_tweetid": "9"}
    got = intake(table([base, repost]))
    assert got.intake.files[0].shape == "x-io"
    assert got.column("hashtags") == [["alpha", "beta"], []]
    assert got.column("urls") == [["https://example.org/a", "https://example.org/b"], []]
    assert got.column("mentions") == [["123", "456"], []]
    assert got.column("repost_of") == [None, "9"]
    assert got.column("reach") == [3, 3]
    assert got.column("created_at") == [NOON, NOON]


FOURCAT = {
    "id": "5", "thread_id": "5", "timestamp": "2024-05-01 12:00:00", "unix_timestamp": str(EPOCH), "body": "a text",
    "author": "ann", "author_id": "7", "hashtags": "one,two", "urls": "https://example.org/a,https://example.org/b",
    "mentions": "ben,cy", "images": "", "views": "12",
}  # fmt: skip


@pytest.mark.parametrize("as_json", [False, True])
def test_4cat(intake, as_json):
    got = intake(lines(FOURCAT, {**FOURCAT, "id": "6"}) if as_json else table([FOURCAT, {**FOURCAT, "id": "6"}]))
    assert got.intake.files[0].shape == "4cat"
    assert got.column("account_id") == ["7", "7"]
    assert got.column("created_at") == [NOON, NOON]
    assert got.column("hashtags")[0] == ["one", "two"]
    assert got.column("urls")[0] == ["https://example.org/a", "https://example.org/b"]
    assert got.column("mentions")[0] == ["ben", "cy"]
    assert got.column("reach")[0] == 12


def zeeschuimer(site: str, data: dict[str, object]) -> dict[str, object]:
    return {"nav_index": "1", "item_id": "i1", "timestamp_collected": 1, "source_platform": site, "data": data}


def test_zeeschuimer(intake):
    legacy = {
        "full_text": "hello", "created_at": "Wed May 01 12:00:00 +0000 2024", "user_id_str": "7", "id_str": "30",
        "entities": {"hashtags": [{"text": "tag"}], "urls": [], "user_mentions": []},
    }  # fmt: skip
    tweet = {
        "rest_id": "30",
        "legacy": legacy,
        "core": {"user_results": {"result": {"rest_id": "7", "core": {"screen_name": "ann"}}}},
        "views": {"count": "55"},
    }
    clip = {
        "id": "40", "desc": "dance #x", "createTime": EPOCH, "author": {"uniqueId": "ben"}, "stats": {"playCount": 9},
        "textExtra": [{"hashtagName": "x"}],
    }  # fmt: skip
    picture = {"code": "C1", "user": {"username": "cy"}, "taken_at": EPOCH, "caption": {"text": "sea #blue"}}
    other = {"id": "50", "author": "dee", "created_at": "2024-05-01T12:00:00Z", "text": "elsewhere"}
    got = intake(
        lines(
            zeeschuimer("twitter.com", tweet),
            zeeschuimer("tiktok.com", clip),
            zeeschuimer("instagram.com", picture),
            zeeschuimer("gab.com", other),
            zeeschuimer("twitter.com", {"__typename": "TweetTombstone"}),
        )
    )
    assert got.intake.files[0].shape == "zeeschuimer"
    by_platform = {row["platform"]: row for row in got.posts.to_dicts()}
    assert by_platform["x"]["account_id"] == "7"
    assert by_platform["x"]["hashtags"] == ["tag"]
    assert by_platform["x"]["reach"] == 55
    assert by_platform["tiktok"]["account_id"] == "ben"
    assert by_platform["tiktok"]["reach"] == 9
    assert by_platform["instagram"]["post_id"] == "C1"
    assert by_platform["gab"]["text"] == "elsewhere"
    assert {row["created_at"] for row in by_platform.values()} == {NOON}


def test_meta_content_library(intake):
    row = {
        "id": "1", "text": "a post", "creation_time": "2024-05-01T12:00:00+0000", "post_owner.id": "77",
        "post_owner.name": "A Page", "lang": "en", "hashtags": '["h"]', "link_attachment.link": "https://example.org/a",
        "statistics.views": "1000",
    }  # fmt: skip
    got = intake(table([row]))
    assert got.intake.files[0].shape == "meta-content-library"
    assert got.column("account_id") == ["77"]
    assert got.column("urls") == [["https://example.org/a"]]
    assert got.column("reach") == [1000]
    assert got.column("platform") == ["facebook"]


def test_crowdtangle(intake):
    row = {
        "Page Name": "A Page", "User Name": "apage", "Facebook Id": "77", "Post Created": "2024-05-01 08:00:00 EDT",
        "Type": "Link", "Shares": "1,234", "URL": "https://www.facebook.com/77/posts/1", "Message": "look",
        "Link": "https://example.org/short", "Final Link": "https://example.org/a",
    }  # fmt: skip
    got = intake(table([row]))
    assert got.intake.files[0].shape == "crowdtangle"
    assert got.column("created_at") == [NOON]
    assert got.column("urls") == [["https://example.org/a"]]
    assert got.column("reach") == [1234]


MESSAGE = {
    "id": 3, "type": "message", "date": "2024-05-01T12:00:00", "date_unixtime": str(EPOCH), "from": "A Channel",
    "from_id": "channel9", "reply_to_message_id": 2,
    "text": ["see ", {"type": "link", "text": "https://example.org/a"}, " ", {"type": "hashtag", "text": "#news"},
             " ", {"type": "mention", "text": "@ben"}, " ", {"type": "text_link", "text": "here", "href": "https://example.org/b"}],
}  # fmt: skip
SERVICE = {"id": 1, "type": "service", "date": "2024-05-01T11:00:00", "action": "create_channel", "text": ""}


@pytest.mark.parametrize("whole_account", [False, True])
def test_telegram_export(intake, whole_account):
    chat = {"name": "A Channel", "type": "public_channel", "id": 9, "messages": [SERVICE, MESSAGE]}
    export = {"about": "x", "chats": {"about": "y", "list": [chat]}} if whole_account else chat
    got = intake(json.dumps(export, indent=1, ensure_ascii=False))
    assert got.intake.files[0].shape == "telegram-export"
    assert got.law
    assert got.column("post_id") == ["9/3"]
    assert got.column("account_id") == ["channel9"]
    assert got.column("created_at") == [NOON]
    assert got.column("text") == ["see https://example.org/a #news @ben here"]
    assert got.column("urls") == [["https://example.org/a", "https://example.org/b"]]
    assert got.column("hashtags") == [["news"]]
    assert got.column("mentions") == [["ben"]]
    assert got.column("reply_to") == ["9/2"]
    assert any("not posts" in note for note in map(str, got.intake.files[0].notes))


def mastodon(number: int, **more: object) -> dict[str, object]:
    return {
        "id": str(number), "uri": f"https://m.example/users/ann/statuses/{number}", "created_at": "2024-05-01T12:00:00.000Z",
        "account": {"id": "1", "acct": "ann", "url": "https://m.example/@ann"}, "language": "fa", "visibility": "public",
        "content": '<p>سلام &amp; <a href="https://example.org/a">link</a><br>دوم</p><p><a href="https://m.example/tags/x" '
                   'class="mention hashtag">#x</a></p>',
        "tags": [{"name": "x"}], "mentions": [], "media_attachments": [{"id": "m1"}], "reblogs_count": 4, "reblog": None, **more,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["array", "lines"])
def test_mastodon(intake, form):
    boost = mastodon(2, content="", reblog=mastodon(1))
    records = [mastodon(1), boost]
    got = intake(json.dumps(records) if form == "array" else lines(*records))
    assert got.intake.files[0].shape == "mastodon"
    assert got.column("account_id") == ["https://m.example/@ann"] * 2
    assert got.column("text") == ["سلام & link\nدوم\n\n#x"] * 2
    assert got.column("urls") == [["https://example.org/a"], []]
    assert got.column("hashtags") == [["x"], []]
    assert got.column("media") == [["m1"], []]
    assert got.column("repost_of") == [None, "https://m.example/users/ann/statuses/1"]


def event(rkey: str, collection: str, record: dict[str, object], **more: object) -> dict[str, object]:
    commit = {"operation": "create", "collection": collection, "rkey": rkey, "record": record, **more}
    return {"did": "did:plc:a", "time_us": EPOCH * 1_000_000, "kind": "commit", "commit": commit}


def test_bluesky_jetstream(intake):
    post = {
        "text": "a link and a tag", "createdAt": "2024-05-01T11:59:59Z", "langs": ["en"],
        "facets": [{"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a"}]},
                   {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "news"}]},
                   {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:b"}]}],
        "embed": {"external": {"uri": "https://example.org/b"}},
        "reply": {"parent": {"uri": "at://did:plc:c/app.bsky.feed.post/1"}},
    }  # fmt: skip
    late = {"text": "from the future", "createdAt": "2030-01-01T00:00:00Z"}
    share = {"subject": {"uri": "at://did:plc:b/app.bsky.feed.post/9"}, "createdAt": "2024-05-01T12:00:00Z"}
    got = intake(
        lines(
            event("1", "app.bsky.feed.post", post),
            event("2", "app.bsky.feed.post", late),
            event("3", "app.bsky.feed.repost", share),
            event("4", "app.bsky.feed.like", share),
            {"did": "did:plc:a", "time_us": 1, "kind": "identity", "identity": {}},
            event("1", "app.bsky.feed.post", {}, operation="delete"),
        )
    )
    assert got.intake.files[0].shape == "bluesky-jetstream"
    assert got.law
    assert got.rejects == []
    assert any("3 records are not posts" in note for note in map(str, got.intake.files[0].notes))
    first, *_ = rows = got.posts.sort("post_id").to_dicts()
    assert len(rows) == 3
    assert first["post_id"] == "at://did:plc:a/app.bsky.feed.post/1"
    assert first["urls"] == ["https://example.org/a", "https://example.org/b"]
    assert first["hashtags"] == ["news"]
    assert first["mentions"] == ["did:plc:b"]
    assert first["reply_to"] == "at://did:plc:c/app.bsky.feed.post/1"
    assert first["created_at"] == NOON.replace(hour=11, minute=59, second=59)
    assert rows[1]["created_at"] == NOON
    assert rows[2]["repost_of"] == "at://did:plc:b/app.bsky.feed.post/9"


def test_bluesky_api(intake):
    view = {
        "post": {
            "uri": "at://did:plc:a/app.bsky.feed.post/1", "cid": "c", "author": {"did": "did:plc:a", "handle": "ann"},
            "record": {"text": "hi", "createdAt": "2024-05-01T12:00:00Z"}, "indexedAt": "2024-05-01T12:00:05Z", "repostCount": 3,
        },
        "reason": {"by": {"did": "did:plc:b"}, "indexedAt": "2024-05-01T12:10:00Z"},
    }  # fmt: skip
    got = intake(json.dumps({"feed": [view], "cursor": "x"}))
    assert got.intake.files[0].shape == "bluesky-api"
    assert got.column("account_id") == ["did:plc:a", "did:plc:b"]
    assert got.column("repost_of") == [None, "at://did:plc:a/app.bsky.feed.post/1"]
    assert got.column("reach") == [3, None]


def test_reddit(intake):
    submission = {
        "id": "s1", "author": "ann", "created_utc": EPOCH, "subreddit": "news", "title": "A title", "selftext": "",
        "url": "https://example.org/a", "is_self": False,
    }  # fmt: skip
    comment = {
        "id": "c1", "author": "ben", "created_utc": str(EPOCH), "subreddit": "news", "body": "see https://example.org/b",
        "parent_id": "t3_s1", "link_id": "t3_s1",
    }  # fmt: skip
    gone = {**comment, "id": "c2", "author": "[deleted]"}
    got = intake(lines(submission, comment, gone))
    assert got.intake.files[0].shape == "reddit"
    assert got.law
    assert got.column("post_id") == ["t1_c1", "t3_s1"]
    assert got.column("text") == ["see https://example.org/b", "A title"]
    assert got.column("reply_to") == ["t3_s1", None]
    assert got.rejects == [(3, "account-missing")]
    assert got.column("urls") == [["https://example.org/b"], ["https://example.org/a"]]


def test_a_mapping_overrides_a_known_shape_of_records(intake):
    records = [mastodon(i, application={"name": "an app"}) for i in range(3)]
    got = intake(lines(*records), mapping={"place": "application.name"})
    assert got.intake.files[0].shape == "mastodon"
    assert got.column("place") == ["an app"] * 3
    assert any("application.name" in note for note in map(str, got.intake.files[0].notes))
    with pytest.raises(ConfigError, match="no such column"):
        intake(lines(*records), mapping={"place": "aplication.name"})


def test_reddit_listing(intake):
    children = [
        {"kind": "t3", "data": {"id": f"s{i}", "name": f"t3_s{i}", "author": "ann", "created_utc": float(EPOCH),
                                "subreddit": "n", "title": "T", "selftext": "", "is_self": True}}
        for i in range(3)
    ]  # fmt: skip
    got = intake(json.dumps({"kind": "Listing", "data": {"children": children, "after": None}}))
    assert got.intake.files[0].shape == "reddit"
    assert got.column("post_id") == ["t3_s0", "t3_s1", "t3_s2"]
    assert got.column("created_at") == [NOON] * 3


def test_coortweet(intake):
    rows = [
        {"object_id": "o1", "account_id": "a", "content_id": "p1", "timestamp_share": EPOCH},
        {"object_id": "https://example.org/a", "account_id": "b", "content_id": "p2", "timestamp_share": EPOCH},
        {"object_id": "p3", "account_id": "c", "content_id": "p3", "timestamp_share": EPOCH},
    ]
    got = intake(table(rows))
    assert got.intake.files[0].shape == "coortweet"
    assert got.column("repost_of") == ["o1", None, None]
    assert got.column("urls") == [[], ["https://example.org/a"], []]
    assert any("object_id" in note for note in map(str, got.intake.files[0].notes))


def test_coortweet_posts_with_several_objects_lose_none(intake):
    rows = [
        {"object_id": thing, "account_id": "a", "content_id": "p1", "timestamp_share": EPOCH}
        for thing in ("o1", "https://example.org/a", "o2", "o2")
    ]
    got = intake(table(rows))
    assert got.law
    assert got.intake.n_duplicates == 1
    assert sorted(got.posts["repost_of"].drop_nulls()) == ["o1", "o2"]
    assert [url for urls in got.column("urls") for url in urls] == ["https://example.org/a"]
    assert any("several objects" in note for note in map(str, got.intake.files[0].notes))


def test_qut(intake):
    rows = [
        {"message_id": "1", "user_id": "a", "username": "ann", "repost_id": "", "reply_id": "9", "message": "m",
         "timestamp": EPOCH, "urls": "https://example.org/a https://example.org/b"},
        {"message_id": "2", "user_id": "b", "username": "ben", "repost_id": "1", "reply_id": "", "message": "RT",
         "timestamp": EPOCH + 0.5, "urls": "https://example.org/a"},
    ]  # fmt: skip
    got = intake(table(rows))
    assert got.intake.files[0].shape == "qut"
    assert got.column("urls") == [["https://example.org/a", "https://example.org/b"], []]
    assert got.column("repost_of") == [None, "1"]
    assert got.column("reply_to") == ["9", None]
    assert got.column("created_at")[1] == NOON.replace(microsecond=500000)


def test_own_posts_come_back_the_same_from_every_form(intake, tmp_path):
    first = intake(table([FOURCAT, {**FOURCAT, "id": "6", "body": "other"}]), keep_ids=False)
    own = first.posts
    forms = {}
    own.write_parquet(tmp_path / "own.parquet")
    forms["parquet"] = tmp_path / "own.parquet"
    records = own.to_dicts()
    for record in records:
        record["created_at"] = record["created_at"].isoformat()
    forms["ndjson"] = tmp_path / "own.ndjson"
    forms["ndjson"].write_text(lines(*records))
    for record in records:
        record.update({name: json.dumps(record[name]) for name in ("urls", "hashtags", "mentions", "media")})
    forms["csv"] = tmp_path / "own.csv"
    forms["csv"].write_text(table(records))
    for form in forms.values():
        again = intake(form, keep_ids=False)
        assert again.intake.files[0].shape == "dideban"
        assert again.posts.drop("source").equals(own.drop("source"))


def test_no_two_shapes_claim_the_same_record():
    samples = [
        V2_PAGE, V2_TWEET, zeeschuimer("twitter.com", {}), MESSAGE, SERVICE, mastodon(1),
        event("1", "app.bsky.feed.post", {}),
        {"id": "1", "author": "a", "created_utc": 1, "subreddit": "s", "body": "b"},
    ]  # fmt: skip
    for sample in samples:
        claims = [shape.name for shape in SHAPES if shape.record is not None and shape.record(sample)]
        assert len(claims) == 1, (claims, sample)


def test_a_record_without_its_parts_is_rejected_and_the_rest_is_read(intake):
    broken = {**mastodon(3), "account": {}}
    got = intake(lines(mastodon(1), mastodon(2), broken, 17, [1]))
    assert got.law
    assert got.rejects == [(3, "record-unreadable"), (4, "not-an-object"), (5, "not-an-object")]
