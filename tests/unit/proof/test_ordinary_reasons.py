"""Proved accounts that may be no members: others placed around them, and occasions that they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from dideban.proof.blocks import KindTraces
from dideban.proof.hypotheses import Claim
from dideban.proof.moments import Moments
from dideban.proof.ordinary_reasons import OtherPosts, may_be_placed, share_occasions, sift
from dideban.proof.split import make_splits
from dideban.proof.strata import Stratum, make_strata

SCALES_S = (10.0, 60.0, 600.0, 1800.0)
DAY_S = 86_400.0
Shares = list[tuple[int, int, float]]
"""Account, object, time."""


def strata_of(shares: Shares, *, n_accounts: int) -> list[Stratum]:
    ordered = sorted((item, time, account) for account, item, time in shares)
    item, time, account = (np.array(part) for part in zip(*ordered, strict=True))
    n = int(item.max()) + 1
    birth = np.array([time[item == one].min(initial=np.inf) for one in range(n)])
    traces = KindTraces(
        kind="link", account=account.astype(np.int32), object=item.astype(np.int32), time=time.astype(float),
        birth=birth, origin=np.full(n, -1, np.int32),
    )  # fmt: skip
    return make_strata([traces], SCALES_S, n_accounts=n_accounts)


def moments_of(times: Sequence[Sequence[float]]) -> Moments:
    return Moments(
        bounds=np.append(0, np.cumsum([len(one) for one in times])).astype(np.int64),
        times=np.concatenate([np.sort(one) for one in times]),
        sittings=np.arange(sum(len(one) for one in times), dtype=np.int64),
    )


def posts_of(shares: Shares, times: Sequence[Sequence[float]]) -> OtherPosts:
    accounts = pl.Series([str(account) for account in range(10)])
    traces = pl.DataFrame(
        {
            "account_id": [str(account) for account, _, _ in shares],
            "object_kind": ["link"] * len(shares),
            "object_id": [str(item) for _, item, _ in shares],
            "created_at": [round(time * 1e6) for _, _, time in shares],
        }
    ).with_columns(pl.col("created_at").cast(pl.Datetime("us", "UTC")))
    return OtherPosts(posted=moments_of(times), traces=traces, accounts=accounts)


def acts(order: Callable[[np.random.Generator], Sequence[int]], *, n: int = 24, gap_s: float = 3.0) -> Shares:
    """Objects an hour apart that accounts share in some order, and outsiders (7 to 9) long afterwards."""
    rng = np.random.default_rng(5)
    shares: Shares = []
    for item in range(n):
        begin = item * 3_600.0 + rng.uniform(0, 900)
        shares += [(account, item, begin + place * gap_s) for place, account in enumerate(order(rng))]
        shares += [(account, item, begin + rng.uniform(4_000, 9_000)) for account in (7, 8, 9)]
    return shares


GROUP = np.arange(5, dtype=np.int32)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (lambda rng: rng.permutation(5), []),
        (lambda rng: [*rng.permutation(4), 4], [4]),
        (lambda rng: [4, *rng.permutation(4)], [4]),
        (lambda rng: [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
    ],
    ids=["any order", "run ahead of", "copied", "a fixed order"],
)
def test_whoever_keeps_a_place_may_be_placed(
    order: Callable[[np.random.Generator], Sequence[int]], expected: list[int]
) -> None:
    found = may_be_placed(strata_of(acts(order), n_accounts=10), GROUP)
    assert np.flatnonzero(found).tolist() == expected


def test_of_accounts_that_are_copied_one_at_a_time_none_hides_the_copiers() -> None:
    found = may_be_placed(strata_of(acts(lambda rng: [rng.choice([3, 4]), *rng.permutation(3)]), n_accounts=10), GROUP)
    assert np.flatnonzero(found).tolist() == [3, 4]


def test_of_two_sides_that_act_together_neither_is_cleared() -> None:
    order = lambda rng: [*rng.permutation(2), *(2 + rng.permutation(3))]  # noqa: E731
    assert may_be_placed(strata_of(acts(order), n_accounts=10), GROUP).all()


def test_an_account_between_one_that_runs_ahead_and_one_that_waits_may_be_placed() -> None:
    found = may_be_placed(strata_of(acts(lambda rng: np.insert(rng.permutation(4), 2, 4)), n_accounts=10), GROUP)
    assert found[4]


def test_an_account_that_comes_after_others_a_few_times_and_never_before_may_be_placed() -> None:
    found = may_be_placed(strata_of(acts(lambda rng: [*rng.permutation(2), 4], n=3), n_accounts=10), GROUP)
    assert found[4]


def test_accounts_that_post_at_one_instant_have_no_places() -> None:
    found = may_be_placed(strata_of(acts(lambda rng: rng.permutation(5), gap_s=0.0), n_accounts=10), GROUP)
    assert not found.any()


def test_a_copier_within_the_second_leaves_the_copied_account_in_front() -> None:
    def order(rng: np.random.Generator) -> Shares:
        shares: Shares = []
        for item in range(20):
            begin = float(item * 3_600)
            shares += [(4, item, begin), *((one, item, begin + rng.integers(0, 2)) for one in range(4))]
        return shares

    assert may_be_placed(strata_of(order(np.random.default_rng(3)), n_accounts=10), GROUP)[4]


def breaks(*, other_posts_in_breaks: bool) -> tuple[Shares, list[list[float]]]:
    """Breaks of four minutes at no fixed hour, in which five accounts share what is popular, and write other things."""
    rng = np.random.default_rng(11)
    shares: Shares = []
    times: list[list[float]] = [[] for _ in range(10)]
    for item in range(40):
        begin = item * 4 * 3_600.0 + rng.uniform(0, 3 * 3_600)
        for account in range(5):
            if rng.random() < 0.7:
                shares.append((account, item, float(np.round(begin + rng.uniform(0, 240)))))
            at = begin + rng.uniform(0, 240) if other_posts_in_breaks else rng.uniform(0, 40 * 4 * 3_600)
            times[account].append(float(np.round(at)) + 0.5)
        shares += [(account, item, float(np.round(begin + rng.uniform(-5_000, 5_000)))) for account in (7, 8, 9)]
    for account, _, time in shares:
        times[account].append(time)
    return shares, times


@pytest.mark.parametrize("in_breaks", [True, False])
def test_breaks_show_in_what_else_is_posted(in_breaks: bool) -> None:
    shares, times = breaks(other_posts_in_breaks=in_breaks)
    assert share_occasions(strata_of(shares, n_accounts=10), posts_of(shares, times), GROUP) is in_breaks


def test_programs_that_post_other_things_in_the_same_seconds_have_no_breaks() -> None:
    shares, _ = breaks(other_posts_in_breaks=False)
    times: list[list[float]] = [[time for account, _, time in shares if account == one] for one in range(10)]
    for item in range(40):
        begin = float(item * 4 * 3_600)
        shares += [(account, 100 + item, begin + account) for account in range(5)]
        for account in range(5):
            times[account] += [begin + account, begin + 5_000.5 + account, begin + 7_000.5 + 200 * account]
    assert not share_occasions(strata_of(shares, n_accounts=10), posts_of(shares, times), GROUP)


def test_without_other_posts_nothing_is_known_of_occasions() -> None:
    shares, _ = breaks(other_posts_in_breaks=True)
    times: list[list[float]] = [[time for account, _, time in shares if account == one] for one in range(10)]
    assert not share_occasions(strata_of(shares, n_accounts=10), posts_of(shares, times), GROUP)


def test_a_burst_of_other_posts_of_one_account_counts_once() -> None:
    shares, times = breaks(other_posts_in_breaks=False)
    for step in range(200):
        times[0].append(50_000.5 + step / 10)
        times[1].append(50_001.5 + step / 10)
    assert not share_occasions(strata_of(shares, n_accounts=10), posts_of(shares, times), GROUP)


def test_joint_posts_that_are_repeated_are_no_other_posts() -> None:
    shares, times = breaks(other_posts_in_breaks=False)
    again = [(account, item, time + 30 * DAY_S) for account, item, time in shares if account < 5]
    for account, _, time in again:
        times[account].append(time)
    posts = posts_of(shares + again, times)
    assert not share_occasions(strata_of(shares, n_accounts=10), posts, GROUP)
    n_alone = sum(n == 1 for n in Counter(item for account, item, _ in shares if account < 5).values())
    assert (posts.moments(GROUP)[0] > 29 * DAY_S).sum() == n_alone


def claimed(members: Sequence[int]) -> Claim:
    split = make_splits(seed=1, n_splits=1, scales_s=SCALES_S)[0]
    some = np.array(members, dtype=np.int32)
    return Claim(members=some, proposed=GROUP, split=split, log_e=20.0)


def sifted(
    shares: Shares, times: Sequence[Sequence[float]], members: Sequence[int]
) -> tuple[list[list[int]], list[str]]:
    kept, leads = sift([claimed(members)], strata_of(shares, n_accounts=10), posts_of(shares, times))
    return [one.members.tolist() for one in kept], [one.kind for one in leads]


def test_whoever_was_proposed_with_members_shows_that_they_watch_each_other() -> None:
    alone = [[account * DAY_S + 0.5] for account in range(10)]

    def chain(rng: np.random.Generator) -> list[int]:
        order = [int(one) for one in rng.permutation(4)]
        return [*order[: order.index(3) + 1], 4, *order[order.index(3) + 1 :]]

    shares = acts(chain, n=60)
    assert sifted(shares, alone, [0, 1, 2]) == ([], ["placed"])
    without = [one for one in shares if one[0] != 4]
    assert sifted(without, alone, [0, 1, 2]) == ([[0, 1, 2]], [])


def test_claims_lose_members_or_become_leads_and_nothing_else() -> None:
    apart = acts(lambda rng: [*rng.permutation(4), 4])
    alone = [[account * DAY_S + 0.5] for account in range(10)]
    assert sifted(apart, alone, [0, 1, 2, 4]) == ([[0, 1, 2]], [])
    assert sifted(apart, alone, [0, 1, 4]) == ([], ["placed"])
    shares, times = breaks(other_posts_in_breaks=True)
    assert sifted(shares, times, [0, 1, 2, 3, 4]) == ([], ["occasions"])
    shares, times = breaks(other_posts_in_breaks=False)
    assert sifted(shares, times, [0, 1, 2, 3, 4]) == ([[0, 1, 2, 3, 4]], [])


def in_minutes(late_s: float, *, n: int = 40) -> tuple[Shares, list[list[float]]]:
    """Objects an hour apart in whole minutes: three copy, within seconds, what two other accounts share by turns."""
    rng = np.random.default_rng(7)
    shares: Shares = []
    for item in range(n):
        begin = item * 3_600.0 + rng.uniform(0, 900)
        shares.append((item % 2, item, begin))
        shares += [(account, item, begin + rng.uniform(0, late_s)) for account in (2, 3, 4)]
        shares += [(account, item, begin + rng.uniform(4_000, 9_000)) for account in (7, 8, 9)]
    shares = [(account, item, float(np.floor(time / 60) * 60)) for account, item, time in shares]
    return shares, [[time for account, _, time in shares if account == one] for one in range(10)]


@pytest.mark.parametrize("late_s", [0.5, 6.0, 25.0])
def test_in_whole_minutes_nobody_is_named_who_is_not_seen_coming_after_others(late_s: float) -> None:
    shares, times = in_minutes(late_s)
    exact = [[*some, 7.25] if account in (2, 3, 4) else some for account, some in enumerate(times)]
    for moments in (times, exact):  # whoever copies may have posted elsewhere too, where times are exact
        kept, _ = sifted(shares, moments, [0, 1, 2, 3, 4])
        assert not any({0, 1} & set(one) for one in kept)


def test_times_that_hide_every_order_make_a_lead_that_says_so() -> None:
    shares, times = in_minutes(0.0)
    assert sifted(shares, times, [0, 1, 2, 3, 4]) == ([], ["coarse"])
    exact = [[time + 0.5 + account for time in some] for account, some in enumerate(times)]
    assert sifted(shares, exact, [0, 1, 2, 3, 4]) == ([[0, 1, 2, 3, 4]], [])


def test_acts_at_one_instant_do_not_hide_a_place() -> None:
    rng = np.random.default_rng(9)
    shares: Shares = []
    for item in range(120):
        begin = float(item * 3_600)
        late = 0.0 if item % 6 else 5.0
        shares += [(4, item, begin), *((one, item, begin + late * rng.integers(1, 3)) for one in range(4))]
        shares += [(7, item, begin + 5_000)]
    shares += [(one, 200 + k, 500_000.0 + 3_600 * k + (9.0 if one == 4 else one)) for k in range(2) for one in range(5)]
    assert may_be_placed(strata_of(shares, n_accounts=10), GROUP).tolist() == [False] * 4 + [True]
