"""What is connected with what: adjacency, components, cores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels.graphs import component_labels, core_mask


def components(n_nodes: int, src: ArrayLike, dst: ArrayLike) -> I4:
    """Return the connected component of each node.

    Parameters
    ----------
    n_nodes : count
        Nodes are ``0 .. n_nodes - 1``.
    src, dst : i4, (n_edges,)
        Ends of the edges, in any order; direction does not count.

    Returns
    -------
    i4, (n_nodes,)
        Components numbered from 0 by their first node.

    Raises
    ------
    ValueError
        The arrays differ in length or name a node outside the range.
    """
    ends = _ends(n_nodes, src, dst)
    return component_labels(n_nodes, *ends)


def k_core(n_nodes: int, src: ArrayLike, dst: ArrayLike, *, k: int) -> B1:
    """Return which nodes stay when nodes with fewer than ``k`` distinct neighbours are removed again and again.

    Parameters
    ----------
    n_nodes, src, dst
        As in :func:`components`.
    k : count
        Fewest distinct neighbours; loops do not count. ``k <= 0`` keeps every node.

    Returns
    -------
    bool, (n_nodes,)

    References
    ----------
    Seidman 1983, doi:10.1016/0378-8733(83)90028-X.
    """
    a, b = _ends(n_nodes, src, dst)
    indptr, indices, _ = adjacency(n_nodes, a, b, np.ones(a.size))
    return core_mask(indptr, indices, k)


def adjacency(n_nodes: int, src: ArrayLike, dst: ArrayLike, weight: ArrayLike) -> tuple[I8, I4, F8]:
    """Return the symmetric adjacency of the edges as CSR arrays ``indptr, indices, data``.

    Loops are left out and weights of repeated edges (either direction) are summed. Rows are sorted, so the result does
    not depend on the order of the edges.
    """
    a, b = _ends(n_nodes, src, dst)
    w = np.asarray(weight, np.float64)
    if w.shape != a.shape:
        raise ValueError(f"{w.size} weights for {a.size} edges")
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
    real = low != high
    key, w = (low * n_nodes + high)[real], w[real]
    if (np.diff(key) <= 0).any():
        order = np.lexsort((w, key))  # equal keys by weight: the sum of floats then has one order
        key, w = key[order], w[order]
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        key, w = key[starts], np.add.reduceat(w, starts)
    low, high = key // max(n_nodes, 1), key % max(n_nodes, 1)
    rows, columns = np.append(high, low), np.append(low, high)
    order = np.argsort(rows, kind="stable")  # of each node those before it, then those after it: both ascend by now
    indptr = np.zeros(n_nodes + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=n_nodes), out=indptr[1:])
    return indptr, columns[order].astype(np.int32), np.append(w, w)[order]


def _ends(n_nodes: int, src: ArrayLike, dst: ArrayLike) -> tuple[I4, I4]:
    a, b = np.ascontiguousarray(src, np.int32), np.ascontiguousarray(dst, np.int32)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"edge ends differ in shape: {a.shape} and {b.shape}")
    if a.size and (min(a.min(), b.min()) < 0 or max(a.max(), b.max()) >= n_nodes):
        raise ValueError(f"an edge names a node outside 0 .. {n_nodes - 1}")
    return a, b
