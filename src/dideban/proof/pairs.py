"""Which pairs carry a proved group: the explanation inside a finding, never a claim of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from dideban.arrays import B1, I4, I8
from dideban.evidence.pair_evidence import Slots, pair_evidence
from dideban.proof.blocks import MAX_SLOTS, STRETCH_S, Blocks, Scale, cut_blocks
from dideban.proof.split import Split
from dideban.proof.strata import code_traces
from dideban.remembered import Remembered
from dideban.schema import GROUP_PAIRS, GROUPS, PAIR_TRACES, PROOF_TRACES, TRACES

MAX_COST = 500_000_000
"""Slots times pairs of members looked at per kind and scale; beyond it the most crowded blocks are left out."""


MAX_GROUPS = 50
"""Groups whose pairs are weighed in one run."""
OBJECT = ["object_kind", "object_id"]


def explain_groups(
    traces: pl.DataFrame,
    *,
    groups: pl.DataFrame,
    proof_traces: pl.DataFrame,
    objects: pl.DataFrame | None = None,
    splits: Mapping[int, Split],
    memory: Remembered | None = None,
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
    memory : Remembered, optional
        Pairs of the run before. Never changes the result.

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
    common = shared.join(strata, on=["group_ix", "object_kind"], how="semi").select("group_ix", *OBJECT)
    if objects is not None:
        objects = objects.join(common, on=OBJECT, how="semi")
    compared = traces.join(common, on=OBJECT).partition_by("group_ix", as_dict=True, include_key=False)
    members = asked.group_by("group_ix").agg(pl.col("account_id").sort()).sort("group_ix")
    parts = [GROUP_PAIRS.empty()]
    for ix, accounts in members.iter_rows():
        held, mine = compared.get((ix,), traces.clear()), strata.filter(group_ix=ix)
        known = None if objects is None else objects.join(held, on=OBJECT, how="semi").sort(OBJECT)
        scales_s = tuple(sorted(mine["scale_s"].unique()))

        def make(
            held: pl.DataFrame = held,
            members: list[str] = accounts,
            objects: pl.DataFrame | None = known,
            scales_s: tuple[float, ...] = scales_s,
            split: Split = splits[ix],
        ) -> pl.DataFrame:
            return explain_pairs(held, members=members, objects=objects, scales_s=scales_s, split=split)

        inputs = held.sort(held.columns), accounts, known, scales_s, splits[ix]
        pairs = memory.get(("pairs", tuple(accounts)), inputs, make) if memory else make()
        kept = pairs.join(mine, on=["object_kind", "scale_s"], how="semi").with_columns(group_ix=pl.lit(ix, pl.Int64))
        parts.append(kept.select(GROUP_PAIRS.names))
    return pl.concat(parts).sort("group_ix", "account_a", "account_b", "object_kind", "scale_s")


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
    mine = TRACES.check(traces).filter(pl.col("account_id").is_in(names)).select("object_kind", "object_id").unique()
    accounts, kinds = code_traces(traces.join(mine, on=["object_kind", "object_id"], how="semi"), objects)
    present = set(accounts)
    known = [name for name in names if name in present]
    codes = accounts.search_sorted(pl.Series(known, dtype=pl.String)).to_numpy().astype(np.int32)
    stretch_s = STRETCH_S if split is None else split.least_stretch_s
    parts = [PAIR_TRACES.empty()]
    for one in kinds:
        for scale_s in scales_s:
            blocks = cut_blocks(one, Scale(window_s=scale_s, stretch_s=stretch_s))
            pairs = pair_evidence(_slots(blocks, codes, split), members=codes, names=known, window_s=scale_s)
            parts.append(
                pairs.filter(pl.col("n_blocks") > 0)
                .with_columns(
                    pl.lit(one.kind, PAIR_TRACES.dtypes["object_kind"]).alias("object_kind"),
                    pl.lit(float(scale_s)).alias("scale_s"),
                )
                .select(PAIR_TRACES.names)
            )
    return pl.concat(parts).sort("account_a", "account_b", "object_kind", "scale_s")


def _slots(blocks: Blocks, members: I4, split: Split | None) -> Slots:
    """Every row of every block that holds a member, of the proving part."""
    traces, size = blocks.traces, np.diff(blocks.bounds)
    held = np.bincount(blocks.block_of_row, np.isin(traces.account, members), minlength=len(size)).astype(np.int64)
    chosen = (held > 0) & (size <= MAX_SLOTS)
    if split is not None:
        chosen &= ~split.proposes(np.asarray((blocks.chunk + 0.5) * blocks.scale.bin_s, dtype=np.float64))
    rows = np.flatnonzero(_affordable(chosen, held, size)[blocks.block_of_row])
    return Slots(block=blocks.block_of_row[rows], time=traces.time[rows], account=traces.account[rows])


def _affordable(chosen: B1, held: I8, size: I8) -> B1:
    """Leave out the most crowded blocks where pairs times slots are too many; who sits where has no say."""
    listed = np.flatnonzero(chosen)
    listed = listed[np.lexsort((listed, size[listed]))]
    cost = np.maximum(held[listed] * (held[listed] - 1) // 2, 1) * size[listed]
    kept = np.zeros(len(chosen), bool)
    kept[listed[np.cumsum(cost) <= MAX_COST]] = True
    return kept
