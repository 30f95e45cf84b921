"""Followed accounts: counted as written down by hand, and as a slow loop counts them."""

from __future__ import annotations

import datetime as dt

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dideban.proof.followed import LEAST_OBJECTS, count_followed
from dideban.schema import FOLLOWED, TRACES

START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
MEMBERS, OTHERS = ["m1", "m2", "m3"], ["o1", "o2"]


def traces(rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    """TRACES of links from (account, object, seconds)."""
    data = [(a, "link", o, f"x/{i}", START + dt.timedelta(seconds=s)) for i, (a, o, s) in enumerate(rows)]
    return pl.DataFrame(data, schema=TRACES.dtypes, orient="row")


def count(rows: list[tuple[str, str, float]], window_s: float = 60.0) -> list[tuple[str, int, int]]:
    groups = pl.DataFrame({"group_ix": [0] * 3, "account_id": MEMBERS})
    asked = pl.DataFrame({"group_ix": [0] * 2, "account_id": OTHERS})
    windows = pl.DataFrame({"group_ix": [0], "object_kind": ["link"], "scale_s": [window_s]})
    found = count_followed(traces(rows), groups=groups, asked=asked, windows=windows)
    return FOLLOWED.check(found).select("account_id", "n_objects", "n_members").rows()


def test_only_those_that_members_came_after_within_the_window():
    after = [("o1", x, 0.0) for x in "ab"] + [("m1", x, 60.0) for x in "ab"] + [("m2", x, 61.0) for x in "ab"]
    before = [("o2", x, 70.0) for x in "ab"]
    assert count(after + before) == [("o1", 2, 1)]
    assert count(after + before, window_s=61.0) == [("o1", 2, 2)]


def test_one_object_is_not_enough_and_only_the_first_share_counts():
    once = [("o1", "a", 0.0), ("m1", "a", 5.0), ("m2", "a", 6.0)]
    assert count(once) == []
    late = [("o1", "b", 0.0), ("m1", "b", -5.0), ("m1", "b", 5.0), ("m2", "b", -4.0)]
    assert count(once + late) == []


def test_objects_that_one_member_alone_shares_do_not_count():
    assert count([("o1", x, 0.0) for x in "abc"] + [("m1", x, 5.0) for x in "abc"]) == []


def test_nobody_asked_about_is_nobody():
    empty = FOLLOWED.empty()
    assert count_followed(traces([("m1", "a", 0.0)]), groups=empty, asked=empty, windows=pl.DataFrame()).is_empty()


@given(
    st.lists(
        st.tuples(st.sampled_from(MEMBERS + OTHERS), st.sampled_from("abcd"), st.integers(0, 200).map(float)),
        max_size=40,
    ),
    st.sampled_from([0.0, 10.0, 60.0]),
)
def test_as_a_slow_loop_counts(rows, window_s):
    first: dict[tuple[str, str], float] = {}
    for account, item, at in rows:
        first[account, item] = min(at, first.get((account, item), at))
    expected = []
    for other in OTHERS:
        hits = set()
        for item in "abcd":
            inside = [m for m in MEMBERS if (m, item) in first]
            if (other, item) in first and len(inside) > 1:
                gaps = {m: first[m, item] - first[other, item] for m in inside}
                hits |= {(item, m) for m, gap in gaps.items() if 0 <= gap <= window_s}
        if len({item for item, _ in hits}) >= LEAST_OBJECTS:
            expected.append((other, len({item for item, _ in hits}), len({m for _, m in hits})))
    assert count(rows, window_s) == expected
