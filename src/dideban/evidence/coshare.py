"""The threshold rule without its peers' defects: how many distinct objects two accounts share within a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import B1, I4, I8
from dideban.config import CoShareConfig
from dideban.errors import ConfigError, InputError
from dideban.evidence._codes import code_both, code_strings
from dideban.evidence._layout import Layout, lay_out, run_chunks
from dideban.kernels.coshare import account_costs
from dideban.kernels.coshare_edges import link_rows
from dideban.progress import SILENT, Progress
from dideban.schema import EDGES, OBJECT_KINDS, TRACES

MAX_LOOKS = 100_000_000_000
"""Pairs of close shares that one run looks at, at most: some minutes."""
MAX_EDGES = 80_000_000
"""Edges that one run holds at most: about 12 GB."""
MAX_SECONDS = 4e12
"""Times further than this from 1970 are not times."""
PAIR_FACTS = ("weight", "n_pairs", "gap_us", "n_posts_a", "n_posts_b")


def link_accounts(
    traces: pl.DataFrame,
    *,
    config: CoShareConfig,
    windows_s: Sequence[float] | None = None,
    threads: int = 0,
    progress: Progress = SILENT,
) -> pl.DataFrame:
    """Link accounts that share the same objects within a window.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Any order. Kinds are linked separately; rows with an empty account or object are passed over.
    config : CoShareConfig
        ``min_participation`` counts distinct objects of the kind that an account shared at all; ``min_weight`` counts
        distinct objects that a pair co-shared; ``percentile`` is taken over the edges of one kind and window that
        reach ``min_weight``.
    windows_s : seconds, >= 0
        Longest gaps of two shares, inclusive; several are done in one pass. Default: ``config.window_s``.
    threads : count
        0 = all cores. Never changes the result.
    progress : Progress

    Returns
    -------
    EDGES, (n_edges,)
        Pairs with ``weight >= config.min_weight``, sorted.

    Raises
    ------
    SchemaError
        A TRACES column is missing or mistyped.
    ConfigError
        A negative window, a percentile outside 0..1.
    InputError
        More close pairs than MAX_LOOKS or more edges than MAX_EDGES.

    Notes
    -----
    Deterministic. Time grows with close pairs of shares, memory with rows and edges, never with pairs. Gaps are
    compared in whole microseconds.

    References
    ----------
    Giglietto et al. 2020, doi:10.1080/1369118X.2020.1739732.
    """
    traces = TRACES.check(traces)
    found = []
    for kind in OBJECT_KINDS:
        rows = traces.filter(pl.col("object_kind") == kind)
        if rows.height:
            shares = rows.select(
                "account_id", "object_id", "post_id", created_us=pl.col("created_at").dt.timestamp("us")
            )
            edges = link_shares(shares, config=config, windows_s=windows_s, threads=threads, progress=progress)
            found.append(edges.with_columns(object_kind=pl.lit(kind, EDGES.dtypes["object_kind"])))
    if not found:
        return EDGES.empty()
    return EDGES.check(pl.concat(found)).sort("account_a", "account_b", "object_kind", "window_s")


def link_shares(
    shares: pl.DataFrame,
    *,
    config: CoShareConfig,
    windows_s: Sequence[float] | None = None,
    threads: int = 0,
    progress: Progress = SILENT,
    rename: Callable[[pl.Series], pl.Series] | None = None,
) -> pl.DataFrame:
    """Link accounts in one table of shares, all objects being of one kind.

    Parameters
    ----------
    shares : (n,)
        ``account_id``, ``object_id``, ``post_id`` String, and ``created_us`` Int64 or ``created_s`` Int64 or Float64.
    rename : function
        Applied to the distinct accounts of the edges before they are sorted, e.g. to make pseudonyms of the few that
        are shown.

    Returns
    -------
    EDGES without ``object_kind``, (n_edges,)
        Sorted by account_a, account_b, window_s.

    See :func:`link_accounts` for the rest.
    """
    windows = _windows_us(config, windows_s)
    pairs = find_pairs(
        shares,
        windows=windows,
        min_weight=max(config.min_weight, 1),
        min_participation=config.min_participation,
        threads=threads,
        progress=progress,
    )
    edges = [
        _edges(pairs, which, window, config=config, rename=rename) for which, window in enumerate(windows.tolist())
    ]
    return edges[0] if len(edges) == 1 else pl.concat(edges).sort("account_a", "account_b", "window_s")


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of accounts and what they did together."""

    a: I4
    b: I4
    facts: I8
    """(n_pairs, n_windows, 5): see PAIR_FACTS."""
    accounts: pl.Series
    """Account by code."""


