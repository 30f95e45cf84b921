"""Sample posts: same seed same bytes, marginals of real platforms, a truth that the posts bear out."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import Config, IngestConfig
from dideban.errors import ConfigError, StoreError
from dideban.evidence import link_accounts
from dideban.groups import cluster_accounts
from dideban.ingest import read_posts
from dideban.messages import Message
from dideban.schema import POSTS
from dideban.simulate import Campaign, Plant, Sample, default_campaigns, make_sample, write_sample
from dideban.simulate.campaigns import OBJECT_OF
from dideban.simulate.planning import make_plan
from dideban.simulate.rendering import CHUNK_ROWS, make_renderer
from dideban.simulate.vocabulary import VOCABULARIES
from dideban.traces import extract_traces

ALL_KINDS = tuple(
    Campaign(
        kind=kind,
        language="fa" if kind != "mixed" else None,
        plant=Plant(n_accounts=6, n_operations=10, jitter_s=30.0, where="exclusive", kinds=objects, participation=1.0),
    )
    for kind, objects in OBJECT_OF.items()
)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample(seed=1, n_posts=20_000)


@pytest.fixture(scope="module")
def every_kind() -> Sample:
    return make_sample(seed=2, n_posts=12_000, plants=ALL_KINDS)


def of_group(sample: Sample, kind: str) -> pl.DataFrame:
    """Posts by the members of the campaign of a kind."""
    members = sample.truth.filter(pl.col("is_plant"), kind=kind)["account_id"]
    return sample.posts.filter(pl.col("account_id").is_in(members.implode()))


def joint(posts: pl.DataFrame, key: str | pl.Expr, within_s: float = 30.0, least: int = 6) -> int:
    """Things that ``least`` or more of the given posts' accounts shared within ``within_s`` seconds."""
    shared = posts.select("account_id", "created_at", key=key).drop_nulls().unique(["account_id", "key"], keep="first")
    spans = shared.group_by("key").agg(
        pl.len(), span=(pl.col("created_at").max() - pl.col("created_at").min()).dt.total_seconds()
    )
    return len(spans.filter(pl.col("len") >= least, pl.col("span") <= within_s))


def test_same_seed_gives_the_same_posts_and_another_seed_does_not(sample: Sample) -> None:
    again = make_sample(seed=1, n_posts=20_000)
    assert again.posts.equals(sample.posts)
    assert again.truth.equals(sample.truth)
    assert again.notes == sample.notes
    assert not make_sample(seed=2, n_posts=2_000).posts.equals(make_sample(seed=3, n_posts=2_000).posts)


def test_posts_keep_the_contract_in_order_of_time(sample: Sample) -> None:
    assert POSTS.check(sample.posts).equals(sample.posts)
    assert len(sample.posts) == 20_000
    assert sample.posts["created_at"].is_sorted()
    assert sample.posts["post_id"].is_unique().all()


def test_reposts_replies_and_quotes_point_to_earlier_posts(sample: Sample) -> None:
    earlier = sample.posts.select("post_id", at="created_at", said="text", by="account_id")
    for column, least in (("repost_of", 0.08), ("reply_to", 0.04), ("quote_of", 0.005)):
        pointing = sample.posts.filter(pl.col(column).is_not_null())
        assert len(pointing) > least * len(sample.posts), column
        found = pointing.join(earlier, left_on=column, right_on="post_id")
        assert len(found) == len(pointing)
        assert (found["at"] <= found["created_at"]).all()
        if column == "repost_of":
            assert (found["text"] == "RT @" + found["by"] + ": " + found["said"]).all()
        if column == "reply_to":
            assert found["text"].str.starts_with("@").all()
            assert (found["mentions"].list.first() == found["by"]).all()


def test_links_and_hashtags_stand_in_the_text(sample: Sample) -> None:
    for column, mark in (("urls", ""), ("hashtags", "#"), ("mentions", "@")):
        each = sample.posts.select("text", item=column).explode("item").drop_nulls()
        assert len(each) > 500
        assert each.select(pl.col("text").str.contains(mark + pl.col("item"), literal=True).all()).item()


def test_heavy_tails_rhythm_and_languages(sample: Sample) -> None:
    counts = np.sort(sample.posts["account_id"].value_counts()["count"].to_numpy())[::-1]
    assert counts[0] > 8 * np.median(counts)
    reposts = np.sort(sample.posts["repost_of"].drop_nulls().value_counts()["count"].to_numpy())[::-1]
    assert reposts[0] > 10 * np.median(reposts)
    fa = sample.posts.filter(lang="fa")["created_at"].dt.hour().value_counts().sort("created_at")["count"].to_numpy()
    assert fa.max() > 3 * fa.min()
    shares = sample.posts["lang"].drop_nulls().value_counts(normalize=True)
    assert shares["proportion"].is_between(0.1, 0.6).all()
    assert set(shares["lang"]) == {"fa", "ar", "en"}


