"""Streams: same seed same bytes, heavy tails, rhythm, truth that matches what was planted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.errors import ConfigError
from dideban.schema import OBJECTS, TRACES
from dideban.simulate import ALL_CROWDS, HARD_CROWDS, Plant, Stream, make_stream, planted_grid
from dideban.simulate.stream import START_S

SMALL = {"n_accounts": 1_500, "n_shares": 20_000, "days": 7}


@pytest.fixture(scope="module")
def null() -> Stream:
    return make_stream(seed=5, **SMALL)


@pytest.fixture(scope="module")
def planted() -> Stream:
    grid = planted_grid(
        sizes=(5, 12), operations=(10,), jitters_s=(0.0, 40.0), wheres=("popular", "exclusive", "mixed")
    )
    return make_stream(seed=5, plants=grid, **SMALL)


def joint(stream: Stream) -> pl.DataFrame:
    """Shares of operation objects by members at or after the trigger, with the lag in seconds."""
    members = stream.truth.filter(kind="plant").select("group", "account_id")
    return (
        stream.operations.join(members, on="group")
        .join(stream.traces, on=["account_id", "object_kind", "object_id"])
        .with_columns(lag_s=(pl.col("created_at") - pl.col("trigger_at")).dt.total_seconds())
    )


def test_same_seed_gives_the_same_tables_and_another_seed_does_not(null: Stream) -> None:
    again = make_stream(seed=5, **SMALL)
    assert again.traces.equals(null.traces)
    assert again.truth.equals(null.truth)
    assert again.objects.equals(null.objects)
    assert not make_stream(seed=6, **SMALL).traces.equals(null.traces)


def test_tables_keep_their_contracts_and_times_are_sorted_whole_seconds(planted: Stream) -> None:
    assert TRACES.check(planted.traces).equals(planted.traces)
    assert OBJECTS.check(planted.objects).equals(planted.objects)
    seconds = planted.traces["created_at"].dt.epoch("us")
    assert seconds.is_sorted()
    assert (seconds % 1_000_000 == 0).all()
    assert planted.traces["post_id"].n_unique() == len(planted.traces)
    unknown = planted.traces.join(planted.objects, on=["object_kind", "object_id"], how="anti")
    assert unknown.is_empty()


def test_nobody_shares_an_object_before_it_is_born_or_after_the_stream_ends(planted: Stream) -> None:
    ages = planted.traces.join(planted.objects, on=["object_kind", "object_id"])
    assert (ages["created_at"] >= ages["born_at"]).all()
    assert planted.traces["created_at"].dt.epoch("s").max() < START_S + SMALL["days"] * 86_400


def test_popularity_and_activity_are_heavy_tailed() -> None:
    stream = make_stream(seed=1, crowds=(), n_accounts=3_000, n_shares=40_000)
    for column in ("object_id", "account_id"):
        counts = np.sort(stream.traces[column].value_counts()["count"].to_numpy())[::-1]
        top = counts[: len(counts) // 100].sum() / counts.sum()
        assert top > 0.05, column
        assert counts[0] > 8 * np.median(counts), column
    assert len(stream.traces) == 40_000


def test_nights_are_quieter_than_evenings_in_one_time_zone() -> None:
    stream = make_stream(seed=1, crowds=(), n_accounts=3_000, n_shares=40_000)
    per_hour = stream.traces["created_at"].dt.hour().value_counts().sort("created_at")["count"].to_numpy()
    assert per_hour.max() > 2 * per_hour.min()


def test_most_shares_follow_birth_within_hours_and_some_within_days() -> None:
    stream = make_stream(seed=1, crowds=(), n_accounts=3_000, n_shares=40_000)
    ages = stream.traces.join(stream.objects, on=["object_kind", "object_id"])
    hours = (ages["created_at"] - ages["born_at"]).dt.total_seconds() / 3600
    assert 0.5 < hours.quantile(0.5) < 8
    assert hours.quantile(0.99) > 36


def test_a_null_stream_has_no_plant_and_shared_triggers_of_ordinary_crowds_are_named(null: Stream) -> None:
    assert null.operations.is_empty()
    assert set(null.truth["kind"]) == {"feed", "wire", "announced"}
    assert make_stream(seed=5, crowds=(), **SMALL).truth.is_empty()


def test_plants_join_within_the_jitter_and_as_often_as_stated(planted: Stream) -> None:
    grid = planted_grid(
        sizes=(5, 12), operations=(10,), jitters_s=(0.0, 40.0), wheres=("popular", "exclusive", "mixed")
    )
    shares, together = joint(planted), 0
    for number, plant in enumerate(grid):
        mine = shares.filter(pl.col("lag_s").is_between(0, plant.jitter_s), group=f"plant-{number:02d}")
        joined = planted.operations.filter(group=f"plant-{number:02d}")["n_joined"].sum()
        assert mine["account_id"].n_unique() == plant.n_accounts
        assert joined <= len(mine) <= joined + 2  # a member that stood aside may share on its own at that moment
        together += joined
        assert len(planted.operations.filter(group=f"plant-{number:02d}")) == plant.n_operations
    possible = sum(plant.n_accounts * plant.n_operations for plant in grid)
    assert abs(together / possible - 0.85) < 4 * np.sqrt(0.85 * 0.15 / possible)


def test_popular_operations_hide_among_others_and_exclusive_ones_do_not(planted: Stream) -> None:
    members = planted.truth.filter(kind="plant").select("group", "account_id")
    operations = planted.operations.select("group", "object_id", "where")
    shares = planted.traces.join(operations, on="object_id")
    others = shares.join(members, on=["group", "account_id"], how="anti").group_by("object_id", "where").len()
    assert "exclusive" not in others["where"].to_list()
    popular = others.filter(where="popular")["len"]
    assert popular.min() >= 5
    assert len(popular) == planted.operations.filter(where="popular")["object_id"].n_unique()


def test_plants_leave_the_background_as_it_was(null: Stream, planted: Stream) -> None:
    keys = ["account_id", "object_id", "created_at"]
    removed = null.traces.join(planted.traces, on=keys, how="anti")
    assert removed.join(planted.operations, on="object_id", how="anti").is_empty()


def test_members_of_different_plants_and_of_crowds_do_not_overlap(planted: Stream) -> None:
    assert planted.truth["account_id"].is_unique().all()


def test_plants_of_several_kinds_take_turns_and_days_bound_them() -> None:
    plant = Plant(n_accounts=6, n_operations=12, jitter_s=30, where="mixed", kinds=("link", "repost"), days=2)
    stream = make_stream(seed=3, plants=[plant], kinds=("link", "repost", "text", "hashtags"), **SMALL)
    assert stream.operations["object_kind"].value_counts()["count"].to_list() == [6, 6]
    span = stream.operations["trigger_at"].max() - stream.operations["trigger_at"].min()
    assert span.total_seconds() <= 2 * 86_400
    assert set(stream.traces["object_kind"]) == {"link", "repost", "text", "hashtags"}


def _near_minute(stream: Stream, name: str) -> float:
    """Share of a stream's times within the first five seconds of a quarter of an hour."""
    seconds = stream.traces["created_at"].dt.epoch("s") % 900
    return float((seconds < 5).mean())


