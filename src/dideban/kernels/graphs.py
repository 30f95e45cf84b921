"""Integer graphs: components, k-cores and force-directed placement."""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit


@jit
def find_root(parent: I4, node: int) -> int:  # (n,) i4 -> root, halving the path on the way
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@jit
def component_labels(n_nodes: int, src: I4, dst: I4) -> I4:  # (m,) i4, (m,) i4 -> (n,) i4, numbered by first node
    parent = np.arange(n_nodes).astype(np.int32)
    for edge in range(src.size):
        a = find_root(parent, src[edge])
        b = find_root(parent, dst[edge])
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    labels = np.empty(n_nodes, np.int32)
    n_labels = 0
    for node in range(n_nodes):  # the root is the smallest node of its component, so it comes first
        root = find_root(parent, node)
        if root == node:
            labels[node] = n_labels
            n_labels += 1
        else:
            labels[node] = labels[root]
    return labels


@jit
def core_mask(indptr: I8, indices: I4, k: int) -> B1:  # CSR without loops -> (n,) bool
    n_nodes = indptr.size - 1
    degree = np.empty(n_nodes, np.int64)
    kept = np.ones(n_nodes, np.bool_)
    queue = np.empty(n_nodes, np.int64)
    n_queued = 0
    for node in range(n_nodes):
        degree[node] = indptr[node + 1] - indptr[node]
        if degree[node] < k:
            kept[node] = False
            queue[n_queued] = node
            n_queued += 1
    done = 0
    while done < n_queued:
        node = queue[done]
        done += 1
        for at in range(indptr[node], indptr[node + 1]):
            other = indices[at]
            if kept[other]:
                degree[other] -= 1
                if degree[other] < k:
                    kept[other] = False
                    queue[n_queued] = other
                    n_queued += 1
    return kept


@jit
def force_steps(place: F8, src: I4, dst: I4, pull: F8, n_steps: int) -> None:
    # (n,2) f8 moved in place, (m,) i4, (m,) i4, (m,) f8; Fruchterman and Reingold 1991 with a weak pull to the centre
    n = place.shape[0]
    move = np.empty((n, 2))
    for step in range(n_steps):
        heat = 0.1 * np.sqrt(n) * (1.0 - step / n_steps) + 0.001
        for i in range(n):
            move[i, 0] = -0.02 * place[i, 0]
            move[i, 1] = -0.02 * place[i, 1]
        for i in range(n):
            for j in range(i):
                dx = place[i, 0] - place[j, 0]
                dy = place[i, 1] - place[j, 1]
                push = 1.0 / (dx * dx + dy * dy + 1e-9)
                move[i, 0] += dx * push
                move[i, 1] += dy * push
                move[j, 0] -= dx * push
                move[j, 1] -= dy * push
        for edge in range(src.size):
            i = src[edge]
            j = dst[edge]
            dx = place[i, 0] - place[j, 0]
            dy = place[i, 1] - place[j, 1]
            force = pull[edge] * np.sqrt(dx * dx + dy * dy)
            move[i, 0] -= dx * force
            move[i, 1] -= dy * force
            move[j, 0] += dx * force
            move[j, 1] += dy * force
        for i in range(n):
            length = np.sqrt(move[i, 0] ** 2 + move[i, 1] ** 2) + 1e-12
            scale = min(length, heat) / length
            place[i, 0] += move[i, 0] * scale
            place[i, 1] += move[i, 1] * scale