def find_pairs(
    shares: pl.DataFrame, *, windows: I8, min_weight: int, min_participation: int, threads: int, progress: Progress
) -> Pairs:
    """Find the pairs that co-share ``min_weight`` distinct objects within the longest window, with their facts."""
    empty = (shares["account_id"] == "") | (shares["object_id"] == "")
    shares = shares.filter(~empty) if empty.any() else shares  # a filter that keeps everything still copies it
    with progress.stage("sorting-shares", total=shares.height) as task:
        account_codes, accounts, object_codes, objects = code_both(
            shares["account_id"], shares["object_id"], threads=threads
        )
        layout = lay_out(
            account_codes,
            object_codes,
            _times_us(shares),
            n_objects=objects.len(),
            window=int(windows.max()),
            min_weight=min_weight,
            min_participation=min_participation,
            threads=threads,
        )
        task.advance(shares.height)
    posts = _repeated_posts(shares["post_id"], layout.source)
    del shares, account_codes, object_codes, objects
    a, b, facts = _link_rows(layout, posts, windows=windows, min_weight=min_weight, threads=threads, progress=progress)
    return Pairs(a=layout.account_codes[a], b=layout.account_codes[b], facts=facts, accounts=accounts)


def _windows_us(config: CoShareConfig, windows_s: Sequence[float] | None) -> I8:
    windows = sorted(set(windows_s if windows_s is not None else (config.window_s,)))
    if not windows or not all(0 <= window <= MAX_SECONDS for window in windows):
        raise ConfigError("config.not-list-of-seconds", key="coshare.window_s", value=windows)
    if config.percentile is not None and not 0 <= config.percentile <= 1:
        raise ConfigError("config.not-within", key="coshare.percentile", value=config.percentile, least=0, most=1)
    return np.array([round(window * 1e6) for window in windows], np.int64)


def _times_us(shares: pl.DataFrame) -> I8:
    if "created_us" in shares.columns:
        return shares["created_us"].to_numpy()
    seconds = shares["created_s"]
    if seconds.len() and not seconds.abs().max() <= MAX_SECONDS:  # type: ignore[operator]
        raise InputError("evidence.time-too-far", most=MAX_SECONDS)
    if seconds.dtype.is_integer():
        return (seconds.cast(pl.Int64) * 1_000_000).to_numpy()
    return (seconds * 1e6).round().cast(pl.Int64).to_numpy()


def _repeated_posts(posts: pl.Series, source: I4) -> I4:
    """Code of each position's post where it occurs twice, else -1; empty where no post does."""
    ids = posts.gather(source)
    twice = ids.hash().is_duplicated()
    if not twice.any():
        return np.empty(0, np.int32)
    repeated = np.full(source.size, -1, np.int32)
    repeated[twice.to_numpy()], _ = code_strings(ids.filter(twice))
    return repeated


def _link_rows(
    layout: Layout, posts: I4, *, windows: I8, min_weight: int, threads: int, progress: Progress
) -> tuple[I4, I4, I8]:
    """Pairs of accounts that co-share enough objects, and their facts."""
    rows = layout.rows
    degrees = np.diff(rows.starts)
    costs = np.concatenate(
        list(run_chunks(lambda first, last: account_costs(rows, first, last, min_weight), degrees, threads))
    )
    if (looks := int(costs.sum())) > MAX_LOOKS:
        raise InputError(
            "evidence.too-many-looks", hint="hint.shorter-window-fewer-objects", n=int(looks), most=MAX_LOOKS
        )
    parts: list[tuple[I4, I4, I8]] = []
    total = np.zeros(1, np.int64)
    n_edges = 0

    def work(first: int, last: int) -> tuple[int, tuple[I4, I4, I8, I8]]:
        return int(costs[first:last].sum()), link_rows(rows, first, last, min_weight, windows, posts, total, MAX_EDGES)

    with progress.stage("linking-accounts", total=looks, unit="close-pairs") as task:
        for n_looks, (a, b, facts, repeats) in run_chunks(work, costs, threads):
            n_edges += a.size
            if n_edges > MAX_EDGES:
                raise InputError("evidence.too-many-edges", hint="hint.shorter-window", most=MAX_EDGES)
            _add_distinct(facts.reshape(-1, len(PAIR_FACTS)), repeats)
            parts.append((a, b, facts))
            task.advance(n_looks)
    return _joined(parts, n_edges, windows.size)


