"""The page on how often the estimate of effects errs and what it sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dideban.arrays import B1, I8
from dideban.effect.model import VERSION, EffectConfig
from dideban.validation.effect_placebos import Placebos, every_placebo, real_series
from dideban.validation.effect_run import CHOICES, MOVES, REDUCTIONS, measure_part, moves_of, tally_of, year_of
from dideban.validation.effects import HORIZONS_H, SIZES, EffectTally
from dideban.validation.intervals import clustered_interval, exact_interval

TIMES = 5
"""So many times as many histories for one response alone: thousands that can be used."""
LEVEL = EffectConfig().level
Say = Callable[[str], None]


def write_effect_page(
    out: Path, *, shared: Path | None, n_seeds: int, work: Path, say: Say = lambda _: None
) -> Path:  # fmt: skip
    """Measure what is not kept in ``work`` yet, and write ``validation-effect.md``."""
    seeds, alone = range(1, n_seeds + 1), range(1, TIMES * n_seeds + 1)
    parts = [HEAD.format(version=VERSION, n_seeds=n_seeds, n_alone=len(alone)), *_made_up(alone, work, say)]
    if shared is not None:
        parts += _real(shared, say)
    parts += [*_together(seeds, work, say), *_chosen(seeds, work, say), *_histories(seeds, work, say)]
    path = out / "validation-effect.md"
    path.write_text("\n\n".join(parts) + "\n", "utf-8", newline="\n")
    return path


def _made_up(seeds: Sequence[int], work: Path, say: Say) -> list[str]:
    histories = measure_part("alone", seeds=seeds, work=work, say=say)
    table = PLACEBO_HEAD
    for horizon_h in HORIZONS_H:
        one = tally_of(histories, str(horizon_h))
        cells = (_clustered(*one.share(name)) for name in ("fewer", "more", "covered"))
        table += _line(f"{horizon_h} h", f"{one.n}/{one.asked}", *cells)
    return ["## Without an effect: made-up bursts", table]


def _real(shared: Path, say: Say) -> list[str]:
    table, silent = REAL_HEAD, []
    for name, series in real_series(shared):
        for horizon_h in HORIZONS_H:
            found = every_placebo(series, horizon_h=horizon_h)
            if len(found.p):
                table += _real_line(f"{name}, {horizon_h} h", found)
            elif found.n_asked:
                silent.append(f"{name}, {horizon_h} h")
        say(name)
    said = f"Nothing is said of: {'; '.join(silent)}." if silent else ""
    return ["## Without an effect: real series", REAL, table, *([said] if said else [])]


def _real_line(name: str, found: Placebos) -> str:
    fewer, more = found.p[:, 0] <= LEVEL, found.p[:, 1] <= LEVEL
    shares = (_clustered(one, found.targets) for one in (fewer, more, ~(fewer | more)))
    large = f"{fewer[found.large].mean():.1%} / {more[found.large].mean():.1%}"
    counts = f"{len(found.p)}/{found.n_asked}", str(len(np.unique(found.targets)))
    return _line(name, *counts, *shares, large)


def _together(seeds: Sequence[int], work: Path, say: Say) -> list[str]:
    """Return the table by horizon, and the coverage of all horizons and changes by number of responses."""
    table = POWER_HEAD
    sizes: dict[int, list[EffectTally]] = {size: [] for size in SIZES}
    for reduction in REDUCTIONS:
        histories = measure_part(f"together-{reduction:g}", seeds=seeds, work=work, say=say)
        for horizon_h in HORIZONS_H:
            for size in SIZES:
                one = tally_of(histories, f"{horizon_h}|{size}")
                sizes[size].append(one)
                table += _line(f"{reduction:.0%}, {size} responses, {horizon_h} h", str(one.n), *_shares(one))
    covers = COVER_HEAD
    for size, tallies in sizes.items():
        hits = np.concatenate([one.share("covered")[0] for one in tallies])
        histories_of = np.concatenate([one.share("covered")[1] for one in tallies])
        covers += _line(str(size), str(len(hits)), _clustered(hits, histories_of))
    return ["## Several responses together", TOGETHER, table, "## Does the interval cover?", COVERS, covers]


def _chosen(seeds: Sequence[int], work: Path, say: Say) -> list[str]:
    table = POWER_HEAD.replace("| reduction |", "| chosen |")
    for choice in CHOICES:
        one = tally_of(measure_part(f"chosen-{choice}", seeds=seeds, work=work, say=say), choice)
        table += _line(choice, str(one.n), *_shares(one))
    return ["## How targets are chosen, 30 responses without an effect", CHOICE, table]


def _histories(seeds: Sequence[int], work: Path, say: Say) -> list[str]:
    """Return the sections about a year without an effect and about activity that moves elsewhere."""
    year = year_of(measure_part("year", seeds=seeds, work=work, say=say))
    sentence = YEAR.format(n=year.n, n_responses=year.n_responses // max(1, year.n), passed=_share(year.passed, year.n))
    table = MOVE_HEAD
    for share in MOVES:
        one = moves_of(measure_part(f"moves-{share:g}", seeds=seeds, work=work, say=say), share=share)
        counts = ((one.fewer, one.n), (one.more, one.n), (one.fewer_pooled, one.n_pooled),
                  (one.more_pooled, one.n_pooled))  # fmt: skip
        table += _line(f"{share:.0%}", *(_share(*pair) for pair in counts))
    heads = "## Running evidence, followed for a year", "## Activity that moves elsewhere"
    return [heads[0], sentence, heads[1], MOVE, table]


def _shares(one: EffectTally) -> list[str]:
    return [_clustered(*one.share(name)) for name in ("fewer", "more", "covered", "evidence")]


def _clustered(hits: B1, clusters: I8) -> str:
    """Write a share with its interval, of trials that repeat each other."""
    if not len(hits):
        return "-"
    low, high = clustered_interval(hits, clusters)
    return f"{hits.mean():.1%} ({low:.1%} to {high:.1%})"


def _share(n: int, all_: int) -> str:
    if not all_:
        return "-"
    low, high = exact_interval(n, all_)
    return f"{n / all_:.1%} ({low:.1%} to {high:.1%})"


def _line(*cells: str) -> str:
    return "\n| " + " | ".join(cells) + " |"


HEAD = """# Effects: error and power

