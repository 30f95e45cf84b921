"""Measurements on simulated streams. Every function takes plain parameters and gives plain data."""

from __future__ import annotations

import dataclasses
import inspect
import time
from collections.abc import Sequence
from typing import Any

import polars as pl

from dideban.config import Config
from dideban.proof import Proof, prove_groups
from dideban.simulate import (
    Framing,
    Plant,
    Stream,
    make_adversarial_stream,
    make_framing_stream,
    make_stream,
    planted_grid,
)
from dideban.validation.model import Result
from dideban.validation.peers import agreement_counts, threshold_counts, threshold_groups
from dideban.validation.score import score_groups, score_stream
from dideban.validation.variants import variant

OWN_MOMENTS = "moments" in inspect.signature(prove_groups).parameters
"""Whether the method reads every post of an account, or traces alone."""


def settings(*, n_shuffles: int = 0, leads: bool = True) -> Config:
    """Return the default settings, on one thread, with the shuffled copies left out unless asked for."""
    config = Config(threads=1)
    return dataclasses.replace(config, proof=dataclasses.replace(config.proof, n_shuffles=n_shuffles, leads=leads))


def measure_null(*, seed: int, crowds: Sequence[str], peers: bool, pairs: bool, **world: Any) -> Result:
    """Measure what is found where nothing is planted, and what other rules call there."""
    stream = make_stream(seed=seed, crowds=crowds, **world)
    result = _scored(stream, settings())
    if peers:
        result["threshold"] = threshold_counts(stream.traces)
    if pairs:
        result["agreement"] = agreement_counts(stream.traces)
    return result


def measure_framing(*, seed: int, victims: str, n_attackers: int, **world: Any) -> Result:
    """Measure who is named where attackers copy innocent accounts, or run ahead of them."""
    framing = Framing(n_attackers=n_attackers, victims=victims)  # type: ignore[arg-type]
    return _scored(make_framing_stream(framing, seed=seed, **world), settings())


POWER_PLANTS = (
    *planted_grid(operations=(6, 8, 12, 18), wheres=("popular",)),
    *planted_grid(operations=(12, 18), jitters_s=(600.0, 3600.0), wheres=("popular",)),
)
"""Planted together in each stream of the power part: hidden ones, and slow ones."""

OWN_PLANTS = tuple(
    Plant(n_accounts=size, n_operations=count, jitter_s=40.0, where="exclusive", posts_per_day=rate)
    for size in (5, 8)
    for count in (8, 12, 18)
    for rate in (2.0, 3.0, 5.0)
)
"""Content of their own, by accounts with few posts a day."""

CASE_PLANTS = (
    Plant(n_accounts=8, n_operations=20, jitter_s=40.0, days=1, moment="any", others=40),
    Plant(n_accounts=8, n_operations=20, jitter_s=40.0, days=1, moment="any", others=40, posts_per_day=3.0),
    Plant(n_accounts=9, n_operations=30, jitter_s=6.0, moment="first", others=40),
    Plant(n_accounts=6, n_operations=20, jitter_s=0.0, others=40, lag_s=7.0),
    Plant(n_accounts=2, n_operations=30, jitter_s=5.0),
    Plant(n_accounts=2, n_operations=30, jitter_s=5.0, where="exclusive"),
)
"""One day, twice; always the first; always at one lag; two in lockstep, twice."""


def measure_power(*, seed: int, plants: Sequence[dict[str, Any]] | None = None, **world: Any) -> Result:
    """Measure which of the planted groups are found, with a shuffled copy beside."""
    planted = [Plant(**one) for one in plants] if plants is not None else list(POWER_PLANTS)
    stream = make_stream(seed=seed, plants=planted, **world)
    result = _scored(stream, settings(n_shuffles=1), planted)
    result["threshold"] = [
        {
            "percentile": percentile,
            "n_pairs": n_pairs,
            "n_groups": groups["group_ix"].n_unique(),
            **score_groups(groups, stream.truth, n_plants=len(planted)),
        }
        for percentile, n_pairs, groups in threshold_groups(stream.traces)
    ]
    return result


def measure_own(*, seed: int, **world: Any) -> Result:
    """Measure which groups with content of their own are found."""
    return _scored(make_stream(seed=seed, plants=OWN_PLANTS, **world), settings(), OWN_PLANTS)


def measure_cases(*, seed: int, **world: Any) -> Result:
    """Measure what becomes of campaigns of one day, of those that are always the first, and of pairs."""
    return _scored(make_stream(seed=seed, plants=CASE_PLANTS, **world), settings(), CASE_PLANTS)


VARIANT_PLANTS = (
    *planted_grid(sizes=(5, 8), operations=(4, 6, 8), jitters_s=(40.0,), wheres=("popular",), repeats=2),
    *planted_grid(sizes=(8,), operations=(12, 18), jitters_s=(600.0, 3600.0), wheres=("popular",)),
)
"""Planted together wherever the method is varied: near the limit of what it finds, so that differences show."""


def measure_variant(*, seed: int, name: str, **world: Any) -> Result:
    """Measure power and false findings with one thing about the method changed."""
    stream = make_stream(seed=seed, plants=list(VARIANT_PLANTS), **world)
    with variant(name, settings(leads=False)) as config:
        return _scored(stream, config, VARIANT_PLANTS)


EVADER = Plant(n_accounts=10, n_operations=20, jitter_s=40.0, where="mixed")


def measure_evasion(*, seed: int, adversary: str, strength: float, copies: int = 3, **world: Any) -> Result:
    """Measure how often a disguised campaign is found, who else is named, and what it gives up."""
    made = make_adversarial_stream(
        seed=seed, adversary=adversary, strength=strength, plant=EVADER, copies=copies, **world
    )
    result = _scored(made.stream, settings(), [EVADER] * copies)
    return {**result, "reach_kept": made.reach_kept, "extra_posts": made.extra_posts}


def _scored(stream: Stream, config: Config, plants: Sequence[Plant] = ()) -> Result:
    proof, seconds = timed_proof(stream, config)
    return {**score_stream(proof, stream, plants), "cpu_s": seconds, "n_traces": len(stream.traces)}


def timed_proof(stream: Stream, config: Config) -> tuple[Proof, float]:
    """Prove the groups of a stream; seconds of processor time beside."""
    start = time.process_time()
    proof = prove(stream.traces, stream.moments, objects=stream.objects, config=config)
    return proof, time.process_time() - start


def prove(
    traces: pl.DataFrame,
    moments: pl.DataFrame,
    *,
    objects: pl.DataFrame | None,
    config: Config,
    resolution_s: float = 0.0,
) -> Proof:
    """Prove groups from traces, and from every post where the method reads them."""
    own: dict[str, Any] = {"moments": moments} if OWN_MOMENTS else {}
    return prove_groups(traces, objects=objects, config=config, resolution_s=resolution_s, **own)
