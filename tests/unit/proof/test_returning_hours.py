"""Hours that return day after day: told from any other times."""

from __future__ import annotations

import numpy as np
import pytest

from dideban.proof.blocks import DAY_S
from dideban.proof.returning_hours import keep_hours


def days(hours: list[float], moves_s: list[float], *, n_days: int = 12, late_s: float = 5.0) -> np.ndarray:
    rng = np.random.default_rng(3)
    each = [
        day * DAY_S + hour * 3600 + move * day + rng.uniform(0, late_s)
        for day in range(n_days)
        for hour, move in zip(hours, moves_s, strict=True)
        if rng.random() < 0.9
    ]
    return np.sort(np.array(each))


@pytest.mark.parametrize("move_s", [-150.0, -40.0, 0.0, 75.0])
def test_hours_of_the_sun_return(move_s):
    assert keep_hours(days([4.4, 18.2], [move_s, -move_s]))


def test_other_times_do_not():
    rng = np.random.default_rng(4)
    drawn = [np.sort(rng.uniform(0, 10 * DAY_S, n)) for n in (9, 20, 60, 200, 2_000) for _ in range(20)]
    assert not any(keep_hours(one) for one in drawn)
    assert not keep_hours(days([20.0], [0.0], n_days=20, late_s=900.0))
    assert not keep_hours(days([4.4], [60.0], n_days=7))
    assert not keep_hours(np.empty(0))


def test_whoever_acts_all_day_long_is_not_judged():
    assert not keep_hours(np.arange(0, 10 * DAY_S, 900.0))
