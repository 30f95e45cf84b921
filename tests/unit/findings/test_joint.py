"""Joint shares against the obvious double loop."""

from __future__ import annotations

import itertools
from collections import Counter

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.findings.joint import find_joint_shares
from dideban.schema import TRACES

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["link", "text"]),
        st.sampled_from(["p", "q"]),
        st.integers(0, 40).map(float),
    ),
    max_size=30,
)
MEMBERS = (["a", "b", "c"], ["b", "d"])


def windows_of(link: float, text: float | None) -> pl.DataFrame:
    rows = [(g, kind, w, True) for g in (0, 1) for kind, w in (("link", link), ("text", text)) if w is not None]
    return pl.DataFrame(
        rows,
        schema={"group_ix": pl.Int64, "object_kind": pl.String, "window_s": pl.Float64, "counts": pl.Boolean},
        orient="row",
    )


def oracle(rows: list[dict], members: set[str], window: dict[str, float | None], *, first_only: bool):
    """The post ids that are joint and the number of pairs, by looking at every pair."""
    rows = sorted((r for r in rows if r["account_id"] in members), key=lambda r: (r["created_at"], r["post_id"]))
    if first_only:
        seen: set[tuple] = set()
        kept = []
        for r in rows:
            key = (r["account_id"], r["object_kind"], r["object_id"])
            if key not in seen:
                kept.append(r)
            seen.add(key)
        rows = kept
    joint, pairs = set(), Counter()
    for r, s in itertools.combinations(rows, 2):
        same = r["object_kind"] == s["object_kind"] and r["object_id"] == s["object_id"]
        limit = window[r["object_kind"]]
        gap = abs((r["created_at"] - s["created_at"]).total_seconds())
        if same and r["account_id"] != s["account_id"] and limit is not None and gap <= limit:
            joint |= {r["post_id"], s["post_id"]}
            pairs[r["object_kind"]] += 1
    return joint, pairs


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from([0.0, 3.0, 10.0]), st.sampled_from([None, 1.0, 25.0]), st.booleans(), st.randoms())
def test_same_as_looking_at_every_pair(tools, rows, link, text, first_only, chance):
    traces = tools.traces(rows)
    shuffled = traces.sample(fraction=1.0, shuffle=True, seed=chance.randrange(1000)) if rows else traces
    found = find_joint_shares(
        shuffled, members=tools.groups(*MEMBERS), windows=windows_of(link, text), first_only=first_only
    )
    for ix, members in enumerate(MEMBERS):
        expected, pairs = oracle(traces.to_dicts(), set(members), {"link": link, "text": text}, first_only=first_only)
        joint = found.joint.filter(group_ix=ix)
        assert set(joint["post_id"]) == expected
        counted = found.pairs.filter(group_ix=ix)
        assert {r["object_kind"]: r["n_pairs"] for r in counted.to_dicts() if r["n_pairs"]} == pairs


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_shares_keep_every_share_of_a_member(tools, rows):
    traces = tools.traces(rows)
    found = find_joint_shares(traces, members=tools.groups(*MEMBERS), windows=windows_of(5.0, None), first_only=False)
    for ix, members in enumerate(MEMBERS):
        expected = traces.filter(pl.col("account_id").is_in(members)).select(TRACES.names)
        kept = found.shares.filter(group_ix=ix).select(TRACES.names)
        assert kept.sort("post_id").equals(expected.sort("post_id"))


def test_bursts_are_chains_with_gaps_within_the_window(tools):
    traces = tools.traces(
        [
            ("a", "link", "p", 0),
            ("b", "link", "p", 5),
            ("c", "link", "p", 10),
            ("a", "link", "p", 100),
            ("b", "link", "p", 101),
        ]
    )
    found = find_joint_shares(traces, members=tools.groups(*MEMBERS), windows=windows_of(5.0, None), first_only=False)
    bursts = found.joint.filter(group_ix=0).sort("created_at")["burst_ix"].to_list()
    assert bursts[0] == bursts[1] == bursts[2] != bursts[3] == bursts[4]


def test_a_kind_that_does_not_count_is_near_but_not_joint(tools):
    traces = tools.traces([("a", "text", "p", 0), ("b", "text", "p", 1)])
    windows = windows_of(5.0, 5.0).with_columns(counts=pl.col("object_kind") == "link")
    found = find_joint_shares(traces, members=tools.groups(*MEMBERS), windows=windows, first_only=False)
    assert found.near.filter(group_ix=0).height == 2
    assert found.joint.is_empty()


def test_times_far_apart_do_not_overflow(tools):
    century = 3.2e9
    traces = tools.traces(
        [("a", "link", "p", 0), ("b", "link", "p", century), ("a", "link", "q", century), ("c", "link", "q", century)]
    )
    found = find_joint_shares(
        traces, members=tools.groups(*MEMBERS), windows=windows_of(86_400.0, None), first_only=False
    )
    assert found.joint.filter(group_ix=0)["object_id"].to_list() == ["q", "q"]
    assert found.pairs.filter(group_ix=0)["n_pairs"].to_list() == [1]
