"""Planted groups are found where they should be; decoys hold real accounts, moments and things, but no concert."""

from __future__ import annotations

from functools import lru_cache

import polars as pl
import pytest

from dideban.config import Config, TraceConfig
from dideban.simulate import make_sample
from dideban.traces import Traces, extract_traces
from dideban.validation.rehearsal import OPERATIONS, SIZES, designs_of, make_decoys, rehearse

CONFIG = Config()


@lru_cache
def sample() -> tuple[Traces, pl.DataFrame]:
    posts = make_sample(seed=5, n_posts=5_000, days=7).posts
    traces = extract_traces(posts.lazy(), config=TraceConfig(), threads=1)
    return traces, posts.select("account_id", "created_at")


def test_nine_nights_have_every_size_with_every_number_of_operations() -> None:
    seen = {(one.n_accounts, one.n_operations) for night in range(3) for one in designs_of(night, ["link"])}
    assert seen == {(size, n) for size in SIZES for n in OPERATIONS}
    kinds = {one.kind for night in range(9) for one in designs_of(night, ["link", "repost", "text"])}
    assert kinds == {"link", "repost", "text"}


def test_a_large_busy_group_is_found_and_the_same_seed_says_the_same() -> None:
    traces, moments = sample()
    first = rehearse(traces, moments, config=CONFIG, seed=3, night=0, resolution_s=1.0)
    assert [row["n_accounts"] for row in first.rows] == list(SIZES)
    assert first.rows[-1]["found"]
    assert rehearse(traces, moments, config=CONFIG, seed=3, night=0, resolution_s=1.0).rows == first.rows


def test_accounts_that_were_found_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from dideban.validation import rehearsal

    traces, moments = sample()
    accounts = traces.traces["account_id"].unique().sort()
    avoid = accounts.head(len(accounts) // 2).to_list()
    used: list[str] = []
    real = rehearsal._operations

    def watch(*args: object, **kwargs: object) -> pl.DataFrame:
        found = real(*args, **kwargs)  # type: ignore[arg-type]
        used.extend(found["account_id"].unique())
        return found

    monkeypatch.setattr(rehearsal, "_operations", watch)
    rehearse(traces, moments, config=CONFIG, seed=3, night=1, avoid=avoid)
    assert used
    assert not set(used) & set(avoid)


def test_too_little_is_said_not_tried() -> None:
    traces, moments = sample()
    found = rehearse(traces, moments.head(10), config=CONFIG, seed=1, night=0)
    assert found.rows == []
    assert found.reason is not None
    assert found.reason.code == "rehearsal.few-posts"


def test_decoys_are_made_of_real_shares_whose_contents_were_exchanged() -> None:
    traces, _ = sample()
    decoys = make_decoys(traces, seed=1, config=CONFIG)
    assert decoys
    real = traces.traces
    moments = set(real.select("account_id", "created_at").iter_rows())
    things = set(real.select("object_kind", "object_id").unique().iter_rows())
    shares = {(row["account"], row["object"], row["at"]) for one in decoys for row in one}
    assert {(account, at) for account, _, at in shares} <= moments
    assert {(row["kind"], row["object"]) for one in decoys for row in one} <= things
    as_they_were = set(real.select("account_id", "object_id", "created_at").iter_rows())
    assert not shares & as_they_were
    for one in decoys:
        assert 3 <= len({row["account"] for row in one}) <= 20
    assert make_decoys(traces, seed=1, config=CONFIG) == decoys
    assert make_decoys(traces, seed=2, config=CONFIG) != decoys
