from __future__ import annotations

import itertools
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.report import network, raster
from dideban.report.operation_timeline import Operation, OperationTimeline, delays, operation_timeline, window_of
from dideban.schema import EDGES, SHARES

START = datetime(2026, 3, 2, tzinfo=UTC)
ACCOUNTS = ["ana", "ben", "cyr"]


def shares_of(rows: list[tuple[str, str, int]]) -> pl.DataFrame:
    made = [
        {"finding_id": "f", "account_id": a, "object_kind": "link", "object_id": o, "post_id": f"x/{ix}",
         "created_at": START + timedelta(seconds=s), "is_joint": True}
        for ix, (a, o, s) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(made, schema=SHARES.dtypes)


def naive_operations(rows: list[tuple[str, str, int]], window_s: float) -> list[tuple[int, str, list[tuple[str, int]]]]:
    """Walk each object's shares in order and start anew after a pause longer than the window."""
    made = []
    for name in {o for _, o, _ in rows}:
        runs: list[list[tuple[int, str]]] = []
        for s, a in sorted((s, a) for a, o, s in rows if o == name):
            if runs and s - runs[-1][-1][0] <= window_s:
                runs[-1].append((s, a))
            else:
                runs.append([(s, a)])
        for run in runs:
            first: dict[str, int] = {}
            for s, a in run:
                first.setdefault(a, s - run[0][0])
            if len(first) > 1:
                made.append((run[0][0], name, sorted((lag, a) for a, lag in first.items())))
    return [(s, name, [(a, lag) for lag, a in crew]) for s, name, crew in sorted(made)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from("pq"), st.integers(0, 2000)), max_size=25))
def test_operations_are_what_the_slow_way_finds(make_session: Any, rows: list[tuple[str, str, int]]) -> None:
    finding = make_session
    story = operation_timeline(finding, shares_of(rows))
    seen = [
        (
            o.start_us // 10**6 - int(START.timestamp()),
            o.object_id,
            [(story.accounts[r], round(s)) for r, s in o.members],
        )
        for o in story.operations
    ]
    assert seen == naive_operations(rows, window_of(finding))


@pytest.fixture(scope="session")
def make_session(make: Any) -> Any:
    import dataclasses

    finding, _, _ = make.make_finding("law", n_accounts=3, n_operations=2)
    return dataclasses.replace(finding, accounts=ACCOUNTS, leaders=[])


def test_rows_follow_the_lead_then_the_name(make: Any) -> None:
    finding, _, shares = make.make_finding("bridge")
    story = operation_timeline(finding, pl.DataFrame([{"finding_id": "f", **s} for s in shares], schema=SHARES.dtypes))
    lag = {leader.account_id: leader.median_lag_s for leader in finding.leaders}
    assert [lag[a] for a in story.accounts] == sorted(lag.values())
    assert len(story.operations) == 31


def test_the_order_of_shares_does_not_matter(make: Any) -> None:
    finding, _, shares = make.make_finding("bridge")
    table = pl.DataFrame([{"finding_id": "f", **s} for s in shares], schema=SHARES.dtypes)
    one, two = (
        operation_timeline(finding, table),
        operation_timeline(finding, table.sample(fraction=1, shuffle=True, seed=3)),
    )
    assert one.operations == two.operations
    assert np.array_equal(one.joint, two.joint)
    assert np.array_equal(one.single, two.single)


def operation(*lags: float, start_us: int = 0) -> Operation:
    return Operation(kind="link", object_id="o", start_us=start_us, members=list(enumerate(lags)))


@given(st.lists(st.lists(st.floats(0, 1e6), min_size=2, max_size=6), max_size=5))
def test_histogram_counts_every_pair_once(crews: list[list[float]]) -> None:
    operations = [operation(*sorted(crew)) for crew in crews]
    pairs = [b - a for crew in crews for a, b in itertools.combinations(sorted(crew), 2)]
    assert sorted(delays(operations)) == pytest.approx(sorted(pairs))
    assert sum(bar.n for bar in raster.histogram(operations)) == len(pairs)


def test_histogram_of_one_operation() -> None:
    bars = raster.histogram([operation(0, 3, 4)])
    assert [(bar.label, bar.n) for bar in bars if bar.n] == [("1–2 s", 1), ("2–5 s", 2)]


def story(times: list[int]) -> OperationTimeline:
    points = np.array([(s * 10**6, row) for row, s in enumerate(times)], dtype=np.int64).reshape(-1, 2)
    return OperationTimeline(accounts=[], operations=[], joint=points, single=np.zeros((0, 2), dtype=np.int64))


@given(st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=30))
def test_every_dot_and_every_tick_is_inside_the_drawing(times: list[int]) -> None:
    made = story(times)
    span = raster.extent(made)
    dots = re.findall(r"M(-?\d+) (\d+)\.5h0", raster.dots(made.joint, span))
    assert {int(row) for _, row in dots} == set(range(len(times)))
    assert all(0 <= int(x) <= raster.WIDE for x, _ in dots)
    ticks = raster.time_ticks(span)
    assert len(ticks) <= 8
    assert all(0 <= tick.at <= 100 for tick in ticks)
    assert sorted({tick.at for tick in ticks}) == [tick.at for tick in ticks]


def test_where_hours_are_marked_a_new_day_is_named():
    hour = 3_600_000_000
    midnight = 20_420 * 24 * hour  # the beginning of 28 November 2025
    ticks = raster.time_ticks((midnight - 20 * hour, midnight + 20 * hour))
    assert [tick.text for tick in ticks] == ["06:00", "12:00", "18:00", "11-28", "06:00", "12:00", "18:00"]