<!-- Written by python -m dideban.validate --only-effect. -->

Method {version}, {n_seeds} histories per row, {n_alone} for one response alone. Each history has 300 targets over 90
days. Intervals in brackets cover 95%; responses of one history, and of one real target, repeat each other, and the
intervals are as much wider. [How it works](effect.md)."""
REAL = (
    "Hourly posts of shared objects in published sets. Every target is answered 3, 4, ... 12 hours after it was "
    "noticed, one at a time: nothing happened, so nothing may be claimed. Small sets have few different placebos: all "
    "there are are counted, none twice. Given a set, one target of twenty has the smallest error by construction; the "
    "rows show that the code keeps to that with real counts, ties and gaps. The last column shows what happens where "
    "not every target is as likely to be picked: claims (fewer / more) among the fifth with the most posts at that "
    "moment. Where a tenth of the targets and more fell silent in the same way they tie, and their step of p counts in "
    "full: too few claims of fewer posts."
)
TOGETHER = (
    "The responses of a history are taken in turn: sixty, forty, fifteen by fifteen and so on, each compared with "
    "targets that got no response. Covers: the true change is refused on neither side."
)
COVERS = "All horizons and changes together."
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
REAL_HEAD = """| set, horizon | used | targets | claimed fewer | claimed more | 90% interval covers | largest fifth |
| --- | --- | --- | --- | --- | --- | --- |"""
POWER_HEAD = """| reduction | estimates | claimed fewer | claimed more | 90% interval covers | evidence 20 or more |
| --- | --- | --- | --- | --- | --- |"""
COVER_HEAD = """| responses | estimates | 90% interval covers |
| --- | --- | --- |"""
