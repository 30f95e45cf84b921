"""Groups from edges: what counts as tied, who stays, how groups are numbered."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dideban.config import GroupConfig
from dideban.errors import ConfigError, SchemaError
from dideban.groups import cluster_accounts
from dideban.schema import EDGES, GROUPS


def edges(*rows):
    """Edges (a, b, weight[, changes])."""
    return pl.DataFrame(
        [
            {
                "account_a": a, "account_b": b, "object_kind": "link", "window_s": 60.0, "weight": weight,
                "n_pairs": weight, "mean_delay_s": 1.0, "n_posts_a": 1, "n_posts_b": 1, "symmetry": 1.0,
                "is_strong": True, **(changes[0] if changes else {}),
            }
            for a, b, weight, *changes in rows
        ],
        schema=EDGES.dtypes,
    )  # fmt: skip


def clique(names, weight=2, **changes):
    return [(a, b, weight, changes) for a, b in combinations(sorted(names), 2)]


def groups(*rows, seed=1, **settings):
    return cluster_accounts(edges(*rows), config=GroupConfig(**settings), seed=seed)


def members(table):
    return table.group_by("group_ix", maintain_order=True).agg("account_id")["account_id"].to_list()


def test_groups_are_numbered_by_size_then_first_member():
    found = groups(*clique("xyz"), *clique("abc"), *clique("mnop"))
    assert members(found) == [["m", "n", "o", "p"], ["a", "b", "c"], ["x", "y", "z"]]
    GROUPS.check(found)


def test_strength_is_the_weight_inside_the_group():
    found = groups(("a", "b", 2), ("b", "c", 3), ("a", "c", 5))
    assert found["strength"].to_list() == [7.0, 5.0, 8.0]


def test_a_member_is_tied_to_two_others_at_least():
    found = groups(*clique("abc"), ("c", "d", 9))
    assert members(found) == [["a", "b", "c"]]
    assert members(groups(*clique("abc"), ("c", "d", 9), core=1, algorithm="components")) == [["a", "b", "c", "d"]]


def test_pairs_are_never_a_group():
    assert groups(("a", "b", 9), core=1).height == 0


def test_weak_edges_and_loops_are_passed_over():
    assert groups(("a", "b", 2), ("b", "c", 2), ("a", "c", 2, {"is_strong": False})).height == 0
    assert groups(("a", "b", 2), ("b", "c", 2), ("a", "a", 9), ("c", "c", 9)).height == 0


def test_kinds_and_windows_add_up():
    found = groups(
        ("a", "b", 1), ("a", "b", 2, {"object_kind": "text"}), ("b", "c", 1), ("a", "c", 4, {"window_s": 10.0})
    )
    assert found["strength"].to_list() == [7.0, 4.0, 5.0]


def test_leiden_splits_what_a_bridge_joins():
    rows = [*clique("abcde", 5), *clique("vwxyz", 5), ("e", "v", 1)]
    assert len(members(groups(*rows, algorithm="leiden"))) == 2
    assert len(members(groups(*rows, algorithm="components"))) == 1


@pytest.mark.parametrize("algorithm", ["leiden", "components"])
def test_order_of_edges_never_matters(algorithm):
    rows = [*clique("abcdef"), *clique("fghij", 3), *clique("klm"), ("j", "k", 2)]
    config = GroupConfig(algorithm=algorithm)
    table = edges(*rows)
    forward = cluster_accounts(table, config=config, seed=4)
    backward = cluster_accounts(table.reverse(), config=config, seed=4)
    assert_frame_equal(forward, backward, check_exact=True)


def test_no_edges_no_groups():
    assert_frame_equal(groups(), GROUPS.empty())


def test_unknown_algorithm_and_broken_tables_are_refused():
    with pytest.raises(ConfigError, match=r"groups\.algorithm"):
        groups(algorithm="louvain")
    with pytest.raises(SchemaError):
        cluster_accounts(pl.DataFrame({"account_a": ["a"]}), config=GroupConfig(), seed=1)
