"""Crowds with habits: clocks hold their period and phase, queues their slots, people their occasions."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.errors import ConfigError
from dideban.schema import POSTS
from dideban.simulate import CROWD_SETS, HARD_CROWDS, NEW_CROWDS, ROLES, Plant, Stream, make_stream
from dideban.simulate.crowds_clocks import _one_each
from dideban.simulate.files import stream_posts
from dideban.simulate.stream import START_S

SMALL = {"n_accounts": 1_200, "n_shares": 16_000, "days": 7}


def with_crowd(name: str, seed: int = 4) -> Stream:
    return make_stream(seed=seed, crowds=CROWD_SETS.get(name, (name,)), **SMALL)


def posts_of(stream: Stream, part: str) -> pl.DataFrame:
    """Every post of the accounts of a crowd, with the clock of its account and seconds since the start."""
    mine = stream.accounts.filter(role="crowd", part=part)
    return stream.moments.join(mine, on="account_id").with_columns(at_s=pl.col("created_at").dt.epoch("s") - START_S)


@pytest.mark.parametrize("name", [*NEW_CROWDS, "everything"])
def test_same_seed_gives_the_same_tables(name: str) -> None:
    one, two = with_crowd(name), with_crowd(name)
    for table in ("traces", "truth", "objects", "moments", "accounts"):
        assert getattr(one, table).equals(getattr(two, table)), table


@pytest.mark.parametrize("name", ["clocks_dense", "clocks_sparse", "minute_bots"])
def test_every_post_of_a_clocked_account_follows_a_mark(name: str) -> None:
    posts = posts_of(with_crowd(name), name)
    late = (posts["at_s"] - posts["phase_s"]) % posts["period_s"]
    assert len(posts) > 500
    assert (posts["period_s"] % 60 == 0).all()
    assert (posts["phase_s"] < posts["period_s"]).all()
    assert (late <= posts["late_s"]).all()


def test_clocks_have_many_periods_and_phases_shared_and_own() -> None:
    clocks = pl.concat([with_crowd("clocks_sparse", seed).accounts for seed in range(1, 6)]).filter(role="crowd")
    periods = clocks["period_s"] // 60
    assert periods.n_unique() > 15
    assert (60 % periods != 0).sum() > 0.2 * len(periods)
    assert clocks["phase_s"].n_unique() > 15
    sizes = clocks.group_by("period_s", "phase_s").len()["len"]
    assert sizes.max() >= 8
    assert sizes.min() == 1


def test_dense_clocks_post_more_than_ten_times_a_day_and_sparse_ones_less() -> None:
    rates = []
    for name in ("clocks_dense", "clocks_sparse"):
        posts = posts_of(with_crowd(name), name)
        rates.append(len(posts) / posts["account_id"].n_unique() / SMALL["days"])
    assert rates[0] > 15
    assert rates[1] < 10


def test_clients_of_a_tool_post_at_its_slots_and_by_hand() -> None:
    posts = posts_of(with_crowd("shared_tools"), "shared_tools")
    late = (posts["at_s"] - posts["phase_s"]) % posts["period_s"]
    by_tool = float((late < 30).mean())
    assert 0.4 < by_tool < 0.9
    tools = posts.select("period_s", "phase_s").unique()
    assert len(tools) <= 3
    assert posts.group_by("period_s", "phase_s").agg(pl.col("account_id").n_unique())["account_id"].max() >= 8


def test_bots_post_in_every_minute_of_their_time() -> None:
    posts = posts_of(with_crowd("minute_bots"), "minute_bots")
    shared = posts.group_by("account_id").agg(
        pl.col("at_s").filter(pl.col("at_s").diff().is_between(58, 62)).len() / pl.len()
    )
    assert shared["at_s"].min() > 0.8


def test_followers_of_an_event_post_through_it_and_share_its_moments_at_once() -> None:
    stream = with_crowd("live_events")
    fans = stream.truth.filter(kind="event")["account_id"]
    shares = stream.traces.filter(pl.col("account_id").is_in(fans.implode())).join(
        stream.objects, on=["object_kind", "object_id"]
    )
    prompt = shares.filter((pl.col("created_at") - pl.col("born_at")).dt.total_seconds() < 120)
    assert prompt.group_by("object_id").len()["len"].max() >= 5
    posts = posts_of(stream, "live_events")
    per_slot = posts.group_by("account_id", pl.col("at_s") // 9_000).len()["len"]
    assert per_slot.max() >= 8


def test_fans_come_after_their_source_and_nobody_else_is_as_quick() -> None:
    stream = with_crowd("small_fans")
    group = stream.truth.filter(group="fans-00")["account_id"].to_list()
    counts = stream.traces.filter(pl.col("account_id").is_in(group)).join(stream.objects, on="object_id")
    source = counts.filter(pl.col("created_at") == pl.col("born_at"))["account_id"].mode()[0]
    items = counts.filter(pl.col("account_id") == source, pl.col("created_at") == pl.col("born_at"))["object_id"]
    theirs = counts.filter(pl.col("object_id").is_in(items.implode()), pl.col("account_id") != source)
    late_s = (theirs["created_at"] - theirs["born_at"]).dt.total_seconds()
    assert late_s.min() >= 0
    assert late_s.median() < 60


def test_every_second_source_collects_from_many_sites() -> None:
    stream = with_crowd("small_fans")
    sites = {}
    for group in ("fans-00", "fans-01"):
        members = stream.truth.filter(group=group)["account_id"]
        theirs = stream.traces.filter(pl.col("account_id").is_in(members.implode())).join(
            stream.objects, on="object_id"
        )
        joint = theirs.group_by("object_id", "origin").len().filter(pl.col("len") >= 3)
        sites[group] = joint["origin"].n_unique() / len(joint)
    assert sites["fans-00"] < 0.2
    assert sites["fans-01"] > 0.5


def test_followers_of_an_unseen_source_share_items_of_many_sites_that_nobody_posted_before() -> None:
    stream = with_crowd("unseen_sources")
    members = stream.truth.filter(group="followers-01")["account_id"].to_list()
    assert len(members) >= 3
    shares = stream.traces.join(stream.objects, on=["object_kind", "object_id"]).with_columns(
        inside=pl.col("account_id").is_in(members)
    )
    items = shares.group_by("object_id", "origin").agg(
        n_in=pl.col("inside").sum(), n=pl.len(), led=pl.col("inside").sort_by("created_at").first()
    )
    joint = items.filter(pl.col("n_in") >= 3)
    assert joint["origin"].n_unique() / len(joint) > 0.5
    assert float(joint["led"].mean()) > 0.9
    assert float((joint["n"] > joint["n_in"]).mean()) > 0.1


def test_new_accounts_have_no_past() -> None:
    stream = with_crowd("new_accounts")
    first = posts_of(stream, "new_accounts").group_by("account_id").agg(pl.col("at_s").min())["at_s"]
    wave = make_stream(seed=4, crowds=(), **SMALL).moments.group_by("account_id").agg(pl.col("created_at").min())
    usual = (wave["created_at"].dt.epoch("s") - START_S).median()
    assert first.min() > 0.2 * SMALL["days"] * 86_400 - 1
    assert first.min() > usual


def test_people_of_one_zone_post_in_two_sittings() -> None:
    posts = posts_of(with_crowd("time_zones"), "time_zones").sort("account_id", "at_s")
    gap = posts.select(pl.col("at_s").diff().over("account_id"))["at_s"]
    assert float((gap < 120).mean()) > 0.3
    hours = posts.group_by("account_id").agg((pl.col("at_s") // 3600 % 24).n_unique())["at_s"]
    assert hours.median() <= 8


@pytest.mark.parametrize("name", ["default", "everything"])
def test_every_account_that_posts_is_marked_once_and_traces_are_posts(name: str) -> None:
    plants = [Plant(n_accounts=5, n_operations=6, jitter_s=40, where=w) for w in ("popular", "exclusive")]
    stream = make_stream(seed=2, crowds=CROWD_SETS[name], plants=plants, **SMALL)
    assert stream.accounts["account_id"].is_unique().all()
    assert set(stream.accounts["account_id"]) == set(stream.moments["account_id"])
    assert stream.accounts["role"].null_count() == 0
    counts = dict(stream.accounts.group_by("role").len().iter_rows())
    assert sum(counts.values()) == len(stream.accounts)
    assert set(counts) <= set(ROLES)
    assert counts["plant"] == len(stream.truth.filter(kind="plant"))
    assert (stream.accounts.filter(role="ordinary")["part"] == "").all()
    assert (stream.accounts.filter(role="crowd")["part"].is_in(HARD_CROWDS)).all()
    keys = ["account_id", "post_id", "created_at"]
    assert stream.traces.join(stream.moments, on=keys, how="anti").is_empty()
    assert stream.moments["post_id"].is_unique().all()
    assert len(stream.moments) > 1.3 * len(stream.traces)


def test_posts_that_share_nothing_leave_the_traces_as_they_were() -> None:
    with_posts, without = (make_stream(seed=3, own_posts=ratio, **SMALL) for ratio in (0.8, 0.0))
    assert with_posts.traces.equals(without.traces)
    assert len(without.moments) == len(without.traces)
    with pytest.raises(ConfigError):
        make_stream(seed=3, own_posts=-1, **SMALL)


def test_posts_are_what_a_scan_reads() -> None:
    kinds = ("link", "repost", "hashtags", "media", "reply", "text")
    stream = make_stream(seed=3, kinds=kinds, crowds=(), **SMALL)
    posts = stream_posts(stream)
    assert POSTS.check(posts).equals(posts)
    counts = dict(stream.traces.group_by("object_kind").len().iter_rows())
    assert posts["urls"].list.len().sum() == counts["link"]
    assert posts["repost_of"].count() == counts["repost"]
    assert posts["hashtags"].list.len().sum() == 3 * counts["hashtags"]
    assert posts["post_id"].is_unique().all()


@given(
    posts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1, max_size=60),
)
def test_a_mark_has_one_post_of_an_account_and_nobody_waits_without_need(posts: list) -> None:
    """Against a queue served one by one."""
    ordered = sorted(posts)
    account, wanted = (np.array(column) for column in zip(*ordered, strict=True))
    last: dict[int, int] = {}
    expected = []
    for who, mark in ordered:
        last[who] = max(mark, last.get(who, -1) + 1)
        expected.append(last[who])
    assert _one_each(account, wanted.astype(float)).tolist() == expected


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    n_accounts=st.integers(10, 300),
    n_shares=st.integers(0, 2_000),
    days=st.floats(0.05, 20),
    crowds=st.lists(st.sampled_from(HARD_CROWDS), unique=True),
)
def test_any_crowds_of_any_size_keep_to_the_stream(
    seed: int, n_accounts: int, n_shares: int, days: float, crowds: list
) -> None:
    stream = make_stream(seed=seed, n_accounts=n_accounts, n_shares=n_shares, days=days, crowds=crowds)
    seconds = stream.moments["created_at"].dt.epoch("s") - START_S
    assert seconds.is_empty() or (seconds.min() >= 0 and seconds.max() <= days * 86_400)
    pairs = stream.traces.select("account_id", "object_kind", "object_id")
    assert pairs.is_unique().all()
    ages = stream.traces.join(stream.objects, on=["object_kind", "object_id"])
    assert (ages["created_at"] >= ages["born_at"]).all()
