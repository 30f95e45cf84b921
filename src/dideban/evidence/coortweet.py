"""CooRTweet 2.1.3, restated: the same pairs, edges and flags, defects included.

``detect_groups`` and ``generate_coordinated_network`` take and give the columns of the R package. What it does that one
would not expect is marked "as CooRTweet"; docs/methods/threshold.md lists it.

References
----------
Righetti, Balluff 2025, CooRTweet, doi:10.5117/CCR2025.1.7.RIGH. Giglietto et al. 2020,
doi:10.1080/1369118X.2020.1739732.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from dideban.arrays import I4, I8
from dideban.errors import ConfigError, InputError
from dideban.evidence._codes import code_strings
from dideban.evidence._layout import run_chunks
from dideban.kernels.pairs import TimedRows, count_row_pairs, fill_row_pairs

INPUT = {
    "object_id": pl.String,
    "account_id": pl.String,
    "content_id": pl.String,
    "timestamp_share": pl.Float64,
}
"""Columns of the share table, with CooRTweet's names; times in seconds."""
PAIRS = ("object_id", "content_id", "content_id_y", "time_delta", "account_id", "account_id_y")
"""Columns of the pair table, with CooRTweet's names: ``*_y`` is the newer side."""
MAX_PAIRS = 60_000_000
"""Pairs of shares that one run writes down, at most: about 6 GB."""
FACTS = ("weight", "avg_time_delta", "n_content_id", "n_content_id_y", "edge_symmetry_score")


def detect_groups(
    shares: pl.DataFrame,
    *,
    time_window: float = 10.0,
    min_participation: int = 2,
    remove_loops: bool = True,
    threads: int = 0,
) -> pl.DataFrame:
    """Find every pair of shares of one object within the window.

    Parameters
    ----------
    shares : (n,)
        ``object_id, account_id, content_id, timestamp_share`` (seconds, fractions allowed). Rows with an empty object
        or without time are passed over.
    time_window : seconds, >= 0
        Longest gap, inclusive.
    min_participation : count
        As CooRTweet: accounts with fewer *rows* are left out first; then a pair is kept if *either* of its contents
        belongs to an account with that many rows among the contents that paired.
    remove_loops : bool
        As CooRTweet: drops pairs of one account, of one content, and of a content whose id equals the object id, which
        numeric ids do by chance.
    threads : count
        0 = all cores. Never changes the result.

    Returns
    -------
    PAIRS, (n_pairs,)
        ``account_id`` and ``content_id`` are the older side. As CooRTweet: on equal times the older is the one whose
        account appears first in the table. Sorted by object, older and newer content.

    Raises
    ------
    ConfigError
        A negative window.
    InputError
        A column is missing, or there are more pairs than MAX_PAIRS.
    """
    if not time_window >= 0:
        raise ConfigError("config.not-seconds", key="coshare.window_s", value=time_window)
    shares = _active(_check(shares), min_participation)
    older, newer = _row_pairs(shares, time_window, remove_loops, threads)
    if min_participation >= 1:
        older, newer = _filter_participation(shares, shares, older, newer, min_participation)
    return _pair_table(shares, older, newer)


def flag_speed_share(
    shares: pl.DataFrame, pairs: pl.DataFrame, *, min_participation: int, time_window: float
) -> pl.DataFrame:
    """Mark pairs that also hold in a narrower window.

    Parameters
    ----------
    shares
        The table that :func:`detect_groups` was given.
    pairs : PAIRS
    min_participation : count
        As in :func:`detect_groups`, applied to the pairs of the narrower window; as CooRTweet, counted on all rows.
    time_window : seconds

    Returns
    -------
    PAIRS with a column ``time_window_<seconds>``, 0 or 1
        As CooRTweet: matched by the two contents, so both rows of a content pair that shares two objects are marked.
    """
    near = pairs.filter(pl.col("time_delta") <= time_window)
    contents = pl.concat([near["content_id"], near["content_id_y"]]).unique()
    kept = _participants(_check(shares), contents, min_participation)
    near = near.filter(pl.col("content_id").is_in(kept.implode()) | pl.col("content_id_y").is_in(kept.implode()))
    column = f"time_window_{time_window:g}"
    marks = near.select("content_id", "content_id_y").unique().with_columns(pl.lit(1, pl.Int64).alias(column))
    marked = pairs.drop(column, strict=False).join(
        marks, on=["content_id", "content_id_y"], how="left", maintain_order="left"
    )
    return marked.with_columns(pl.col(column).fill_null(0))


