"""A run that goes on from the one before finds what a run of its own finds, byte for byte, whatever came between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import polars as pl
import pytest

from dideban.config import Config, ProofConfig
from dideban.pipelines.analysis import Analysis, Caches, analyse
from dideban.remembered import Remembered
from dideban.simulate import make_sample
from dideban.text import SignatureCache
from dideban.traces import Pages

pytestmark = pytest.mark.slow

N = 8_000
CONFIG = Config(threads=2, proof=ProofConfig(n_shuffles=0))
WIDER = Config(threads=2, fdr=0.2, proof=ProofConfig(n_shuffles=0))

State = tuple[str, Callable[[pl.DataFrame], pl.DataFrame], Config]


def _late(posts: pl.DataFrame) -> pl.DataFrame:
    """All but a few posts in the middle, which arrive after all others."""
    return posts.with_row_index("n").filter((pl.col("n") < N // 3) | (pl.col("n") > N // 3 + 40)).drop("n")


def _erased(posts: pl.DataFrame) -> pl.DataFrame:
    busiest = posts["account_id"].value_counts().sort("count", "account_id", descending=[True, False])["account_id"][0]
    return posts.filter(pl.col("account_id") != busiest)


def _later(posts: pl.DataFrame) -> pl.DataFrame:
    """The horizon has moved on: the first posts are gone."""
    begins = posts["created_at"].min()
    return posts.filter(pl.col("created_at") >= begins + timedelta(hours=5))  # type: ignore[operator]


STATES: list[State] = [
    ("first", lambda posts: _late(posts).head(N - 200), CONFIG),
    ("new posts", lambda posts: _late(posts).head(N - 100), CONFIG),
    ("other settings", lambda posts: _late(posts).head(N - 100), WIDER),
    ("late posts", lambda posts: posts.head(N - 50), CONFIG),
    ("an account was erased", lambda posts: _erased(posts).head(N - 100), CONFIG),
    ("the horizon moved on", lambda posts: _later(_erased(posts)), CONFIG),
]


@pytest.fixture(scope="module")
def posts() -> pl.DataFrame:
    return make_sample(seed=3, n_posts=N, days=4).posts.sort("created_at", "post_id")


def _said(found: Analysis) -> bytes:
    """Everything that a room or a folder would show, as bytes."""
    tables = [found.shares, found.evidence.edges, found.evidence.groups, found.evidence.pairs]
    tables += [found.evidence.proof.proofs, found.evidence.proof.proof_traces] if found.evidence.proof else []
    return orjson.dumps(
        {
            "findings": [finding.to_dict() for finding in found.findings],
            "run": {name: value for name, value in found.run.items() if name != "seconds"},
            "tables": [table.write_json() for table in tables if table is not None],
        },
        default=str,
    )


def test_ticks_find_what_a_run_of_its_own_finds(posts: pl.DataFrame, tmp_path: Path) -> None:
    memory, pages, signatures = Remembered(), Pages(), SignatureCache(tmp_path / "signatures")
    n_known = 0
    for name, state, config in STATES:
        now = state(posts)
        caches = Caches(signatures=signatures, pages=pages, results=memory)
        tick = analyse(now.lazy(), config=config, caches=caches)
        n_known += memory.n_known
        assert _said(tick) == _said(analyse(now.lazy(), config=config)), name
        assert tick.findings, name
    assert n_known, "nothing was remembered, so this shows nothing"
