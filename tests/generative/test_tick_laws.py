"""A run that goes on from the one before finds what a run of its own finds, byte for byte, whatever came between."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.config import Config, ProofConfig
from dideban.pipelines.analysis import Analysis, Caches, analyse
from dideban.remembered import Remembered
from dideban.simulate import make_sample
from dideban.text import SignatureCache
from dideban.traces import KnownContacts, Pages

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
    memory, pages, contacts = Counted(), Pages(), KnownContacts()
    signatures = SignatureCache(tmp_path / "signatures")
    for name, state, config in STATES:
        now = state(posts)
        caches = Caches(signatures=signatures, pages=pages, contacts=contacts, results=memory)
        tick = analyse(now.lazy(), config=config, caches=caches)
        assert _said(tick) == _said(analyse(now.lazy(), config=config)), name
        assert tick.findings, name
    assert {"graph", "said", "posts", "template", "strength"} <= memory.taken, (
        "too little was remembered, so this shows nothing"
    )


def test_what_a_tick_need_not_check_changes_no_finding(posts: pl.DataFrame) -> None:
    """The self-check of an earlier tick stands in its place."""
    alone, check = analyse(posts.lazy(), config=CONFIG), {"enough_data": True, "n_leads_shuffled": 3}
    tick = analyse(posts.lazy(), config=CONFIG, selfcheck=check)
    assert tick.run["selfcheck"] == check
    assert alone.run["selfcheck"]["n_leads_shuffled"] >= 0
    assert [one.to_dict() for one in tick.findings] == [one.to_dict() for one in alone.findings]


@settings(deadline=None, max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.lists(st.sampled_from(["new", "late", "deleted", "erased"]), min_size=2, max_size=4))
def test_ticks_find_the_same_however_posts_come_and_go(posts: pl.DataFrame, seed: int, steps: list[str]) -> None:
    """Whatever is remembered, and whatever came between: new and late posts, single ones gone, whole accounts gone."""
    chance, some = random.Random(seed), posts.head(2_500)
    held = {chance.randrange(some.height) for _ in range(3_000)}
    with TemporaryDirectory() as folder:
        cache = Caches(
            signatures=SignatureCache(Path(folder) / "s"), pages=Pages(), contacts=KnownContacts(), results=Remembered()
        )
        for step in ["", *steps]:
            held = _after(step, held, some, chance)
            now = some[sorted(held, key=lambda n: (n * 7919) % some.height)]
            tick = analyse(now.lazy(), config=CONFIG, caches=cache)
            assert _said(tick) == _said(analyse(now.lazy(), config=CONFIG)), step


def _after(step: str, held: set[int], posts: pl.DataFrame, chance: random.Random) -> set[int]:
    """Return which posts are there after a step."""
    away = [n for n in range(posts.height) if n not in held]
    if step == "new":
        return held | set(away[len(away) // 2 :])
    if step == "late":
        return held | set(chance.sample(away, len(away) // 2))
    if step == "deleted":
        return held - set(chance.sample(sorted(held), 60))
    if step == "erased":
        gone = set(chance.sample(sorted(posts["account_id"].unique()), 5))
        return {n for n in held if posts["account_id"][n] not in gone}
    return held


class Counted(Remembered):
    """What is remembered, and what kinds of it were used again."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: set[str] = set()

    def get(self, key: Any, inputs: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        is_made = False

        def made() -> Any:
            nonlocal is_made
            is_made = True
            return make()

        found = super().get(key, inputs, made)
        if not is_made:
            self.taken.add(key[0])
        return found

    def each(self, kind: Hashable, inputs: Sequence[Hashable], make: Callable[[list[Any]], Any]) -> list[Any]:
        before = self.n_known
        found = super().each(kind, inputs, make)
        if self.n_known > before:
            self.taken.add(str(kind))
        return found