def test_texts_are_in_the_script_of_their_language_and_never_repeat_much(sample: Sample) -> None:
    own = sample.posts.filter(
        pl.col("repost_of").is_null(), pl.col("reply_to").is_null(), pl.col("urls").list.len() == 0
    )
    for language, arabic in (("fa", True), ("ar", True), ("en", False)):
        texts = own.filter(lang=language)["text"]
        letters = [c for c in "".join(texts.head(400)) if c.isalpha()]
        share = np.mean(["ARABIC" in unicodedata.name(c) for c in letters])
        assert (share > 0.98) == arabic
        assert (share < 0.02) != arabic
    assert own.filter(lang="fa")["text"].str.contains("\u200c").mean() > 0.5
    long = own.filter(pl.col("text").str.len_chars() > 60)["text"]
    assert long.n_unique() > 0.75 * len(long)


def test_handles_are_unique_and_raw(sample: Sample) -> None:
    plan = make_plan(seed=9, n_posts=120_000, days=14.0, languages=("fa", "ar", "en"), campaigns=())
    handles = make_renderer(plan, seed=9).handles
    assert handles.n_unique() == len(handles) == 12_000
    assert sample.posts["account_id"].str.contains(r"^[a-z]+[._]?[a-z]+[0-9]+$").all()


def test_every_kind_of_campaign_is_in_the_posts_as_planted(every_kind: Sample) -> None:
    first_tags = pl.when(pl.col("hashtags").list.len() >= 3).then(pl.col("hashtags").list.join(" "))
    url = pl.col("urls").list.first().str.split("?").list.first()
    assert joint(of_group(every_kind, "link"), url) == 10
    assert joint(of_group(every_kind, "repost"), "repost_of") == 10
    assert joint(of_group(every_kind, "media"), pl.col("media").list.first()) == 10
    assert joint(of_group(every_kind, "hashtags"), first_tags) >= 9
    assert joint(of_group(every_kind, "mixed"), url) >= 3
    members = every_kind.truth.filter(kind="mixed", is_plant=True)["language"].unique().to_list()
    assert members == ["mixed"]


def test_copied_texts_are_the_same_and_reworded_ones_are_not_but_share_their_core(every_kind: Sample) -> None:
    copies = of_group(every_kind, "copied-text")
    assert joint(copies, "text") >= 8
    reworded = of_group(every_kind, "reworded-text").sort("created_at")
    assert joint(reworded, "text", least=3) == 0
    traces = extract_traces(every_kind.posts, config=Config().traces).traces.filter(object_kind="text")
    members = reworded["account_id"].unique()
    mine = traces.filter(pl.col("account_id").is_in(members.implode()))
    assert joint(mine, "object_id") >= 9


def test_the_threshold_rule_finds_most_planted_accounts_of_the_demo(sample: Sample) -> None:
    traces = extract_traces(sample.posts, config=Config().traces).traces
    edges = link_accounts(traces, config=Config().coshare)
    groups = cluster_accounts(edges, config=Config().groups, seed=1)
    plants = sample.truth.filter("is_plant").join(groups, on="account_id", how="left")
    assert plants["group_ix"].is_not_null().mean() > 0.8


def test_a_sample_without_campaigns_names_only_ordinary_groups() -> None:
    sample = make_sample(seed=1, n_posts=5_000, plants=())
    assert not sample.truth["is_plant"].any()
    assert set(sample.truth["kind"]) <= {"feed", "wire", "announced"}
    assert Message("sample.no-campaign") in sample.notes


def test_default_campaigns_grow_with_the_sample_and_vanish_where_none_fits() -> None:
    sizes = [len(default_campaigns(n, ("fa", "ar", "en"))) for n in (100, 20_000, 200_000, 10_000_000)]
    assert sizes[0] == 0
    assert sizes[1] == 5
    assert sizes == sorted(sizes)
    assert 30 <= sizes[-1] <= 56
    assert {c.language for c in default_campaigns(20_000, ("en",))} <= {"en", None}
    large = default_campaigns(1_000_000, ("fa", "ar", "en"))
    assert {c.kind for c in large} == set(OBJECT_OF)
    assert {5, 30} <= {c.plant.n_accounts for c in large}


