"""Accounts that watch each other are told from members in any order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dideban.proof.watching import watch_each_other

Order = Callable[[np.random.Generator], np.ndarray]


def judged(rng: np.random.Generator, order: Order, *, n_acts: int = 30, gap_s: float = 5.0) -> bool:
    orders = [order(rng) for _ in range(n_acts)]
    act = np.repeat(np.arange(n_acts), [len(one) for one in orders])
    time = np.concatenate([1000.0 * k + gap_s * np.arange(len(one)) for k, one in enumerate(orders)])
    return watch_each_other(np.concatenate(orders).astype(np.int64), act, time, n_members=6)


def in_any_order(rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(6)[: rng.integers(2, 7)]


def along_a_ring(rng: np.random.Generator) -> np.ndarray:
    return (rng.integers(6) + np.arange(rng.integers(2, 7))) % 6


def after_one_of_two(rng: np.random.Generator) -> np.ndarray:
    found = [int(rng.integers(6))]
    while len(found) < 5:
        after = (found[-1] + int(rng.choice([1, 3]))) % 6
        if after in found:
            break
        found.append(after)
    return np.array(found)


def behind_one(rng: np.random.Generator) -> np.ndarray:
    return np.append(0, 1 + rng.permutation(5)) if rng.random() < 0.67 else rng.permutation(6)


@pytest.mark.parametrize("order", [along_a_ring, after_one_of_two])
def test_who_comes_after_a_few_others_is_seen(order):
    rng = np.random.default_rng(1)
    assert sum(judged(rng, order, n_acts=40) for _ in range(20)) >= 18


@pytest.mark.parametrize("order", [in_any_order, behind_one])
def test_members_in_any_order_are_not(order):
    rng = np.random.default_rng(2)
    assert sum(judged(rng, order) for _ in range(60)) <= 2
    assert sum(judged(rng, order, n_acts=8) for _ in range(60)) <= 2


def test_who_comes_at_one_instant_comes_after_nobody():
    rng = np.random.default_rng(3)
    assert not judged(rng, lambda _: np.arange(6), gap_s=0.0)
    assert judged(rng, lambda _: np.arange(6))
    assert not watch_each_other(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), n_members=6)


def test_accounts_within_the_same_seconds_stand_in_no_order_of_their_names() -> None:
    found = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = sorted((act, float(rng.integers(0, 10)), who) for act in range(18) for who in range(15))
        act, time, member = (np.array(column) for column in zip(*rows, strict=True))
        found += watch_each_other(member, act, time, n_members=15)
    assert found <= 2