def generate_coordinated_network(
    pairs: pl.DataFrame,
    *,
    edge_weight: float = 0.5,
    subgraph: int = 0,
    fast_net: bool = False,
    objects: bool = False,
) -> pl.DataFrame:
    """Sum pairs of shares up to edges of accounts.

    Parameters
    ----------
    pairs : PAIRS
    edge_weight : 0..1
        An edge passes when its weight is *above* this quantile (R type 7) of all weights: with equal weights none does.
    subgraph : 0, 1, 2 or 3
        0: every edge; 1: edges that pass; 2: edges that pass in the narrower window; 3: those accounts with their
        neighbours, and all edges among them. 2 and 3 need ``fast_net`` (CooRTweet gives an empty graph without it).
    fast_net : bool
        Also sum up the pairs that :func:`flag_speed_share` marked: every fact comes as ``*_full`` and ``*_fast``.
    objects : bool
        Add ``object_ids``, the objects of the edge joined by commas; as CooRTweet, ids that hold a comma break it.

    Returns
    -------
    (n_edges,)
        ``account_a < account_b, weight, avg_time_delta, n_content_id, n_content_id_y, edge_symmetry_score,
        weight_threshold``, sorted. As CooRTweet: ``weight`` counts pairs of shares, and ``n_content_id`` and
        ``n_content_id_y`` count distinct *older* and *newer* contents, not those of each account.

    Raises
    ------
    ConfigError
        A quantile outside 0..1, an unknown subgraph, or one that needs marks the pairs do not have.
    """
    marks = [name for name in pairs.columns if name.startswith("time_window_")]
    _check_network(edge_weight, subgraph, fast_net, n_marks=len(marks))
    edges = _sum_up(pairs, objects)
    if not fast_net:
        edges = edges.with_columns(_passes(edges, "weight", edge_weight).alias("weight_threshold"))
        return edges.filter(pl.col("weight_threshold") == 1) if subgraph == 1 else edges
    fast = _sum_up(pairs.filter(pl.col(marks[0]) == 1), objects)
    keys = ["account_a", "account_b"]
    edges = edges.rename({name: f"{name}_full" for name in edges.columns if name not in keys}).join(
        fast.rename({name: f"{name}_fast" for name in fast.columns if name not in keys}), on=keys, how="left"
    )
    edges = edges.with_columns(
        _passes(edges, "weight_full", edge_weight).alias("weight_threshold_full"),
        _passes(edges, "weight_fast", edge_weight).alias("weight_threshold_fast"),
    ).sort(keys)
    return _fast_subgraph(edges, subgraph)


def _check(shares: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in INPUT if name not in shares.columns]
    if missing:
        raise InputError("evidence.no-column", hint="hint.columns-needed", missing=list(missing), needed=list(INPUT))
    shares = shares.select(pl.col(name).cast(dtype) for name, dtype in INPUT.items())
    return shares.filter(
        pl.col("timestamp_share").is_not_nan() & pl.all_horizontal(pl.all().is_not_null()) & (pl.col("object_id") != "")
    )


def _active(shares: pl.DataFrame, min_participation: int) -> pl.DataFrame:
    """Rows of accounts with enough of them, in order of each account's first appearance, as data.table leaves them."""
    codes, _ = code_strings(shares["account_id"])
    enough = np.bincount(codes)[codes] >= min_participation if codes.size else np.empty(0, np.bool_)
    order = np.argsort(codes, kind="stable")
    return shares[order[enough[order]]]


def _row_pairs(shares: pl.DataFrame, window: float, loops_out: bool, threads: int) -> tuple[I8, I8]:
    """Rows of ``shares`` that pair, older and newer."""
    if shares.is_empty():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    objects, _ = code_strings(shares["object_id"])
    times = shares["timestamp_share"].to_numpy()
    order = np.lexsort((np.arange(objects.size), times, objects))
    rows = TimedRows(
        objects[order],
        code_strings(shares["account_id"])[0][order],
        code_strings(shares["content_id"])[0][order],
        (shares["object_id"] == shares["content_id"]).to_numpy()[order],
        times[order],
    )
    work = partial(_chunk_pairs, rows, window, not loops_out)
    parts, total = [], 0
    for older, newer in run_chunks(work, np.ones(objects.size, np.int64), threads):
        total += older.size
        if total > MAX_PAIRS:
            raise _too_many()
        parts.append((order[older], order[newer]))
    return np.concatenate([older for older, _ in parts]), np.concatenate([newer for _, newer in parts])


def _chunk_pairs(rows: TimedRows, window: float, loops: bool, first: int, last: int) -> tuple[I4, I4]:
    counts, total = count_row_pairs(rows, first, last, window, loops, MAX_PAIRS)
    if total > MAX_PAIRS:
        raise _too_many()
    return fill_row_pairs(rows, first, counts, window, loops)


def _too_many() -> InputError:
    return InputError("evidence.coortweet-pairs", hint="hint.threshold-instead", most=MAX_PAIRS)


