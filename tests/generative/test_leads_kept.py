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
from dideban.text.text_marks import TextMarks
from dideban.traces import KnownContacts, Pages, extract_traces
from dideban.traces.contact import spot_contacts
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
        signatures, pages, contacts = SignatureCache(Path(folder) / "s.parquet"), Pages(), KnownContacts()
        for some in (posts.head(1_800), posts.head(2_400), posts.slice(200, 2_500), posts):
            signatures = signatures.reopen()
            kept = extract_traces(some, config=TraceConfig(), signatures=signatures, pages=pages, contacts=contacts)
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


SAID = st.lists(
    st.sampled_from(
        ["Buy $NXS and $ABC now", "BTC/USDT or ETH/USDT", "☎ 0912 345 6789", "to ana@example.org", "", "a plain word"]
    ),
    max_size=3,
).map(" ".join)


@given(st.lists(st.lists(st.one_of(SAID, st.none()), max_size=12), max_size=5))
def test_contacts_are_those_of_a_run_that_remembers_nothing(rounds):
    contacts = KnownContacts()
    for said in rounds:
        texts = pl.DataFrame({"text": said}, schema={"text": pl.String}).with_row_index("row", offset=3)
        assert contacts.of(texts).equals(spot_contacts(texts))
        contacts.forget()
        assert contacts.known.height <= len(said)
        assert contacts.spotted.join(contacts.known, on=["mark", "proof"], how="anti").is_empty()


@given(st.lists(st.lists(st.sampled_from(range(40)), max_size=30), min_size=1, max_size=5), st.booleans())
def test_signatures_are_those_of_a_run_that_remembers_nothing(rounds, is_saved):
    with TemporaryDirectory() as folder:
        signatures = SignatureCache(Path(folder) / "s.parquet")
        for numbers in rounds:
            said = pl.Series([texts()[n] if n else None for n in numbers], dtype=pl.String)
            fresh = SignatureCache(Path(folder) / "none").prints(said, min_chars=40 + len(numbers) % 2)
            assert signatures.prints(said, min_chars=40 + len(numbers) % 2).equals(fresh)
            if is_saved:
                signatures.save()


def test_two_texts_of_one_mark_are_never_taken_for_each_other(monkeypatch):
    real = TextMarks.of
    monkeypatch.setattr(TextMarks, "of", lambda self, some: real(self, some).with_columns(mark=pl.lit(1, pl.UInt64)))
    contacts, signatures = KnownContacts(), SignatureCache(Path("none"))
    said = pl.DataFrame({"row": [0, 1, 2], "text": ["$NXS", "$ABC", "$NXS"]}, schema_overrides={"row": pl.UInt32})
    for _ in range(2):
        assert contacts.of(said).equals(spot_contacts(said))
        prints = signatures.prints(pl.Series([texts()[0], texts()[1]]))
        assert prints.equals(SignatureCache(Path("none")).prints(pl.Series([texts()[0], texts()[1]])))