def test_many_days_leave_room_for_ordinary_sharing() -> None:
    """Feeds publish every day; over many days they must not crowd out everything that people pass on."""
    plan = make_plan(seed=3, n_posts=300_000, days=90, languages=("fa", "ar", "en"), campaigns=())
    kinds = np.bincount(plan.world.objects.kind[plan.object[plan.object >= 0]], minlength=5)
    assert kinds[0] < 0.8 * kinds.sum(), kinds


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet"])
def test_files_are_read_back_as_the_posts_they_hold(tmp_path: Path, format: str) -> None:
    sample = make_sample(seed=4, n_posts=3_000)
    path = tmp_path / f"posts.{format}"
    notes = write_sample(path, seed=4, n_posts=3_000, format=format)
    assert notes == sample.notes
    assert pl.read_csv(tmp_path / "truth.csv").equals(sample.truth)
    config = dataclasses.replace(IngestConfig(), keep_ids=True)
    intake = read_posts([path], out=tmp_path / "out", key=b"k" * 32, config=config)
    assert (intake.n_posts, intake.n_rejects) == (3_000, 0)
    read = pl.read_parquet(intake.posts_path).drop("source")
    expected = sample.posts.sort("created_at", "platform", "post_id").drop("source")
    assert read.select(expected.columns).equals(expected)


def test_chunks_do_not_depend_on_one_another() -> None:
    plan = make_plan(seed=1, n_posts=CHUNK_ROWS + 1_000, days=14.0, languages=("en",), campaigns=())
    renderer = make_renderer(plan, seed=1)
    second = renderer.posts(CHUNK_ROWS, CHUNK_ROWS + 1_000)
    renderer.posts(0, 1_000)
    assert renderer.posts(CHUNK_ROWS, CHUNK_ROWS + 1_000).equals(second)
    assert second["post_id"][0] == f"s{CHUNK_ROWS:08d}"


@pytest.mark.parametrize(
    "arguments",
    [
        {"seed": -1, "n_posts": 10},
        {"seed": 1, "n_posts": 0},
        {"seed": 1, "n_posts": 3_000_000},
        {"seed": 1, "n_posts": 10, "days": 0.0},
        {"seed": 1, "n_posts": 10, "languages": ("de",)},
        {"seed": 1, "n_posts": 10, "languages": ()},
        {"seed": 1, "n_posts": 100, "plants": ALL_KINDS},
    ],
)
def test_impossible_samples_are_refused(arguments: dict) -> None:
    with pytest.raises(ConfigError):
        make_sample(**arguments)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        write_sample(tmp_path / "missing" / "p.csv", seed=1, n_posts=10)
    with pytest.raises(ConfigError):
        write_sample(tmp_path / "truth.csv", seed=1, n_posts=10)
    (tmp_path / "p.csv").mkdir()
    with pytest.raises(StoreError):
        write_sample(tmp_path / "p.csv", seed=1, n_posts=10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv"]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    n_posts=st.integers(1, 1_500),
    days=st.floats(0.1, 60),
    languages=st.lists(st.sampled_from(["fa", "ar", "en"]), min_size=1, max_size=3),
)
def test_any_request_in_range_gives_exactly_that_many_posts(
    seed: int, n_posts: int, days: float, languages: list
) -> None:
    sample = make_sample(seed=seed, n_posts=n_posts, days=days, languages=languages)
    assert len(POSTS.check(sample.posts)) == n_posts
    assert sample.posts["post_id"].is_unique().all()
    assert set(sample.posts["lang"].drop_nulls()) <= set(languages)
    span = sample.posts["created_at"].max() - sample.posts["created_at"].min()
    assert span.total_seconds() <= days * 86_400


@pytest.mark.parametrize("language", ["fa", "ar", "en"])
def test_vocabularies_are_clean(language: str) -> None:
    words = VOCABULARIES[language]
    lists = [words.openers, words.times, words.places, words.leads, words.claims, words.closings, words.shorts]
    lists += [words.replies, *(t.subjects for t in words.topics), *(t.predicates for t in words.topics)]
    for phrases in lists:
        assert len(set(phrases)) == len(phrases)
        for phrase in phrases:
            assert phrase == unicodedata.normalize("NFC", phrase).strip()
            assert "  " not in phrase
            assert not re.search(r"\u200c(\s|$|\u200c)", phrase)
            assert not re.search("[يك]", phrase) if language == "fa" else not re.search("[یک]", phrase)
    for topic in words.topics:
        assert len(set(topic.tags)) == 6
        assert not any(re.search(r"\s|#", tag) for tag in topic.tags)
    names = [name for vocabulary in VOCABULARIES.values() for name in vocabulary.names]
    assert len(set(names)) == len(names)
