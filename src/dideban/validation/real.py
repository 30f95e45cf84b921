"""Measurements on real sets that lie beside the project. Only counts leave this module, never names or texts."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from dideban.config import CoShareConfig, TraceConfig
from dideban.evidence import link_accounts
from dideban.proof import Proof
from dideban.schema import INSTANT, OBJECT_KINDS, POSTS, TRACES
from dideban.traces import extract_traces
from dideban.validation.exchange import exchange_contents, exchange_hours
from dideban.validation.model import Result
from dideban.validation.pairs import rank_pairs
from dideban.validation.peers import first_shares, threshold_counts
from dideban.validation.streams import prove, settings

Loaded = tuple[pl.DataFrame, pl.DataFrame | None, pl.DataFrame]
"""TRACES of every kind, OBJECTS where known, and the moments of every post."""
MOMENTS = ("account_id", "post_id", "created_at")
SWEEP_WINDOWS_S = (60.0, 600.0)
N_SHUFFLES = 2
N_EXCHANGES = 2
"""Copies of every set of each sort in which contents, or contents and hours, are exchanged inside accounts."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RealSet:
    """One set as it is measured: where it lies, which kinds are used, how coarse its times are."""

    folder: str
    kinds: tuple[str, ...]
    load: Callable[[Path], Loaded]
    resolution_s: float = 0.0
    truth: Callable[[Path, Proof, pl.DataFrame], Result] | None = None


def measure_real(*, folder: str, name: str, share: float = 1.0) -> Result:
    """Measure one set: found and found in shuffled copies, by the test and by the threshold rule.

    Parameters
    ----------
    folder : path
        Where the sets lie, one folder each.
    share : 0..1
        Part of the time that is read, around the median.
    """
    one = SETS[name]
    home = Path(folder) / one.folder
    if not home.is_dir():
        return {"absent": True}
    traces, objects, moments = one.load(home)
    traces = _around_median(traces.filter(pl.col("object_kind").is_in(one.kinds)), share)
    moments = moments.filter(pl.col("created_at").is_between(traces["created_at"].min(), traces["created_at"].max()))
    config = settings(n_shuffles=N_SHUFFLES)
    start = time.process_time()
    proof = prove(traces, moments, objects=objects, config=config, resolution_s=one.resolution_s)
    seconds = time.process_time() - start
    result: Result = {"cpu_s": seconds, **_counts(traces, proof), **_threshold(traces, objects)}
    for key, hours in (("contents_sizes", False), ("hours_sizes", True)):
        result[key] = [
            _exchanged(traces, moments, objects, seed=seed, resolution_s=one.resolution_s, hours=hours)
            for seed in range(N_EXCHANGES)
        ]
    if one.truth is not None:
        result["truth"] = one.truth(home, proof, traces)
    return result


def _counts(traces: pl.DataFrame, proof: Proof) -> Result:
    sizes = proof.groups.join(proof.proofs, on="group_ix").group_by("group_ix", "is_lead").len().sort("group_ix")
    best = proof.proof_traces.sort("e_value", "scale_s").group_by("group_ix").last()
    scales = best.join(proof.proofs.filter(~pl.col("is_lead")), on="group_ix")["scale_s"].value_counts()
    return {
        "n_traces": len(traces),
        "n_accounts": traces["account_id"].n_unique(),
        "sizes": sizes.filter(~pl.col("is_lead"))["len"].to_list(),
        "lead_sizes": sizes.filter("is_lead")["len"].to_list(),
        "scales": sorted([float(row["scale_s"]), int(row["count"])] for row in scales.iter_rows(named=True)),
        "n_proposed": int(proof.selfcheck["n_proposed"]),
        "n_shuffled": int(proof.selfcheck["n_found_shuffled"]),
        "n_shuffles": N_SHUFFLES,
        "enough_data": bool(proof.selfcheck["enough_data"]),
    }


