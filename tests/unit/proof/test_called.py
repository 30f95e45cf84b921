"""Accounts that somebody calls each time, told from members and from those who follow one leader."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.proof.called import CALL_S, LEAST_ACTS, Talk, _near, are_called

MEMBERS = pl.Series(["m0", "m1", "m2"])
Row = tuple[str, str, str, float]
"""Account, kind, object, time."""


def tables(rows: list[Row], written: list[Row] | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """TRACES of what is shared, and OBJECTS of who wrote what is answered."""
    when = pl.from_epoch(pl.col("t") * 1_000_000, time_unit="us").dt.replace_time_zone("UTC")
    shape = {"account_id": pl.String, "object_kind": pl.String, "object_id": pl.String, "t": pl.Float64}
    traces = pl.DataFrame(rows, schema=shape, orient="row").with_columns(created_at=when)
    posts = pl.DataFrame(written or [], schema=shape, orient="row").with_columns(born_at=when)
    return traces, posts.rename({"account_id": "origin"})


def called(rows: list[Row], written: list[Row] | None = None, proposed: pl.Series = MEMBERS) -> bool:
    traces, objects = tables(rows, written)
    return are_called(Talk.of(traces, objects, MEMBERS), MEMBERS, proposed=proposed)


def stream(n: int, *, caller: str = "", late_s: float = 9.0, kind: str = "repost", call: str = "reply") -> list[Row]:
    """Three accounts act together an hour apart; others share it half an hour later, a caller asks seconds before."""
    rng = np.random.default_rng(3)
    rows: list[Row] = []
    for item in range(n):
        t = item * 3_600.0 + 100
        rows += [(f"m{k}", kind, f"x{item}", t + float(rng.uniform(0, 8))) for k in range(3)]
        rows.append((f"u{item}", kind, f"x{item}", t + 1_800))
        if caller:
            rows.append((caller.format(item), call, f"x{item}", t - late_s))
    return rows


def test_who_acts_right_after_somebody_else_each_time_is_called() -> None:
    assert called(stream(12, caller="p{}"))
    assert not called(stream(12))
    assert not called(stream(LEAST_ACTS - 1, caller="p{}"))
    assert called(stream(LEAST_ACTS, caller="p{}"))


@pytest.mark.parametrize(("n_called", "expected"), [(7, False), (8, True)])
def test_two_thirds_of_the_acts_must_be_called(n_called: int, expected: bool) -> None:
    callers = [f"p{item}" for item in range(n_called, 12)]
    rows = [row for row in stream(12, caller="p{}") if row[0] not in callers]
    assert called(rows) is expected


@pytest.mark.parametrize(("late_s", "expected"), [(50.0, True), (75.0, False)])
def test_a_call_is_fresh(late_s: float, expected: bool) -> None:
    assert called(stream(12, caller="p{}", late_s=late_s)) is expected


def test_one_leader_is_no_caller() -> None:
    assert not called(stream(12, caller="leader"))


def test_who_was_proposed_with_them_calls_nobody() -> None:
    some = pl.Series(["m0", "m1", "m2", *(f"p{item}" for item in range(12))])
    assert not called(stream(12, caller="p{}"), proposed=some)


def test_a_crowd_around_hot_things_calls_nobody() -> None:
    rows = stream(12, caller="p{}")
    rows += [(f"q{item}", "repost", f"x{item}", item * 3_600.0 + 140) for item in range(12)]
    assert not called(rows)


@pytest.mark.parametrize("kind", ["link", "repost", "text", "reply"])
def test_a_campaign_that_comes_right_after_a_share_by_somebody_else_is_not_called(kind: str) -> None:
    assert not called(stream(12, caller="p{}", kind=kind, call=kind))


def test_who_wrote_the_post_that_is_answered_calls() -> None:
    written = [(f"w{item}", "reply", f"x{item}", item * 3_600.0 + 90) for item in range(12)]
    assert called(stream(12, kind="reply"), written)
    assert not called(stream(12, kind="reply"), [("w", kind, thing, t) for _, kind, thing, t in written])
    assert not called(stream(12, kind="reply"), [("m1", kind, thing, t) for _, kind, thing, t in written])


def test_an_answer_to_another_post_calls_nobody() -> None:
    rows = stream(12, kind="repost")
    answers = [(f"p{item}", "reply", f"x{item}", item * 3_600.0 + 85) for item in range(12)]
    assert called(rows + answers)
    assert not called(rows + [(who, kind, f"y{thing}", t) for who, kind, thing, t in answers])


def test_without_objects_nothing_is_known_of_who_wrote() -> None:
    traces, _ = tables(stream(12, kind="reply"))
    assert not are_called(Talk.of(traces, None, MEMBERS), MEMBERS, proposed=MEMBERS)


def test_calls_of_one_quarter_of_an_hour_count_once() -> None:
    rows = [(who, kind, thing, t / 3_600 * 30) for who, kind, thing, t in stream(12, caller="p{}", late_s=900.0)]
    assert not called(rows)


MOMENTS = st.lists(st.one_of(st.integers(0, 400), st.integers(0, 400_000_000).map(lambda us: us / 1e6)), max_size=12)


@given(begins=MOMENTS, lengths=st.lists(st.integers(0, 90), min_size=12, max_size=12), times=MOMENTS)
def test_what_is_near_is_what_a_look_at_every_pair_says(
    begins: list[float], lengths: list[int], times: list[float]
) -> None:
    spans = [(begin, begin + length) for begin, length in zip(begins, lengths, strict=False)]
    schema = {"of_post": pl.String, "object_id": pl.String, "begin": pl.Float64, "end": pl.Float64}
    acts = pl.DataFrame([("link", "x", *span) for span in spans], schema=schema, orient="row")
    shape = {"of_post": pl.String, "object_id": pl.String, "t": pl.Float64}
    others = pl.DataFrame([("link", "x", time) for time in times], schema=shape, orient="row")
    before = [(a, b, t) for a, b in spans for t in times if 0 < a - t <= CALL_S]
    after = [(a, b, t) for a, b in spans for t in times if 0 < t - b <= CALL_S]
    for side, expected in ((-1, before), (1, after)):
        assert sorted(_near(acts, others, side=side).select("begin", "end", "t").rows()) == sorted(expected)
