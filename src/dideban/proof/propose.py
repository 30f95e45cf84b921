"""Propose groups on one part of the data, as liberally as one likes: nothing here can spoil the error rate."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4, I8
from dideban.graph import components, k_core, leiden_at_each
from dideban.kernels.blocks import count_near, repeated_near, shared_chance
from dideban.proof.blocks import MAX_SLOTS, Blocks
from dideban.remembered import Remembered

MAX_NEAR = 30_000_000
"""Near pairs looked at per kind and scale; the most crowded blocks, which tell least, are left out beyond it."""
NEAR_PER_TRACE = 16
"""The same for each trace, so that cost grows with the data and not with its most popular object."""
FREE_NEAR = 2_000_000
"""Near pairs that are looked at however few the traces."""
MAX_BITS = 27
"""Largest table of pairs seen, as a power of two of bytes."""
CUTS = (2.5, 5.0)
"""Pair excess z at which graphs are cut; every cut proposes."""
COUNTS = (3, 5)
"""Near blocks at which graphs are cut whatever chance says: the threshold rule as a source of proposals."""
MIN_NEAR = 2
"""Fewest near blocks of a proposed edge."""
MIN_SIZE = 3
CORE = 3
"""Fewest ties of an account of the core of a group: take anybody away, and it has two left."""


MIN_DENSITY = 0.4
"""Share of member pairs that must be tied: a union of two groups is not one group."""
RESOLUTIONS = (0.1, 0.4)
"""Leiden (constant Potts model): least density inside a community."""
CYCLES = 1
"""Cycles of Leiden: proposals need not be the best partition."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A group worth testing: sorted account codes, and how densely the proposing part ties them."""

    members: I4
    density: float
    core: I4
    """Members that stay tied to two or more of each other whoever else is taken away (the 3-core)."""


@dataclass(frozen=True, kw_only=True)
class NearPairs:
    """Near pairs of one kind and scale, and the blocks in which they are near."""

    keys: I8
    """(n_pairs,) ``a * 2**32 + b`` with ``a < b``, ascending."""
    starts: I8
    """(n_pairs + 1,) where the blocks of each pair begin."""
    blocks: I4
    n_left_out: int
    """Blocks passed over because they were too many and told least."""


def near_pairs(blocks: Blocks) -> NearPairs:
    """List the near pairs of all blocks, least crowded blocks first where there are too many.

    A pair of accounts with fewer than MIN_NEAR near blocks in all the data can never be proposed and is dropped.
    """
    listed, n_left_out = _affordable(blocks)
    traces = blocks.traces
    n_bits = int(np.clip(np.ceil(np.log2(4 * _n_near(blocks)[listed].sum() + 1)), 10, MAX_BITS))
    keys, where = repeated_near(traces.time, traces.account, blocks.bounds, listed, blocks.scale.window_s, n_bits)
    ordered = pl.DataFrame({"key": keys, "block": where}).sort("key")
    del keys, where
    key, block = ordered["key"].to_numpy(), ordered["block"].to_numpy()
    first = np.flatnonzero(np.diff(key, prepend=-1))
    n_near = np.diff(np.append(first, len(key)))
    often = n_near >= MIN_NEAR
    return NearPairs(
        keys=key[first[often]], starts=np.append(0, np.cumsum(n_near[often])).astype(np.int64),
        blocks=block[np.repeat(often, n_near)], n_left_out=n_left_out,
    )  # fmt: skip


def _affordable(blocks: Blocks) -> tuple[I8, int]:
    near = _n_near(blocks)
    listed = np.flatnonzero((near > 0) & (np.diff(blocks.bounds) <= MAX_SLOTS))
    most = min(MAX_NEAR, max(FREE_NEAR, NEAR_PER_TRACE * len(blocks.traces.time)))
    if near[listed].sum() <= most:
        return listed, 0
    order = listed[np.lexsort((listed, near[listed]))]
    kept = np.sort(order[np.cumsum(near[order]) <= most])
    return kept, len(listed) - len(kept)


def _n_near(blocks: Blocks) -> F8:
    """(n_blocks,) near pairs."""
    size = np.diff(blocks.bounds)
    return np.asarray(np.round(blocks.near_share * size * (size - 1) / 2), dtype=np.float64)


