"""Adversaries: what they change, what they leave, and what it costs them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.errors import ConfigError
from dideban.simulate import ADVERSARIES, Adversarial, Plant, make_adversarial_stream, make_stream
from dideban.simulate.adversary import COVER_PER_OPERATION, MAX_DELAY_S, Moves, _visibility
from dideban.simulate.stream import START_S
from dideban.simulate.world import Shares

SMALL = {"n_accounts": 1_200, "n_shares": 12_000, "days": 7}
PLANT = Plant(n_accounts=10, n_operations=12, jitter_s=40, where="exclusive", participation=1.0)


def disguised(adversary: str, strength: float, plant: Plant = PLANT, **more: object) -> Adversarial:
    return make_adversarial_stream(seed=3, adversary=adversary, strength=strength, plant=plant, **{**SMALL, **more})


def pushed(result: Adversarial) -> pl.DataFrame:
    """Shares of operation objects by members."""
    members = result.stream.truth.filter(kind="plant").select("group", "account_id")
    operations = result.stream.operations.join(members, on="group")
    return operations.join(result.stream.traces, on=["account_id", "object_kind", "object_id"])


@pytest.mark.parametrize("adversary", sorted(ADVERSARIES))
def test_strength_zero_is_the_plain_stream(adversary: str) -> None:
    result = disguised(adversary, 0.0)
    plain = make_stream(seed=3, plants=[PLANT], **SMALL)
    assert result.stream.traces.equals(plain.traces)
    assert result.reach_kept == 1.0
    assert result.extra_posts == 0.0


@pytest.mark.parametrize("adversary", sorted(ADVERSARIES))
def test_same_seed_gives_the_same_stream(adversary: str) -> None:
    one, two = (disguised(adversary, 0.6) for _ in range(2))
    assert one.stream.traces.equals(two.stream.traces)
    assert one.stream.operations.equals(two.stream.operations)
    assert (one.reach_kept, one.extra_posts) == (two.reach_kept, two.extra_posts)


@pytest.mark.parametrize("adversary", sorted(ADVERSARIES))
def test_others_share_as_they_did(adversary: str) -> None:
    result = disguised(adversary, 0.8)
    members = result.stream.truth.filter(kind="plant")["account_id"].implode()
    before = make_stream(seed=3, **SMALL).traces.filter(~pl.col("account_id").is_in(members))
    after = result.stream.traces.filter(~pl.col("account_id").is_in(members))
    assert after.drop("post_id").equals(before.drop("post_id"))


@pytest.mark.parametrize(("adversary", "most"), [("delay", 0.35), ("rotate", 0.2), ("reword", 0.45), ("cells", 0.4)])
def test_hiding_the_timing_costs_reach_and_more_of_it_costs_more(adversary: str, most: float) -> None:
    kept = [disguised(adversary, strength, copies=4).reach_kept for strength in (0.0, 0.3, 1.0)]
    assert kept[0] > kept[1] > kept[2]
    assert kept[2] < most


def test_cover_costs_posts_and_no_reach() -> None:
    result = disguised("cover", 0.5)
    assert result.reach_kept == 1.0
    assert result.extra_posts == pytest.approx(0.5 * COVER_PER_OPERATION, rel=0.25)


def test_delays_are_no_longer_than_stated() -> None:
    result = disguised("delay", 0.25)
    lags = pushed(result).join(
        make_stream(seed=3, plants=[PLANT], **SMALL).operations.select("object_id", plain_at="trigger_at"),
        on="object_id",
    )
    seconds = (lags["created_at"] - lags["plain_at"]).dt.total_seconds()
    assert seconds.min() >= 0
    assert seconds.max() <= PLANT.jitter_s + 0.25 * MAX_DELAY_S + 1
    assert seconds.max() > PLANT.jitter_s + 0.1 * MAX_DELAY_S


@pytest.mark.parametrize(("strength", "active"), [(0.5, 6), (1.0, 1)])
def test_rotation_lets_a_subset_act_and_everybody_has_turns(strength: float, active: int) -> None:
    result = disguised("rotate", strength)
    assert result.stream.operations["n_joined"].unique().to_list() == [active]
    assert pushed(result)["account_id"].n_unique() >= 6


def test_rewording_splits_objects_and_keeps_the_times() -> None:
    result = disguised("reword", 0.5)
    assert len(result.stream.operations) > 2 * PLANT.n_operations
    times = pushed(result)["created_at"].sort()
    assert times.equals(pushed(disguised("reword", 0.0))["created_at"].sort())


def test_cells_never_share_an_object() -> None:
    result = disguised("cells", 1.0)
    cells = pushed(result).group_by("object_id").agg(pl.col("account_id").sort())
    assert cells["account_id"].list.len().max() == 2
    assert cells["account_id"].n_unique() == PLANT.n_accounts // 2


def test_cells_are_drawn_anew_for_every_operation() -> None:
    result = disguised("cell_rotation", 1.0)
    cells = pushed(result).group_by("object_id").agg(pl.col("account_id").sort())
    assert cells["account_id"].list.len().max() <= PLANT.n_accounts // 3 + 1
    assert cells["account_id"].n_unique() > 2 * PLANT.n_accounts // 3


def test_turns_are_even_and_in_a_fixed_order() -> None:
    result = disguised("turns", 0.5)
    assert set(result.stream.operations["n_joined"]) <= {5, 6}
    times = pushed(result).group_by("account_id").len()["len"]
    assert len(times) == PLANT.n_accounts
    assert times.max() - times.min() <= 2


def test_members_at_a_lag_are_always_as_late() -> None:
    late = pushed(disguised("lag", 0.25)).with_columns(
        late_s=(pl.col("created_at") - pl.col("trigger_at")).dt.total_seconds()
    )
    spread = late.group_by("account_id").agg(pl.col("late_s").max() - pl.col("late_s").min())["late_s"]
    assert spread.max() <= 1
    assert late["late_s"].max() <= 9 * 30 + 1


def test_whatever_members_with_a_clock_post_follows_a_mark() -> None:
    stream = disguised("clock", 0.5).stream
    posts = stream.moments.join(stream.accounts.filter(role="plant"), on="account_id")
    late = (posts["created_at"].dt.epoch("s") - START_S - posts["phase_s"]) % posts["period_s"]
    assert posts["period_s"].unique().to_list() == [900]
    assert late.max() <= 2
    assert len(posts) > PLANT.n_accounts * PLANT.n_operations


def test_chaff_copies_innocent_accounts_within_seconds_and_marks_them() -> None:
    stream = disguised("chaff", 1.0).stream
    copied, members = (stream.accounts.filter(role=role) for role in ("copied", "plant"))
    assert len(copied) == 10
    theirs = stream.traces.join(copied, on="account_id").select("object_id", theirs_at="created_at")
    mine = stream.traces.join(members, on="account_id").join(theirs, on="object_id")
    lag_s = (mine["created_at"] - mine["theirs_at"]).dt.total_seconds()
    assert (lag_s.is_between(0, 5)).sum() > PLANT.n_operations * PLANT.n_accounts


def test_hiding_moves_operations_to_objects_that_others_share() -> None:
    where = disguised("hide", 0.5).stream.operations["where"].to_list()
    assert where.count("popular") == PLANT.n_operations // 2
    all_hidden = disguised("hide", 1.0)
    assert set(all_hidden.stream.operations["where"]) == {"popular"}
    assert 0.3 < all_hidden.reach_kept <= 1.0


@given(
    mine=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 300)), min_size=1, max_size=25),
    theirs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 300)), max_size=25),
    window_s=st.integers(1, 120),
)
def test_visibility_is_what_its_formula_says(mine: list, theirs: list, window_s: int) -> None:
    best = 0.0
    for start in range(-120, 301):
        for obj in range(3):
            m = sum(o == obj and start <= t <= start + window_s for o, t in mine)
            c = sum(o == obj and start <= t <= start + window_s for o, t in theirs)
            begins = any(o == obj and t == start for o, t in mine)
            best = max(best, m * m / (m + c) if begins else 0.0)

    def shares(rows: list) -> Shares:
        table = np.array(rows, np.int64).reshape(-1, 2)
        return Shares(account=np.arange(len(rows)), object=table[:, 0], at_s=table[:, 1].astype(float))

    moves = Moves(operation=np.zeros(len(mine), np.int64), shares=shares(mine))
    assert _visibility(moves, shares(theirs), n=1, window_s=window_s) == pytest.approx(best)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    adversary=st.sampled_from(sorted(ADVERSARIES)),
    strength=st.floats(0, 1),
    n_accounts=st.integers(2, 12),
    n_operations=st.integers(1, 8),
    jitter_s=st.floats(0, 900),
    participation=st.floats(0.2, 1),
)
def test_any_request_in_range_gives_a_reach_between_nothing_and_all(
    seed: int,
    adversary: str,
    strength: float,
    n_accounts: int,
    n_operations: int,
    jitter_s: float,
    participation: float,
) -> None:
    plant = Plant(
        n_accounts=n_accounts,
        n_operations=n_operations,
        jitter_s=jitter_s,
        where="exclusive",
        participation=participation,
    )
    result = make_adversarial_stream(
        seed=seed, adversary=adversary, strength=strength, plant=plant, n_accounts=300, n_shares=3_000, days=3
    )
    assert 0 <= result.reach_kept <= 1 + 1e-9
    assert result.extra_posts >= 0
    assert len(result.stream.truth.filter(kind="plant")) == n_accounts


@pytest.mark.parametrize(
    "arguments",
    [
        {"adversary": "vanish"},
        {"strength": 1.5},
        {"strength": float("nan")},
        {"copies": 0},
        {"window_s": 0.0},
        {"n_accounts": 5},
        {"kinds": ("nothing",)},
    ],
)
def test_impossible_requests_are_refused(arguments: dict) -> None:
    with pytest.raises(ConfigError):
        make_adversarial_stream(**{"seed": 1, "adversary": "delay", "strength": 0.5, "plant": PLANT, **arguments})
