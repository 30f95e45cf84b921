"""What is kept of the run before never changes which texts belong together."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import TraceConfig
from dideban.simulate import make_sample
from dideban.simulate.text_pairs import make_pairs
from dideban.text import SignatureCache, cluster_texts
from dideban.text.near_duplicates import cluster_signed, sign_texts
from dideban.traces import Pages, extract_traces
from dideban.traces.link import canonical_pages

pytestmark = pytest.mark.slow

START = datetime(2026, 3, 2, tzinfo=UTC)


@lru_cache(maxsize=1)
def texts() -> list[str]:
    """Messages of three scripts in several wordings each, at random places of the list."""
    pairs = pl.concat([make_pairs(language, n_per_kind=3, seed=7) for language in ("en", "fa", "ar")])
    found = pl.concat([pairs["left"], pairs["right"]]).unique().sort().to_list()
    random.Random(3).shuffle(found)
    return found


def posts_of(minutes: dict[int, int]) -> pl.DataFrame:
    """Post number to minute of its time -> posts; several numbers hold one text."""
    rows = [(f"p{n:03d}", texts()[n % 90], START + timedelta(minutes=at)) for n, at in minutes.items()]
    schema = {"post_id": pl.String, "text": pl.String, "created_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def changed(posts: dict[int, int], chance: random.Random, kind: str) -> dict[int, int]:
    """Return the posts of the next run: new ones at the end, late ones in between, or some gone."""
    now = max(posts.values())
    if kind == "gone":
        return {number: at for number, at in posts.items() if chance.random() < 0.9} or posts
    since = now if kind == "new" else 0
    more = {chance.randrange(300): chance.randint(since, now + 500) for _ in range(chance.randrange(1, 40))}
    return {**more, **posts}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**9), st.lists(st.sampled_from(["new", "new", "late", "gone"]), min_size=1, max_size=4))
def test_clusters_are_those_of_a_run_that_remembers_nothing(seed, steps):
    chance, leads = random.Random(seed), SignatureCache(Path("none")).leads
    posts = {chance.randrange(300): chance.randrange(14_000) for _ in range(80)}
    for step in ["", *steps]:
        posts = changed(posts, chance, step) if step else posts
        frame = posts_of(posts)
        signed = sign_texts(frame).join(frame.select("post_id", "created_at"), on="post_id")
        found = cluster_signed(signed.filter(pl.col("n_chars") > 0), forms=signed, leads=leads)
        assert found.select("post_id", "text_id", "similarity").sort("post_id").equals(cluster_texts(frame))


def test_only_texts_after_the_first_change_are_sought_again():
    memory = SignatureCache(Path("none")).leads
    early = posts_of({n: n * 10 for n in range(90)})
    for frame, least, most in (
        (early, 0, 0),
        (early, 80, 90),
        (pl.concat([early, posts_of({n: n * 10 for n in range(90, 100)})]), 80, 90),
        (pl.concat([early, posts_of({120: 455})]), 35, 46),  # late: what stands before it holds
        (early.tail(60), 0, 0),  # the first posts are gone
    ):
        signed = sign_texts(frame).join(frame.select("post_id", "created_at"), on="post_id")
        cluster_signed(signed.filter(pl.col("n_chars") > 0), forms=signed, leads=memory)
        assert least <= memory.n_known <= most


def test_traces_are_the_same_when_posts_keep_coming():
    posts = make_sample(seed=11, n_posts=3_000).posts.sort("created_at", "post_id")
    with TemporaryDirectory() as folder:
        signatures, pages = SignatureCache(Path(folder) / "s.parquet"), Pages()
        for some in (posts.head(1_800), posts.head(2_400), posts.slice(200, 2_500), posts):
            signatures = signatures.reopen()
            kept = extract_traces(some, config=TraceConfig(), signatures=signatures, pages=pages)
            plain = extract_traces(some, config=TraceConfig())
            assert kept.traces.equals(plain.traces)
            assert kept.objects.equals(plain.objects)
            signatures.save()
        assert signatures.leads.n_known == 0  # the last step began earlier again
        assert signatures.n_known > 0


@given(st.lists(st.lists(st.sampled_from([f"https://example.org/{n}?utm_source=x" for n in range(9)] + ["no"]))))
def test_pages_are_read_once_and_forgotten_when_nobody_asks(rounds):
    pages = Pages()
    for urls in rounds:
        asked = pl.Series(sorted(set(urls)), dtype=pl.String)
        assert pages.of(asked).sort("urls").equals(canonical_pages(asked).sort("urls"))
        assert pages.known.height == len(asked)
