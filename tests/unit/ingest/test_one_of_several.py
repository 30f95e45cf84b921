"""Several columns that might hold the same thing: who posted, which id is the row's, whose address, which time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

N = 12
TIMES = [datetime(2026, 3, 2, 9, 30, tzinfo=UTC) + timedelta(hours=13 * i, seconds=i) for i in range(N)]
ISO = [when.strftime("%Y-%m-%dT%H:%M:%SZ") for when in TIMES]
NAMES = ["Ann A", "Ben B", "Cem C", "Dora D"]


def text(i: int) -> str:
    return f"What was said at the bridge on day {i}" + (f" https://news.example/{i}" if i % 3 == 1 else "")


def table(**columns: Callable[[int], object]) -> str:
    rows = [list(columns), *([str(cell(i)) for cell in columns.values()] for i in range(N))]
    return "\n".join(",".join(row) for row in rows)


def records(record: Callable[[int], dict[str, object]]) -> str:
    return json.dumps([record(i) for i in range(N)])


def who(i: int) -> int:
    return (i * i + i // 3) % 4


@pytest.mark.parametrize(
    ("shown", "firm", "cell"),
    [
        ("UserName", "commenterID", lambda i: f"UC{who(i)}"),
        ("authorName", "authorHandle", lambda i: f"h{who(i)}"),
        ("author_handle", "author_did", lambda i: f"did:plc:{who(i)}"),
        ("用户昵称", "uid", lambda i: f"77{who(i)}"),
        ("author", "author_channel_id", lambda i: f"UC{who(i)}"),
    ],
)
def test_accounts_are_told_apart_by_what_does_not_change(intake, shown: str, firm: str, cell) -> None:
    got = intake(table(**{shown: lambda i: NAMES[who(i)], firm: cell, "created_at": ISO.__getitem__, "text": text}))
    assert got.column("account_id") == [cell(i) for i in range(N)]


@pytest.mark.parametrize("other", ["replied_user_id", "location_id", "root_author_id"])
def test_an_id_that_is_not_of_whoever_posted_leaves_the_name(intake, other: str) -> None:
    columns = {"author": lambda i: NAMES[who(i)], other: lambda i: 900 + i // 2}
    got = intake(table(**columns, created_at=ISO.__getitem__, text=text))
    assert got.column("account_id") == [NAMES[who(i)] for i in range(N)]


def test_the_author_of_the_music_did_not_post(intake) -> None:
    got = intake(
        records(
            lambda i: {
                "aweme_id": f"7345{i:06d}",
                "desc": text(i),
                "create_time": int(TIMES[i].timestamp()),
                "music": {"title": "song", "author": "singer"},
                "author": {"nickname": NAMES[who(i)], "uid": f"55{who(i)}", "sec_uid": f"MS{who(i)}"},
                "video": {"cover": {"url_list": [f"https://cdn.example/{i}.jpg"]}},
                "share_url": f"https://share.example/video/7345{i:06d}/",
            }
        )
    )
    assert got.column("account_id") == [f"55{who(i)}" for i in range(N)]
    assert got.column("urls") == [[f"https://news.example/{i}"] if i % 3 == 1 else [] for i in range(N)]


def test_where_a_post_was_forwarded_from_is_not_who_posted(intake) -> None:
    lines = records(lambda i: {"id": i, "date": ISO[i], "text": text(i), "fwd_from_channel": f"c{i % 2}"})
    got = intake(lines, table(user=who, created_at=ISO.__getitem__, text=text))
    assert got.posts.height == N
    assert (0, "file-unmapped") in got.rejects


def test_comments_have_ids_of_their_own_beside_that_of_the_post(intake) -> None:
    got = intake(
        records(
            lambda i: {
                "id": f"179{i:04d}",
                "postId": f"P{i % 3}",
                "text": text(i),
                "timestamp": ISO[i],
                "ownerId": who(i),
            }
        )
    )
    assert got.column("post_id") == [f"179{i:04d}" for i in range(N)]


def test_a_post_that_was_collected_twice_keeps_its_id(intake) -> None:
    rows = table(id=lambda i: i, post_id=lambda i: f"p{i // 2}", user=lambda i: who(i // 2), text=lambda i: text(i // 2),
                 created_at=lambda i: ISO[i // 2])  # fmt: skip
    got = intake(rows)
    assert got.column("post_id") == [f"p{i}" for i in range(N // 2)]
    assert got.intake.n_duplicates == N // 2


def test_an_id_behind_the_name_of_its_column(intake) -> None:
    got = intake(table(**{"Tweet ID": lambda i: f"tweet_id:179{i:016d}"}, user=who, date=ISO.__getitem__, text=text))
    assert got.column("post_id") == [f"179{i:016d}" for i in range(N)]


def test_the_root_of_a_thread_is_answered(intake) -> None:
    def root(i: int) -> str:
        return f"post{i - 2:022d}" if i % 4 == 3 else ""

    got = intake(
        table(id=lambda i: f"post{i:022d}", root_id=root, user_id=who, create_at=lambda i: ISO[i], message=text)
    )
    assert got.column("reply_to") == [root(i) or None for i in range(N)]


@pytest.mark.parametrize(
    ("name", "other", "later"),
    [("dateTime", "dateTimePub", timedelta(minutes=2)), ("post_date", "post_date_gmt", timedelta(hours=2))],
)
def test_the_time_of_publication_and_that_in_utc_come_first(intake, name: str, other: str, later: timedelta) -> None:
    got = intake(
        table(
            **{
                name: lambda i: f"{TIMES[i] + later:%Y-%m-%d %H:%M:%S}",
                "user": who,
                "text": text,
                other: lambda i: f"{TIMES[i]:%Y-%m-%d %H:%M:%S}",
            }
        )
    )
    assert got.column("created_at") == TIMES


@pytest.mark.parametrize("cell", ["%Y-%m-%d %H:%M:%S", "%s"])
def test_a_zone_in_the_name_of_a_column_comes_before_the_setting(intake, cell: str) -> None:
    def when(i: int) -> str:
        return str(int(TIMES[i].timestamp())) if cell == "%s" else TIMES[i].strftime(cell)

    got = intake(table(date_utc=when, user=who, text=text), time_zone="Asia/Tehran")
    assert got.column("created_at") == TIMES


def test_times_that_are_called_by_what_was_done_then(intake) -> None:
    got = intake(records(lambda i: {"sent_at": int(TIMES[i].timestamp()), "sender": who(i), "text": text(i)}))
    assert got.column("created_at") == TIMES


@pytest.mark.parametrize(
    "cell",
    [
        lambda i: [{"url": "https://www.facebook.com/hashtag/bridge"}] if i % 4 == 2 else [],
        lambda i: "https://forum.example/bridge",
    ],
    ids=["pages of hashtags", "the place of all rows"],
)
def test_addresses_that_nobody_shared(intake, cell: Callable[[int], object]) -> None:
    got = intake(
        records(lambda i: {"id": f"1{i:09d}", "user": who(i), "created_at": ISO[i], "text": text(i), "seen": cell(i)})
    )
    assert got.column("urls") == [[f"https://news.example/{i}"] if i % 3 == 1 else [] for i in range(N)]


@pytest.mark.parametrize(
    ("address", "platform"),
    [
        ("https://facebook.com/story.php?story_fbid={0}&id=5", "facebook"),
        ("https://www.facebook.com/photo/?fbid={0}", "facebook"),
        ("https://www.facebook.com/reel/{0}/", "facebook"),
        ("https://www.linkedin.com/posts/ann_words-activity-{0}-abcd", "linkedin"),
        ("https://x.com/i/web/status/{0}", "x"),
    ],
)
def test_more_addresses_of_posts(intake, address: str, platform: str) -> None:
    got = intake(
        table(link=lambda i: address.format(7337832757777096704 + i), user=who, date=ISO.__getitem__, text=text)
    )
    assert got.column("platform") == [platform] * N
    assert got.posts["urls"].list.len().sum() == 4


def test_a_submission_on_reddit_does_not_share_itself(intake) -> None:
    def one(i: int) -> dict[str, object]:
        own = f"https://www.reddit.com/r/town/comments/1a{i}/title/"
        return {"id": f"1a{i}", "author": f"u{who(i)}", "created_utc": TIMES[i].timestamp(), "subreddit": "town",
                "title": "Title", "selftext": "Words", "url": own if i % 2 else "https://news.example/a"}  # fmt: skip

    got = intake(records(one))
    assert got.column("urls") == [[] if i % 2 else ["https://news.example/a"] for i in range(N)]
