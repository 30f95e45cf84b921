"""Groups with content of their own that may as well follow something public: others share it, or places are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.proof.blocks import KindTraces
from dideban.proof.own_alternatives import (
    PLACE_LEVEL,
    JointObjects,
    are_public,
    joint_objects,
    keep_places,
    may_follow_a_source,
)
from dideban.proof.shared_objects import SharedObjects

Order = Callable[[np.random.Generator, int], np.ndarray]


def joint_in(orders: list[np.ndarray], *, n_others: list[int] | None = None, gap_s: float = 5.0) -> JointObjects:
    """Objects that members share in the given orders, ``gap_s`` apart."""
    return JointObjects(
        member=np.concatenate(orders).astype(np.int64),
        object=np.repeat(np.arange(len(orders)), [len(one) for one in orders]).astype(np.int64),
        time=np.concatenate([np.arange(len(one)) * gap_s for one in orders]),
        n_others=np.array(n_others or [0] * len(orders), np.int64),
        usual=0.8,
    )


def drawn(rng: np.random.Generator, n_objects: int, *, size: int = 5, order: Order | None = None) -> JointObjects:
    make = order or (lambda rng, size: rng.permutation(size))
    return joint_in([_some(rng, make(rng, size)) for _ in range(n_objects)])


def _some(rng: np.random.Generator, order: np.ndarray) -> np.ndarray:
    """Most of the members, two at least."""
    kept = rng.random(len(order)) < 0.85
    return order[kept] if kept.sum() >= 2 else order


def early(rng: np.random.Generator, size: int) -> np.ndarray:
    return np.append(0, 1 + rng.permutation(size - 1))


def late(rng: np.random.Generator, size: int) -> np.ndarray:
    return early(rng, size)[::-1]


def middle(rng: np.random.Generator, size: int) -> np.ndarray:
    return np.insert(1 + rng.permutation(size - 1), size // 2, 0)


def outside(rng: np.random.Generator, size: int) -> np.ndarray:
    return early(rng, size) if rng.random() < 0.5 else late(rng, size)


def each_at_its_pace(rng: np.random.Generator, size: int) -> np.ndarray:
    pace_s = 20.0 * np.exp(0.6 * np.linspace(-1.3, 1.3, size))
    return np.argsort(pace_s * np.exp(rng.normal(0.0, 0.7, size)))


def test_members_in_any_order_are_seldom_taken_to_keep_places() -> None:
    rng = np.random.default_rng(1)
    for n_objects in (10, 40):
        told = [keep_places(drawn(rng, n_objects), n_members=5) for _ in range(400)]
        assert np.mean(told) <= 2 * PLACE_LEVEL + 0.025


@pytest.mark.parametrize("order", [early, late, middle, outside, each_at_its_pace])
def test_a_member_that_keeps_its_place_is_seen(order: Order) -> None:
    rng = np.random.default_rng(2)
    assert all(keep_places(drawn(rng, 60, order=order), n_members=5) for _ in range(20))


def test_a_place_that_is_hardly_kept_does_not_count_however_many_objects() -> None:
    rng = np.random.default_rng(3)

    def a_little_early(rng: np.random.Generator, size: int) -> np.ndarray:
        return early(rng, size) if rng.random() < 0.1 else rng.permutation(size)

    assert not keep_places(drawn(rng, 5_000, order=a_little_early), n_members=5)


def test_one_program_that_posts_for_all_in_one_second_keeps_no_places() -> None:
    assert not keep_places(joint_in([np.arange(5)] * 40, gap_s=0.0), n_members=5)


def test_two_members_say_nothing_about_the_middle() -> None:
    assert not keep_places(joint_in([np.array([0, 1]), np.array([1, 0])] * 20), n_members=2)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_names_of_members_and_clocks_do_not_matter(seed: int, n_objects: int) -> None:
    rng = np.random.default_rng(seed)
    joint = drawn(rng, n_objects, order=each_at_its_pace if seed % 2 else None)
    renamed = rng.permutation(5)[joint.member]
    other = JointObjects(
        member=renamed, object=joint.object, time=7.0 * joint.time + 1e6, n_others=joint.n_others, usual=joint.usual
    )
    assert keep_places(joint, n_members=5) == keep_places(other, n_members=5)


@pytest.mark.parametrize(
    ("n_objects", "n_public", "usual", "expected"),
    [
        (12, 0, 0.8, False),
        (12, 1, 0.8, False),
        (12, 2, 0.8, True),
        (24, 3, 0.8, False),
        (24, 4, 0.8, True),
        (50, 20, 0.8, True),
        (8, 0, 0.4, False),
        (8, 0, 0.1, True),
        (40, 0, 0.1, False),
        (12, 0, 0.0, True),
        (0, 0, 0.8, True),
    ],
)
def test_what_others_share_too_is_public(n_objects: int, n_public: int, usual: float, expected: bool) -> None:
    n_others = np.array([1] * n_public + [0] * (n_objects - n_public), np.int64)
    nothing = np.zeros(0, np.int64)
    joint = JointObjects(member=nothing, object=nothing, time=nothing.astype(float), n_others=n_others, usual=usual)
    assert are_public(joint) == expected


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[int, float, int]]:
    """(object, time, account), each account once per object and each instant too."""
    found = []
    for item in range(draw(st.integers(1, 6))):
        who = draw(st.lists(st.integers(0, 6), min_size=1, max_size=5, unique=True))
        found += [(item, 10.0 * k, account) for k, account in enumerate(who)]
    return found


@given(rows())
@settings(max_examples=100, deadline=None)
def test_joint_objects_are_those_of_the_definition(table: list[tuple[int, float, int]]) -> None:
    shared = shared_of(table)
    group = [0, 1, 2, 3]
    found = joint_objects(shared, np.array(group, np.int32))
    by_item: dict[int, list[int]] = {}
    for item, _, account in table:
        by_item.setdefault(item, []).append(account)
    own = {
        item: who
        for item, who in by_item.items()
        if who[0] in group and sum(a in group for a in who) >= max(2, len(who) / 2)
    }
    expected = [(item, account) for item, who in own.items() for account in who if account in group]
    assert list(zip(found.object.tolist(), found.member.tolist(), strict=True)) == expected
    assert found.n_others.tolist() == [sum(a not in group for a in who) for who in own.values()]
    rest = [len(who) for item, who in by_item.items() if item not in own and len(who) > 1]
    assert found.usual == pytest.approx(sum(n > 2 for n in rest) / max(len(rest), 1))


def test_a_group_is_cleared_only_if_neither_holds() -> None:
    rng = np.random.default_rng(4)
    orders = [rng.permutation(4) for _ in range(16)]
    mine = [(item, 5.0 * k, int(a)) for item, order in enumerate(orders) for k, a in enumerate(order)]
    usual = [(100 + item, 900.0 * k, a) for item in range(20) for k, a in enumerate((5, 6, 4))]
    group = np.arange(4, dtype=np.int32)
    assert not may_follow_a_source(shared_of([*mine, *usual]), group)
    public = [(item, 4_000.0, 6) for item in range(6)]
    assert may_follow_a_source(shared_of([*mine, *usual, *public]), group)
    fixed = [(item, 5.0 * k, k) for item in range(16) for k in range(4)]
    assert may_follow_a_source(shared_of([*fixed, *usual]), group)
    assert may_follow_a_source(shared_of(mine), group)  # without anybody else there is nothing to compare with


def shared_of(table: list[tuple[int, float, int]]) -> SharedObjects:
    items = {item: k for k, item in enumerate(sorted({item for item, _, _ in table}))}
    ordered = sorted((items[item], at, account) for item, at, account in table)
    codes = np.array([item for item, _, _ in ordered], np.int32)
    time = np.array([at for _, at, _ in ordered])
    traces = KindTraces(
        kind="link",
        account=np.array([account for _, _, account in ordered], np.int32),
        object=codes,
        time=time,
        birth=time[np.flatnonzero(np.diff(codes, prepend=-1))],
        origin=np.full(len(items), -1, np.int32),
    )
    return SharedObjects(traces=traces, n_accounts=10)


def test_words_beside_a_link_are_judged_as_the_link_is() -> None:
    rng = np.random.default_rng(4)
    mine = [(item, 5.0 * k, int(a)) for item in range(16) for k, a in enumerate(rng.permutation(4))]
    usual = [(100 + item, 900.0 * k, a) for item in range(20) for k, a in enumerate((5, 6, 4))]
    public = [(item, 4_000.0, 6) for item in range(6)]
    group = np.arange(4, dtype=np.int32)
    links, quiet = shared_of([*mine, *usual, *public]), shared_of([*mine, *usual])
    words, repeated = (
        replace(one, traces=replace(one.traces, kind="text", beside_link=np.ones(len(one.traces.time), bool)))
        for one in (quiet, links)
    )
    alone = replace(repeated, traces=replace(repeated.traces, beside_link=np.zeros(len(repeated.traces.time), bool)))
    assert may_follow_a_source(repeated, group)
    assert not may_follow_a_source(alone, group)  # words that stand alone may come from members
    assert not may_follow_a_source(words, group, links=quiet)
    assert may_follow_a_source(words, group, links=links)  # others share the page in words of their own
    assert not may_follow_a_source(words, group, links=shared_of(usual))