def propose_groups(
    blocks: Blocks,
    pairs: NearPairs,
    shared: tuple[I8, I4],
    *,
    allowed: B1,
    max_size: int,
    seed: int,
    asked: Hashable = None,
    memory: Remembered | None = None,
) -> dict[bytes, Proposal]:
    """Propose groups from the blocks marked ``allowed``.

    Parameters
    ----------
    shared : CSR
        Informing blocks of each account.
    allowed : (n_blocks,) bool
        The proposing part.
    max_size : count
        Larger groups are split by Leiden or dropped.
    asked : hashable
        Name of these blocks and this part, under which their graphs are remembered.
    memory : Remembered, optional
        What the run before found out: posts that only prove leave the graphs of the proposing part as they were. Never
        changes the result.

    Returns
    -------
    dict
        Proposals by the bytes of their members, MIN_SIZE to ``max_size`` members each.
    """
    proposals: dict[bytes, Proposal] = {}
    for ix, (a, b) in enumerate(_graphs(blocks, pairs, shared, allowed)):
        for one in groups_at(a, b, max_size=max_size, seed=seed, asked=(asked, ix), memory=memory):
            key = one.members.tobytes()
            known = proposals.get(key)
            if known is None or known.density < one.density:
                proposals[key] = one
    return proposals


def _graphs(blocks: Blocks, pairs: NearPairs, shared: tuple[I8, I4], allowed: B1) -> list[tuple[I8, I8]]:
    """Graphs of the proposing part: by pair excess against two figures of chance, and by plain count."""
    near, telling = count_near(pairs.starts, pairs.blocks, allowed, blocks.informs)
    some = near >= MIN_NEAR
    key, near, telling = pairs.keys[some], near[some], telling[some]
    a, b = key >> 32, key & 0xFFFFFFFF
    graphs = [(a[near >= count], b[near >= count]) for count in COUNTS]
    some = telling >= MIN_NEAR
    a, b, telling = a[some], b[some], telling[some]
    for q in (blocks.near_share, np.minimum(blocks.near_share, blocks.even_share)):
        chance = shared_chance(a, b, *shared, q, allowed)
        excess = (telling - chance[:, 0]) / np.sqrt(np.maximum(chance[:, 1], 1e-9) + 0.05)
        graphs += [(a[excess >= cut], b[excess >= cut]) for cut in CUTS]
    return graphs


def groups_at(
    a: I8, b: I8, *, max_size: int, seed: int, asked: Hashable = None, memory: Remembered | None = None
) -> list[Proposal]:
    """Return the dense groups of a graph of accounts; ``asked`` is its name in ``memory``."""
    if not len(a):
        return []
    nodes, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
    src, dst = codes[: len(a)].astype(np.int32), codes[len(a) :].astype(np.int32)
    find = partial(_dense_groups, len(nodes), src, dst, max_size=max_size, seed=seed)
    found = memory.get(("graph", asked), (len(nodes), src, dst, max_size, seed), find) if memory else find()
    named = nodes.astype(np.int32)  # nodes ascend, and so do those of each group: their order is that of the nodes
    return [Proposal(members=named.take(nodes), density=d, core=named.take(core)) for nodes, d, core in found]


def _dense_groups(n_nodes: int, src: I4, dst: I4, *, max_size: int, seed: int) -> list[tuple[I4, float, I4]]:
    """Return the dense groups of a graph, by the numbers of their nodes: members, density, core."""
    groups = []
    for labels in _labellings(n_nodes, src, dst, seed=seed):
        inside = (labels[src] == labels[dst]) & (labels[src] >= 0)
        n_labels = int(labels.max(initial=-1)) + 1
        n_edges = np.bincount(labels[src[inside]], minlength=n_labels)
        size = np.bincount(labels[labels >= 0], minlength=n_labels)
        density = n_edges / np.maximum(size * (size - 1) / 2, 1)
        held = k_core(n_nodes, src[inside], dst[inside], k=CORE)
        order = np.argsort(labels, kind="stable").astype(np.int32)
        cuts = np.searchsorted(labels[order], np.arange(n_labels + 1)).tolist()
        is_dense = (size >= MIN_SIZE) & (size <= max_size) & (density >= MIN_DENSITY)
        for k in np.flatnonzero(is_dense).tolist():
            members = order[cuts[k] : cuts[k + 1]].copy()
            groups.append((members, float(density[k]), members[held[members]]))
    return groups


def _labellings(n: int, src: I4, dst: I4, *, seed: int) -> list[I4]:
    """Several partitions of one graph; -1 marks nodes left out."""
    result = [components(n, src, dst)]
    core = k_core(n, src, dst, k=2)
    inside = core[src] & core[dst]
    if inside.any():
        src, dst = src[inside], dst[inside]
        even = np.ones(len(src))
        result.append(np.where(core, components(n, src, dst), -1))
        found = leiden_at_each(
            n, src, dst, even, resolutions=RESOLUTIONS, seed=seed, objective="cpm", iterations=CYCLES
        )
        result += [np.where(core, labels, -1) for labels in found]
    return result
