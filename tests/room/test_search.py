"""Search: a word finds all its spellings, pages follow each other, limits of places hold."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from dideban.errors import InputError
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.search import (
    Query,
    Scope,
    count_posts,
    get_posts,
    scan_matching,
    search_posts,
)
from dideban.room.posts.terms import _contains, pattern, terms
from dideban.room.rooms.models import Room
from dideban.text import normal_form
from room.cast import NOW, post

ALL = Scope()


def fill(*posts: dict[str, Any]) -> None:
    body = "\n".join(json.dumps(p) for p in posts).encode()
    take_bytes(body, name="p.ndjson", origin=Origin(room="watch", source="wire"))
    merge_all("watch")


def ids(query: Query, scope: Scope = ALL) -> list[str]:
    return sorted(search_posts("watch", query, scope=scope, limit=500).posts["post_id"].to_list())


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("آنها می‌روند", "می روند", True),
        ("آنها میروند", "می‌روند", True),
        ("آنها مي روند", "میروند", True),
        ("كتاب‌های خوب", "کتاب", True),
        ("قرأت الكتاب أمس", "كتاب", True),
        ("وبالكتاب نبدأ", "کتاب", False),
        ("سال ۱۴۰۳ بود", "1403", True),
        ("CAFÉ is open", "cafe", True),
        ("the harvest", "har", True),
        ("the harvest", "vest", False),
        ("wheat and barley", "barley wheat", True),
        ("wheat and barley", '"barley wheat"', False),
        ("wheat and barley", "wheat -barley", False),
        ("wheat", "wheat -barley", True),
        ("100% (sure) [x] a.b*c", "(sure) [x]", True),
    ],
)
def test_what_a_word_finds(room: Room, text: str, query: str, found: bool) -> None:
    fill(post(1, text=text), post(2, text="something else altogether"))
    assert ids(Query(text=query)) == (["p1"] if found else [])


@pytest.mark.parametrize("word", ["کتاب", "می روند", "مدرسه", "و", "ال", "۱۲"])
def test_looking_at_the_first_letters_changes_nothing(word: str) -> None:
    texts = normal_form(
        pl.Series(["کتاب", "ک تاب", "الکتاب", "می روند", "میروند", "مدرسه ها", "م درسه", "", "و", "12", "والمدرسه"])
    )
    for term in terms(word):
        if " ?" in (wanted := pattern(term)):
            assert _contains(texts, wanted).to_list() == texts.str.contains(wanted).to_list()


def test_pages_follow_each_other_without_gap_or_repeat(room: Room) -> None:
    same = (NOW - timedelta(hours=1)).isoformat()
    fill(*(post(n, created_at=same) for n in range(20)), *(post(n) for n in range(20, 35)))
    seen: list[str] = []
    after = ""
    while True:
        page = search_posts("watch", Query(text="harvest"), scope=ALL, limit=4, after=after)
        assert page.n_total == 35
        seen += page.posts["post_id"].to_list()
        if not (after := page.next):
            break
    assert len(seen) == len(set(seen)) == 35


def test_filters_narrow(room: Room) -> None:
    fill(
        post(1, place="north", lang="en", urls=["https://news.example/a"]),
        post(2, place="south", lang="fa", hashtags=["برداشت_گندم"]),
        post(3, platform="telegram"),
        post(4, created_at=(NOW - timedelta(days=5)).isoformat()),
    )
    assert ids(Query(places=("north",))) == ["p1"]
    assert ids(Query(languages=("fa",))) == ["p2"]
    assert ids(Query(platforms=("telegram",))) == ["p3"]
    assert ids(Query(object="news.example")) == ["p1"]
    assert ids(Query(object="#برداشت_گندم")) == ["p2"]
    assert ids(Query(until=NOW - timedelta(days=4))) == ["p4"]
    assert ids(Query(sources=("nobody",))) == []
    account = get_posts("watch", ["x/p1"], scope=ALL)["account_id"][0]
    assert "p1" in ids(Query(account=account))
    assert count_posts("watch", Query(), scope=ALL, every="1d")["n"].sum() == 4
    assert scan_matching("watch", Query(text="harvest"), scope=ALL).collect().height == 4


def test_a_limited_member_sees_their_places_only(room: Room) -> None:
    fill(post(1, place="north"), post(2, place="south"), post(3))
    north = Scope(places=("north",))
    assert ids(Query(), north) == ["p1"]
    assert ids(Query(places=("south",)), north) == []
    assert get_posts("watch", ["x/p1", "x/p2", "x/p3"], scope=north)["post_id"].to_list() == ["p1"]
    assert count_posts("watch", Query(), scope=north)["n"].sum() == 1


@pytest.mark.parametrize(
    "given", [{"since": "yesterday"}, {"until": "2026-13-45"}, {"text": " ".join("abcdefghijklmnop")}]
)
def test_a_query_that_cannot_be_read_is_told(room: Room, given: dict[str, str]) -> None:
    with pytest.raises(InputError):
        search_posts("watch", Query.from_dict(given), scope=ALL)
    with pytest.raises(InputError):
        search_posts("watch", Query(), scope=ALL, after="nonsense")


def test_a_query_survives_an_address(room: Room) -> None:
    query = Query(text="می‌روند", since=NOW, places=("north", "south"), object="#x")
    assert Query.from_dict(query.to_dict()) == query


def test_hostile_text_is_kept_and_found_as_it_is(room: Room) -> None:
    zalgo = "h" + "\u0335\u0322" * 200 + "arvest"
    word = "x" * 1_000_000
    fill(
        post(1, text="<script>alert(1)</script> wheat"),
        post(2, text="\u202ewheat\u202c"),
        post(3, text=zalgo),
        post(4, text=word),
    )
    assert search_posts("watch", Query(text="alert"), scope=ALL).posts["text"][0] == "<script>alert(1)</script> wheat"
    assert "p2" in ids(Query(text="wheat"))
    assert len(ids(Query())) == 4


@pytest.mark.parametrize("name", ["text", "object", "account", "places", "sources"])
def test_half_a_character_in_a_query_is_no_error(room: Room, name: str) -> None:
    """JSON may hold one, UTF-8 and the table may not."""
    query = Query.from_dict({name: json.loads(r'"\ud800"')})
    assert search_posts(room.slug, query, scope=Scope()).n_total == 0
