"""Framing: who is copied does as it would, copies come after, those who run ahead come before."""

from __future__ import annotations

import polars as pl
import pytest

from dideban.errors import ConfigError
from dideban.simulate import VICTIMS, Framing, Stream, make_framing_stream, make_stream
from dideban.simulate.files import parse_framing
from dideban.simulate.framing import SPARSE

AHEAD = ("ahead", "feed", "wire")
SMALL = {"n_accounts": 1_200, "n_shares": 16_000, "days": 7, "crowds": ()}


def framed(victims: str, n_attackers: int = 2) -> Stream:
    return make_framing_stream(Framing(n_attackers=n_attackers, victims=victims), seed=3, **SMALL)


def of_role(stream: Stream, role: str) -> pl.DataFrame:
    return stream.traces.join(stream.accounts.filter(role=role), on="account_id")


@pytest.mark.parametrize("victims", VICTIMS)
@pytest.mark.parametrize("n_attackers", [1, 5])
def test_roles_are_those_of_the_truth_and_the_same_seed_gives_the_same(victims: str, n_attackers: int) -> None:
    stream = framed(victims, n_attackers)
    again = framed(victims, n_attackers)
    assert stream.traces.equals(again.traces)
    assert stream.moments.equals(again.moments)
    roles = dict(stream.accounts.group_by("role").len().iter_rows())
    assert (roles["attacker"], roles["copied"]) == (n_attackers, 3)
    kinds = dict(stream.truth.group_by("kind").len().iter_rows())
    assert (kinds["attacker"], kinds["copied"]) == (n_attackers, 3)


@pytest.mark.parametrize("victims", VICTIMS)
def test_attackers_follow_within_seconds_or_run_ahead(victims: str) -> None:
    stream = framed(victims)
    first = of_role(stream, "copied").group_by("object_id").agg(theirs=pl.col("created_at").min())
    both = of_role(stream, "attacker").join(first, on="object_id")
    lag_s = (both["created_at"] - both["theirs"]).dt.total_seconds()
    if victims in AHEAD:
        assert float(lag_s.is_between(-120, 0).mean()) > 0.9
        assert lag_s.median() < 0
    elif victims in ("drawn", "straddled"):
        assert float(lag_s.is_between(-120, 5).mean()) > 0.9
        assert 0.1 < float((lag_s > 0).mean()) < 0.8
    else:
        assert float(lag_s.is_between(0, 5).mean()) > 0.8
    assert len(both) > 20


@pytest.mark.parametrize("victims", ["busy", "sparse"])
def test_existing_accounts_do_as_they_did(victims: str) -> None:
    stream, plain = framed(victims), make_stream(seed=3, **SMALL)
    attackers = stream.truth.filter(kind="attacker")["account_id"]
    keys = ["account_id", "object_id", "created_at"]
    rest = stream.traces.filter(~pl.col("account_id").is_in(attackers.implode())).select(keys)
    before = plain.traces.filter(~pl.col("account_id").is_in(attackers.implode())).select(keys)
    assert rest.equals(before)
    counts = of_role(stream, "copied").group_by("account_id").len()["len"]
    usual = plain.traces.group_by("account_id").len()["len"]
    if victims == "busy":
        assert counts.min() >= usual.sort(descending=True)[2]
    else:
        assert counts.is_between(*SPARSE).all()


def test_items_of_a_feed_come_from_one_site_and_those_of_a_wire_from_many() -> None:
    origins = {}
    for victims in ("feed", "wire"):
        stream = framed(victims)
        theirs = of_role(stream, "copied").group_by("object_id").len().filter(pl.col("len") >= 3)
        origins[victims] = theirs.join(stream.objects, on="object_id")["origin"].n_unique()
    assert origins["feed"] <= 3 < origins["wire"]


def test_the_drawn_have_nothing_in_common_but_the_attackers() -> None:
    theirs = of_role(framed("drawn"), "copied").group_by("object_id").agg(pl.col("account_id").n_unique())
    assert float((theirs["account_id"] > 1).mean()) < 0.05


def test_the_straddled_come_between_their_attackers() -> None:
    stream = framed("straddled", 3)
    first = of_role(stream, "copied").group_by("object_id").agg(theirs=pl.col("created_at").min())
    both = of_role(stream, "attacker").join(first, on="object_id")
    sides = both.group_by("object_id").agg(
        n=pl.len(),
        ahead=(pl.col("created_at") < pl.col("theirs")).any(),
        after=(pl.col("created_at") > pl.col("theirs")).any(),
    )
    around = sides.filter(pl.col("n") > 1, "ahead")
    assert len(around) > 40
    assert float(around["after"].mean()) > 0.9
    assert 0.2 < float((both["created_at"] < both["theirs"]).mean()) < 0.6


@pytest.mark.parametrize(
    ("text", "framing"),
    [
        ("1x3:busy", Framing()),
        ("5x3:wirex20", Framing(n_attackers=5, victims="wire", n_posts=20)),
        (" 2x4:sparse", Framing(n_attackers=2, n_copied=4, victims="sparse")),
    ],
)
def test_an_attack_in_one_word(text: str, framing: Framing) -> None:
    assert parse_framing(text) == framing


@pytest.mark.parametrize(
    "text", ["", "1x3", "1x3:nobody", "0x3:busy", "1x0:busy", "1x3:busyx0", "1x3:busyx", "x3:busy"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_framing(text)


@pytest.mark.parametrize(
    "arguments",
    [{"n_attackers": 0}, {"n_copied": 51}, {"lag_s": 0}, {"diligence": 0}, {"victims": "all"}, {"n_posts": 0}],
)
def test_impossible_attacks_are_refused(arguments: dict) -> None:
    with pytest.raises(ConfigError):
        Framing(**arguments)


def test_a_stream_without_fitting_accounts_is_refused() -> None:
    with pytest.raises(ConfigError):
        make_framing_stream(Framing(n_copied=20), seed=1, n_accounts=12, n_shares=50, days=1, crowds=())