def _exchanged(
    traces: pl.DataFrame,
    moments: pl.DataFrame,
    objects: pl.DataFrame | None,
    *,
    seed: int,
    resolution_s: float,
    hours: bool,
) -> list[int]:
    """Return the sizes of findings in a copy in which contents are exchanged inside accounts, and their hours too."""
    copy = exchange_contents(traces, seed=seed)
    if hours:
        copy, moments = exchange_hours(copy, moments, seed=seed)
    origins = None if objects is None else objects.with_columns(born_at=pl.lit(None, INSTANT))
    proof = prove(copy, moments, objects=origins, config=settings(leads=False), resolution_s=resolution_s)
    sizes = proof.groups.join(proof.proofs.filter(~pl.col("is_lead")), on="group_ix").group_by("group_ix").len()
    return sorted(sizes["len"].to_list(), reverse=True)


def _threshold(traces: pl.DataFrame, objects: pl.DataFrame | None) -> Result:
    first = first_shares(traces, objects=objects)
    start = time.process_time()
    found = threshold_counts(first)
    seconds = time.process_time() - start
    shuffled = threshold_counts(first_shares(traces, objects=objects, shuffle_seed=1))
    return {"threshold": found, "threshold_shuffled": shuffled, "threshold_cpu_s": seconds}


def _around_median(traces: pl.DataFrame, share: float) -> pl.DataFrame:
    if share >= 1.0:
        return traces
    low, high = (traces["created_at"].quantile(0.5 + sign * share / 2, "nearest") for sign in (-1, 1))
    return traces.filter(pl.col("created_at").is_between(low, high))


def _trace_table(home: Path) -> Loaded:
    table = pl.read_parquet(home / "traces.parquet").filter(pl.col("object_kind").is_in(OBJECT_KINDS))
    traces = _as_traces(table.with_row_index("row").with_columns(post_id=pl.format("p{}", "row")))
    return traces, None, _one_a_second(traces.select(MOMENTS))


def _german(home: Path) -> Loaded:
    """Links and pictures, as listed beside the posts; hashtags one by one are no evidence and are left out."""
    posts = pl.read_parquet(home / "posts.parquet", columns=["post_id", "account_id", "created_at"])
    kinds = {"url": "link", "phash": "media"}
    objects = pl.read_parquet(home / "objects.parquet").filter(pl.col("kind").is_in(list(kinds)))
    table = objects.with_columns(object_kind=pl.col("kind").replace_strict(kinds)).join(posts, on="post_id")
    return _as_traces(table), None, posts.select(MOMENTS)


def _russian(home: Path) -> Loaded:
    posts = pl.read_parquet(home / "posts.parquet")
    reposts = posts.filter(pl.col("repost_of").is_not_null())
    traces = _as_traces(reposts.with_columns(object_kind=pl.lit("repost"), object_id=pl.col("repost_of")))
    return traces, None, posts.select(MOMENTS)


def _one_a_second(moments: pl.DataFrame) -> pl.DataFrame:
    """Return one post per account and instant, where a table of traces does not say which traces are one post."""
    return moments.unique(["account_id", "created_at"], keep="first", maintain_order=True)


def _news(home: Path) -> Loaded:
    posts = pl.read_parquet(home / "posts.parquet")
    missing: list[Any] = [
        pl.lit([] if isinstance(kind, pl.List) else "set" if name == "source" else None, kind).alias(name)
        for name, kind in POSTS.dtypes.items()
        if name not in posts.columns
    ]
    made = extract_traces(posts.with_columns(missing).select(POSTS.names), config=TraceConfig(), threads=1)
    return made.traces, made.objects, posts.select(MOMENTS)


def _as_traces(table: pl.DataFrame) -> pl.DataFrame:
    return TRACES.check(table.with_columns(pl.col("object_kind").cast(pl.Enum(OBJECT_KINDS))).select(TRACES.names))


