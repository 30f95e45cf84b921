"""Exchanged contents: the same moments and the same objects, dealt out anew."""

from __future__ import annotations

import polars as pl
import pytest

from dideban.schema import TRACES
from dideban.simulate import make_stream
from dideban.validation.exchange import exchange_contents, exchange_hours


@pytest.fixture(scope="module")
def traces() -> pl.DataFrame:
    kinds = ("link", "repost")
    return make_stream(seed=2, n_accounts=200, n_shares=4_000, days=3, crowds=(), kinds=kinds).traces


def test_moments_stay_and_objects_stay_in_their_day(traces: pl.DataFrame) -> None:
    copy = exchange_contents(traces, seed=1)
    assert TRACES.check(copy).equals(copy)
    fixed = ["account_id", "object_kind", "post_id", "created_at"]
    assert copy.select(fixed).equals(traces.select(fixed))
    keys = ["account_id", "object_kind", pl.col("created_at").dt.date().alias("day")]
    dealt = [
        table.group_by(keys).agg(pl.col("object_id").sort()).sort("account_id", "object_kind", "day")
        for table in (traces, copy)
    ]
    assert dealt[0].equals(dealt[1])


def test_most_contents_move_and_the_same_seed_moves_them_alike(traces: pl.DataFrame) -> None:
    copy = exchange_contents(traces, seed=1)
    assert (copy["object_id"] != traces["object_id"]).mean() > 0.5
    assert copy.equals(exchange_contents(traces, seed=1))
    assert not copy.equals(exchange_contents(traces, seed=2))


def test_where_in_the_day_an_object_lands_is_even() -> None:
    rows = [("a", f"o{n}", n) for n in range(4)]
    table = pl.DataFrame(
        {
            "account_id": [a for a, _, _ in rows],
            "object_kind": pl.Series(["link"] * 4, dtype=TRACES.dtypes["object_kind"]),
            "object_id": [o for _, o, _ in rows],
            "post_id": [f"p{n}" for _, _, n in rows],
            "created_at": pl.Series([n * 3_600_000_000 for _, _, n in rows], dtype=pl.Int64).cast(
                TRACES.dtypes["created_at"]
            ),
        }
    )
    places = [exchange_contents(table, seed=seed)["object_id"].to_list().index("o0") for seed in range(800)]
    assert all(140 < places.count(place) < 260 for place in range(4))


def test_exchanged_hours_leave_days_and_contents_and_keep_posts_whole(traces: pl.DataFrame) -> None:
    copy, moments = exchange_hours(traces, traces.select("account_id", "created_at"), seed=1)
    assert TRACES.check(copy).equals(copy)
    fixed = ["account_id", "object_kind", "object_id", "post_id", pl.col("created_at").dt.date()]
    assert copy.select(fixed).equals(traces.select(fixed))
    assert moments.equals(copy.select("account_id", "created_at"))
    once = {"account_id", "created_at"}
    then = traces.select(*once, after=copy["created_at"]).unique()
    assert not then.select(pl.struct(*once).is_duplicated().any()).item(), "what is posted at one instant stays so"


def test_exchanged_hours_keep_the_times_of_day_of_each_account(traces: pl.DataFrame) -> None:
    copy, _ = exchange_hours(traces, traces, seed=1)
    hours = [
        table.unique(["account_id", "post_id"]).select("account_id", pl.col("created_at").dt.time().alias("hour"))
        for table in (traces, copy)
    ]
    assert hours[0].sort("account_id", "hour").equals(hours[1].sort("account_id", "hour"))
    assert (copy["created_at"] != traces["created_at"]).mean() > 0.5


def test_accounts_that_post_in_the_same_seconds_do_so_no_more() -> None:
    """Exchanging contents alone leaves their synchrony as it is; exchanging hours takes it away."""
    n = 40
    times = pl.Series([d * 86_400_000_000 + (d * 7_919 % 1_400) * 60_000_000 for d in range(n)], dtype=pl.Int64)
    table = pl.DataFrame(
        {
            "account_id": ["a"] * n + ["b"] * n,
            "object_kind": pl.Series(["link"] * 2 * n, dtype=TRACES.dtypes["object_kind"]),
            "object_id": [f"o{d}" for d in range(n)] * 2,
            "post_id": [f"p{i}" for i in range(2 * n)],
            "created_at": pl.concat([times, times]).cast(TRACES.dtypes["created_at"]),
        }
    )
    apart, _ = exchange_hours(table, table, seed=3)
    for copy, least, most in ((exchange_contents(table, seed=3), n, n), (apart, 0, 5)):
        a, b = (set(copy.filter(account_id=name)["created_at"]) for name in "ab")
        assert least <= len(a & b) <= most