def _filter_participation(
    shares: pl.DataFrame,
    counted: pl.DataFrame,
    older: I8,
    newer: I8,
    min_participation: int,
) -> tuple[I8, I8]:
    """Keep pairs of which either content belongs to an account with enough rows among the contents that paired."""
    contents = shares["content_id"].gather(np.unique(np.concatenate((older, newer))))
    kept = _participants(counted, contents, min_participation)
    fine = shares["content_id"].is_in(kept.implode()).to_numpy()
    either = fine[older] | fine[newer]
    return older[either], newer[either]


def _participants(shares: pl.DataFrame, contents: pl.Series, min_participation: int) -> pl.Series:
    """Contents, among ``contents``, of accounts with at least that many rows of them."""
    rows = shares.filter(pl.col("content_id").is_in(contents.unique().implode()))
    return rows.filter(pl.len().over("account_id") >= min_participation)["content_id"].unique()


def _pair_table(shares: pl.DataFrame, older: I8, newer: I8) -> pl.DataFrame:
    first, second = shares[older], shares[newer]
    return pl.DataFrame(
        {
            "object_id": first["object_id"],
            "content_id": first["content_id"],
            "content_id_y": second["content_id"],
            "time_delta": (first["timestamp_share"] - second["timestamp_share"]).abs(),
            "account_id": first["account_id"],
            "account_id_y": second["account_id"],
        }
    ).sort("object_id", "content_id", "content_id_y", "account_id", "account_id_y", "time_delta")


def _sum_up(pairs: pl.DataFrame, objects: bool) -> pl.DataFrame:
    """Pairs to edges; only the accounts change places, never the contents, as CooRTweet."""
    edges = pairs.group_by(
        account_a=pl.min_horizontal("account_id", "account_id_y"),
        account_b=pl.max_horizontal("account_id", "account_id_y"),
    ).agg(
        pl.len().cast(pl.Int64).alias("weight"),
        (pl.col("time_delta").sort().sum() / pl.len()).alias("avg_time_delta"),
        pl.col("content_id").n_unique().cast(pl.Int64).alias("n_content_id"),
        pl.col("content_id_y").n_unique().cast(pl.Int64).alias("n_content_id_y"),
        *([pl.col("object_id").unique(maintain_order=True).str.join(",").alias("object_ids")] if objects else []),
    )
    symmetry = pl.min_horizontal("n_content_id", "n_content_id_y") / pl.max_horizontal("n_content_id", "n_content_id_y")
    edges = edges.with_columns(symmetry.alias("edge_symmetry_score"))
    return edges.select("account_a", "account_b", *FACTS, *(["object_ids"] if objects else [])).sort(
        "account_a", "account_b"
    )


def _passes(edges: pl.DataFrame, column: str, quantile: float) -> pl.Expr:
    threshold = edges[column].quantile(quantile, interpolation="linear")
    return (pl.col(column) > pl.lit(threshold, pl.Float64)).cast(pl.Int64)


def _check_network(edge_weight: float, subgraph: int, fast_net: bool, *, n_marks: int) -> None:
    if not 0 <= edge_weight <= 1:
        raise ConfigError("config.not-within", key="coshare.percentile", value=edge_weight, least=0, most=1)
    if subgraph not in {0, 1, 2, 3}:
        raise ConfigError("evidence.subgraph", key="subgraph", value=subgraph)
    if subgraph in {2, 3} and not fast_net:
        raise ConfigError("evidence.subgraph-needs-fast-net", key="subgraph", value=subgraph)
    if fast_net and n_marks != 1:
        raise ConfigError("evidence.time-window-columns", hint="hint.run-flag-first", n=n_marks)
    if fast_net and subgraph == 1:
        raise ConfigError("evidence.subgraph-undefined", hint="hint.subgraph-2", key="subgraph")


def _fast_subgraph(edges: pl.DataFrame, subgraph: int) -> pl.DataFrame:
    passing = edges.filter(pl.col("weight_threshold_fast") == 1)
    if subgraph == 2:
        return passing
    if subgraph != 3:
        return edges
    core = pl.concat([passing["account_a"], passing["account_b"]]).unique()
    beside = edges.filter(pl.col("account_a").is_in(core.implode()) | pl.col("account_b").is_in(core.implode()))
    circle = pl.concat([beside["account_a"], beside["account_b"]]).unique()
    return edges.filter(
        pl.col("account_a").is_in(circle.implode()) & pl.col("account_b").is_in(circle.implode())
    ).with_columns(
        color_a=pl.col("account_a").is_in(core.implode()).cast(pl.Int64),
        color_b=pl.col("account_b").is_in(core.implode()).cast(pl.Int64),
    )
