"""Rankings of pairs are read down until enough known pairs are met."""

from __future__ import annotations

import datetime as dt

import polars as pl

from dideban.schema import TRACES
from dideban.validation.page_real import _fit, _rankings
from dideban.validation.pairs import RECALLS, rank_pairs

START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)


def shares(rows: list[tuple[str, int, float]]) -> pl.DataFrame:
    """TRACES of links from (account, object, seconds)."""
    table = [
        (account, "link", f"o{number:03d}", f"x/{i}", START + dt.timedelta(seconds=number * 7200 + at))
        for i, (account, number, at) in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=TRACES.dtypes, orient="row")


def crowd() -> pl.DataFrame:
    """Two quiet accounts close on all they share; two busy ones close more often, on a small part of what they share."""
    rows = [(account, n, at) for n in range(6) for account, at in (("quiet1", 0.0), ("quiet2", 4.0))]
    rows += [(account, n, at) for n in range(10, 18) for account, at in (("busy1", 0.0), ("busy2", 5.0))]
    rows += [(account, n, at) for n in range(20, 60) for account, at in (("busy1", 0.0), ("busy2", 3000.0))]
    return shares(rows)


def test_busy_pairs_come_first_by_weight_and_last_by_share():
    ranked = rank_pairs(crowd(), truth={("quiet1", "quiet2")})
    assert ranked["threshold weight, 10 s"] == {"n_pairs": 2, "n_true": 1, "needed": [2] * len(RECALLS)}
    assert ranked["weight by the less active, 10 s"]["needed"] == [1] * len(RECALLS)


def test_pairs_nobody_can_be_compared_with_have_no_evidence():
    ranked = rank_pairs(crowd(), truth={("quiet1", "quiet2")})
    assert ranked["pair evidence, best of three scales"] == {"n_pairs": 0, "n_true": 0, "needed": [None] * len(RECALLS)}


def test_what_is_never_reached_is_said():
    ranked = rank_pairs(crowd(), truth={("quiet1", "quiet2"), ("a", "b")})
    needed = ranked["weight by the less active, 60 s"]["needed"]
    assert needed == [1] * 5 + [1 if round(2 * recall) <= 1 else None for recall in RECALLS[5:]]
    (text, table) = _rankings([("pump-all", {"ranked": ranked})])
    assert "pair evidence" in text
    assert "| all | threshold weight, 10 s | 2 |" in table
    assert _rankings([("pump-all", {})]) == []


def test_a_setting_without_any_pair_is_no_fit_where_the_test_found_nothing():
    sweep = [{"n_true": 0, "n_pairs": 0}, {"n_true": 1, "n_pairs": 4}, {"n_true": 2, "n_pairs": 10}]
    assert _fit({"sweep": sweep}, 0) == sweep[1]
    assert _fit({"sweep": sweep}, 2) == sweep[2]
    assert _fit({"sweep": sweep[:1]}, 0) is None
