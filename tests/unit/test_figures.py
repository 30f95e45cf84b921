"""Figures: the digits that are written, and comparisons that last bits cannot turn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.figures import DIGITS, TOLERANCE, figure, figures, is_figure_of, settle

numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, 0.0), (1.0, 1.0), (2 / 3, 0.666667), (1234567.8, 1234570.0), (5e-324, 5e-324), (-1 / 3, -0.333333),
        (999999.5, 1e6), (math.inf, math.inf),
    ],
)  # fmt: skip
def test_six_significant_digits(value, written):
    assert figure(value) == written


@given(numbers)
def test_a_figure_is_its_own_figure_and_lies_close(value):
    assert figure(figure(value)) == figure(value)
    assert math.isclose(figure(value), value, rel_tol=0.51 * 10 ** (1 - DIGITS), abs_tol=1e-310)
    assert is_figure_of(figure(value), value)


@given(st.floats(min_value=1e-200, max_value=1e200), st.sampled_from([-1e-12, 1e-12, 5e-16]))
def test_last_bits_before_rounding_are_forgiven(value, move):
    assert is_figure_of(figure(value * (1 + move)), value)


@given(st.floats(min_value=1e-200, max_value=1e200))
def test_another_sixth_digit_is_not_forgiven(value):
    written = figure(value)
    step = 10.0 ** (math.floor(math.log10(written)) - DIGITS + 1)
    others = {figure(written + step), figure(written - step)} - {
        figure(value * (1 - TOLERANCE)),
        figure(value * (1 + TOLERANCE)),
    }
    assert not any(is_figure_of(other, value) for other in others - {written})


def test_a_number_that_is_no_figure_is_refused():
    assert not is_figure_of(1 / 3, 1 / 3)
    assert is_figure_of(math.nan, math.nan)
    assert not is_figure_of(math.nan, 1.0)


def test_settings_inside_data_keep_their_digits():
    data = {"scale_s": 1234567.25, "list": [{"x": 1 / 3, "n": 12345678}], "error_rate": 0.12345678, "on": True}
    assert figures(data) == {
        "scale_s": 1234567.25, "list": [{"x": 0.333333, "n": 12345678}], "error_rate": 0.12345678, "on": True,
    }  # fmt: skip
    assert figures({"scales": {"window_s": [1234567.25]}}) == {"scales": {"window_s": [1234567.25]}}


@given(st.lists(numbers, min_size=1))
def test_settling_keeps_order_sign_and_nearness(values):
    raw = np.array(values)
    settled = settle(raw)
    assert np.all(np.diff(settled[np.argsort(raw)]) >= 0)
    assert np.allclose(settled, raw, rtol=TOLERANCE, atol=1e-300)
    assert np.array_equal(settle(settled), settled)
    assert np.array_equal(settle(-raw), -settled)


@given(st.integers(-(2**31), 2**31), st.integers(0, 20))
def test_short_numbers_are_left_and_last_bits_around_them_are_not(whole, places):
    value = whole / 2.0**places
    assert settle(value) == value
    assert settle(value * (1 + 1e-12)) == settle(value * (1 - 1e-12)) == value


def test_what_is_not_finite_stays():
    assert np.array_equal(settle([np.inf, -np.inf, np.nan]), [np.inf, -np.inf, np.nan], equal_nan=True)
    assert settle(np.zeros((2, 3))).shape == (2, 3)
    assert settle([]).shape == (0,)
