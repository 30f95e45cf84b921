"""Where to draw each node: the same picture for the same edges, every time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dideban.arrays import F8, I4, I8
from dideban.graph.structure import adjacency, components
from dideban.kernels.graphs import force_steps

GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
PAIR_BUDGET = 6e8
"""Node pairs pushed apart in all, at most: about two seconds."""
GAP = 0.6
"""Free space around a component, in units of the room one node takes."""


def layout(n_nodes: int, src: ArrayLike, dst: ArrayLike, weight: ArrayLike, *, seed: int) -> F8:
    """Place the nodes of a graph for drawing.

    Each component is placed by forces (edges pull, nodes push) and the components are then laid out in rows, largest
    first, so that separate groups never overlap.

    Parameters
    ----------
    n_nodes, src, dst, weight
        As in :func:`dideban.graph.leiden`; meant for at most some thousands of nodes.
    seed : int
        Seed of the small displacement that breaks symmetric starts.

    Returns
    -------
    f8, (n_nodes, 2)
        Positions within the unit square.

    Notes
    -----
    Deterministic. Time grows with the square of the largest component, at most about three seconds for 3,000 nodes:
    larger graphs get fewer steps, never fewer than 15.

    References
    ----------
    Fruchterman and Reingold 1991, doi:10.1002/spe.4380211102.
    """
    indptr, indices, data = adjacency(n_nodes, src, dst, weight)
    rows = np.repeat(np.arange(n_nodes, dtype=np.int32), np.diff(indptr))
    once = rows < indices
    a, b, w = rows[once], indices[once], data[once]
    label = components(n_nodes, a, b)
    sizes = np.bincount(label, minlength=1)
    order = np.argsort(label, kind="stable")
    nodes = np.split(order, np.cumsum(sizes)[:-1])
    edge_order = np.argsort(label[a], kind="stable")
    edges = np.split(edge_order, np.cumsum(np.bincount(label[a], minlength=sizes.size))[:-1])
    n_steps = int(np.clip(2 * PAIR_BUDGET / max(float((sizes.astype(float) ** 2).sum()), 1.0), 15, 300))
    place: F8 = np.zeros((n_nodes, 2))
    if not n_nodes:
        return place
    random = np.random.default_rng(seed)
    for members, inner in zip(nodes, edges, strict=True):
        place[members] = _component(members, (a[inner], b[inner], w[inner]), n_steps=n_steps, random=random)
    return _pack(place, nodes)


def _component(members: I8, edges: tuple[I4, I4, F8], *, n_steps: int, random: np.random.Generator) -> F8:
    """Place one component around the origin, about one unit of room per node."""
    src, dst, weight = edges
    n = members.size
    place: F8 = _spiral(n) + random.normal(0.0, 0.01, (n, 2))
    if n > 2:
        pull = np.log1p(weight / weight.max()) / np.log(2.0)
        force_steps(place, _inside(members, src), _inside(members, dst), pull, n_steps)
    place -= (place.max(axis=0) + place.min(axis=0)) / 2
    place *= np.sqrt(n) / 2 / max(float(np.abs(place).max()), 1e-9)
    return place


def _inside(members: I8, nodes: I4) -> I4:
    """Codes of nodes within a component."""
    return np.searchsorted(members, nodes).astype(np.int32)


def _spiral(n: int) -> F8:
    step = np.arange(n) + 0.5
    turned: F8 = np.column_stack((np.cos(step * GOLDEN_ANGLE), np.sin(step * GOLDEN_ANGLE))) * np.sqrt(step)[:, None]
    return turned


def _pack(place: F8, nodes: list[I8]) -> F8:
    """Set the components in rows, largest first, and scale everything into the unit square."""
    side = np.array([np.sqrt(members.size) + GAP for members in nodes])
    width = max(float(np.sqrt((side**2).sum()) * 1.05), float(side.max(initial=0.0)))
    x = y = height = 0.0
    for at in np.argsort(-side, kind="stable"):
        if x > 0 and x + side[at] > width:
            x, y, height = 0.0, y + height, 0.0
        place[nodes[at]] += (x + side[at] / 2, y + side[at] / 2)
        x, height = x + side[at], max(height, float(side[at]))
    return place / max(width, y + height, 1e-9)
