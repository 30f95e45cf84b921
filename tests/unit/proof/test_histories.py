"""What groups did in the part that proposed them, and figures that are computed once."""

import numpy as np
import pytest

from dideban.proof import nuisance_nulls
from dideban.proof.blocks import Figures


@pytest.mark.parametrize("at_once", [1, 7, 10**6])
def test_histories_are_the_rows_of_the_members_in_the_part(monkeypatch, at_once):
    monkeypatch.setattr(nuisance_nulls, "ROWS_AT_ONCE", at_once)
    random = np.random.default_rng(5)
    n_held = random.integers(0, 6, 30)
    bounds = np.append(0, np.cumsum(n_held)).astype(np.int64)
    listed = random.permutation(int(bounds[-1])).astype(np.int32)
    learned = random.random(len(listed)) < 0.5
    groups = [random.choice(30, size, replace=False) for size in (3, 5, 1, 8, 3, 1)]
    cuts = np.append(0, np.cumsum([len(group) for group in groups]))
    found = nuisance_nulls._histories(np.concatenate(groups), cuts, (bounds, listed), learned)
    expected = [[row for a in group for row in listed[bounds[a] : bounds[a + 1]] if learned[row]] for group in groups]
    assert [mine.tolist() for mine in found] == [[int(row) for row in mine] for mine in expected]


def test_figures_are_asked_for_once_and_stand_in_the_order_of_the_codes():
    figures, asked = Figures(), []

    def make(codes):
        asked.extend(codes.tolist())
        return codes[:, None] * 10.0

    for codes in ([5, 3, 5], [3, 4, 9, 4, 1], [], [1, 9, 10**12]):
        found = figures.of(np.array(codes, np.int64), make)
        assert found[:, 0].tolist() == [code * 10.0 for code in codes]
    assert asked == [3, 5, 1, 4, 9, 10**12]


def test_figures_begin_with_nothing():
    figures = Figures()
    assert figures.of(np.empty(0, np.int64), lambda codes: codes[:, None] * 1.0).shape == (0, 1)
    assert figures.of(np.array([2]), lambda codes: codes[:, None] * 1.0).tolist() == [[2.0]]
