"""A million of one thing: the analysis ends, within memory, and names nobody."""

from __future__ import annotations

import resource
import sys
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from dideban.config import Config, ProofConfig
from dideban.pipelines.analysis import analyse
from dideban.schema import POSTS

N = 1_000_000
WEEK_S = 7 * 86_400
BEGAN_S = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
MOST_MEMORY = 4 * 2**30
CONFIG = Config(threads=1, proof=ProofConfig(n_shuffles=0))
LISTS = [name for name, dtype in POSTS.dtypes.items() if dtype == pl.List(pl.String)]


def posts(accounts: pl.Series, column: str, values: pl.Series) -> pl.LazyFrame:
    """Posts evenly over a week, by these accounts in turn, with values in one column."""
    at = (BEGAN_S + np.sort(np.random.default_rng(1).integers(0, WEEK_S, N))) * 1_000_000
    frame = pl.DataFrame({"account_id": accounts, column: values, "created_at": at}).with_columns(
        pl.col("created_at").cast(pl.Datetime("us", "UTC")),
        pl.int_range(N).cast(pl.String).alias("post_id"),
        *(pl.lit([], pl.List(pl.String)).alias(name) for name in LISTS if name != column),
        platform=pl.lit("x"), source=pl.lit("made"),
    )  # fmt: skip
    return POSTS.check(pl.concat([POSTS.empty(), frame], how="diagonal_relaxed").select(POSTS.names)).lazy()


def named(given: pl.LazyFrame) -> int:
    """Return how many findings there are; what was needed for them stays within memory."""
    found = analyse(given, config=CONFIG, selfcheck={})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert peak < MOST_MEMORY
    return sum(not one.lead for one in found.findings)


@pytest.mark.slow
def test_a_million_sequences_of_hashtags_are_analysed() -> None:
    rng = np.random.default_rng(2)
    tags = [pl.format("t{}", pl.lit(pl.Series(rng.integers(0, 60, N)))) for _ in range(3)]
    sequences = pl.select(pl.concat_list(tags)).to_series()
    accounts = pl.select(pl.format("a{}", pl.lit(pl.Series(rng.integers(0, 30_000, N))))).to_series()
    assert named(posts(accounts, "hashtags", sequences)) == 0


@pytest.mark.slow
def test_a_million_objects_of_one_account_are_analysed() -> None:
    rng = np.random.default_rng(3)
    many, others = 9 * N // 10, N // 10
    order = rng.permutation(N)
    who = np.concatenate([np.full(many, 5_000), rng.integers(0, 5_000, others)])[order]
    what = np.concatenate([np.arange(many), rng.integers(0, many, others)])[order]
    table = pl.DataFrame({"who": who, "what": what}).select(
        account=pl.format("a{}", "who"),
        link=pl.concat_list(pl.format("https://site{}.example/{}", pl.col("what") % 977, "what")),
    )
    assert named(posts(table["account"], "urls", table["link"])) == 0
