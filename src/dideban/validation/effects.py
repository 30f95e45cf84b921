"""How often the estimate of effects errs and what it sees, on made-up bursts and on real series; its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from dideban.effect.estimate import estimate, estimate_effects
from dideban.effect.match import Known
from dideban.effect.model import VERSION, Effect, EffectConfig, PooledEffect, TimedResponse
from dideban.effect.series import MAX_HOURS, Series, noticed_hours
from dideban.simulate.responses import Responses, make_bursts
from dideban.validation.effect_histories import follow_for_a_year, moves
from dideban.validation.intervals import exact_interval

HORIZONS_H = (6, 24, 48, 168)
LEAST_UNITS = 25
"""Real sets with fewer usable targets are left out."""
MOST_UNITS = 1_500
DELAYS_H = (3, 13)
"""Hours from being noticed to a placebo response."""
POWERS = ((0.5, (1, 5, 10, 15, 20, 40)), (0.3, (10, 20, 40, 60)))
TIMES = 5
"""So many times as many histories for one response alone: a thousand that can be used, and more."""
MOVES = (0.0, 0.3, 1.0)
"""Shares of the early accounts that post elsewhere after a response."""
CHOICES = ("any", "drawn", "size", "dying")


@dataclass(kw_only=True)
class EffectTally:
    """Counts of one row of the page."""

    n: int = 0
    fewer: int = 0
    more: int = 0
    covered: int = 0
    asked: int = 0
    evidence: int = 0

    def add(self, effect: Effect | PooledEffect, *, reduction: float) -> None:
        """Count one estimate."""
        self.n += 1
        self.fewer += effect.p_fewer <= 0.05
        self.more += effect.p_more <= 0.05
        low, high = effect.low or 0.0, effect.high or 0.0
        self.covered += low - 1e-9 <= reduction <= high + 1e-9
        self.evidence += effect.e_value >= 20


def history(spec: Responses, *, seed: int, horizon_h: int, n_units: int = 300) -> tuple[Series, list[TimedResponse]]:
    """Return simulated bursts and the responses to them."""
    bursts = make_bursts(spec, seed=seed, n_units=n_units)
    rows = bursts.responses.iter_rows()
    chosen = [
        TimedResponse(name=str(n), unit=unit, hour=float(hour), horizon_h=horizon_h, drawn_with=tuple(lot or ()))
        for n, (unit, hour, lot) in enumerate(rows)
    ]
    return Series(bursts.counts, np.ones(bursts.counts.shape[1], np.bool_)), chosen


def placebos(seeds: Sequence[int], *, horizon_h: int) -> EffectTally:
    """Count what is claimed of responses without an effect, on made-up bursts."""
    tally = EffectTally()
    for seed in seeds:
        series, responses = history(Responses(n=25, reduction=0.0), seed=seed, horizon_h=horizon_h)
        for effect in _effects(series, responses):
            tally.asked += 1
            if effect.identifiable:
                tally.add(effect, reduction=0.0)
    return tally


def _effects(series: Series, responses: Sequence[TimedResponse]) -> list[Effect]:
    known = Known.of(series, responses, config=EffectConfig())
    return [effect for effect, _ in estimate(known, responses)]


def pooled(seeds: Sequence[int], *, n: int, reduction: float, choice: str = "any", horizon_h: int = 48) -> EffectTally:
    """Count what is claimed of several responses together."""
    tally = EffectTally()
    for seed in seeds:
        series, responses = history(Responses(n=n, reduction=reduction, choice=choice), seed=seed, horizon_h=horizon_h)
        tally.asked += 1
        for found in estimate_effects(series, responses)[1][:1]:
            tally.add(found, reduction=reduction)
    return tally


def real_series(folder: Path) -> Iterator[tuple[str, Series]]:
    """Yield hourly posts of shared objects of the real sets."""
    for name, table, kinds in _tables(folder):
        for kind in kinds:
            some = table.filter(pl.col("kind") == kind) if kind else table
            if (series := hourly(some)) is not None:
                yield f"{name} {kind}".strip(), series


def _tables(folder: Path) -> Iterator[tuple[str, pl.DataFrame, list[str]]]:
    german = folder / "coortweet_german"
    if german.is_dir():
        objects = pl.read_parquet(german / "objects.parquet")
        posts = pl.read_parquet(german / "posts.parquet", columns=["post_id", "created_at"])
        yield "coortweet_german", objects.join(posts, on="post_id"), sorted(objects["kind"].unique().to_list())
    if (russian := folder / "coortweet_russian").is_dir():
        posts = pl.read_parquet(russian / "posts.parquet", columns=["repost_of", "created_at"]).drop_nulls()
        yield "coortweet_russian", posts.rename({"repost_of": "object_id"}), [""]
    if (ira := folder / "ira_traces").is_dir():
        traces = pl.read_parquet(ira / "traces.parquet", columns=["object_kind", "object_id", "created_at"])
        traces = traces.with_columns(
            kind=pl.format("{} {}", pl.col("object_kind").cast(pl.String), pl.col("created_at").dt.year())
        )
        yield "ira_traces", traces, sorted(traces["kind"].unique().to_list())


def hourly(table: pl.DataFrame) -> Series | None:
    """Return posts of the largest objects by the hour; None where there are too few."""
    some = table.drop_nulls(["object_id", "created_at"]).with_columns(h=pl.col("created_at").dt.epoch("s") // 3600)
    sizes = (
        some.group_by("object_id").len().filter(pl.col("len") >= 40).sort("len", "object_id", descending=[True, False])
    )
    if sizes.height < LEAST_UNITS:
        return None
    names = sizes.head(MOST_UNITS).with_row_index("row")
    inside = some.join(names.select("object_id", "row"), on="object_id")
    first, last = int(inside["h"].min()), int(inside["h"].max())  # type: ignore[arg-type]
    if last - first > MAX_HOURS:
        return None
    cells = inside.group_by("row", "h").len()
    counts = np.zeros((names.height, last - first + 1), np.int32)
    counts[cells["row"].to_numpy(), cells["h"].to_numpy() - first] = cells["len"].to_numpy()
    return Series(counts, np.ones(counts.shape[1], np.bool_), first_hour_of_day=first % 24)


def real_placebos(series: Series, seeds: Sequence[int], *, horizon_h: int) -> EffectTally | None:
    """Count what is claimed of responses that never happened, on a real series; None where it is too short."""
    noticed = noticed_hours(series, posts=20, within_h=24)
    usable = np.flatnonzero((noticed >= 72) & (noticed + DELAYS_H[1] + 1 + horizon_h < series.n_hours))
    if len(usable) < LEAST_UNITS:
        return None
    tally = EffectTally()
    for seed in seeds:
        source = np.random.Generator(np.random.PCG64(seed))
        units = source.choice(usable, min(5, len(usable) // 5), replace=False)
        delays = source.integers(*DELAYS_H, len(units))
        responses = [
            TimedResponse(name=str(unit), unit=int(unit), hour=float(noticed[unit] + delay), horizon_h=horizon_h)
            for unit, delay in zip(units, delays, strict=True)
        ]
        for effect in _effects(series, responses):
            tally.asked += 1
            if effect.identifiable:
                tally.add(effect, reduction=0.0)
    return tally


def write_effect_page(
    out: Path, *, shared: Path | None, n_seeds: int, say: Callable[[str], None] = lambda _: None
) -> Path:
    """Measure, and write ``validation-effect.md``."""
    seeds, alone = range(1, n_seeds + 1), range(1, TIMES * n_seeds + 1)
    parts = [
        HEAD.format(version=VERSION, n_seeds=n_seeds, n_alone=len(alone)),
        "## Without an effect: made-up bursts",
        PLACEBO_HEAD,
    ]
    for horizon_h in HORIZONS_H:
        parts[-1] += _row(f"{horizon_h} h", placebos(alone, horizon_h=horizon_h))
        say(f"placebo responses, {horizon_h} h")
    if shared is not None:
        parts += ["## Without an effect: real series", REAL, PLACEBO_HEAD]
        for name, series in real_series(shared):
            for horizon_h in HORIZONS_H:
                if (tally := real_placebos(series, alone, horizon_h=horizon_h)) is not None:
                    parts[-1] += _row(f"{name}, {horizon_h} h", tally)
            say(name)
    parts += ["## Several responses together, 48 h", POWER_HEAD]
    for reduction, counts in POWERS:
        for n in counts:
            parts[-1] += _power_row(f"{reduction:.0%}, {n} responses", pooled(seeds, n=n, reduction=reduction))
            say(f"{n} responses, {reduction:.0%}")
    parts += ["## How targets are chosen, 30 responses without an effect", CHOICE, POWER_HEAD]
    for choice in CHOICES:
        parts[-1] += _power_row(choice, pooled(seeds, n=30, reduction=0.0, choice=choice))
        say(choice)
    parts += history_parts(seeds, say=say)
    path = out / "validation-effect.md"
    path.write_text("\n\n".join(parts) + "\n", "utf-8", newline="\n")
    return path


def history_parts(seeds: Sequence[int], *, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Return the sections about a year without an effect and about activity that moves elsewhere."""
    year = follow_for_a_year(seeds)
    say("a year without an effect")
    sentence = YEAR.format(n=year.n, n_responses=year.n_responses // max(1, year.n), passed=_share(year.passed, year.n))
    parts = ["## Running evidence, followed for a year", sentence, "## Activity that moves elsewhere", MOVE, MOVE_HEAD]
    for share in MOVES:
        found = moves(seeds, share=share)
        counts = ((found.fewer, found.n), (found.more, found.n), (found.fewer_pooled, found.n_pooled),
                  (found.more_pooled, found.n_pooled))  # fmt: skip
        parts[-1] += "\n| " + " | ".join([f"{share:.0%}", *(_share(*one) for one in counts)]) + " |"
        say(f"moves, {share:.0%}")
    return parts


def _share(n: int, all_: int) -> str:
    if not all_:
        return "-"
    low, high = exact_interval(n, all_)
    return f"{n / all_:.1%} ({low:.1%} to {high:.1%})"


def _row(name: str, tally: EffectTally) -> str:
    cells = (f"{tally.n}/{tally.asked}", *(_share(n, tally.n) for n in (tally.fewer, tally.more, tally.covered)))
    return "\n| " + " | ".join([name, *cells]) + " |"


def _power_row(name: str, tally: EffectTally) -> str:
    shares = (_share(n, tally.n) for n in (tally.fewer, tally.more, tally.covered, tally.evidence))
    return "\n| " + " | ".join([name, str(tally.n), *shares]) + " |"


HEAD = """# Effects: error and power

<!-- Written by python -m dideban.validate --only-effect. -->

Method {version}, {n_seeds} histories per row, {n_alone} for one response alone. Each history has 300 targets over 90
days. Intervals in brackets cover 95%. [How it works](effect.md)."""
REAL = (
    "Hourly posts of shared objects in published sets, answered at random 3 to 12 hours after they were noticed: "
    "nothing happened, so nothing may be claimed. Where no target had a post after such a moment nothing is said."
)
CHOICE = (
    "`any`: at random. `drawn`: by a lot. `size`: the largest first. `dying`: a desk that knows which targets are "
    "about to fade and answers those. No estimate can tell the last from an effect; only the lot keeps it out."
)
YEAR = (
    "{n} histories of a year with 1,000 targets and {n_responses} responses that do nothing. The running evidence is "
    "looked at after every response. It ever passes 20 in {passed} of histories; at most 5% may."
)
MOVE = (
    "Histories of 60 days with 300 targets, 3,000 accounts with topics of their own, and 20 responses. A share of the "
    "accounts that were early with an answered target post once elsewhere within 48 hours. Pooled: all 20 together."
)
MOVE_HEAD = """| accounts that move | one: fewer | one: more | pooled: fewer | pooled: more |
| --- | --- | --- | --- | --- |"""
PLACEBO_HEAD = """| horizon | could be used | claimed fewer | claimed more | 90% interval covers |
| --- | --- | --- | --- | --- |"""
POWER_HEAD = """| reduction | histories | claimed fewer | claimed more | 90% interval covers | evidence 20 or more |
| --- | --- | --- | --- | --- | --- |"""
