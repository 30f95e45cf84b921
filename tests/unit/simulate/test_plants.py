"""Plants: when in an object's life they act, whom they act among, and how much their members post."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dideban.errors import ConfigError
from dideban.simulate import Plant, Stream, make_stream
from dideban.simulate.files import parse_plant

SMALL = {"n_accounts": 1_200, "n_shares": 12_000, "days": 7}


def planted(**arguments: object) -> Stream:
    return make_stream(seed=3, plants=[Plant(**arguments)], **SMALL)


def joint(stream: Stream) -> pl.DataFrame:
    members = stream.truth.filter(kind="plant").select("group", "account_id")
    return stream.operations.join(members, on="group").join(
        stream.traces, on=["account_id", "object_kind", "object_id"]
    )


def others(stream: Stream) -> pl.DataFrame:
    members = stream.truth.filter(kind="plant")["account_id"]
    mine = stream.operations.select("object_id")
    return stream.traces.join(mine, on="object_id").filter(~pl.col("account_id").is_in(members.implode()))


def test_a_day_among_forty_others_at_any_moment() -> None:
    stream = planted(n_accounts=8, n_operations=20, jitter_s=40, days=1, moment="any", others=40)
    assert others(stream).group_by("object_id").len()["len"].unique().to_list() == [40]
    span = joint(stream)["created_at"].max() - joint(stream)["created_at"].min()
    assert span.total_seconds() <= 86_400
    ages = stream.operations.join(stream.objects, on="object_id")
    hours = (ages["trigger_at"] - ages["born_at"]).dt.total_seconds() / 3600
    assert hours.min() >= 0
    assert hours.max() <= 12
    assert hours.std() > 1


def test_always_first_means_before_everybody_else() -> None:
    stream = planted(n_accounts=9, n_operations=30, jitter_s=6, moment="first", others=40)
    mine = joint(stream).group_by("object_id").agg(pl.col("created_at").max())
    first = others(stream).group_by("object_id").agg(theirs=pl.col("created_at").min())
    both = mine.join(first, on="object_id")
    assert float((both["created_at"] <= both["theirs"]).mean()) > 0.9
    ages = joint(stream).join(stream.objects, on="object_id")
    assert (ages["created_at"] - ages["born_at"]).dt.total_seconds().max() <= 6


@pytest.mark.parametrize("rate", [2.0, 3.0, 5.0])
def test_members_post_as_often_as_asked(rate: float) -> None:
    stream = planted(n_accounts=6, n_operations=10, jitter_s=40, where="exclusive", posts_per_day=rate)
    members = stream.accounts.filter(role="plant")["account_id"]
    counts = stream.moments.filter(pl.col("account_id").is_in(members.implode())).group_by("account_id").len()["len"]
    wanted = round(rate * SMALL["days"])
    assert counts.is_between(wanted - 1, wanted).all()


def test_others_post_as_they_did_whatever_members_are_asked_for() -> None:
    plant = {"n_accounts": 6, "n_operations": 10, "jitter_s": 40, "where": "exclusive"}
    one, two = planted(**plant), planted(**plant, posts_per_day=3.0)
    members = one.accounts.filter(role="plant")["account_id"]
    rest = [s.moments.filter(~pl.col("account_id").is_in(members.implode())).drop("post_id") for s in (one, two)]
    assert rest[0].equals(rest[1])


def test_members_at_one_lag_follow_each_other_by_it() -> None:
    stream = planted(n_accounts=5, n_operations=10, jitter_s=0, lag_s=7.0, where="exclusive")
    late = joint(stream).with_columns(late_s=(pl.col("created_at") - pl.col("trigger_at")).dt.total_seconds())
    steps = np.unique(np.round(late["late_s"].to_numpy() / 7))
    assert steps.tolist() == list(range(len(steps)))
    assert ((late["late_s"] % 7).is_in([0, 6])).all()
    turns = late.sort("late_s").group_by("operation", maintain_order=True).agg("account_id")["account_id"].to_list()
    order = max(turns, key=len)
    assert all([a for a in order if a in some] == some for some in turns)


def test_two_accounts_are_a_plant_too() -> None:
    stream = planted(n_accounts=2, n_operations=30, jitter_s=5)
    assert len(stream.truth.filter(kind="plant")) == 2


@pytest.mark.parametrize(
    ("text", "plant"),
    [
        (
            "8x20x40:popular,days=1,moment=any,others=40",
            Plant(n_accounts=8, n_operations=20, jitter_s=40, days=1, moment="any", others=40),
        ),
        (
            "5x12x40:exclusive,rate=2.5,lag=5",
            Plant(n_accounts=5, n_operations=12, jitter_s=40, where="exclusive", posts_per_day=2.5, lag_s=5),
        ),
        ("9x30x6,moment=first", Plant(n_accounts=9, n_operations=30, jitter_s=6, moment="first")),
    ],
)
def test_options_in_one_word(text: str, plant: Plant) -> None:
    assert parse_plant(text) == plant


@pytest.mark.parametrize(
    "options",
    ["days=1,days=2", "moment=late", "others=0", "others=1.5", "rate=x", "pace=1", "lag=0", "days=nan", "rate=."],
)
def test_options_that_mean_nothing_are_refused(options: str) -> None:
    with pytest.raises(ConfigError):
        parse_plant(f"8x20x40:popular,{options}")