def _joined(parts: list[tuple[I4, I4, I8]], n_edges: int, n_windows: int) -> tuple[I4, I4, I8]:
    """Put the chunks together, giving each back to memory as soon as it is copied."""
    a, b = np.empty(n_edges, np.int32), np.empty(n_edges, np.int32)
    facts = np.empty((n_edges, n_windows, len(PAIR_FACTS)), np.int64)
    at = n_edges
    while parts:
        some_a, some_b, some_facts = parts.pop()
        last, at = at, at - some_a.size
        a[at:last], b[at:last], facts[at:last] = some_a, some_b, some_facts
    return a, b, facts


def _add_distinct(facts: I8, repeats: I8) -> None:
    """Count each repeated post once per edge and side."""
    if not repeats.size:
        return
    once = pl.DataFrame(repeats, schema=["edge", "side", "post"], orient="row").unique()
    for side in (3, 4):
        edges = once.filter(pl.col("side") == side)["edge"].to_numpy()
        facts[:, side] += np.bincount(edges, minlength=facts.shape[0])


def _edges(
    pairs: Pairs, which: int, window_us: int, *, config: CoShareConfig, rename: Callable[[pl.Series], pl.Series] | None
) -> pl.DataFrame:
    """Edges of one window, named, with the smaller account first."""
    enough = np.flatnonzero(pairs.facts[:, which, 0] >= max(config.min_weight, 1))
    named = name_pairs(pairs.a[enough], pairs.b[enough], pairs.accounts, rename=rename)
    facts = pairs.facts[enough[named.order], which]
    posts_a = np.where(named.swapped, facts[:, 4], facts[:, 3])
    posts_b = np.where(named.swapped, facts[:, 3], facts[:, 4])
    weight = facts[:, 0]
    is_strong = np.ones(weight.size, np.bool_)
    if config.percentile is not None and weight.size:
        is_strong = weight > np.quantile(weight, config.percentile)
    return pl.DataFrame(
        {
            "account_a": named.a,
            "account_b": named.b,
            "window_s": np.full(weight.size, window_us / 1e6),
            "weight": weight,
            "n_pairs": facts[:, 1],
            "mean_delay_s": facts[:, 2] / 1e6 / np.maximum(facts[:, 1], 1),
            "n_posts_a": posts_a,
            "n_posts_b": posts_b,
            "symmetry": np.minimum(posts_a, posts_b) / np.maximum(np.maximum(posts_a, posts_b), 1),
            "is_strong": is_strong,
        },
        schema={name: dtype for name, dtype in EDGES.dtypes.items() if name != "object_kind"},
    )


@dataclass(frozen=True, kw_only=True)
class NamedPairs:
    """Pairs of account names, smaller first, sorted."""

    a: pl.Series
    b: pl.Series
    order: I8
    """Which of the given pairs stands at each place."""
    swapped: B1
    """Where its ends changed places."""


def name_pairs(
    a: I4, b: I4, accounts: pl.Series, *, rename: Callable[[pl.Series], pl.Series] | None = None
) -> NamedPairs:
    """Turn codes into names, put the smaller name first and sort by both."""
    present = np.flatnonzero(np.bincount(np.concatenate((a, b)), minlength=accounts.len()))
    names = accounts.gather(present)
    names = rename(names) if rename is not None else names
    by_name = names.arg_sort().to_numpy()
    rank = np.empty(accounts.len(), np.int64)
    rank[present[by_name]] = np.arange(by_name.size)
    names = names.gather(by_name)
    low, high = np.minimum(rank[a], rank[b]), np.maximum(rank[a], rank[b])
    order = np.argsort(low * by_name.size + high)
    swapped = (rank[a] > rank[b])[order]
    return NamedPairs(a=names.gather(low[order]), b=names.gather(high[order]), order=order, swapped=swapped)