def _pump_truth(home: Path, proof: Proof, traces: pl.DataFrame) -> Result:
    """Pairs implied by findings, and pairs of the threshold rule at every weight, against pairs of joint events."""
    table = pl.read_parquet(home / "pairs.parquet")
    present = set(traces["account_id"].unique())
    truth = {
        (min(a, b), max(a, b))
        for a, b, n in table.select("account_a", "account_b", "n_events").iter_rows()
        if n >= 2 and a in present and b in present
    }
    first = first_shares(traces)
    sweeps = [
        {"window_s": window, "weight": w, **_hits(pairs, truth)}
        for window in SWEEP_WINDOWS_S
        for w, pairs in _by_weight(first, window)
    ]
    return {
        "n_true": len(truth),
        "found": _hits(_pairs(proof, leads=False), truth),
        "with_leads": _hits(_pairs(proof, leads=True), truth),
        "sweep": sweeps,
        "ranked": rank_pairs(first, truth=truth),
    }


def _hits(pairs: set[tuple[str, str]], truth: set[tuple[str, str]]) -> Result:
    return {"n_pairs": len(pairs), "n_true": len(pairs & truth)}


def _pairs(proof: Proof, *, leads: bool) -> set[tuple[str, str]]:
    kept = (
        proof.groups if leads else proof.groups.join(proof.proofs.filter(~pl.col("is_lead")), on="group_ix", how="semi")
    )
    groups = kept.group_by("group_ix").agg(pl.col("account_id").sort())["account_id"].to_list()
    return {pair for members in groups for pair in itertools.combinations(members, 2)}


def _by_weight(first: pl.DataFrame, window_s: float) -> list[tuple[int, set[tuple[str, str]]]]:
    edges = link_accounts(first, config=CoShareConfig(window_s=window_s, min_weight=1), threads=1)
    total = edges.group_by("account_a", "account_b").agg(pl.col("weight").sum())
    return [
        (weight, set(total.filter(pl.col("weight") >= weight).select("account_a", "account_b").iter_rows()))
        for weight in (2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 800, 1_200)
    ]


def _brands(home: Path, proof: Proof, traces: pl.DataFrame) -> Result:
    """Findings whose accounts are all of one declared brand, and pairs of one brand inside findings."""
    accounts = pl.read_parquet(home / "accounts.parquet")
    brand = dict(accounts.filter(pl.col("campaign").is_not_null()).select("account_id", "campaign").iter_rows())
    same = {(min(a, b), max(a, b)) for a, b in itertools.combinations(brand, 2) if brand[a] == brand[b]}
    return {
        "n_true": len(same),
        "found": _hits(_pairs(proof, leads=False), same),
        "with_leads": _hits(_pairs(proof, leads=True), same),
    }


SETS: dict[str, RealSet] = {
    "pump-all": RealSet(
        folder="telegram_pump_traces", kinds=("link", "repost", "text"), load=_trace_table, truth=_pump_truth
    ),
    "pump-link": RealSet(folder="telegram_pump_traces", kinds=("link",), load=_trace_table, truth=_pump_truth),
    "pump-repost": RealSet(folder="telegram_pump_traces", kinds=("repost",), load=_trace_table, truth=_pump_truth),
    "pump-text": RealSet(folder="telegram_pump_traces", kinds=("text",), load=_trace_table, truth=_pump_truth),
    "russian-repost": RealSet(folder="coortweet_russian", kinds=("repost",), load=_russian),
    "german-link": RealSet(folder="coortweet_german", kinds=("link",), load=_german),
    "german-media": RealSet(folder="coortweet_german", kinds=("media",), load=_german),
    "news-all": RealSet(folder="telegram_ru_news", kinds=OBJECT_KINDS, load=_news, truth=_brands),
    "ira-link": RealSet(folder="ira_traces", kinds=("link",), load=_trace_table, resolution_s=60.0),
    "ira-repost": RealSet(folder="ira_traces", kinds=("repost",), load=_trace_table, resolution_s=60.0),
    "ira-text": RealSet(folder="ira_traces", kinds=("text",), load=_trace_table, resolution_s=60.0),
}
"""Measured sets, by name."""
