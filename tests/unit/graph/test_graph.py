"""Components, cores, communities and placement, against networkx and by their laws."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.graph import components, k_core, layout, leiden

N = 14
edge_lists = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1), st.integers(1, 5)), max_size=40)
law = settings(max_examples=60, deadline=None)


def arrays(edges):
    table = np.array(edges, np.int32).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2].astype(float)


def graph(edges):
    result = nx.Graph()
    result.add_nodes_from(range(N))
    result.add_edges_from((a, b) for a, b, _ in edges if a != b)
    return result


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def is_numbered_by_first_node(labels):
    _, first = np.unique(labels, return_index=True)
    return labels.min(initial=0) == 0 and (np.diff(first) > 0).all() and np.unique(labels).size == labels.max() + 1


@law
@given(edge_lists)
def test_components_equal_networkx(edges):
    a, b, _ = arrays(edges)
    labels = components(N, a, b)
    assert partition(labels) == {frozenset(nodes) for nodes in nx.connected_components(graph(edges))}
    assert is_numbered_by_first_node(labels)


@law
@given(edge_lists, st.integers(0, 5))
def test_k_core_equals_networkx(edges, k):
    a, b, _ = arrays(edges)
    assert set(np.flatnonzero(k_core(N, a, b, k=k)).tolist()) == set(nx.k_core(graph(edges), k))


@law
@given(edge_lists, st.sampled_from(["modularity", "cpm"]), st.randoms(use_true_random=False))
def test_communities_do_not_depend_on_the_order_of_edges(edges, objective, random):
    labels = leiden(N, *arrays(edges), resolution=0.7, seed=3, objective=objective)
    shuffled = [(b, a, w) if random.random() < 0.5 else (a, b, w) for a, b, w in random.sample(edges, len(edges))]
    again = leiden(N, *arrays(shuffled), resolution=0.7, seed=3, objective=objective)
    assert (labels == again).all()
    assert is_numbered_by_first_node(labels)
    for members in partition(labels):
        assert nx.is_connected(graph(edges).subgraph(members))


def test_two_cliques_are_two_communities():
    edges = [(a, b, 1) for block in (range(7), range(7, 14)) for a in block for b in block if a < b] + [(0, 7, 1)]
    for objective, resolution in (("modularity", 1.0), ("cpm", 0.3)):
        labels = leiden(N, *arrays(edges), resolution=resolution, seed=1, objective=objective)
        assert labels.tolist() == [0] * 7 + [1] * 7


def test_higher_resolution_splits_cpm_further():
    edges = [(a, b, 1) for a in range(N) for b in range(a)]
    assert leiden(N, *arrays(edges), resolution=0.5, seed=1, objective="cpm").max() == 0
    assert leiden(N, *arrays(edges), resolution=1.5, seed=1, objective="cpm").max() == N - 1


def test_nodes_without_edges_stand_alone():
    assert leiden(4, [], [], [], resolution=1.0, seed=1).tolist() == [0, 1, 2, 3]
    assert leiden(5, [1], [3], [1.0], resolution=0.1, seed=1, objective="cpm").tolist() == [0, 1, 2, 1, 3]
    assert leiden(0, [], [], [], resolution=1.0, seed=1).size == components(0, [], []).size == 0


@pytest.mark.parametrize(
    "change",
    [
        {"resolution": 0.0},
        {"resolution": float("nan")},
        {"objective": "surprise"},
        {"weight": [0.0]},
        {"weight": [float("inf")]},
        {"weight": [1.0, 2.0]},
        {"dst": [9]},
        {"dst": [-1]},
        {"dst": [1, 2]},
    ],
)
def test_impossible_input_is_refused(change):
    given = {"src": [0], "dst": [1], "weight": [1.0], "resolution": 1.0, "objective": "modularity", **change}
    with pytest.raises(ValueError):
        leiden(
            3,
            given["src"],
            given["dst"],
            given["weight"],
            resolution=given["resolution"],
            seed=1,
            objective=given["objective"],
        )


@law
@given(edge_lists)
def test_layout_fills_the_unit_square_whatever_the_order(edges):
    place = layout(N, *arrays(edges), seed=2)
    assert place.shape == (N, 2)
    assert np.isfinite(place).all()
    assert (place >= 0).all()
    assert (place <= 1).all()
    again = layout(N, *arrays(edges[::-1]), seed=2)
    assert (place == again).all()


def test_layout_keeps_components_apart_and_friends_close():
    edges = [(a, b, 1) for block in (range(7), range(7, 14)) for a in block for b in block if a < b]
    place = layout(N, *arrays(edges), seed=2)
    lows = [place[block].min(axis=0) for block in (range(7), range(7, 14))]
    highs = [place[block].max(axis=0) for block in (range(7), range(7, 14))]
    assert (highs[0] < lows[1]).any() or (highs[1] < lows[0]).any()
    path = [(k, k + 1, 1) for k in range(N - 1)]
    place = layout(N, *arrays(path), seed=2)
    gaps = np.linalg.norm(np.diff(place, axis=0), axis=1)
    assert gaps.max() < 0.5 * np.linalg.norm(place[0] - place[-1])


def test_layout_of_nothing():
    assert layout(0, [], [], [], seed=1).shape == (0, 2)
    assert np.unique(layout(5, [], [], [], seed=1), axis=0).shape == (5, 2)
