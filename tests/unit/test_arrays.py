"""Lists of numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.arrays import unique_pairs

numbers = st.integers(-1, 6)


@given(rows=st.lists(st.tuples(numbers, numbers), max_size=40))
def test_distinct_pairs_are_those_of_numpy(rows):
    table = np.array(rows, np.int64).reshape(-1, 2)
    pairs, which, counts = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    one, two, place, n = unique_pairs(table[:, 0], table[:, 1])
    assert one.tolist() == pairs[:, 0].tolist()
    assert two.tolist() == pairs[:, 1].tolist()
    assert place.tolist() == which.reshape(-1).tolist()
    assert n.tolist() == counts.tolist()


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_codes_of_many_accounts_and_objects_do_not_run_over(kind):
    one, two = np.array([2**31 - 1, 0, 2**31 - 1], kind), np.array([2**31 - 2, -1, 2**31 - 2], kind)
    first, second, which, counts = unique_pairs(one, two)
    assert (first.tolist(), second.tolist()) == ([0, 2**31 - 1], [-1, 2**31 - 2])
    assert (which.tolist(), counts.tolist()) == ([1, 0, 1], [1, 2])
