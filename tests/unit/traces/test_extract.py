"""POSTS to TRACES: what is an object of each kind, what is not, and what never matters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import TraceConfig
from dideban.errors import ConfigError, SchemaError
from dideban.schema import OBJECT_KINDS, OBJECTS, POSTS, TRACES
from dideban.traces import Traces, extract_traces

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ALL = TraceConfig(kinds=OBJECT_KINDS)
LONG_EN = "The library on Mill Street opens again on Monday with longer evening hours for readers of all ages."
LONG_FA = "کتابخانه‌ی خیابان آسیاب از روز دوشنبه با ساعت‌های بیشتر در شب برای همه‌ی خوانندگان باز می‌شود و رایگان است."
EMPTY: dict[str, Any] = {
    "platform": "x", "source": "t", "text": None, "lang": None, "urls": [], "hashtags": [], "mentions": [], "media": [],
    "repost_of": None, "reply_to": None, "quote_of": None, "place": None, "reach": None,
}  # fmt: skip


def posts(*rows: dict[str, Any]) -> pl.DataFrame:
    """POSTS of rows that say what matters: account ``a``, seconds after noon ``at`` and the columns under test."""
    full = [
        {
            **EMPTY,
            "post_id": str(n),
            "account_id": row.pop("a"),
            "created_at": NOON + timedelta(seconds=row.pop("at", n)),
        }
        | row
        for n, row in enumerate(dict(row) for row in rows)
    ]
    return pl.DataFrame(full, schema=POSTS.dtypes)


def shares(found: Traces) -> list[tuple[str, str, str, str]]:
    return list(found.traces.select("object_kind", "object_id", "account_id", "post_id").iter_rows())


def labels(found: Traces) -> dict[str, Any]:
    return {row["object_id"]: row for row in found.objects.iter_rows(named=True)}


def only(kind: str, **settings: Any) -> TraceConfig:
    return TraceConfig(kinds=(kind,), **settings)


def test_one_page_written_in_two_ways_is_one_link() -> None:
    found = extract_traces(
        posts(
            {"a": "ana", "urls": ["http://www.example.org/a?utm_source=x", "https://example.org/only"]},
            {"a": "bea", "urls": ["https://m.example.org/a/#top", "javascript:alert(1)"]},
        ),
        config=only("link"),
    )
    assert shares(found) == [
        ("link", "https://example.org/a", "ana", "x/0"),
        ("link", "https://example.org/a", "bea", "x/1"),
    ]
    assert labels(found)["https://example.org/a"]["origin"] == "example.org"
    assert found.counts == {"link": 3}
    assert [str(note) for note in found.notes] == ["1 of 4 links are not web addresses and were left out."]


def test_one_link_twice_in_a_post_is_one_trace() -> None:
    rows = posts(
        {"a": "ana", "urls": ["https://example.org/a", "http://example.org/a/"]},
        {"a": "bea", "urls": ["example.org/a"]},
    )
    assert len(shares(extract_traces(rows, config=only("link")))) == 2


def test_one_account_alone_shares_with_nobody() -> None:
    rows = posts(*[{"a": "ana", "urls": ["https://example.org/a"], "text": LONG_EN, "hashtags": ["a", "b", "c"]}] * 3)
    found = extract_traces(rows, config=ALL)
    assert found.traces.equals(TRACES.empty())
    assert found.objects.equals(OBJECTS.empty())
    assert found.counts["link"] == found.counts["text"] == found.counts["hashtags"] == 3


def test_empty_links_link_nobody() -> None:
    found = extract_traces(posts({"a": "ana", "urls": [""]}, {"a": "bea", "urls": [" "]}, {"a": "cai"}), config=ALL)
    assert found.traces.is_empty()


def test_codes_of_anonymised_links_are_compared_as_they_are() -> None:
    rows = posts({"a": "ana", "urls": ["anon-url:7", "none"]}, {"a": "bea", "urls": ["anon-url:7", "none"]})
    found = extract_traces(rows, config=only("link"))
    assert [share[1] for share in shares(found)] == ["anon-url:7"] * 2
    assert labels(found)["anon-url:7"]["origin"] is None


def test_shorteners_are_counted_in_a_note() -> None:
    rows = posts({"a": "ana", "urls": ["https://bit.ly/x"]}, {"a": "bea", "urls": ["https://example.org/"]})
    (note,) = map(str, extract_traces(rows, config=only("link")).notes)
    assert note.startswith("1 of 2 links (50%) go through link shorteners.")


def test_domains_are_extracted_on_request_only() -> None:
    rows = posts(
        {"a": "ana", "urls": ["https://a.example.co.uk/1"]}, {"a": "bea", "urls": ["https://b.example.co.uk/2"]}
    )
    assert extract_traces(rows, config=TraceConfig()).traces.is_empty()
    found = extract_traces(rows, config=only("domain"))
    assert {share[1] for share in shares(found)} == {"example.co.uk"}


def test_a_repost_is_born_with_its_original_and_comes_from_its_author() -> None:
    rows = posts(
        {"a": "author", "text": "Short news", "at": -90},
        {"a": "ana", "repost_of": "0", "text": "RT Short news"},
        {"a": "bea", "repost_of": "0"},
        {"a": "author", "repost_of": "0"},
    )
    found = extract_traces(rows, config=only("repost"))
    assert shares(found) == [("repost", "x/0", "ana", "x/1"), ("repost", "x/0", "bea", "x/2")]
    assert found.objects.row(0, named=True) == {
        "object_kind": "repost",
        "object_id": "x/0",
        "born_at": NOON - timedelta(seconds=90),
        "origin": "author",
        "label": "Short news",
    }


def test_a_repost_of_an_unseen_post_shows_its_first_copy() -> None:
    rows = posts(
        {"a": "ana", "repost_of": "99", "text": "later"}, {"a": "bea", "repost_of": "99", "text": "first", "at": -5}
    )
    found = extract_traces(rows, config=only("repost")).objects.row(0, named=True)
    assert (found["born_at"], found["origin"], found["label"]) == (None, None, "first")


def test_what_a_repost_carries_is_not_shared_again() -> None:
    carried = {"urls": ["https://example.org/a"], "hashtags": ["a", "b", "c"], "media": ["m1"], "text": LONG_EN}
    rows = posts({"a": "ana", "repost_of": "9", **carried}, {"a": "bea", "repost_of": "9", **carried})
    assert {share[0] for share in shares(extract_traces(rows, config=ALL))} == {"repost"}


def test_one_post_id_on_two_platforms_is_two_posts() -> None:
    rows = posts({"a": "ana", "repost_of": "9"}, {"a": "bea", "repost_of": "9", "platform": "telegram"})
    assert extract_traces(rows, config=only("repost")).traces.is_empty()


def test_quotes_hand_on_the_quoted_post_unless_told_otherwise() -> None:
    rows = posts({"a": "ana", "quote_of": "9"}, {"a": "bea", "repost_of": "9"})
    assert len(shares(extract_traces(rows, config=only("repost")))) == 2
    assert extract_traces(rows, config=only("repost", quotes=False)).traces.is_empty()


def test_replies_to_one_post_are_an_object_and_answering_oneself_is_not() -> None:
    rows = posts(
        {"a": "author", "text": "Question"},
        {"a": "ana", "reply_to": "0"},
        {"a": "bea", "reply_to": "0"},
        {"a": "author", "reply_to": "0"},
        {"a": "cai", "reply_to": "cai"},
        {"a": "dov", "reply_to": "cai"},
    )
    found = extract_traces(rows, config=only("reply"))
    assert shares(found) == [("reply", "x/0", "ana", "x/1"), ("reply", "x/0", "bea", "x/2")]
    assert labels(found)["x/0"]["origin"] == "author"


def test_naming_the_same_account_is_evidence_only_on_request() -> None:
    rows = posts({"a": "ana", "mentions": ["mayor"]}, {"a": "bea", "mentions": ["mayor", "ana"]})
    assert extract_traces(rows, config=ALL).traces.is_empty()
    found = extract_traces(rows, config=only("reply", mentions=True))
    assert [share[1] for share in shares(found)] == ["x/mayor"] * 2


@pytest.mark.parametrize("near_text", [True, False])
def test_equal_texts_in_different_spelling_are_one_object(near_text: bool) -> None:
    respelt = LONG_FA.replace("ی", "ي").replace("ک", "ك").replace("\u200c", "") + " 😀 https://example.org/x"
    rows = posts(
        {"a": "ana", "text": LONG_FA, "lang": "fa", "at": 5},
        {"a": "bea", "text": respelt, "at": 9},
        {"a": "cai", "text": "short"},
        {"a": "dov", "text": "short"},
    )
    found = extract_traces(rows, config=only("text", near_text=near_text))
    assert [share[2] for share in shares(found)] == ["ana", "bea"]
    shown = found.objects.row(0, named=True)
    assert (shown["label"], shown["origin"]) == (LONG_FA, None)
    assert found.counts == {"text": 2}


@pytest.mark.parametrize(
    ("links", "origin"),
    [
        ([["https://news.example.org/1"], ["https://www.example.org/2"], []], "example.org"),
        ([["https://example.org/1"], ["https://other.example/2"], ["https://other.example/3"]], "other.example"),
        ([["https://b.example/1"], ["https://a.example/2"]], "a.example"),
        ([["https://example.org/1"], [], []], None),
        ([["https://x.com/ana/status/1"], ["https://youtube.com/watch?v=abcdefghijk"]], None),
        ([["https://t.me/Some_Channel/4"], ["https://t.me/s/some_channel/7"]], "t.me/some_channel"),
        ([["https://bit.ly/abc"], ["https://bit.ly/abc"]], None),
    ],
)
def test_a_text_comes_from_the_site_that_half_of_its_posts_link_to(links: list[list[str]], origin: str | None) -> None:
    rows = posts(*[{"a": f"a{n}", "text": LONG_EN, "urls": urls} for n, urls in enumerate(links)])
    for config in (only("text"), ALL):
        found = extract_traces(rows, config=config).objects.filter(object_kind="text")
        assert found["origin"].to_list() == [origin]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.news.co.uk/a", "news.co.uk"),
        ("https://t.me/channel_name/12", "t.me/channel_name"),
        ("https://t.me/joinchat/AbCd", None),
        ("https://www.youtube.com/watch?v=abcdefghijk", None),
        ("https://docs.google.com/document/d/1", None),
        ("https://bit.ly/abc", None),
    ],
)
def test_a_platform_is_no_origin(url: str, origin: str | None) -> None:
    rows = posts({"a": "ana", "urls": [url]}, {"a": "bea", "urls": [url]})
    assert extract_traces(rows, config=only("link")).objects["origin"].to_list() == [origin]


def test_reworded_texts_are_one_object_only_where_near_texts_are_wanted() -> None:
    reworded = LONG_EN.replace("Monday", "Tuesday").replace("evening", "morning")
    rows = posts({"a": "ana", "text": LONG_EN}, {"a": "bea", "text": reworded})
    assert len(shares(extract_traces(rows, config=only("text")))) == 2
    assert extract_traces(rows, config=only("text", near_text=False)).traces.is_empty()


def test_texts_in_many_batches_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    from dideban.traces import tables

    whole = posts(*[{"a": f"a{n}", "text": LONG_EN if n % 40 == 0 else f"{LONG_FA} {n} " * 2} for n in range(120)])
    expected = extract_traces(whole, config=only("text", near_text=False))
    monkeypatch.setattr(tables, "BATCH_ROWS", 7)
    cut = extract_traces(whole, config=only("text", near_text=False))
    assert [share[3] for share in shares(cut)] == ["x/0", "x/40", "x/80"]
    assert cut.traces.equals(expected.traces)


def test_long_labels_are_cut() -> None:
    rows = posts({"a": "ana", "text": LONG_EN * 100}, {"a": "bea", "text": LONG_EN * 100})
    label = extract_traces(rows, config=only("text")).objects["label"][0]
    assert len(label) == 1001
    assert label.endswith("…")


def test_hashtag_sequences_need_three_in_the_same_order() -> None:
    rows = posts(
        {"a": "ana", "hashtags": ["Vote", "Ballot_Box", "انتخابات"]},
        {"a": "bea", "hashtags": ["#vote", "ballotbox", "انتخابات"]},
        {"a": "cai", "hashtags": ["انتخابات", "vote", "ballotbox"]},
        {"a": "dov", "hashtags": ["vote", "ballotbox"]},
        {"a": "eli", "hashtags": ["vote", "ballotbox"]},
        {"a": "fay", "hashtags": ["vote", "vote", "vote"]},
        {"a": "gil", "hashtags": ["vote", "vote", "vote"]},
    )
    found = extract_traces(rows, config=only("hashtags"))
    assert shares(found) == [
        ("hashtags", "#vote #ballotbox #انتخابات", "ana", "x/0"),
        ("hashtags", "#vote #ballotbox #انتخابات", "bea", "x/1"),
    ]


def test_arabic_and_persian_letters_spell_one_hashtag() -> None:
    rows = posts({"a": "ana", "hashtags": ["كتاب", "علي", "شهر"]}, {"a": "bea", "hashtags": ["کتاب", "علی", "شهر"]})
    assert len(shares(extract_traces(rows, config=only("hashtags")))) == 2


def test_pictures_within_six_bits_are_one() -> None:
    rows = posts(
        {"a": "ana", "media": ["f0f0a5a5c3c39696"]},
        {"a": "bea", "media": ["F0F0A5A5C3C396A9"]},
        {"a": "cai", "media": ["0f0f5a5a3c3c6969"]},
        {"a": "dov", "media": ["0000000000000001"]},
        {"a": "eli", "media": ["000000000000000a"]},
        {"a": "fay", "media": ["000000000000000a"]},
    )
    found = extract_traces(rows, config=only("media"))
    assert [share[2] for share in shares(found)] == ["ana", "bea"]
    assert [str(note) for note in found.notes] == ["1 picture hashes are of blank pictures and were left out."]
    assert extract_traces(rows, config=only("media", media_distance=5)).traces.is_empty()


def test_media_ids_are_equal_on_one_platform_only() -> None:
    rows = posts(
        {"a": "ana", "media": ["1234567890123456"]},
        {"a": "bea", "media": ["1234567890123456"]},
        {"a": "cai", "media": ["1234567890123456"], "platform": "telegram"},
        {"a": "dov", "media": ["1234567890123457"]},
    )
    found = extract_traces(rows, config=only("media"))
    assert [share[1:3] for share in shares(found)] == [("x/1234567890123456", "ana"), ("x/1234567890123456", "bea")]


def test_no_posts_give_empty_tables() -> None:
    found = extract_traces(POSTS.empty(), config=ALL)
    assert found.traces.equals(TRACES.empty())
    assert found.objects.equals(OBJECTS.empty())
    assert found.counts == dict.fromkeys(OBJECT_KINDS, 0)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SchemaError, match=r"POSTS\.reply_to: expected String, got no such column"):
        extract_traces(POSTS.empty().drop("reply_to"), config=ALL)


@pytest.mark.parametrize("config", [only("smell"), TraceConfig(media_distance=8)])
def test_impossible_settings_are_refused(config: TraceConfig) -> None:
    with pytest.raises(ConfigError):
        extract_traces(POSTS.empty(), config=config)


CONTENTS: Sequence[Any] = [
    {"urls": ["https://example.org/a"]},
    {"urls": ["http://www.example.org/a/", "https://example.org/b?utm_source=x"]},
    {"text": LONG_EN},
    {"text": LONG_EN.upper(), "hashtags": ["a", "b", "c"]},
    {"text": LONG_EN.replace("Monday", "Friday")},
    {"text": LONG_FA, "hashtags": ["A", "b", "C"]},
    {"repost_of": "0", "text": LONG_EN},
    {"repost_of": "3"},
    {"reply_to": "1"},
    {"quote_of": "0", "media": ["f0f0a5a5c3c39696"]},
    {"media": ["f0f0a5a5c3c39697", "f0f0a5a5c3c396ff"]},
    {"text": "<script>alert(1)</script>\u202e=1+1" * 3, "urls": ["\u202ehttps://example.org/a"]},
]
ROWS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 30), st.sampled_from(CONTENTS)), min_size=1, max_size=25
).map(lambda rows: posts(*({"a": account, "at": at, **content} for account, at, content in rows)))


@settings(max_examples=15, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_neither_row_order_nor_threads_nor_laziness_matter(table: pl.DataFrame, chance: Any) -> None:
    order = list(range(table.height))
    chance.shuffle(order)
    one = extract_traces(table, config=ALL, threads=1)
    two = extract_traces(table[order].lazy(), config=ALL, threads=2)
    assert one.traces.equals(two.traces)
    assert one.objects.equals(two.objects)
    assert (one.counts, one.notes) == (two.counts, two.notes)


@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_tables_keep_their_contract(table: pl.DataFrame) -> None:
    found = extract_traces(table, config=ALL)
    TRACES.check(found.traces)
    OBJECTS.check(found.objects)
    keys = ["object_kind", "object_id", "created_at", "account_id", "post_id"]
    assert found.traces.equals(found.traces.sort(keys))
    assert found.traces.select("post_id", "object_kind", "object_id").is_unique().all()
    spread = found.traces.group_by("object_kind", "object_id").agg(pl.col("account_id").n_unique())
    assert (spread["account_id"] >= 2).all()
    assert set(found.objects.select("object_kind", "object_id").rows()) == set(
        spread.select("object_kind", "object_id").rows()
    )
    assert set(found.traces["post_id"]) <= {f"x/{n}" for n in table["post_id"]}
    for kind, count in found.counts.items():
        assert count >= found.traces.filter(pl.col("object_kind") == kind).height


def test_lazy_parquet_gives_the_same(tmp_path: Path) -> None:
    table = posts(*[{"a": f"a{n % 5}", **CONTENTS[n % len(CONTENTS)]} for n in range(60)])
    table.write_parquet(tmp_path / "posts.parquet", row_group_size=7)
    lazy = extract_traces(pl.scan_parquet(tmp_path / "posts.parquet"), config=ALL)
    assert lazy.traces.equals(extract_traces(table, config=ALL).traces)


@pytest.mark.parametrize("name", ["telegram_ru_news", "coortweet_russian"])
def test_real_posts_keep_the_laws(shared: Path, name: str) -> None:
    table = pl.read_parquet(shared / "data" / name / "posts.parquet").head(3000)
    absent = [
        pl.lit(None if dtype != pl.List(pl.String) else [], dtype).alias(name)
        for name, dtype in POSTS.dtypes.items()
        if name not in table.columns
    ]
    table = table.with_columns(absent).select(POSTS.names).cast(POSTS.dtypes)
    found = extract_traces(table, config=ALL)
    again = extract_traces(table.sample(fraction=1, shuffle=True, seed=1), config=ALL)
    assert found.traces.equals(again.traces)
    assert found.traces.height > 500
