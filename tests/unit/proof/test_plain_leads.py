"""Leads that need no test: always first, always at one delay, in lockstep; and what is none of these."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.config import Config, ProofConfig
from dideban.proof import prove_groups
from dideban.proof.leads import _repeats, widened
from dideban.proof.plain_leads import (
    FAR_ABOVE,
    LOCKSTEP_S,
    PlainLead,
    _by_chance,
    _chance,
    _far_above,
    _SharesOf,
    find_plain_leads,
)
from dideban.proof.strata import code_traces, make_strata
from dideban.schema import TRACES

START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
QUICK = Config(threads=1, proof=ProofConfig(n_shuffles=0))


class World:
    """Links that many people share over days, and whoever else is put in."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.rows: list[tuple[str, str, float]] = []

    def share(self, account: str, item: str, at_s: float) -> None:
        self.rows.append((account, item, at_s))

    def crowd(self, item: str, at_s: float, n: int = 40) -> None:
        for _ in range(n):
            self.share(f"user{self.chance.randrange(400)}", item, at_s + 30 + self.chance.expovariate(1 / 4000))

    @property
    def traces(self) -> pl.DataFrame:
        rows = [(a, "link", o, f"x/{i}", START + dt.timedelta(seconds=t)) for i, (a, o, t) in enumerate(self.rows)]
        return pl.DataFrame(rows, schema=TRACES.dtypes, orient="row")

    def leads(self) -> list[tuple[str, list[str], int]]:
        accounts, kinds = code_traces(self.traces, None)
        found = find_plain_leads(make_strata(kinds, [10.0, 60.0, 600.0], n_accounts=len(accounts)), max_size=80)
        return [(one.kind, accounts.gather(one.members).to_list(), one.n_objects) for one in found]


@pytest.mark.parametrize("delay_s", [0.0, 1_800.0])
def test_accounts_always_at_one_delay_are_a_lead_of_their_own(delay_s):
    world = World()
    for k in range(20):
        world.share("origin", f"o{k}", k * 9_000)
        world.crowd(f"o{k}", k * 9_000)
        for j in range(5):
            world.share(f"quick{j}", f"o{k}", k * 9_000 + delay_s + world.chance.uniform(0.5, 6))
    first = [(kind, names, n) for kind, names, n in world.leads() if kind == "first"]
    assert len(first) == 1
    assert {f"quick{j}" for j in range(5)} <= set(first[0][1]) <= {"origin", *(f"quick{j}" for j in range(5))}
    assert first[0][2] == 20


def test_people_who_vary_are_no_lead():
    world = World()
    for k in range(40):
        world.crowd(f"o{k}", k * 9_000)
    assert world.leads() == []


@pytest.mark.parametrize("popular", [False, True])
def test_two_in_lockstep_are_a_pair(popular):
    world = World()
    for k in range(12):
        at = k * 20_000 + 3_000.0
        world.share("duo_a", f"o{k}", at + world.chance.uniform(0, 900))
        world.share("duo_b", f"o{k}", world.rows[-1][2] + world.chance.uniform(0, 8))
        if popular:
            world.crowd(f"o{k}", at - 2_900)
    assert world.leads() == [("pair", ["duo_a", "duo_b"], 12)]


@pytest.mark.parametrize("popular", [False, True])
def test_three_in_lockstep_are_a_group_and_no_pair(popular):
    world = World()
    for k in range(12):
        at = k * 20_000 + world.chance.uniform(2_000, 4_000)
        for name in ("a", "b", "c"):
            world.share(name, f"o{k}", at + world.chance.uniform(0, 5))
        if popular:
            world.crowd(f"o{k}", k * 20_000)
    assert world.leads() == [("lockstep", ["a", "b", "c"], 12)]


def test_where_all_times_are_equal_nobody_is_in_lockstep():
    world = World()
    for k in range(12):
        for name in ("a", "b", "c"):
            world.share(name, f"o{k}", 0.0)
    assert world.leads() == []


def test_ties_of_different_kinds_make_one_group_and_one_loose_account_is_left_out():
    world = World()
    for k in range(24):
        for name in ("a", "b") if k % 2 else ("b", "c"):
            world.share(name, f"o{k}", k * 20_000 + world.chance.uniform(0, 5))
    world.share("loose", "o1", 20_003.0)
    assert world.leads() == [("lockstep", ["a", "b", "c"], 12)]


def test_where_everybody_comes_within_the_minute_no_group_is_in_lockstep():
    world = World()
    for k in range(12):
        for j in range(30):
            world.share(f"user{j}", f"o{k}", k * 20_000 + world.chance.uniform(0, 50))
        world.share(f"late{k}", f"o{k}", k * 20_000 + 70.0)
    assert not [kind for kind, _, _ in world.leads() if kind == "lockstep"]


