"""Communities by the Leiden algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import graspologic_native
import numpy as np
from numpy.typing import ArrayLike

from dideban.arrays import I4
from dideban.graph.structure import adjacency

ITERATIONS = 4
"""Full Leiden cycles; each starts from the partition of the one before."""


def leiden(
    n_nodes: int,
    src: ArrayLike,
    dst: ArrayLike,
    weight: ArrayLike,
    *,
    resolution: float,
    seed: int,
    objective: Literal["modularity", "cpm"] = "modularity",
    iterations: int = ITERATIONS,
) -> I4:
    """Return the Leiden community of each node.

    Parameters
    ----------
    n_nodes : count
        Nodes are ``0 .. n_nodes - 1``.
    src, dst : i4, (n_edges,)
        Ends of undirected edges in any order; repeated edges add up, loops are left out.
    weight : f8, (n_edges,), > 0
    resolution : > 0
        Larger values give more and smaller communities. For ``cpm`` it is the least mean weight inside a community.
    seed : int
        Same seed and same edges give the same communities.
    objective : "modularity" or "cpm"
    iterations : count, >= 1
        Full cycles; each starts from the partition of the one before.

    Returns
    -------
    i4, (n_nodes,)
        Communities numbered from 0 by their first node; a node without edges is a community of its own.

    Raises
    ------
    ValueError
        The arrays do not fit, a weight is not positive and finite, or the resolution is not positive.

    References
    ----------
    Traag, Waltman and van Eck 2019, doi:10.1038/s41598-019-41695-z. Constant Potts model: Traag, Van Dooren and
    Nesterov 2011, doi:10.1103/PhysRevE.84.016114.
    """
    return leiden_at_each(
        n_nodes, src, dst, weight, resolutions=[resolution], seed=seed, objective=objective, iterations=iterations
    )[0]


def leiden_at_each(
    n_nodes: int,
    src: ArrayLike,
    dst: ArrayLike,
    weight: ArrayLike,
    *,
    resolutions: Sequence[float],
    seed: int,
    objective: Literal["modularity", "cpm"] = "modularity",
    iterations: int = ITERATIONS,
) -> list[I4]:
    """Return what :func:`leiden` returns at each of several resolutions; the graph is laid out once.

    Parameters
    ----------
    n_nodes : count
    src, dst : i4, (n_edges,)
    weight : f8, (n_edges,), > 0
    resolutions : sequence of > 0
    seed : int
    objective : "modularity" or "cpm"
    iterations : count, >= 1
        These as :func:`leiden` takes them.

    Returns
    -------
    list of i4, (n_nodes,)
        Communities, for each resolution.

    Raises
    ------
    ValueError
        A resolution or weight is not positive and finite, an edge leads outside the nodes, or the objective is unknown.
    """
    for resolution in resolutions:
        if not resolution > 0:
            raise ValueError(f"resolution {resolution} is not positive")
    if objective not in {"modularity", "cpm"}:
        raise ValueError(f"objective {objective!r} is not modularity or cpm")
    indptr, indices, data = adjacency(n_nodes, src, dst, weight)
    if not np.all(np.isfinite(data) & (data > 0)):
        raise ValueError("a weight is not positive and finite")
    linked = np.flatnonzero(np.diff(indptr))
    alone = np.arange(n_nodes, dtype=np.int32) + np.int32(n_nodes)  # nodes without edges: a label no one else has
    if not linked.size:
        return [_renumber(alone) for _ in resolutions]
    position = np.zeros(n_nodes, np.int32)
    position[linked] = np.arange(linked.size, dtype=np.int32)
    rows, columns = np.append(indptr[linked], indptr[-1]), position[indices]
    result = []
    for resolution in resolutions:
        _, found = graspologic_native.leiden_csr(
            rows,
            columns,
            data,
            n_nodes=int(linked.size),
            resolution=resolution,
            iterations=iterations,
            use_modularity=objective == "modularity",
            seed=seed & 0xFFFF_FFFF,
        )
        labels = alone.copy()
        labels[linked] = list(map(found.__getitem__, range(linked.size)))
        result.append(_renumber(labels))
    return result


def _renumber(labels: I4) -> I4:
    """Number labels 0 .. 2 n by their first node."""
    n = labels.size
    first = np.full(2 * n + 1, -1, np.int32)
    first[labels[::-1]] = np.arange(n, dtype=np.int32)[::-1]  # of equal labels the first node is written last
    is_first = first[labels] == np.arange(n, dtype=np.int32)
    rank = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    return np.asarray(rank[first[labels]], dtype=np.int32)
