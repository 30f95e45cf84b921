"""The posts that carry a proof: few, enough, always the same."""

from __future__ import annotations

from collections import defaultdict

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.findings.joint import find_joint_shares
from dideban.findings.minimal import _are_tied, _partners, _Share, pick_posts
from oracles import minimal as oracle

WINDOW = pl.DataFrame({"group_ix": [0], "object_kind": ["link"], "window_s": [10.0], "counts": [True]})
ROWS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.just("link"), st.sampled_from("pqrs"), st.integers(0, 60).map(float)),
    max_size=40,
)


def joint_of(tools, rows) -> pl.DataFrame:
    members = tools.groups(list("abcde"))
    return find_joint_shares(tools.traces(rows), members=members, windows=WINDOW, first_only=False).joint


def objects_by_account(joint: pl.DataFrame) -> dict[str, set[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for row in joint.iter_rows(named=True):
        held[row["account_id"]].add(row["object_id"])
    return held


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(1, 3))
def test_every_member_keeps_its_objects_among_the_posts_picked(tools, rows, min_objects):
    joint = joint_of(tools, rows)
    picked = pick_posts(joint, min_objects=min_objects)
    assert set(picked) <= set(joint["post_id"])
    assert picked == sorted(set(picked))
    names = {name: i for i, name in enumerate(tools.traces(rows)["post_id"])}
    again = joint_of(tools, [rows[names[name]] for name in picked])
    shown, held = objects_by_account(again), objects_by_account(joint)
    for account, objects in held.items():
        assert len(shown[account]) >= min(min_objects, len(objects)), account


@settings(max_examples=150, deadline=None)
@given(ROWS, st.integers(1, 3))
def test_the_posts_are_those_that_the_plain_way_picks(tools, rows, min_objects):
    joint = joint_of(tools, rows)
    assert pick_posts(joint, min_objects=min_objects) == oracle.pick_posts(joint, min_objects=min_objects)


def test_few_posts_of_many(tools):
    joint = joint_of(tools, tools.chorus(list("abcde"), n=40, spread=9.0))
    assert joint.height == 200
    assert len(pick_posts(joint, min_objects=2)) == 10


def test_one_post_with_two_objects_is_one_post(tools):
    rows = tools.chorus(list("abc"), n=3, spread=9.0)
    joint = joint_of(tools, rows)
    twice = pl.concat(
        [joint, joint.with_columns(object_id=pl.col("object_id") + "/copy", burst_ix=pl.col("burst_ix") + 50)]
    )
    picked = pick_posts(twice.sort("object_id", "created_at"), min_objects=2)
    assert len(picked) == 6


def test_a_bridge_keeps_the_share_that_ties_it(tools):
    rows = [
        ("a", "link", "p", 0.0),
        ("b", "link", "p", 1.0),
        ("b", "link", "p", 20.0),
        ("c", "link", "p", 21.0),
        ("a", "link", "p", 11.0),
    ]
    joint = joint_of(tools, rows)
    assert len(pick_posts(joint, min_objects=1)) >= 4


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=8).map(sorted))
def test_neighbours_in_time_are_the_partners_that_count(times):
    shares = [_Share(at, account, "", 0, window) for account, (at, window) in enumerate(times)]
    assert _are_tied(shares) == all(any(True for _ in _partners(shares, i)) for i in range(len(shares)))
