"""What other rules call coordinated on the same data: the threshold rule and two nulls of agreement."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dideban.arrays import F8
from dideban.config import CoShareConfig, GroupConfig
from dideban.evidence import link_accounts
from dideban.groups import cluster_accounts
from dideban.proof.blocks import Scale, cut_blocks
from dideban.proof.strata import code_traces
from dideban.schema import INSTANT, OBJECT_KINDS, TRACES
from dideban.stats.error_control import bh
from dideban.validation.model import Result

PERCENTILES = (0.0, 0.5, 0.9, 0.99)
"""0 = every edge of weight 2 or more."""
MIN_COMMON = 2


def threshold_counts(traces: pl.DataFrame, *, window_s: float = 60.0) -> list[Result]:
    """Return pairs and groups of the threshold rule at weight 2 and at percentiles of the weight."""
    return [
        {"percentile": percentile, "n_pairs": n_pairs, "n_groups": groups["group_ix"].n_unique()}
        for percentile, n_pairs, groups in threshold_groups(traces, window_s=window_s)
    ]


def threshold_groups(traces: pl.DataFrame, *, window_s: float = 60.0) -> Iterator[tuple[float, int, pl.DataFrame]]:
    """Yield percentile, strong pairs and GROUPS of the threshold rule, weight 2 or more everywhere."""
    edges = link_accounts(traces, config=CoShareConfig(window_s=window_s), threads=1)
    for percentile in PERCENTILES:
        strong = edges
        if percentile:
            cut = edges["weight"].quantile(percentile, interpolation="linear")
            strong = edges.filter(pl.col("weight") > pl.lit(cut, pl.Float64))
        groups = cluster_accounts(strong.with_columns(is_strong=pl.lit(True)), config=GroupConfig(), seed=1)
        yield percentile, len(strong), groups


def agreement_counts(traces: pl.DataFrame, *, fdr: float = 0.05) -> dict[str, int]:
    """Return how many pairs two nulls of agreement call, by Benjamini and Hochberg over all pairs of accounts.

    Notes
    -----
    Hypergeometric: which objects an account shares is uniform given how many. Chung-Lu: an account shares an object
    with a chance proportional to both their degrees; the number in common is Poisson. Neither looks at time. Pairs with
    fewer than two common objects are given p = 1.
    """
    from scipy.stats import poisson

    common, deg_a, deg_b, n_objects, squares, n_accounts = _common(traces)
    table = np.stack([common, np.minimum(deg_a, deg_b), np.maximum(deg_a, deg_b)])
    unique, inverse = np.unique(table, axis=1, return_inverse=True)
    c, a, b = unique
    p_hyper = hypergeometric_tail(c, a, b, n_objects)[inverse.reshape(-1)]
    p_chung = poisson.sf(c - 1, a * b * squares)[inverse.reshape(-1)]
    rest = np.ones(max(n_accounts * (n_accounts - 1) // 2 - len(common), 0))
    return {
        name: int(bh(np.concatenate([p, rest]), fdr=fdr).sum())
        for name, p in (("hypergeometric", p_hyper), ("chung-lu", p_chung))
    }


def hypergeometric_tail(common: F8, deg_a: F8, deg_b: F8, n_objects: int) -> F8:
    """Return P(X >= common) for two uniform subsets of ``deg_a`` and ``deg_b`` out of ``n_objects``."""
    from scipy.special import gammaln

    def log_choose(n: F8 | float, k: F8) -> F8:
        return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    k = common.astype(np.float64)
    n = float(n_objects)
    term = np.exp(log_choose(deg_a, k) + log_choose(n - deg_a, deg_b - k) - log_choose(n, deg_b))
    total = term.copy()
    for _ in range(int((np.minimum(deg_a, deg_b) - k).max(initial=0))):
        term = term * (deg_a - k) * (deg_b - k) / ((k + 1) * (n - deg_a - deg_b + k + 1))
        k = k + 1
        total += term
        if (term <= 1e-15 * total).all():
            break
    return np.minimum(total, 1.0)


def _common(traces: pl.DataFrame) -> tuple[F8, F8, F8, int, float, int]:
    """Pairs with MIN_COMMON common objects or more; the sum of squared object degrees over the squared total."""
    from scipy.sparse import csr_array, triu

    pairs = traces.select("account_id", "object_id").unique().sort("account_id", "object_id")
    accounts = pairs["account_id"].rank("dense").to_numpy().astype(np.int64) - 1
    objects = pairs["object_id"].rank("dense").to_numpy().astype(np.int64) - 1
    shares = csr_array((np.ones(len(pairs), np.int32), (accounts, objects)))
    both = triu(shares @ shares.T, k=1).tocoo()
    enough = both.data >= MIN_COMMON
    degree = np.bincount(accounts).astype(np.float64)
    popularity = np.bincount(objects).astype(np.float64)
    squares = float((popularity**2).sum() / popularity.sum() ** 2)
    row, col = both.coords
    found = both.data[enough].astype(np.float64)
    return found, degree[row[enough]], degree[col[enough]], len(popularity), squares, len(degree)


def first_shares(
    traces: pl.DataFrame,
    *,
    objects: pl.DataFrame | None = None,
    window_s: float = 60.0,
    shuffle_seed: int | None = None,
) -> pl.DataFrame:
    """Return the first share of every object by every account, or a copy with accounts exchanged inside blocks.

    Blocks are those of the test at ``window_s``: an object, a stretch of time, an age. Who shares what, and when shares
    fall, stays; only who is close to whom is redrawn.
    """
    accounts, kinds = code_traces(traces, objects)
    parts = [TRACES.empty()]
    for one in kinds:
        held = one.account
        if shuffle_seed is not None:
            of = cut_blocks(one, Scale(window_s=window_s)).block_of_row
            held = held[np.lexsort((np.random.default_rng(shuffle_seed).random(len(of)), of))]
        parts.append(
            pl.DataFrame(
                {
                    "account_id": accounts.gather(held),
                    "object_kind": pl.Series([one.kind] * len(held), dtype=pl.Enum(OBJECT_KINDS)),
                    "object_id": pl.Series(one.object).cast(pl.String),
                    "post_id": "p" + pl.Series(np.arange(len(held))).cast(pl.String),
                    "created_at": pl.Series((one.time * 1e6).astype(np.int64)).cast(INSTANT),
                }
            )
        )
    return pl.concat(parts)
