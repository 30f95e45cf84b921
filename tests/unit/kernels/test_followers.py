"""Whether groups follow one origin promptly: against the plain rule, group by group."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dideban.kernels.followers import follow_one

SHARE, PROMPT = 0.7, 10.0


def follows(origin: np.ndarray, age: np.ndarray, weight: np.ndarray) -> bool:
    known = origin >= 0
    if not known.any() or np.bincount(origin[known], weight[known]).max() < SHARE * weight.sum():
        return False
    order = np.argsort(age[known], kind="stable")
    share = np.cumsum(weight[known][order])
    return bool(age[known][order][np.searchsorted(share, share[-1] / 2)] <= PROMPT)


ROW = st.tuples(st.integers(0, 3), st.integers(-1, 2), st.integers(0, 20), st.integers(1, 5))


@given(st.lists(ROW, max_size=40))
def test_as_the_plain_rule(rows):
    group, origin, age, weight = np.array(sorted(rows), np.int64).reshape(-1, 4).T
    origin, age, weight = origin.astype(np.int32), age.astype(float), weight.astype(float)
    cuts = np.searchsorted(group, np.arange(5))
    orders = np.lexsort((origin, group)), np.lexsort((age, group))
    got = follow_one(origin, age, weight, cuts, *orders, SHARE, PROMPT)
    spans = [slice(cuts[g], cuts[g + 1]) for g in range(4)]
    assert got.tolist() == [follows(origin[here], age[here], weight[here]) for here in spans]
