"""Groups over time: what keeps an id, what is an event, and what must never matter."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.errors import SchemaError
from dideban.groups import follow_groups
from dideban.groups.follow import Followed
from dideban.schema import GROUP_EVENTS, GROUP_HISTORY, GROUPS
from oracles import follow as oracle

NONE = GROUP_HISTORY.empty()


def groups(*some: dict[str, float] | str) -> pl.DataFrame:
    """GROUPS; a string holds one-letter accounts of equal strength."""
    held = [dict.fromkeys(one, 1.0) if isinstance(one, str) else one for one in some]
    rows = [(i, a, float(w)) for i, one in enumerate(held) for a, w in one.items()]
    return pl.DataFrame(rows, schema=GROUPS.dtypes, orient="row")


def run(*periods: pl.DataFrame) -> list[Followed]:
    """Follow period after period."""
    history, made = NONE, []
    for number, one in enumerate(periods):
        made.append(follow_groups(history, one, period_ix=number))
        history = pl.concat([history, made[-1].groups])
    return made


def events(made: Followed) -> dict[str, tuple[str, list[str]]]:
    return {
        name: (event, others)
        for name, event, others in made.events.select("group_id", "event", "other_ids").iter_rows()
    }


def test_the_first_period_gives_birth():
    (first,) = run(groups("abc", "def"))
    assert GROUP_HISTORY.check(first.groups)["account_id"].sort().to_list() == list("abcdef")
    assert {event for event, _ in events(first).values()} == {"born"}
    assert first.groups["period_ix"].unique().to_list() == [0]
    assert len(set(first.ids)) == 2


def test_a_group_that_loses_less_than_half_of_its_core_keeps_its_id():
    first, second, third = run(groups("abcdef"), groups("abcxyz"), groups("xyzab"))
    assert first.ids == second.ids == third.ids
    assert [next(iter(events(one).values()))[0] for one in (second, third)] == ["continues", "shrank"]
    assert second.events["overlap"].to_list() == [0.5]
    assert second.events["n_stayed"].to_list() == [3]


def test_a_group_that_loses_more_than_half_of_its_core_ends():
    first, second = run(groups("abcdefg"), groups("abcxyzw"))
    assert first.ids != second.ids
    assert events(second) == {first.ids[0]: ("ended", []), second.ids[0]: ("born", [])}
    assert second.events.filter(group_id=first.ids[0])["overlap"].to_list() == [round(3 / 7, 9)]


def test_evidence_counts_not_heads():
    strong = {"a": 10, "b": 10, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1}
    first, second, third = run(groups(strong), groups("abxyz"), groups("cdefg"))
    assert first.ids == second.ids
    assert "grew" not in {event for event, _ in events(second).values()}
    assert third.ids != first.ids


def test_growth_keeps_the_id_however_large():
    first, second = run(groups("abc"), groups("abcdefghijklmnop"))
    assert first.ids == second.ids
    assert events(second)[first.ids[0]] == ("grew", [])


def test_of_groups_that_merge_the_one_with_most_evidence_goes_on():
    first, second = run(groups({"a": 1, "b": 1, "c": 1}, {"d": 5, "e": 5, "f": 5}), groups("abcdef"))
    small, large = first.ids
    assert second.ids == (large,)
    assert events(second) == {large: ("grew", []), small: ("merged", [large])}


def test_of_the_parts_of_a_group_the_heaviest_goes_on():
    first, second = run(groups("abcdefgh"), groups("abcde", "fghi"))
    assert second.ids[0] == first.ids[0]
    assert events(second)[second.ids[1]] == ("split", [first.ids[0]])


def test_a_group_in_three_parts_ends_and_names_them():
    first, second = run(groups("abcdefghi"), groups("abc", "def", "ghi"))
    assert events(second)[first.ids[0]] == ("ended", sorted(second.ids))
    assert all(events(second)[name] == ("split", [first.ids[0]]) for name in second.ids)


def test_a_group_comes_back_under_its_own_id():
    first, gone, back = run(groups("abc", "xyz"), groups("xyz"), groups("abd", "xyz"))
    assert events(gone)[first.ids[0]] == ("ended", [])
    assert back.ids[0] == first.ids[0]
    assert events(back)[first.ids[0]] == ("returned", [])
    (again,) = [follow_groups(pl.concat([first.groups, gone.groups]), groups())]
    assert set(events(again)) == {first.ids[1]}, "what ended before does not end again"


def test_an_id_is_never_given_twice():
    made = run(
        groups("abcdef"), groups("abcxyz"), groups("xyzuvw"), groups("xyzuvw", "abcdef"), groups("abcdef", "xyzuvw")
    )
    assert made[3].ids[1] == made[0].ids[0] or made[3].ids[1] != made[3].ids[0]
    drifted = made[2].ids[0]
    assert drifted == made[0].ids[0], "the id drifted away from the members it was made of"
    assert made[3].ids[1] not in {drifted}
    assert made[4].ids == made[3].ids[::-1]


def test_an_empty_period_ends_everything():
    first, second = run(groups("abc"), groups())
    assert second.ids == ()
    assert second.groups.is_empty()
    assert events(second) == {first.ids[0]: ("ended", [])}


def test_no_evidence_counts_heads():
    first, second = run(groups(dict.fromkeys("abcd", 0.0)), groups(dict.fromkeys("abxy", 0.0)))
    assert first.ids == second.ids


def test_periods_are_counted_on_or_by_the_caller():
    (first,) = run(groups("abc"))
    assert follow_groups(first.groups, groups("abc")).groups["period_ix"].unique().to_list() == [1]
    late = follow_groups(first.groups, groups("abc"), period_ix=7)
    assert events(late) == {first.ids[0]: ("returned", [])}
    with pytest.raises(ValueError, match="period_ix is 0"):
        follow_groups(first.groups, groups("abc"), period_ix=0)


def test_a_broken_table_is_refused():
    with pytest.raises(SchemaError, match=r"GROUPS\.strength"):
        follow_groups(NONE, groups("abc").drop("strength"))
    with pytest.raises(SchemaError, match=r"GROUP_HISTORY\.is_core"):
        follow_groups(NONE.drop("is_core"), groups("abc"))


ACCOUNTS = [f"a{n:02d}" for n in range(14)]
GROUP = st.dictionaries(st.sampled_from(ACCOUNTS), st.integers(0, 9), min_size=3, max_size=8)
PERIOD = st.lists(GROUP, max_size=5, unique_by=lambda group: tuple(sorted(group)))
PERIODS = st.lists(PERIOD, min_size=2, max_size=4)
LAW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def histories(periods: list[list[dict[str, int]]]) -> list[Followed]:
    return run(*[groups(*[{a: float(w) for a, w in one.items()} for one in period]) for period in periods])


@LAW
@given(PERIODS)
def test_the_oracle_agrees(periods):
    made = histories(periods)
    last_seen: dict[str, tuple[int, dict[str, int]]] = {}
    first_seen: dict[str, int] = {}
    for number, (period, one) in enumerate(zip(periods, made, strict=True)):
        before = {name: group for name, (_, group) in last_seen.items()}
        carried = oracle.carry(before, period, first_seen, {name: seen for name, (seen, _) in last_seen.items()})
        assert {i: one.ids[i] for i in range(len(period)) if one.ids[i] in before} == carried
        just = {name: group for name, (seen, group) in last_seen.items() if seen == number - 1}
        happened = events(one)
        for i, group in enumerate(period):
            if i not in carried:
                assert happened[one.ids[i]] == oracle.event_of_new(just, group)
        for name in just.keys() - set(carried.values()):
            merged = any(
                oracle.share(just[name], set(group)) * 2 >= 1 and set(group) & set(just[name]) for group in period
            )
            assert happened[name][0] == ("merged" if merged else "ended")
        for i, group in enumerate(period):
            last_seen[one.ids[i]] = number, group
            first_seen.setdefault(one.ids[i], number)


@LAW
@given(PERIODS)
def test_every_group_has_one_event_and_every_id_one_group(periods):
    for made, period in zip(histories(periods), periods, strict=True):
        assert len(set(made.ids)) == len(period)
        assert made.events["group_id"].is_unique().all()
        assert set(made.ids) <= set(made.events["group_id"])
        GROUP_EVENTS.check(made.events)


@LAW
@given(PERIODS, st.integers(0, 2**32))
def test_order_of_rows_and_numbers_of_groups_never_matter(periods, seed):
    chance = random.Random(seed)
    made = histories(periods)
    history = pl.concat([NONE, *[one.groups for one in made[:-1]]])
    current = groups(*[{a: float(w) for a, w in one.items()} for one in periods[-1]])
    order = chance.sample(range(len(periods[-1])), len(periods[-1]))
    renumbered = current.with_columns(
        pl.col("group_ix").replace_strict(list(range(len(order))), order, return_dtype=pl.Int64)
        if order
        else pl.col("group_ix")
    )
    again = follow_groups(
        history.sample(fraction=1.0, shuffle=True, seed=seed % 1000),
        renumbered.sample(fraction=1.0, shuffle=True, seed=seed % 999),
        period_ix=len(periods) - 1,
    )
    assert again.groups.equals(made[-1].groups)
    assert again.events.equals(made[-1].events)
    assert [again.ids[order[i]] for i in range(len(order))] == list(made[-1].ids)


@LAW
@given(PERIODS)
def test_the_same_groups_again_continue_unchanged(periods):
    made = histories([*periods, periods[-1]])
    assert made[-1].ids == made[-2].ids
    assert set(made[-1].events["event"].cast(pl.String)) <= {"continues"}
    assert made[-1].events.filter(pl.col("overlap") != 1.0).is_empty()


@LAW
@given(PERIODS)
def test_renaming_accounts_renames_nothing_else(periods):
    """New names in the same order: the same history under other ids."""
    renamed = [[{f"z-{a}": w for a, w in one.items()} for one in period] for period in periods]
    first, second = histories(periods), histories(renamed)
    names: dict[str, str] = {}
    for one, two in zip(first, second, strict=True):
        for a, b in zip(one.ids, two.ids, strict=True):
            assert names.setdefault(a, b) == b
    assert len(set(names.values())) == len(names)