def lockstep(*members: int) -> PlainLead:
    return PlainLead(kind="lockstep", members=np.array(members, dtype=np.int32), n_objects=9)


@pytest.mark.parametrize(
    ("mine", "shown"),
    [
        ([1, 2], [1, 2, 3, 4, 5]),
        ([1, 2, 8, 9], [1, 2, 3, 4, 5, 8, 9]),
        ([1, 7, 8], [1, 7, 8]),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        ([7, 8, 9], [7, 8, 9]),
    ],
)
def test_a_lead_is_shown_with_the_larger_group_that_half_of_it_is_in_lockstep_with(mine, shown):
    found = widened(np.array(mine, dtype=np.int32), [lockstep(20, 21, 22), lockstep(1, 2, 3, 4, 5)])
    assert found.tolist() == shown


def test_a_group_in_lockstep_goes_beyond_a_small_finding_inside_it():
    assert not _repeats(lockstep(1, 2, 3, 4, 5, 6, 7), {1, 2, 3})
    assert _repeats(lockstep(1, 2, 3, 4, 5, 6), {1, 2, 3})
    assert _repeats(PlainLead(kind="pair", members=np.array([1, 2], dtype=np.int32), n_objects=9), {1, 8, 9})


@pytest.mark.parametrize("n", [5, 6])
def test_few_objects_are_not_enough(n):
    world = World()
    for k in range(n):
        for name in ("a", "b"):
            world.share(name, f"o{k}", k * 20_000 + world.chance.uniform(0, 5))
    assert bool(world.leads()) == (n >= 6)


def test_a_run_shows_them_as_leads_and_never_as_findings():
    world = World()
    for k in range(24):
        world.crowd(f"o{k}", k * 9_000)
        for j in range(6):
            world.share(f"quick{j}", f"o{k}", k * 9_000 + world.chance.uniform(0, 5))
        for name in ("duo_a", "duo_b"):
            world.share(name, f"own{k}", k * 9_000 + 5_000 + world.chance.uniform(0, 5))
    proof = prove_groups(world.traces, config=QUICK)
    assert proof.proofs["is_lead"].all()
    kinds = dict(proof.proofs.select("group_ix", "kind").iter_rows())
    members = {kinds[ix]: set(names) for ix, names in proof.groups.group_by("group_ix").agg("account_id").iter_rows()}
    assert members["pair"] == {"duo_a", "duo_b"}
    assert members["first"] == {f"quick{j}" for j in range(6)}
    assert proof.selfcheck["n_found"] == 0
    assert proof.selfcheck["n_leads"] == proof.proofs.height


SHARED = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 400)), max_size=40, unique_by=lambda row: row[:2]
)


@given(SHARED, st.sets(st.integers(0, 5), min_size=2, max_size=4))
def test_a_group_is_far_above_chance_as_counting_object_by_object_says(rows, members):
    """Neighbours within the window on an object, against those expected: counted one object after another."""
    table = pl.DataFrame(rows, schema={"a": pl.Int32, "o": pl.Int32, "t": pl.Float64}, orient="row")
    table = _chance(table.with_columns(n=pl.len().over("o")), window_s=LOCKSTEP_S[-1])
    mine = table.filter(pl.col("a").is_in(sorted(members))).sort("o", "t")
    near = expected = 0.0
    for _, part in mine.group_by("o", maintain_order=True):
        times, n, q = part["t"].to_list(), part["n"][0], part["q"][0]
        near += sum(later - earlier <= LOCKSTEP_S[-1] for earlier, later in itertools.pairwise(times))
        q = q if n > len(times) else _close_by_chance(mine)
        expected += (len(times) - 1) * min((len(times) - 1) * q, 1.0)
    held = _SharesOf.some(table, np.arange(6))
    if abs(near - FAR_ABOVE * expected) > 1e-9:
        assert _far_above(np.array(sorted(members), np.int32), [held]) == (near >= FAR_ABOVE * expected)


def _close_by_chance(shares: pl.DataFrame) -> float:
    pairs = [
        abs(shares["t"][i] - shares["t"][j]) <= LOCKSTEP_S[-1]
        for i in range(shares.height)
        for j in range(i)
        if shares["o"][i] != shares["o"][j]
    ]
    return sum(pairs) / len(pairs) if pairs else 0.0


def test_chance_of_no_pairs_is_none() -> None:
    assert _by_chance(np.zeros(2), np.zeros(2), np.array([2])) == 0.0