def test_schedulers_post_on_the_quarter() -> None:
    plain, timed = (make_stream(seed=4, crowds=crowds, **SMALL) for crowds in ((), ("schedulers",)))
    assert _near_minute(plain, "plain") < 0.01
    assert _near_minute(timed, "timed") > 0.02


def test_fast_reactors_answer_within_minutes_and_breaking_news_comes_in_bursts() -> None:
    fast = make_stream(seed=4, crowds=("fast_reactors",), **SMALL)
    plain = make_stream(seed=4, crowds=(), **SMALL)
    shares = []
    for stream in (fast, plain):
        ages = stream.traces.join(stream.objects, on=["object_kind", "object_id"])
        shares.append(float(((ages["created_at"] - ages["born_at"]).dt.total_seconds() < 120).mean()))
    assert shares[0] > 1.3 * shares[1]
    news = make_stream(seed=4, crowds=("breaking_news",), **SMALL)
    per_minute = news.traces.group_by("object_id", pl.col("created_at").dt.truncate("10m")).len()["len"].max()
    usual = plain.traces.group_by("object_id", pl.col("created_at").dt.truncate("10m")).len()["len"].max()
    assert per_minute > 3 * usual


@pytest.mark.parametrize(("crowd", "spread_s"), [("feed_crossposters", 3), ("feed_crossposters_jittered", 60)])
def test_feeds_follow_birth_at_a_pace_of_their_own(crowd: str, spread_s: float) -> None:
    stream = make_stream(seed=4, crowds=(crowd,), **SMALL)
    member = stream.truth.filter(kind="feed")["account_id"][0]
    ages = stream.traces.filter(account_id=member).join(stream.objects, on=["object_kind", "object_id"])
    feed = ages["origin"].mode()[0]
    delay = (ages["created_at"] - ages["born_at"]).dt.total_seconds().filter(ages["origin"] == feed)
    if crowd == "feed_crossposters":
        assert delay.quantile(0.9) - delay.quantile(0.1) <= spread_s
    else:
        assert delay.quantile(0.9) - delay.quantile(0.1) > spread_s


