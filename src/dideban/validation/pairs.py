"""How well rules rank pairs of accounts, where some pairs are known to act together."""

from __future__ import annotations

import polars as pl

from dideban.config import CoShareConfig
from dideban.evidence import link_accounts
from dideban.proof import explain_pairs
from dideban.validation.model import Result

RECALLS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SCALES_S = (10.0, 60.0, 600.0)
MOST_MEMBERS = 400
"""More accounts than this make too many pairs to weigh one by one."""
KEYS = ["account_a", "account_b"]


def rank_pairs(first: pl.DataFrame, *, truth: set[tuple[str, str]]) -> dict[str, Result]:
    """Say for several rules how many of their foremost pairs must be read to have a share of the known ones.

    Parameters
    ----------
    first : TRACES
        First shares of every object by every account.
    truth : pairs
        Known to act together, each with the smaller id first.

    Returns
    -------
    dict
        Rule to ``n_pairs``, ``n_true`` and ``needed``: for each of RECALLS the pairs to read, None where not reached.
    """
    rankings = {}
    for window_s in (10.0, 60.0):
        weights = _weights(first, window_s)
        rankings[f"threshold weight, {window_s:g} s"] = weights.select(*KEYS, score="weight")
        rankings[f"weight by the less active, {window_s:g} s"] = _relative(weights, first)
    members = pl.concat([weights["account_a"], weights["account_b"]]).unique().sort().to_list()
    if len(members) <= MOST_MEMBERS:
        evidence = explain_pairs(first, members=members, scales_s=SCALES_S)
        rankings["pair evidence, best of three scales"] = evidence.group_by(KEYS).agg(score=pl.col("e_value").max())
    return {name: _read_to(table, truth) for name, table in rankings.items()}


def _weights(first: pl.DataFrame, window_s: float) -> pl.DataFrame:
    edges = link_accounts(first, config=CoShareConfig(window_s=window_s, min_weight=1), threads=1)
    return edges.group_by(KEYS).agg(pl.col("weight").sum()).filter(pl.col("weight") >= 2)


def _relative(weights: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    active = first.group_by("account_id").agg(n=pl.len())
    held = weights.join(active, left_on="account_a", right_on="account_id").join(
        active, left_on="account_b", right_on="account_id", suffix="_b"
    )
    return held.select(*KEYS, score=pl.col("weight") / pl.min_horizontal("n", "n_b"))


def _read_to(table: pl.DataFrame, truth: set[tuple[str, str]]) -> Result:
    """Read pairs by falling score, ties by name, until each of RECALLS is reached."""
    ordered = table.sort("score", *KEYS, descending=[True, False, False])
    hits, places = 0, []
    for place, pair in enumerate(ordered.select(KEYS).iter_rows(), 1):
        if pair in truth:
            hits += 1
            places.append(place)
    needed = [max(1, round(recall * len(truth) + 1e-9)) for recall in RECALLS]
    return {
        "n_pairs": ordered.height,
        "n_true": hits,
        "needed": [places[n - 1] if n <= hits else None for n in needed],
    }
