"""The array steps under the co-share engine, each against an obvious twin."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.evidence._layout import lay_out, run_chunks
from dideban.kernels.coshare import Rows, account_costs, list_runs
from dideban.kernels.coshare_edges import link_rows
from dideban.kernels.shares import code_hashes, group_rows, group_starts, mark_live, sort_times, window_bounds

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 30)), min_size=1, max_size=40)
law = settings(max_examples=80, deadline=None)


def columns(table):
    array = np.array(table, np.int64)
    return array[:, 0].astype(np.int32), array[:, 1].astype(np.int32), array[:, 2]


def laid_out(table, *, window, min_weight=1):
    accounts, objects, times = columns(table)
    return lay_out(
        accounts, objects, times, n_objects=5, window=window, min_weight=min_weight, min_participation=0, threads=1
    )


@law
@given(st.lists(st.integers(0, 40), max_size=300))
def test_codes_are_dense_and_in_order_of_appearance(values):
    codes, first = code_hashes(np.array(values, np.uint64))
    assert codes.tolist() == [list(dict.fromkeys(values)).index(value) for value in values]
    assert [values[row] for row in first] == list(dict.fromkeys(values))


def test_codes_of_many_values_survive_growth():
    values = np.random.default_rng(1).permutation(30_000).astype(np.uint64)
    codes, first = code_hashes(np.concatenate((values, values[::-1])))
    assert (codes[:30_000] == np.arange(30_000)).all()
    assert (codes[30_000:] == np.arange(30_000)[::-1]).all()
    assert (first == np.arange(30_000)).all()


@law
@given(rows)
def test_rows_are_sorted_by_object_and_time_and_stable(table):
    _, objects, times = columns(table)
    starts = group_starts(objects, 5)
    order = group_rows(objects, starts)
    sort_times(starts, order, times, 0, 5)
    assert order.tolist() == sorted(range(len(table)), key=lambda row: (objects[row], times[row]))


@law
@given(rows, st.integers(0, 12))
def test_windows_and_live_rows(table, window):
    table = sorted(table, key=lambda row: (row[1], row[2]))
    accounts, objects, times = columns(table)
    low, high = np.empty(len(table), np.int32), np.empty(len(table), np.int32)
    window_bounds(objects, times, window, low, high)
    live = mark_live(accounts, low, high)
    for at, (account, thing, time) in enumerate(table):
        near = [k for k, row in enumerate(table) if row[1] == thing and abs(row[2] - time) <= window]
        assert (low[at], high[at]) == (near[0], near[-1] + 1)
        assert live[at] == any(table[k][0] != account for k in near)


@law
@given(rows, st.integers(0, 12), st.integers(1, 3))
def test_layout_keeps_every_row_that_can_matter(table, window, min_weight):
    layout = laid_out(table, window=window, min_weight=min_weight)
    kept = set(layout.source.tolist())
    partners = {}
    for a, o, t in table:
        for b, p, u in table:
            if a != b and o == p and abs(t - u) <= window:
                partners.setdefault((a, b), set()).add(o)
    for i, (a, o, t) in enumerate(table):
        matters = any(
            a != b and o == p and abs(t - u) <= window and len(partners[a, b]) >= min_weight for b, p, u in table
        )
        assert i in kept or not matters
    inner = layout.rows
    assert (np.sort(inner.own) == np.arange(inner.own.size)).all()
    assert (inner.own[inner.places] == np.arange(inner.own.size)).all()
    assert (inner.objects[inner.own] == inner.own_objects).all()


@law
@given(rows, st.integers(0, 3))
def test_the_dearest_runs_come_last(table, n_spared):
    inner = laid_out(table, window=10).rows
    for account in range(inner.starts.size - 1):
        runs = np.zeros((40, 3), np.int64)
        n_runs = list_runs(inner, account, n_spared, runs)
        costs = runs[:n_runs, 2].tolist()
        split = max(n_runs - n_spared, 0)
        assert n_runs == len(set(inner.own_objects[inner.starts[account] : inner.starts[account + 1]].tolist()))
        assert max(costs[:split], default=0) <= min(costs[split:], default=1 << 30)
    costs = account_costs(inner, 0, inner.starts.size - 1, n_spared + 1)
    assert (costs >= 0).all()


def link(inner, *, begin=0, stop=None, min_weight=2, windows=(5,), posts=(), limit=10**6):
    stop = inner.starts.size - 1 if stop is None else stop
    codes = np.array(posts, np.int32)
    total = np.zeros(1, np.int64)
    return link_rows(inner, begin, stop, min_weight, np.array(windows), codes, total, limit)


def pairs_of(found):
    return set(zip(found[0].tolist(), found[1].tolist(), strict=True))


@law
@given(rows, st.integers(1, 3), st.integers(1, 6))
def test_accounts_can_be_cut_anywhere(table, min_weight, cut):
    inner = laid_out(table, window=8, min_weight=min_weight).rows
    whole = pairs_of(link(inner, min_weight=min_weight))
    cut = min(cut, inner.starts.size - 1)
    parts = [link(inner, stop=cut, min_weight=min_weight), link(inner, begin=cut, min_weight=min_weight)]
    assert whole == pairs_of(parts[0]) | pairs_of(parts[1])
    assert all(a < b for a, b in whole)


def crowded() -> Rows:
    """Everybody shares object 4 at once; objects 0 to 3 are rare: 4 is looked up, never opened."""
    table = [(account, 4, account % 3) for account in range(200)]
    table += [(account, account % 4, 100 + 40 * (account // 8)) for account in range(200)]
    return laid_out(table, window=5, min_weight=2).rows


def test_a_dear_object_is_looked_up():
    inner = crowded()
    expected = {(i, j) for i in range(200) for j in range(i + 1, 200) if i % 4 == j % 4 and i // 8 == j // 8}
    assert pairs_of(link(inner)) == expected
    costs = account_costs(inner, 0, inner.starts.size - 1, 2)
    assert costs.max() <= 2  # object 4 would cost 200 each


def test_facts_of_a_dear_object():
    a, b, facts, repeats = link(crowded(), windows=(0, 5))
    assert repeats.size == 0
    assert (facts[:, 1, :2] == 2).all()
    gaps = np.abs(a % 3 - b % 3)
    assert (facts[:, 1, 2] == gaps).all()
    assert (facts[:, 0, 0] == 1 + (gaps == 0)).all()
    assert (facts[:, 1, 3:] == 2).all()


def test_posts_that_repeat_are_handed_out_not_counted():
    inner = laid_out([(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1)], window=5)
    posts = np.where(inner.rows.accounts == 0, 7, -1)
    _, _, facts, repeats = link(inner.rows, posts=posts)
    assert facts[0, 0].tolist() == [2, 2, 2, 0, 2]
    assert repeats.tolist() == [[0, 3, 7], [0, 3, 7]]


def test_pairs_past_the_limit_stop_the_search():
    inner = laid_out([(account % 6, account % 5, 0) for account in range(40)], window=5).rows
    found = link(inner, min_weight=1, limit=3)
    assert 3 < found[0].size < 15


def test_chunks_cover_everything_in_order():
    costs = np.random.default_rng(2).integers(0, 50, 1000)
    spans = list(run_chunks(lambda first, last: (first, last), costs, 3))
    assert spans[0][0] == 0
    assert spans[-1][1] == 1000
    assert all(left[1] == right[0] for left, right in pairwise(spans))
    assert list(run_chunks(lambda first, last: (first, last), costs[:0], 3)) == [(0, 0)]