def test_diurnal_members_and_sessions_bunch_their_own_shares() -> None:
    plain = make_stream(seed=4, crowds=(), **SMALL)

    def close(stream: Stream) -> float:
        gaps = stream.traces.sort("account_id", "created_at").select(
            pl.col("created_at").diff().over("account_id").dt.total_seconds()
        )["created_at"]
        return float((gaps < 120).mean())

    for crowd in ("sessions", "diurnal_communities"):
        assert close(make_stream(seed=4, crowds=(crowd,), **SMALL)) > 1.3 * close(plain)


@pytest.mark.parametrize(
    "arguments",
    [
        {"seed": -1},
        {"seed": 1, "n_accounts": 3},
        {"seed": 1, "days": 0},
        {"seed": 1, "crowds": ("fast_reactor",)},
        {"seed": 1, "kinds": ("links",)},
        {"seed": 1, "kinds": ()},
        {"seed": 1, "n_accounts": 20, "n_shares": 100, "plants": [Plant(n_accounts=30, n_operations=2, jitter_s=1)]},
        {"seed": 1, "n_accounts": 20, "n_shares": 0, "plants": [Plant(n_accounts=3, n_operations=2, jitter_s=1)]},
        {"seed": 1, "plants": [Plant(n_accounts=3, n_operations=2, jitter_s=1, kinds=("text",))], "n_shares": 500},
    ],
)
def test_impossible_requests_are_refused_by_name(arguments: dict) -> None:
    with pytest.raises(ConfigError):
        make_stream(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"n_accounts": 1},
        {"n_operations": 0},
        {"jitter_s": -1},
        {"jitter_s": float("nan")},
        {"where": "hidden"},
        {"participation": 0},
        {"kinds": ("links",)},
        {"days": 0},
    ],
)
def test_impossible_plants_are_refused(arguments: dict) -> None:
    with pytest.raises(ConfigError):
        Plant(**{"n_accounts": 5, "n_operations": 5, "jitter_s": 5, **arguments})


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    n_accounts=st.integers(10, 400),
    n_shares=st.integers(0, 3_000),
    days=st.floats(0.05, 40),
    crowds=st.lists(st.sampled_from(HARD_CROWDS), unique=True),
    size=st.integers(2, 5),
    jitter_s=st.floats(0, 7200),
)
def test_any_request_in_range_gives_a_consistent_stream(
    seed: int, n_accounts: int, n_shares: int, days: float, crowds: list, size: int, jitter_s: float
) -> None:
    plant = Plant(n_accounts=size, n_operations=4, jitter_s=min(jitter_s, days * 20_000), where="exclusive")
    stream = make_stream(seed=seed, n_accounts=n_accounts, n_shares=n_shares, days=days, crowds=crowds, plants=[plant])
    TRACES.check(stream.traces)
    OBJECTS.check(stream.objects)
    seconds = stream.traces["created_at"].dt.epoch("s")
    assert seconds.is_empty() or (seconds.min() >= START_S and seconds.max() <= START_S + days * 86_400)
    assert len(stream.truth.filter(kind="plant")) == size
    assert len(stream.operations) == 4
    assert len(stream.traces) <= 1.6 * n_shares + 4 * size + 600


def test_all_crowds_are_among_the_hard_ones() -> None:
    assert set(ALL_CROWDS) < set(HARD_CROWDS)


@pytest.mark.parametrize(("crowd", "period_s"), [("schedulers", 900), ("diurnal_communities", 86_400)])
def test_circles_share_the_same_things_by_the_same_clock(crowd: str, period_s: int) -> None:
    stream = make_stream(seed=4, crowds=(crowd,), **SMALL)
    plain = make_stream(seed=4, crowds=(), **SMALL)

    def concentrated(traces: pl.DataFrame) -> list[str]:
        """Accounts with 12 or more shares whose times within the period hardly spread (circular)."""
        angle = (pl.col("created_at").dt.epoch("s") % period_s) * (2 * np.pi / period_s)
        spread = traces.group_by("account_id").agg(pl.len(), length=(angle.cos().mean() ** 2 + angle.sin().mean() ** 2))
        return spread.filter(pl.col("len") >= 12, pl.col("length") > 0.9)["account_id"].to_list()

    members = concentrated(stream.traces)
    assert len(members) >= 15
    assert len(concentrated(plain.traces)) <= 0.1 * len(members)
    mine = stream.traces.filter(pl.col("account_id").is_in(members))
    pairs = mine.join(mine, on="object_id").filter(pl.col("account_id") < pl.col("account_id_right"))
    assert pairs.group_by("account_id", "account_id_right").len()["len"].max() >= 5
