"""Which pairs carry a proved group: the explanation inside a finding, never a claim of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from dideban.arrays import F8, I4, I8
from dideban.evidence.pair_evidence import Slots, pair_figures, pair_table
from dideban.proof.blocks import MAX_SLOTS, STRETCH_S, Blocks, Scale, cut_blocks, kind_traces
from dideban.proof.split import Split
from dideban.schema import GROUP_PAIRS, GROUPS, PAIR_TRACES, PROOF_TRACES, TRACES

MAX_COST = 500_000_000
"""Slots times pairs of members looked at per kind and scale; beyond it the most crowded blocks are left out."""


MAX_GROUPS = 50
"""Groups whose pairs are weighed in one run."""
LEAST_COMMON = 2
"""Members that share an object which the pairs of a proved group are weighed by."""
OBJECT = ["object_kind", "object_id"]


def explain_groups(
    traces: pl.DataFrame,
    *,
    groups: pl.DataFrame,
    proof_traces: pl.DataFrame,
    objects: pl.DataFrame | None = None,
    splits: Mapping[int, Split],
) -> pl.DataFrame:
    """Weigh the pairs of proved groups, at the kinds and scales of their proof and on the part that proved them.

    Only objects that two members or more share are looked at: they are what a finding package holds.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Of the whole run, or at least every share of the objects that two members share. Any order.
    groups : GROUPS, (n_members,)
        Groups without an entry in ``splits`` are passed over.
    proof_traces : PROOF_TRACES, (n_rows,)
        Kinds and scales to look at.
    objects : OBJECTS or None
        Known times of objects.
    splits : group to Split
        The division that proved each group.

    Returns
    -------
    GROUP_PAIRS, (n_rows,)
        Sorted by group, pair, kind, scale.

    Raises
    ------
    SchemaError
        A column is missing or mistyped.
    """
    asked = GROUPS.check(groups).filter(pl.col("group_ix").is_in(list(splits)))
    strata = PROOF_TRACES.check(proof_traces).select("group_ix", "object_kind", "scale_s").unique()
    held = TRACES.check(traces).join(asked.select("account_id", "group_ix"), on="account_id")
    shared = held.group_by("group_ix", *OBJECT).agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") > 1)
    common = shared.join(strata, on=["group_ix", "object_kind"], how="semi").select(OBJECT).unique()
    coded = _Coded(traces.join(common, on=OBJECT, how="semi"), objects)
    members = asked.group_by("group_ix").agg(pl.col("account_id").sort()).sort("group_ix")
    where = dict(strata.group_by("group_ix").agg(pl.struct("object_kind", "scale_s").sort()).iter_rows())
    parts = [GROUP_PAIRS.empty()]
    for ix, accounts in members.iter_rows():
        asked_of = [(one["object_kind"], one["scale_s"]) for one in where.get(ix, [])]
        found = coded.explain(accounts, asked_of, split=splits[ix], least=LEAST_COMMON)
        parts.append(found.select(pl.lit(ix, pl.Int64).alias("group_ix"), *PAIR_TRACES.names))
    return pl.concat(parts).sort("group_ix", "account_a", "account_b", "object_kind", "scale_s")


class _Coded:
    """Shares coded once, for all groups that are asked about.

    Parameters
    ----------
    traces, objects : TRACES, OBJECTS or None
    """

    def __init__(self, traces: pl.DataFrame, objects: pl.DataFrame | None) -> None:
        self._accounts = traces["account_id"].unique().sort()
        present = traces["object_kind"].unique().sort().cast(pl.String).to_list()
        coded = [kind_traces(traces, kind, self._accounts, objects) for kind in present if kind != "domain"]
        self.kinds = {one.kind: one for one in coded if len(one.account)}
        self._rows = {kind: one.by_account(len(self._accounts)) for kind, one in self.kinds.items()}
        self._blocks: dict[tuple[str, float, float], Blocks] = {}

    def explain(
        self, accounts: Sequence[str], strata: Sequence[tuple[str, float]], *, split: Split | None, least: int
    ) -> pl.DataFrame:
        """Weigh the pairs of one group at some kinds and scales: PAIR_TRACES, in no particular order.

        Parameters
        ----------
        accounts : account ids, ascending
        least : count
            Members that must share an object for it to be looked at.
        """
        present = self._accounts.filter(self._accounts.is_in(list(accounts)))
        codes = self._accounts.search_sorted(present).to_numpy().astype(np.int32)
        found: list[tuple[str, float, I8, F8]] = []
        for kind, scale_s in strata:
            if kind not in self.kinds or len(codes) < 2:
                continue
            slots = _slots(self._cut(kind, scale_s, split), self._rows[kind], codes, split, least=least)
            pairs, figures = pair_figures(slots, codes, window_s=scale_s)
            some = figures[:, 0] > 0
            found.append((kind, scale_s, pairs[some], figures[some]))
        return _pair_traces(present.to_list(), found)

    def _cut(self, kind: str, scale_s: float, split: Split | None) -> Blocks:
        stretch_s = STRETCH_S if split is None else split.least_stretch_s
        key = kind, scale_s, stretch_s
        if key not in self._blocks:
            self._blocks[key] = cut_blocks(self.kinds[kind], Scale(window_s=scale_s, stretch_s=stretch_s))
        return self._blocks[key]


def _pair_traces(ids: Sequence[str], found: Sequence[tuple[str, float, I8, F8]]) -> pl.DataFrame:
    """Return PAIR_TRACES of the pairs and figures found at each kind and scale."""
    if not found:
        return PAIR_TRACES.empty()
    kinds, scales, pairs, figures = zip(*found, strict=True)
    sizes = [len(one) for one in pairs]
    where = {
        "object_kind": pl.Series(np.repeat(kinds, sizes).tolist(), dtype=PAIR_TRACES.dtypes["object_kind"]),
        "scale_s": pl.Series(np.repeat(np.array(scales, dtype=np.float64), sizes)),
    }
    return (
        pair_table(ids, np.concatenate(pairs), np.concatenate(figures)).with_columns(**where).select(PAIR_TRACES.names)
    )


def explain_pairs(
    traces: pl.DataFrame,
    *,
    members: Sequence[str],
    objects: pl.DataFrame | None = None,
    scales_s: Sequence[float],
    split: Split | None = None,
) -> pl.DataFrame:
    """Weigh every pair of one group, per kind of object and scale.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Of the whole run, or at least every share of the objects that members share. Any order.
    members : account ids
        The group.
    objects : OBJECTS or None
        Known times of objects.
    scales_s : seconds
        Windows.
    split : Split or None
        Look only at the part that proved the group; None = all of the data, which includes what proposed it.

    Returns
    -------
    PAIR_TRACES, (n_rows,)
        Sorted by pair, kind, scale; only where a block informs. ``n_blocks`` that inform, ``n_near`` of them within
        the window, ``expected`` by chance, ``p_value``, ``e_value``.

    Raises
    ------
    SchemaError
        A column is missing or mistyped.

    Notes
    -----
    Deterministic. docs/methods/pairs.md has the formulas. Pairs are many and chosen because the group is proved: their
    values show which edges carry the proof, not how certain two accounts are.
    """
    names = sorted(set(members))
    mine = TRACES.check(traces).filter(pl.col("account_id").is_in(names)).select(OBJECT).unique()
    coded = _Coded(traces.join(mine, on=OBJECT, how="semi"), objects)
    strata = [(kind, scale_s) for kind in coded.kinds for scale_s in scales_s]
    found = coded.explain(names, strata, split=split, least=1)
    return found.sort("account_a", "account_b", "object_kind", "scale_s")


def _slots(blocks: Blocks, rows: tuple[I8, I4], members: I4, split: Split | None, *, least: int) -> Slots:
    """Every row of every block of the proving part that holds a member, of objects that ``least`` members share."""
    traces, (bounds, listed) = blocks.traces, rows
    mine = np.concatenate([np.empty(0, np.int64), *(listed[bounds[a] : bounds[a + 1]] for a in members)])
    _, place, n_sharing = np.unique(traces.object[mine], return_inverse=True, return_counts=True)
    held_blocks, held = np.unique(blocks.block_of_row[mine[n_sharing[place] >= least]], return_counts=True)
    chosen = np.diff(blocks.bounds)[held_blocks] <= MAX_SLOTS
    if split is not None:
        times = (blocks.chunk[held_blocks] + 0.5) * blocks.scale.bin_s
        chosen &= ~split.proposes(np.asarray(times, dtype=np.float64))
    kept = _affordable(held_blocks[chosen], held[chosen], blocks)
    size = np.diff(blocks.bounds)[kept]
    first = np.repeat(blocks.bounds[kept] - np.append(0, np.cumsum(size))[:-1], size)
    some = first + np.arange(len(first))
    return Slots(block=blocks.block_of_row[some].astype(np.int64), time=traces.time[some], account=traces.account[some])


def _affordable(listed: I8, held: I8, blocks: Blocks) -> I8:
    """Leave out the most crowded blocks where pairs times slots are too many; who sits where has no say."""
    size = np.diff(blocks.bounds)[listed]
    order = np.lexsort((listed, size))
    cost = np.maximum(held * (held - 1) // 2, 1) * size
    return np.sort(listed[order[np.cumsum(cost[order]) <= MAX_COST]])
