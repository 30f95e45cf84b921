"""Times in whole minutes, which hide who came after whom."""

from __future__ import annotations

import numpy as np
import pytest

from dideban.arrays import I8
from dideban.proof.coarse_times import OTHER_ACCOUNTS, Units, are_coarse, are_seen_after
from dideban.proof.moments import Moments

GROUP = np.arange(3, dtype=np.int32)


def moments(times: list[np.ndarray]) -> Moments:
    return Moments(
        bounds=np.append(0, np.cumsum([len(one) for one in times])).astype(np.int64),
        times=np.concatenate([np.sort(one) for one in times]),
        sittings=np.arange(sum(len(one) for one in times), dtype=np.int64),
    )


def drawn(n_accounts: int, unit_s: float) -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    return [np.floor(rng.uniform(0, 900_000, 50) / unit_s) * unit_s for _ in range(n_accounts)]


def coarse(times: list[np.ndarray]) -> list[bool]:
    return [bool(one) for one in are_coarse(Units.of(moments(times)), GROUP)]


@pytest.mark.parametrize(
    ("unit_s", "expected"), [(60.0, True), (3_600.0, True), (10.0, True), (1.0, False), (0.01, False)]
)
def test_units_that_hide_an_order(unit_s: float, expected: bool) -> None:
    assert coarse(drawn(12, unit_s)) == [expected] * 3


def test_a_clock_of_the_group_alone_is_no_unit() -> None:
    assert coarse([*drawn(3, 60.0), *drawn(60, 1.0)]) == [False] * 3
    assert coarse([*drawn(12, 60.0), *drawn(60, 1.0)]) == [True] * 3


def test_a_source_of_a_few_accounts_among_many_with_exact_times_is_seen() -> None:
    exact = drawn(400, 1.0)
    assert coarse([*drawn(3 + OTHER_ACCOUNTS, 60.0), *exact]) == [True] * 3
    assert coarse([*drawn(2 + OTHER_ACCOUNTS, 60.0), *exact]) == [False] * 3
    assert coarse([*drawn(3, 60.0), *(one[:9] for one in drawn(100, 60.0)), *exact]) == [False] * 3


def test_exact_times_of_one_account_tell_nothing_of_the_others() -> None:
    times = drawn(12, 60.0)
    times[0] += 7
    times[1][:4] += 7
    assert coarse(times) == [False, True, True]
    times[1][:8] += 7
    assert coarse(times) == [False, False, True]


def test_without_posts_nothing_is_coarse() -> None:
    assert coarse([np.empty(0)] * 3) == [False] * 3
    assert coarse([np.empty(0), *drawn(12, 60.0)]) == [False, True, True]


@pytest.mark.parametrize(
    ("before", "after", "n_acts", "expected"),
    [(0, 3, 12, True), (0, 2, 12, False), (9, 3, 20, True), (10, 3, 20, False), (3, 3, 31, False), (0, 0, 40, False)],
)
def test_who_is_seen_coming_after_others(before: int, after: int, n_acts: int, expected: bool) -> None:
    some: list[I8] = [np.array([one], dtype=np.int64) for one in (before, after, n_acts)]
    assert are_seen_after(*some).tolist() == [expected]


def test_of_content_of_their_own_many_acts_may_stand_at_one_instant() -> None:
    some: list[I8] = [np.array([one], dtype=np.int64) for one in (13, 13, 529)]
    assert not are_seen_after(*some).any()
    assert are_seen_after(*some, of_all=0.0).all()