@given(
    st.integers(-60_000_000_000_000_000, 250_000_000_000_000_000),
    st.lists(st.integers(0, 10**13), min_size=1, max_size=20),
)
def test_a_spark_counts_every_share_whatever_the_span(start_us: int, offsets: list[int]) -> None:
    for scale in (1, 10**6, 10**13):  # from decades down to one instant
        times = [start_us + offset // scale for offset in offsets]
        shares = pl.DataFrame({"created_at": pl.Series(times).cast(SHARES.dtypes["created_at"]), "is_joint": True})
        bars = re.findall(r"M(\d+) 24v-(\d+)", raster.spark(shares))
        assert 1 <= len(bars) <= len(times)
        assert all(0 <= int(x) <= 240 and 1 <= int(height) <= 22 for x, height in bars)
        assert max(int(height) for _, height in bars) == 22


def test_an_instant_stands_in_the_middle_of_every_figure() -> None:
    made = story([5, 5, 5])
    span = raster.extent(made)
    assert set(re.findall(r"M(\d+) ", raster.dots(made.joint, span))) == {str(raster.WIDE // 2)}
    shares = pl.DataFrame(
        {"created_at": [START] * 3, "is_joint": True}, schema_overrides={"created_at": SHARES.dtypes["created_at"]}
    )
    assert raster.spark(shares) == "M117 24v-22"  # the 24th bin of 48
    assert len(raster.time_ticks((7, 7))) <= 1


def test_dots_that_fall_on_one_another_are_drawn_once() -> None:
    points = np.array([[0, 0], [1, 0], [10**12, 0]], dtype=np.int64)
    assert raster.dots(points, (0, 10**12)).count("h0") == 2


def test_a_column_holds_its_dots() -> None:
    path = raster.column_dots([operation(0, 5), operation(0, 500)], reach_s=10)
    xs = [float(x) for x in re.findall(r"M([\d.]+)", path)]
    assert all(0 < x < 500 for x in xs[:2])
    assert all(500 < x < 1000 for x in xs[2:])
    assert xs[0] < xs[1]


def test_nothing_to_draw() -> None:
    empty = story([])
    assert raster.dots(empty.joint, raster.extent(empty)) == ""
    assert raster.histogram([]) == []
    assert raster.column_ticks(0) == []
    assert raster.reach([]) == 1


def edges_of(rows: list[tuple[str, str, int]]) -> pl.DataFrame:
    made = [
        {"account_a": a, "account_b": b, "object_kind": "link", "window_s": 60.0, "weight": w, "n_pairs": w,
         "mean_delay_s": 1.0, "n_posts_a": w, "n_posts_b": w, "symmetry": 1.0, "is_strong": True}
        for a, b, w in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema=EDGES.dtypes)


@pytest.mark.parametrize("n", [3, 12, 40, 80])
def test_no_two_circles_touch(n: int) -> None:
    chance = random.Random(n)
    names = [f"a{ix:02}" for ix in range(n)]
    ties = [(a, b, chance.randrange(2, 30)) for a, b in itertools.combinations(names, 2) if chance.random() < 0.3]
    drawing = network.draw_group(names, edges_of(ties))
    for (x1, y1, _), (x2, y2, _) in itertools.combinations(drawing.nodes, 2):
        assert np.hypot(x1 - x2, y1 - y2) > 42  # two radii of 21
    assert all(0 < x < drawing.size[0] and 0 < y < drawing.size[1] for x, y, _ in drawing.nodes)


def test_only_ties_between_members_are_drawn_and_kinds_add_up() -> None:
    links = edges_of(
        [("ana", "ben", 3), ("ana", "ben", 4), ("ben", "cyr", 2), ("cyr", "zed", 9)]
    )  # two windows: 3 of 4
    texts = edges_of([("ana", "ben", 3)]).with_columns(object_kind=pl.lit("text").cast(EDGES.dtypes["object_kind"]))
    edges = pl.concat([links, texts])
    drawing = network.draw_group(ACCOUNTS, edges)
    assert drawing.heaviest == [(0, 1, 7), (1, 2, 2)]
    assert drawing.n_all == 2
    assert drawing == network.draw_group(ACCOUNTS, edges.reverse())


def test_the_heaviest_ties_are_kept() -> None:
    names = [f"a{ix:02}" for ix in range(60)]
    ties = [(a, b, ix) for ix, (a, b) in enumerate(itertools.combinations(names, 2), start=1)]
    drawing = network.draw_group(names, edges_of(ties))
    assert (drawing.n_lines, drawing.n_all) == (network.MAX_LINES, 1770)
    assert sum(path.count("M") for path in drawing.lines) == network.MAX_LINES


def test_a_group_without_ties_is_still_drawn() -> None:
    drawing = network.draw_group(ACCOUNTS, edges_of([]))
    assert len({(x, y) for x, y, _ in drawing.nodes}) == 3


def test_overview_shows_an_account_of_two_groups(make: Any) -> None:
    import dataclasses

    one, _, _ = make.make_finding("one", n_accounts=5)
    two = dataclasses.replace(one, accounts=[*one.accounts[:1], "b1", "b2", "b3"])
    overview = network.draw_overview({"f1": one, "f2": two}, edges_of([]))
    assert overview.n_bridges == 1
    assert [island.n_accounts for island in overview.islands] == [5, 4]
    assert network.draw_overview({}, edges_of([])).islands == []
